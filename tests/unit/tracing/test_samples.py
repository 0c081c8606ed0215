"""What official SDKs sent of one program: a route with a query, a call over HTTP and, in Python, an LLM call."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.normalize.build import Json
from tests.unit.tracing.build import config, delivery, rows
from vedette.core.time import parse_time
from vedette.normalize.received import Received
from vedette.tracing.process import process_container, process_transaction
from vedette.wire.envelope import parse_envelope
from vedette.wire.limits import Limits

SAMPLES = Path(__file__).parents[2] / "samples" / "tracing"


def spans(name: str) -> list[Json]:
    envelope = parse_envelope((SAMPLES / f"{name}.envelope").read_bytes(), Limits())
    sent_at_us = parse_time(envelope.header.sent_at)
    assert sent_at_us is not None
    how = delivery(Received(received_us=sent_at_us), config())
    found: list[Json] = []
    for item in envelope.items:
        process = process_transaction if item.type == "transaction" else process_container
        found += rows(process(item.payload, how, config()))
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "python-2.75-transaction",
            [
                ("task", "other", "checkout"),
                ("db", "db", "SELECT * FROM users WHERE id = %s"),
                ("http.client", "http", "GET 127.0.0.1:18912/orders/*"),
                ("gen_ai.chat", "ai", "chat gpt-4o"),
            ],
        ),
        (
            "node-8-transaction",
            [
                ("http.server", "http", "GET /orders/:id"),
                ("db", "db", "SELECT * FROM users WHERE id = %s"),
                ("http.client", "http", "GET 127.0.0.1:18913/orders/*"),
            ],
        ),
        (
            "node-11-stream",
            [
                ("db", "db", "SELECT * FROM users WHERE id = %s"),
                ("http.client", "http", "GET 127.0.0.1:18913/orders/*"),
                ("http.server", "http", "GET /orders/:id"),
            ],
        ),
    ],
)
def test_spans_of_official_sdks_say_what_they_did(name: str, expected: list[tuple[str, ...]]) -> None:
    found = spans(name)
    assert [(row["op"], row["category"], row["normalized"]) for row in found] == expected
    assert sum(row["is_segment"] for row in found) == 1
    assert len({row["segment_id"] for row in found}) == len({row["transaction"] for row in found}) == 1
    assert {(row["environment"], row["release"], row["user"]) for row in found} == {
        ("prod", "shop@1", "id:7")
    }
    calls: list[Any] = [row for row in found if row["op"] == "http.client"]
    assert [(row["action"], row["http_status"], row["status"]) for row in calls] == [("GET", 200, "ok")]


def test_an_llm_call_of_python_has_a_cost() -> None:
    (call,) = [row for row in spans("python-2.75-transaction") if row["category"] == "ai"]
    assert (call["model"], call["system"]) == ("gpt-4o", "openai")
    assert call["numbers"]["gen_ai.cost.total_tokens"] == pytest.approx(100 * 2.5e-6 + 20 * 10e-6)
