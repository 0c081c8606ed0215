"""Retention by age and by free disk, counted and written down."""

from pathlib import Path

import pytest

from tests.integration.engine.rows import START_US, WEEK_US, error_row, table_row
from vedette.scheduler.letting_go import NOTE, expire, free_disk
from vedette.storage.records.database import Records
from vedette.storage.records.notes import drop_note, read_note, write_note
from vedette.storage.sizes import growth_per_day, measure, note_sizes
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.tables import ERRORS, LOGS, METRICS, SPANS

MB = 1 << 20


@pytest.fixture
def three_weeks(telemetry: Telemetry) -> Telemetry:
    rows = [error_row(number, ts=START_US + number * WEEK_US) for number in range(3)]
    telemetry.insert("errors", ERRORS.columns, rows, token="three weeks")
    return telemetry


def weeks(telemetry: Telemetry) -> int:
    return len(telemetry.query_rows("SELECT DISTINCT toMonday(ts) FROM errors").rows)


def test_old_weeks_expire_and_the_run_is_written_down(records: Records, three_weeks: Telemetry) -> None:
    expire(records, three_weeks, 90, START_US + 93 * 86_400_000_000 + WEEK_US)
    assert weeks(three_weeks) == 2
    note = read_note(records, NOTE)
    assert [(drop["table"], drop["rows"], drop["why"]) for drop in note["dropped"]] == [("errors", 1, "age")]


def test_a_disk_with_room_is_left_alone(records: Records, three_weeks: Telemetry) -> None:
    assert free_disk(records, three_weeks, free_bytes=lambda: 200 * MB, mark_bytes=100 * MB, now_us=1) == []


def test_a_full_disk_loses_the_oldest_weeks_which_are_counted(
    records: Records, three_weeks: Telemetry
) -> None:
    gone = free_disk(records, three_weeks, free_bytes=lambda: 10 * MB, mark_bytes=100 * MB, now_us=START_US)
    assert len(gone) == 2 and weeks(three_weeks) == 1
    rows = three_weeks.query_rows(
        "SELECT project_id, category, outcome, reason, sum(quantity) FROM outcomes GROUP BY ALL"
    )
    assert rows.rows == [[1, "error", 7, "retention", 2]]
    assert {drop["why"] for drop in read_note(records, NOTE)["dropped"]} == {"disk"}


def test_what_each_table_lost_is_counted_as_what_it_was(records: Records, telemetry: Telemetry) -> None:
    for week in range(2):
        at = {"ts": START_US + week * WEEK_US}
        log = table_row(LOGS, body="hé", attributes={"key": "value"}, numbers={"n": 1.0}, **at)
        spans = [table_row(SPANS, payload=payload, **at) for payload in ("", "", "{}")]
        telemetry.insert("logs", LOGS.columns, [log, log], token=f"logs {week}")
        telemetry.insert("spans", SPANS.columns, spans, token=f"spans {week}")
        telemetry.insert("metrics", METRICS.columns, [table_row(METRICS, **at)], token=f"metrics {week}")
    gone = free_disk(records, telemetry, free_bytes=lambda: 10 * MB, mark_bytes=100 * MB, now_us=START_US)
    assert {part.table for part in gone} == {"logs", "spans", "metrics"}
    rows = telemetry.query_rows(
        "SELECT category, sum(quantity) FROM outcomes GROUP BY category ORDER BY category"
    )
    assert rows.rows == [
        ["log_byte", 2 * (len("hé".encode()) + len("keyvalue") + len("n") + 8)],
        ["log_item", 2],
        ["span", 3],
        ["trace_metric", 1],
        ["transaction", 1],
    ]
    assert telemetry.query_rows("SELECT count() FROM logs").rows == [[2]]


def test_stores_are_measured_and_their_growth_is_told(
    records: Records, three_weeks: Telemetry, tmp_path: Path
) -> None:
    sizes = measure(records, three_weeks, tmp_path)
    assert sizes["records"] > 0 and sizes["telemetry.errors"] > 0
    day = 86_400_000_000
    note_sizes(records, {"records": 100}, day)
    assert growth_per_day(records, day) == {}
    note_sizes(records, {"records": 400}, 4 * day)
    assert growth_per_day(records, 4 * day) == {"records": 100}


def test_notes_are_written_over_and_dropped(records: Records) -> None:
    for value in (1, 2):
        write_note(records, "n", {"value": value}, value)
    assert read_note(records, "n") == {"value": 2}
    drop_note(records, "n")
    assert read_note(records, "n") == {}
