"""Traces over the API: tree, waterfall, one span, what a trace holds."""

from typing import Any

import pytest

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.feed import Feed
from tests.support.spans import insert_spans
from tests.support.worlds import World
from vedette.storage.telemetry.client import Telemetry

TRACE = "5b8efff798038103d269b633813fc60c"
ROOT, QUERY, CACHE = 0xA1, 0xA2, 0xA3


@pytest.fixture
def trace(ada: Client, telemetry: Telemetry, clock: SetClock, project_id: int, feed: Feed) -> str:
    """A request of 100 ms with a failed query and a cache read, and an error on the query."""
    for table in ("spans", "trace_times", "logs", "metrics"):
        telemetry.command(f"TRUNCATE TABLE {table}")
    at = clock() - 1_000_000
    common: dict[str, Any] = {
        "project_id": project_id,
        "segment_id": ROOT,
        "transaction": "GET /a",
        "transaction_id": "e" * 32,
    }
    insert_spans(
        telemetry,
        TRACE,
        common | {"span_id": ROOT, "is_segment": 1, "ts": at, "duration_us": 100_000, "op": "http.server", "description": "GET /a", "status": "internal_error"},
        common | {"span_id": QUERY, "parent_span_id": ROOT, "ts": at + 1000, "duration_us": 50_000, "op": "db", "description": "SELECT 1", "status": "ok", "attributes": {"db.system": "sqlite"}, "numbers": {"rows": 3.0}},
        common | {"span_id": CACHE, "parent_span_id": ROOT, "ts": at + 60_000, "duration_us": 10, "op": "cache.get", "description": "k", "status": "ok"},
        token=str(at),
    )  # fmt: skip
    event = {
        "exception": {"values": [{"type": "E", "value": "v"}]},
        "contexts": {"trace": {"trace_id": TRACE, "span_id": f"{QUERY:016x}"}},
    }
    feed.send(project_id, event)
    return TRACE


def test_the_tree_nests_spans_and_their_errors(ada: Client, trace: str):
    (root,) = ada.get(f"/organizations/acme/trace/{trace}/").json()
    assert (root["span_id"], root["op"], root["is_transaction"], root["project_slug"]) == (
        f"{ROOT:016x}",
        "http.server",
        True,
        "api",
    )
    assert [child["op"] for child in root["children"]] == ["db", "cache.get"]
    query = root["children"][0]
    (error,) = query["errors"]
    assert (error["title"], error["short_id"], error["event_type"]) == ("E: v", "API-1", "error")
    assert round(root["end_timestamp"] - root["start_timestamp"], 6) == 0.1
    assert root["duration"] == 100
    for key in (
        "children",
        "errors",
        "occurrences",
        "event_id",
        "transaction_id",
        "project_id",
        "parent_span_id",
        "profile_id",
        "profiler_id",
    ):
        assert key in root


def test_what_a_trace_holds_is_told_in_both_spellings(ada: Client, trace: str):
    meta = ada.get(f"/organizations/acme/trace-meta/{trace}/").json()
    assert meta["span_count"] == meta["spansCount"] == 3
    assert meta["errors"] == meta["errorsCount"] == 1
    assert meta["spansCountMap"] == {"cache.get": 1, "db": 1, "http.server": 1}
    assert meta["transaction_child_count_map"] == [{"transaction.event_id": "e" * 32, "count()": 3}]
    assert (meta["logs"], meta["metrics"], meta["performance_issues"]) == (0, 0, 0)


def test_the_waterfall_is_columns(ada: Client, trace: str):
    sent = ada.get(f"/organizations/acme/traces/{trace}/spans/").json()
    assert (sent["total"], sent["is_partial"], sent["project"]["texts"]) == (3, False, ["api"])
    assert sent["op"] == {"texts": ["http.server", "db", "cache.get"], "codes": [0, 1, 2]}
    assert (sent["parent"], sent["segments"]) == ([-1, 0, 0], [0])
    assert (sent["start_us"], sent["duration_us"]) == ([0, 1000, 59_000], [100_000, 50_000, 10])
    assert sent["ids"] == "".join(f"{one:016x}" for one in (ROOT, QUERY, CACHE))
    assert [event["span_id"] for event in sent["events"]] == [f"{QUERY:016x}"]
    below = ada.get(f"/organizations/acme/traces/{trace}/spans/?parent={ROOT:016x}").json()
    assert below["parent"] == [2, 2]
    assert below["ids"] == "".join(f"{one:016x}" for one in (QUERY, CACHE, ROOT))


def test_one_span_has_everything_and_what_is_usual(ada: Client, trace: str):
    span = ada.get(f"/organizations/acme/traces/{trace}/spans/{QUERY:016x}/").json()
    assert span["attributes"] == {"db.system": "sqlite", "rows": 3}
    assert span["usual"] == {"spans": 1, "mean": 50, "median": 50, "p95": 50}
    item = ada.get(f"/projects/acme/api/trace-items/{QUERY:016x}/?trace_id={trace}").json()
    assert {"name": "db.system", "type": "str", "value": "sqlite"} in item["attributes"]


def test_attributes_come_with_their_commonest_values(ada: Client, trace: str):
    assert ada.get(f"/organizations/acme/traces/{trace}/attributes/").json() == [
        {"key": "db.system", "spans": 1, "values": [{"value": "sqlite", "spans": 1}]},
        {"key": "rows", "spans": 1, "values": [{"value": "3", "spans": 1}]},
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/organizations/acme/traces/{trace}/spans/00000000000000ff/",
        "/organizations/acme/traces/{trace}/spans/zz/",
        "/organizations/acme/traces/{trace}/spans/-0000000000000a1/",
        "/organizations/acme/traces/{trace}/spans/?parent=-0000000000000a1",
        "/organizations/acme/traces/" + "0" * 31 + "1/spans/",
        "/organizations/acme/trace/nonsense/",
        "/projects/acme/api/trace-items/00000000000000a2/",
    ],
)
def test_what_is_not_there_is_missing(ada: Client, trace: str, path: str):
    assert ada.get(path.format(trace=trace)).status_code == 404


def test_a_trace_of_nobody_is_empty(ada: Client, trace: str):
    assert ada.get(f"/organizations/acme/trace/{'0' * 31}1/").json() == []
    assert ada.get(f"/organizations/acme/trace-meta/{'0' * 31}1/").json()["span_count"] == 0


@pytest.mark.parametrize(
    "path", ["spans/", f"spans/{ROOT:016x}/", "attributes/", f"spans/?parent={ROOT:016x}"]
)
def test_a_trace_of_another_organization_is_missing_as_one_of_nobody(
    ada: Client, trace: str, telemetry: Telemetry, clock: SetClock, world: World, path: str
):
    theirs, at = "c" * 32, clock() - 1_000_000
    other = world.project(world.organization("other"), "secret")
    span = {
        "project_id": other,
        "segment_id": ROOT,
        "span_id": ROOT,
        "is_segment": 1,
        "ts": at,
        "duration_us": 9,
    }
    insert_spans(telemetry, theirs, span | {"attributes": {"a": "b"}}, token="theirs")
    asked = [ada.get(f"/organizations/acme/traces/{one}/{path}") for one in (theirs, "d" * 32)]
    assert [answer.status_code for answer in asked] == [404, 404]
    assert asked[0].json() == asked[1].json()
    assert ada.get(f"/organizations/acme/trace/{theirs}/").json() == []
    assert ada.get(f"/organizations/acme/trace-meta/{theirs}/").json()["span_count"] == 0


def test_a_trace_of_errors_alone_is_there(ada: Client, trace: str, feed: Feed, project_id: int):
    event = {
        "exception": {"values": [{"type": "E", "value": "v"}]},
        "contexts": {"trace": {"trace_id": "c" * 32, "span_id": f"{QUERY:016x}"}},
    }
    feed.send(project_id, event)
    sent = ada.get(f"/organizations/acme/traces/{'c' * 32}/spans/").json()
    assert (sent["total"], sent["parent"], len(sent["events"])) == (0, [], 1)
