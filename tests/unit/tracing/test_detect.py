"""What is found wrong with transactions and segments."""

from typing import Any

import msgspec
import pytest

from tests.unit.normalize.build import Json
from tests.unit.tracing.build import container, traced_container, traced_transaction, transaction, v1, v2


def db(number: int, start: float, took: float, text: str, **fields: Any) -> Json:
    return (
        v1(number, start, start + took, op="db", description=text, data={"db.system": "postgresql"}) | fields
    )


def loop(count: int, took: float = 0.02, start: float = 0.1) -> list[Json]:
    first = db(1, 0.05, 0.01, "SELECT * FROM orders LIMIT 10")
    return [first] + [
        db(n + 2, start + n * took, took, f"SELECT * FROM users WHERE id = {n}") for n in range(count)
    ]


def kinds(*spans: Json, **fields: Any) -> list[str]:
    return [found.problem.kind.slug for found in traced_transaction(transaction(*spans, **fields)).found]


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        (loop(10), ["performance_n_plus_one_db_queries"]),
        (loop(4), []),  # too few
        (loop(10, 0.001), []),  # too quick
        (loop(10)[1:], []),  # nothing led to it
        ([*loop(3), db(50, 0.17, 0.01, "SELECT 1 FROM x"), *loop(3, start=0.2)[1:]], []),  # interrupted
        ([s | {"description": "UPDATE t SET a = 1"} if n else s for n, s in enumerate(loop(10))], []),
        ([db(1, 0, 0.6, "SELECT * FROM big")], ["performance_slow_db_query"]),
        ([db(1, 0, 0.6, "INSERT INTO big VALUES (1)")], []),
        ([db(1, 0, 0.4, "SELECT * FROM big")], []),
        ([v1(1, 0, 0.2, op="http.client", description="GET https://a.example/x", data={"http.response_content_length": 400_000})], ["performance_large_http_payload"]),
        ([v1(1, 0, 0.2, op="http.client", description="GET https://a.example/x", data={"http.response_content_length": 4000})], []),
        ([v1(1, 0, 0.4, op="resource.script", description="https://a.example/x.js", data={"http.response_content_length": 600_000, "http.decoded_response_content_length": 600_000})], ["performance_uncompressed_assets"]),
        ([v1(1, 0, 0.4, op="resource.script", description="https://a.example/x.js", data={"http.response_content_length": 600_000, "http.decoded_response_content_length": 900_000})], []),
    ],
)  # fmt: skip
def test_detectors_find_what_is_wrong_and_nothing_else(spans: list[Json], found: list[str]) -> None:
    assert kinds(*spans) == found


def calls(*starts: float, took: float = 1.5) -> list[Json]:
    return [
        v1(n + 1, at, at + took, op="http.client", description=f"GET https://a.example/{n}/x")
        for n, at in enumerate(starts)
    ]


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        (calls(-5, -3.4, -1.8), ["performance_consecutive_http"]),
        (calls(-5, -3.4), []),
        (calls(-5, -4.5, -4), []),  # side by side
        (calls(-8, -5.4, -1.8), []),  # far apart
        (calls(-5, -4.2, -3.4, took=0.4), []),  # quick
    ],
)
def test_calls_that_wait_for_each_other_are_found(spans: list[Json], found: list[str]) -> None:
    assert kinds(*spans) == found


def test_a_find_has_evidence_and_one_fingerprint_for_each_shape() -> None:
    first, second = (traced_transaction(transaction(*loop(n))).found[0] for n in (6, 12))
    elsewhere = traced_transaction(transaction(*loop(6), transaction="/other")).found[0]
    assert first.fingerprint == second.fingerprint != elsewhere.fingerprint
    assert first.event.event_id != elsewhere.event.event_id
    evidence = msgspec.json.decode(second.event.occurrence)
    assert (evidence["type"], evidence["issueTitle"], evidence["culprit"]) == (1006, "N+1 Query", "/orders")
    data = evidence["evidenceData"]
    assert (data["causeSpanIds"], data["parentSpanIds"]) == (["0000000000000001"], ["00000000000000aa"])
    assert (len(data["offenderSpanIds"]), data["numRepeatingSpans"], data["duration"]) == (
        12,
        "12",
        pytest.approx(240),
    )
    assert (second.event.type, second.event.level) == ("generic", "info")


def test_streamed_segments_are_looked_at_as_well() -> None:
    spans = [
        v2(n, 0.05 + n * 0.02, 0.07 + n * 0.02, name=text, parent_span_id="00000000000000aa",
           attributes={"sentry.op": "db", "sentry.segment.id": "00000000000000aa", "sentry.segment.name": "job", "sentry.release": "r@1"})
        for n, text in enumerate(["SELECT 1 FROM a"] + [f"SELECT * FROM b WHERE id = {n}" for n in range(8)], start=1)
    ]  # fmt: skip
    (found,) = traced_container(container(*spans)).found
    assert found.problem.kind.slug == "performance_n_plus_one_db_queries"
    assert (found.event.transaction, found.event.release, found.event.tags["release"]) == (
        "job",
        "r@1",
        "r@1",
    )
