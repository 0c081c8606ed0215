"""Containers of logs and metrics, from the spool to rows and outcomes."""

import json
import signal
import time
from typing import Any

import pytest

from tests.integration.pipeline.node import Node
from vedette.storage.records.schema import Project

TRACE = "973b24434ce84ee7a97496a2efdff748"
ACCEPTED, RATE_LIMITED, INVALID, LOST = 0, 2, 3, 7


def logs(count: int, start: int = 0) -> bytes:
    entries = [
        {
            "timestamp": time.time() - 60,
            "body": f"order {number} placed",
            "level": "info",
            "trace_id": TRACE,
            "attributes": {"k": {"value": "v", "type": "string"}},
        }
        for number in range(start, start + count)
    ]
    return json.dumps({"items": entries}).encode()


def metrics(count: int) -> bytes:
    entries = [
        {"timestamp": time.time() - 60, "name": "orders", "type": "counter", "value": number}
        for number in range(count)
    ]
    return json.dumps({"items": entries}).encode()


def rows(node: Node, sql: str) -> list[list[Any]]:
    return list(node.engine.telemetry.query_rows(sql))


def test_logs_and_metrics_are_stored_and_counted(node: Node) -> None:
    node.send_items(("log", logs(3)), ("trace_metric", metrics(2)))
    assert node.process() == 0
    stored = rows(
        node,
        "SELECT body, level, attributes['k'], lower(hex(trace_id)) != '', batch != '' FROM logs ORDER BY body",
    )
    assert stored == [[f"order {number} placed", "info", "v", 1, 1] for number in range(3)]
    assert rows(node, "SELECT name, type, value FROM metrics ORDER BY value") == [
        ["orders", "counter", 0],
        ["orders", "counter", 1],
    ]
    assert rows(node, "SELECT trace_id, first <= last FROM trace_times") == [[TRACE, 1]]
    size_bytes = 3 * (len("order 0 placed") + len("k") + len("v"))
    assert node.outcomes() == {
        ("log_item", ACCEPTED, ""): 3,
        ("log_byte", ACCEPTED, ""): size_bytes,
        ("trace_metric", ACCEPTED, ""): 2,
    }


def test_what_is_wrong_is_counted_beside_what_is_right(node: Node) -> None:
    good = json.loads(logs(1))["items"]
    node.send_items(
        ("log", json.dumps({"items": [*good, {"level": "info"}, None]}).encode()),
        ("trace_metric", b'{"items": [{"name": "a", "type": "counter", "value": "x"}]}'),
        ("statsd", b"page.views:1|c"),
        ("metric_buckets", b"[]"),
    )
    node.send_items(("log", b"{"), ("trace_metric", b"[]"))
    assert node.process() == 0
    counted = node.outcomes()
    assert counted.pop(("log_byte", ACCEPTED, "")) > 0
    assert counted == {
        ("log_item", ACCEPTED, ""): 1,
        ("log_item", INVALID, "invalid_log"): 2,
        ("log_item", INVALID, "invalid_json"): 1,
        ("log_byte", INVALID, "invalid_json"): 1,
        ("trace_metric", INVALID, "invalid_trace_metric"): 2,
        ("metric_bucket", LOST, "unsupported"): 2,
    }


@pytest.mark.parametrize(
    "failpoint", ["after_read", "after_t1", "after_features", "after_outcomes", "after_t2"]
)
def test_a_pipeline_killed_between_two_steps_loses_and_doubles_nothing(node: Node, failpoint: str) -> None:
    for start in range(0, 300, 100):
        node.send_items(("log", logs(100, start)), ("trace_metric", metrics(10)))
    assert node.process(f"{failpoint}:kill") == -signal.SIGKILL
    assert node.process() == 0
    assert rows(node, "SELECT count(), uniqExact(body), uniqExact(item_id) FROM logs") == [[300, 300, 300]]
    assert rows(node, "SELECT count(), uniqExact(item_id) FROM metrics") == [[30, 30]]
    counted = node.outcomes()
    assert (counted["log_item", ACCEPTED, ""], counted["trace_metric", ACCEPTED, ""]) == (300, 30)


def test_a_container_counts_as_its_entries_against_a_quota(node: Node) -> None:
    with node.records.write() as session:
        project = session.get_one(Project, node.project_id)
        project.options = {"quotas": [{"count": 25, "window_s": 86400, "category": "log_item"}]}
    for start in range(0, 40, 10):
        node.send_items(("log", logs(10, start)))
    assert node.process() == 0
    assert rows(node, "SELECT count() FROM logs") == [[20]]
    counted = node.outcomes()
    assert (counted["log_item", ACCEPTED, ""], counted["log_item", RATE_LIMITED, "quota"]) == (20, 20)
