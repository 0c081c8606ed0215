"""Tables as files."""

import csv
from io import StringIO

import pytest

from tests.support.client import Client
from tests.support.rows import Filler
from vedette.core.time import SECOND_US
from vedette.explore import export

EVENTS = "/organizations/acme/events/"


@pytest.fixture(autouse=True)
def logs(fill: Filler) -> None:
    """Twenty-five logs, five of them at each time."""
    fill(
        "logs",
        *(
            {"ts": fill.now_us - (60 + number // 5) * SECOND_US, "body": f"line {number}", "level": "info"}
            for number in range(25)
        ),
    )


@pytest.mark.parametrize("piece", [3, 5, 7, 100])
@pytest.mark.parametrize("fields", [["message"], ["message", "timestamp"]])
def test_every_row_is_in_the_file_once_whatever_the_pieces(
    ada: Client, piece: int, fields: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_PIECE", piece)
    answer = ada.get(EVENTS, params={"dataset": "logs", "field": fields, "format": "json"})
    assert answer.headers["content-disposition"] == 'attachment; filename="logs.json"'
    rows = answer.json()
    assert sorted(row["message"] for row in rows) == sorted(f"line {number}" for number in range(25))
    assert all(set(row) == set(fields) for row in rows)


def test_groups_and_other_orders_are_files_too(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_PIECE_OF_GROUPS", 10)
    params = {"dataset": "logs", "field": ["message", "count()"], "sort": "message", "export": "csv"}
    answer = ada.get(EVENTS, params=params)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(StringIO(answer.text)))
    assert rows[0] == ["message", "count()"]
    assert len(rows) == 26


@pytest.mark.parametrize("sort", [{}, {"sort": "-timestamp"}])
def test_groups_by_time_are_all_in_the_file_once(
    ada: Client, sort: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_PIECE", 2)
    monkeypatch.setattr(export, "_PIECE_OF_GROUPS", 2)
    params = {"dataset": "logs", "field": ["timestamp", "message", "count()"], "format": "json", **sort}
    rows = ada.get(EVENTS, params=params).json()
    assert sorted(row["message"] for row in rows) == sorted(f"line {number}" for number in range(25))
    assert {row["count()"] for row in rows} == {1}


def test_no_cell_is_a_formula(ada: Client, fill: Filler) -> None:
    fill("logs", {"body": "=cmd|' /C calc'!A0", "level": "evil"})
    answer = ada.get(
        EVENTS, params={"dataset": "logs", "field": "message", "query": "severity:evil", "format": "csv"}
    )
    assert list(csv.reader(StringIO(answer.text)))[1] == ["'=cmd|' /C calc'!A0"]


def test_a_file_of_nothing_is_whole_and_a_bad_question_is_refused(ada: Client) -> None:
    params = {"dataset": "logs", "field": "message", "query": "nothing", "format": "json"}
    assert ada.get(EVENTS, params=params).json() == []
    assert ada.get(EVENTS, params={**params, "field": "frobnicate()"}).status_code == 400
    assert ada.get(EVENTS, params={**params, "format": "xml"}).status_code == 400
