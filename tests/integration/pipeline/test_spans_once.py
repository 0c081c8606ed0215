"""Transactions and streamed spans through a node: all of them, once, wherever the pipeline dies."""

import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from tests.integration.pipeline.node import Node
from tests.support.engine import EngineProcess
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Issue
from vedette.storage.telemetry.migrate import migrate

Json = dict[str, Any]
SPAN_TYPE = "application/vnd.sentry.items.span.v2+json"


@pytest.fixture
def node(tmp_path: Path, records: Records) -> Iterator[Node]:
    engine = EngineProcess(tmp_path / "engine")
    engine.start()
    migrate(engine.telemetry, now_us=1_700_000_000_000_000)
    yield Node(tmp_path, records, engine)
    engine.stop()


def envelope(event_id: str, kind: str, payload: Json, **head: object) -> bytes:
    header = msgspec.json.encode({"event_id": event_id} if event_id else {})
    body = msgspec.json.encode(payload)
    item = msgspec.json.encode({"type": kind, "length": len(body), **head})
    return b"\n".join((header, item, body, b""))


def transaction(spans: int, trace_id: str, **fields: object) -> tuple[str, bytes]:
    event_id, root, now = secrets.token_hex(16), secrets.token_hex(8), time.time()
    payload: Json = {
        "type": "transaction",
        "transaction": "/orders/{id}",
        "start_timestamp": now - 1,
        "timestamp": now,
        "contexts": {"trace": {"trace_id": trace_id, "span_id": root, "op": "http.server"}},
        "spans": [
            {
                "trace_id": trace_id,
                "span_id": secrets.token_hex(8),
                "parent_span_id": root,
                "op": "db",
                "description": f"SELECT * FROM orders WHERE id = {number}",
                "start_timestamp": now - 0.9,
                "timestamp": now - 0.8,
            }
            for number in range(spans)
        ],
    }
    return event_id, envelope(event_id, "transaction", payload | fields)


def container(spans: int, trace_id: str) -> tuple[str, bytes]:
    now = time.time()
    items = [
        {
            "trace_id": trace_id,
            "span_id": secrets.token_hex(8),
            "name": "GET shop",
            "start_timestamp": now - 1,
            "end_timestamp": now,
            "attributes": {"sentry.op": {"value": "http.client", "type": "string"}},
        }
        for _ in range(spans)
    ]
    payload: Json = {"version": 2, "items": items}
    return "", envelope("", "span", payload, content_type=SPAN_TYPE, item_count=spans)


def put(node: Node, bodies: list[tuple[str, bytes]]) -> None:
    node.append(bodies, encoding="")


def spans(node: Node) -> list[Json]:
    rows = node.engine.telemetry.query(
        "SELECT trace_id, span_id, is_segment, transaction_id, transaction, op FROM spans"
        " WHERE project_id = {p:UInt64} ORDER BY ts, span_id",
        {"p": node.project_id},
    )
    return [dict(row) for row in rows]


def outcomes(node: Node) -> list[tuple[object, ...]]:
    rows = node.engine.telemetry.query(
        "SELECT category, outcome, reason, toUInt32(sum(quantity)) AS n FROM outcomes"
        " GROUP BY category, outcome, reason ORDER BY category, outcome, reason"
    )
    return [(row["category"], row["outcome"], row["reason"], row["n"]) for row in rows]


def test_transactions_and_containers_become_spans_and_are_counted(node: Node) -> None:
    trace = secrets.token_hex(16)
    put(node, [transaction(3, trace), container(5, trace)])
    assert node.process() == 0
    found = spans(node)
    assert len(found) == 9
    assert {row["trace_id"] for row in found} == {trace}
    assert [row["transaction"] for row in found if row["is_segment"]] == ["/orders/{id}"]
    assert outcomes(node) == [("span", 0, "", 9), ("transaction", 0, "", 1)]
    times = node.engine.telemetry.query(
        "SELECT toUInt32(count()) AS n, max(last) - min(first) AS took FROM trace_times WHERE trace_id = {t:UUID}",
        {"t": trace},
    )
    assert times[0]["n"] in (1, 2)


@pytest.mark.parametrize(
    "failpoint", ["after_read", "after_t1", "after_features", "after_outcomes", "after_t2"]
)
def test_a_pipeline_killed_between_two_steps_loses_and_doubles_no_span(node: Node, failpoint: str) -> None:
    bodies = [transaction(4, secrets.token_hex(16)) for _ in range(20)]
    bodies += [container(10, secrets.token_hex(16)) for _ in range(5)]
    put(node, bodies)
    assert node.process(f"{failpoint}:kill") == -signal.SIGKILL
    assert node.process() == 0
    found = spans(node)
    assert (len(found), len({row["span_id"] for row in found})) == (150, 150)
    assert outcomes(node) == [("span", 0, "", 150), ("transaction", 0, "", 20)]


def conversations(spans: int) -> tuple[str, bytes]:
    """LLM calls whose rows are about twice what was sent: the text stands under the names of two vocabularies."""
    now, text = time.time(), "words " * 1300
    names = ("gen_ai.request.messages", "ai.responses", "ai.response.text")
    items = [
        {
            "trace_id": secrets.token_hex(16),
            "span_id": secrets.token_hex(8),
            "name": "chat",
            "start_timestamp": now - 1,
            "end_timestamp": now,
            "attributes": {
                "sentry.op": {"value": "gen_ai.chat", "type": "string"},
                **{name: {"value": text, "type": "string"} for name in names},
            },
        }
        for _ in range(spans)
    ]
    return "", envelope("", "span", {"version": 2, "items": items}, content_type=SPAN_TYPE, item_count=spans)


def test_rows_that_are_more_than_a_block_takes_are_stored_in_parts_once(node: Node) -> None:
    put(node, [conversations(50) for _ in range(30)])
    assert node.process("after_features:kill") == -signal.SIGKILL
    assert node.process() == 0
    found = spans(node)
    assert (len(found), len({row["span_id"] for row in found})) == (1500, 1500)
    assert outcomes(node) == [("span", 0, "", 1500)]


def test_a_transaction_sent_twice_is_stored_once_with_its_spans(node: Node) -> None:
    sent = transaction(2, secrets.token_hex(16))
    put(node, [sent, sent])
    assert node.process() == 0
    assert len(spans(node)) == 3
    assert outcomes(node) == [
        ("span", 0, "", 3),
        ("span", 3, "duplicate", 3),
        ("transaction", 0, "", 1),
        ("transaction", 3, "duplicate", 1),
    ]


def test_what_cannot_be_stored_is_counted_with_its_reason(node: Node) -> None:
    health = transaction(2, secrets.token_hex(16), transaction="/healthz")
    broken = transaction(2, secrets.token_hex(16), timestamp=None)
    put(node, [health, broken, ("", envelope("", "span", {"span_id": "x"}))])
    assert node.process() == 0
    assert spans(node) == []
    assert outcomes(node) == [
        ("span", 1, "filtered-transaction", 3),
        ("span", 3, "invalid_span", 1),
        ("transaction", 1, "filtered-transaction", 1),
        ("transaction", 3, "invalid_transaction", 1),
    ]


def test_an_event_that_says_it_is_a_transaction_is_one(node: Node) -> None:
    event_id, body = transaction(1, secrets.token_hex(16))
    put(node, [(event_id, body.replace(b'{"type":"transaction","length"', b'{"type":"event","length"', 1))])
    assert node.process() == 0
    assert len(spans(node)) == 2
    assert outcomes(node) == [("span", 0, "", 2), ("transaction", 0, "", 1)]


def looping(trace_id: str) -> tuple[str, bytes]:
    """A transaction with an N+1 query."""
    now = time.time()
    event_id, body = transaction(9, trace_id)
    head, item, payload = body.split(b"\n")[:3]
    sent = msgspec.json.decode(payload, type=Json)
    for number, span in enumerate(sent["spans"]):
        span["start_timestamp"], span["timestamp"] = now - 0.9 + number * 0.02, now - 0.88 + number * 0.02
        span["description"] = f"SELECT * FROM users WHERE id = {number}" if number else "SELECT * FROM orders"
    return event_id, b"\n".join(
        (head, item.replace(str(len(payload)).encode(), b"null"), msgspec.json.encode(sent), b"")
    )


def test_a_loop_of_queries_is_one_issue_and_no_error(node: Node) -> None:
    bodies = [looping(secrets.token_hex(16)) for _ in range(50)]
    put(node, [*bodies, bodies[0]])  # one of them twice
    assert node.process() == 0
    assert (node.issues(), node.counted(), len(node.stored())) == (1, 50, 50)
    assert outcomes(node) == [
        ("span", 0, "", 500),
        ("span", 3, "duplicate", 10),
        ("transaction", 0, "", 50),
        ("transaction", 3, "duplicate", 1),
    ]
    with node.records.read() as session:
        issue = session.scalars(select(Issue)).one()
        assert (issue.title, issue.category, issue.issue_type, issue.type, issue.level) == (
            "N+1 Query",
            "performance",
            "performance_n_plus_one_db_queries",
            "generic",
            "info",
        )
        assert issue.event_metadata["value"] == "SELECT * FROM users WHERE id = 1"


def test_a_kill_between_the_tables_leaves_one_issue_with_each_event_once(node: Node) -> None:
    put(node, [looping(secrets.token_hex(16)) for _ in range(10)])
    assert node.process("after_features:kill") == -signal.SIGKILL
    assert node.process() == 0
    assert (node.issues(), node.counted(), len(node.stored()), len(spans(node))) == (1, 10, 10, 100)
