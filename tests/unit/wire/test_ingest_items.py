"""Items of `/v1/ingest` as envelope items: what becomes of each field."""

from typing import Any

import msgspec
import pytest

from vedette.wire.ingest import BadIngest, read_ingest, schema
from vedette.wire.ingest_items import Made, made_of, span_id_of, trace_id_of

NOW_US = 1_780_000_000_000_000
BATCH = "ab" * 16


def made(item: dict[str, Any]) -> Made:
    (one,) = made_of(read_ingest(msgspec.json.encode(item)), BATCH, NOW_US)
    return one


def plain(item: dict[str, Any]) -> dict[str, Any]:
    return msgspec.json.decode(made(item).payload)


def error(**more: Any) -> dict[str, Any]:
    return plain({"type": "error", "exception": {"type": "TypeError", "value": "bad"}, **more})


def transaction(**more: Any) -> dict[str, Any]:
    return plain(
        {"type": "transaction", "name": "GET /a", "traceId": "trace-abc-123", "durationMs": 245, **more}
    )


def generation(**more: Any) -> dict[str, Any]:
    payload = plain(
        {"type": "ai_generation", "provider": "openai", "model": "gpt", "inputTokens": 1200, **more}
    )
    (span,) = payload["items"]
    return span


def attributes(**more: Any) -> dict[str, Any]:
    return {name: held["value"] for name, held in generation(**more)["attributes"].items()}


@pytest.mark.row(115)
def test_an_exception_has_its_type_and_value():
    assert error()["exception"]["values"] == [{"type": "TypeError", "value": "bad", "stacktrace": None}]


@pytest.mark.row(116)
def test_frames_keep_their_order_and_say_in_app_as_the_wire_does():
    frames = [
        {"filename": "lib.js", "function": "run", "inApp": False},
        {"filename": "app/page.tsx", "function": "loadData", "lineno": 42, "colno": 12, "inApp": True},
    ]
    sent = error(exception={"type": "T", "value": "v", "stacktrace": {"frames": frames}})
    assert sent["exception"]["values"][0]["stacktrace"]["frames"] == [
        {"filename": "lib.js", "function": "run", "in_app": False},
        {"filename": "app/page.tsx", "function": "loadData", "lineno": 42, "colno": 12, "in_app": True},
    ]


@pytest.mark.row(117)
def test_the_message_stands_in_for_an_empty_value():
    sent = error(exception={"type": "T", "value": ""}, message="it broke")
    assert sent["exception"]["values"][0]["value"] == "it broke"
    assert sent["logentry"] == {"formatted": "it broke"}


@pytest.mark.row(118)
def test_breadcrumbs_stay_in_order():
    crumbs = [
        {
            "category": "navigation",
            "message": "opened",
            "level": "info",
            "timestamp": "2026-05-30T12:00:00.000Z",
        },
        {"category": "ui", "message": "clicked"},
    ]
    assert error(breadcrumbs=crumbs)["breadcrumbs"] == crumbs


@pytest.mark.row(119)
@pytest.mark.row(120)
@pytest.mark.row(121)
@pytest.mark.row(122)
@pytest.mark.row(123)
def test_what_describes_an_error_travels_as_it_is():
    given = {
        "tags": {"region": "us-east"},
        "user": {"id": "user_123", "email": "dev@example.com"},
        "environment": "production",
        "release": "web@2.4.1",
        "timestamp": "2026-05-30T12:00:01.000Z",
    }
    sent = error(**given)
    assert {name: sent[name] for name in given} == given
    assert "timestamp" not in error()  # then the time of receipt counts


@pytest.mark.row(124)
@pytest.mark.row(125)
@pytest.mark.row(129)
@pytest.mark.row(131)
def test_a_transaction_ends_at_its_timestamp():
    sent = transaction(timestamp="2026-05-30T12:00:02.000Z", environment="production")
    assert (sent["type"], sent["transaction"], sent["environment"]) == ("transaction", "GET /a", "production")
    assert (sent["start_timestamp"], sent["timestamp"]) == (1780142401.755, 1780142402.0)
    assert transaction()["timestamp"] == NOW_US / 1e6


@pytest.mark.row(126)
def test_a_trace_id_of_any_text_becomes_a_stable_hex_id_and_is_kept():
    context = transaction()["contexts"]["trace"]
    assert context["trace_id"] == trace_id_of("trace-abc-123") != trace_id_of("trace-abc-124")
    assert len(context["trace_id"]) == 32
    assert context["data"] == {"trace.id": "trace-abc-123"}
    real = transaction(traceId="6C50AD87F6FF45D39C3F0A3F8E1D0B2A")["contexts"]["trace"]
    assert real["trace_id"] == "6c50ad87f6ff45d39c3f0a3f8e1d0b2a"


@pytest.mark.row(128)
@pytest.mark.parametrize(
    ("sent", "status"),
    [({}, "ok"), ({"status": "error"}, "internal_error"), ({"status": "cancelled"}, "cancelled")],
)
def test_a_status_is_one_of_the_fields(sent: dict[str, str], status: str):
    assert transaction(**sent)["contexts"]["trace"]["status"] == status


def span(span_id: str, duration_ms: float, parent: str | None = None) -> dict[str, Any]:
    return {"spanId": span_id, "op": "db.query", "description": "SELECT 1", "durationMs": duration_ms} | (
        {"parentSpanId": parent} if parent else {}
    )


@pytest.mark.row(127)
@pytest.mark.row(130)
@pytest.mark.row(132)
def test_spans_hang_on_their_parents_one_after_the_other():
    sent = transaction(
        timestamp="2026-05-30T12:00:02.000Z",
        spans=[
            span("inner", 5, "outer"),
            span("outer", 40, "root-span-id"),
            span("next", 10),
            span("deep", 1, "inner"),
        ],
    )
    root = sent["contexts"]["trace"]["span_id"]
    trace = sent["contexts"]["trace"]["trace_id"]
    found = {held["data"]["span.id"]: held for held in sent["spans"]}
    ids = {name: span_id_of(trace, name) for name in found}
    start_ms = round(sent["start_timestamp"] * 1000)
    places = {
        name: (
            held["parent_span_id"],
            round(held["start_timestamp"] * 1000) - start_ms,
            round(held["timestamp"] * 1000) - start_ms,
        )
        for name, held in found.items()
    }
    assert places == {
        "outer": (root, 0, 40),
        "next": (root, 40, 50),
        "inner": (ids["outer"], 0, 5),
        "deep": (ids["inner"], 0, 1),
    }
    assert {held["trace_id"] for held in sent["spans"]} == {trace}


def test_spans_in_a_circle_hang_on_the_root():
    sent = transaction(spans=[span("a", 1, "b"), span("b", 1, "a")])
    root = sent["contexts"]["trace"]["span_id"]
    assert root in {held["parent_span_id"] for held in sent["spans"]}
    assert len(sent["spans"]) == 2


@pytest.mark.row(133)
@pytest.mark.row(134)
@pytest.mark.row(135)
@pytest.mark.row(136)
@pytest.mark.row(137)
@pytest.mark.row(138)
@pytest.mark.row(141)
def test_a_generation_is_a_span_with_the_vocabularys_attributes():
    found = attributes(outputTokens=340, totalCostUsd=0.00482, timeToFirstTokenMs=420)
    assert found == {
        "sentry.op": "gen_ai.generate",
        "sentry.origin": "manual.ingest",
        "gen_ai.operation.name": "generate",
        "gen_ai.operation.type": "ai_client",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt",
        "gen_ai.usage.input_tokens": 1200,
        "gen_ai.usage.output_tokens": 340,
        "gen_ai.usage.total_tokens": 1540,
        "gen_ai.cost.total_tokens": 0.00482,
        "gen_ai.server.time_to_first_token": 0.42,
    }


@pytest.mark.row(139)
def test_costs_of_the_parts_add_up_where_no_total_is_given():
    found = attributes(inputCostUsd=0.25, outputCostUsd=0.5)
    assert (found["gen_ai.cost.input_tokens"], found["gen_ai.cost.output_tokens"]) == (0.25, 0.5)
    assert found["gen_ai.cost.total_tokens"] == 0.75
    assert "gen_ai.cost.total_tokens" not in attributes()  # the price table decides


@pytest.mark.row(140)
@pytest.mark.row(142)
@pytest.mark.row(147)
def test_latency_is_the_duration_up_to_the_timestamp():
    found = generation(
        latencyMs=1820, status="error", timestamp="2026-05-30T12:00:03.000Z", environment="production"
    )
    assert (found["start_timestamp"], found["end_timestamp"]) == (1780142401.18, 1780142403.0)
    assert found["status"] == "error"
    assert found["attributes"]["sentry.environment"] == {"value": "production"}
    assert generation()["status"] == "ok"


@pytest.mark.row(143)
def test_a_generation_finds_its_transaction_by_the_same_words():
    of = transaction(spans=[span("span-1", 5)])
    found = generation(traceId="trace-abc-123", spanId="span-1")
    assert found["trace_id"] == of["contexts"]["trace"]["trace_id"]
    assert found["parent_span_id"] == of["spans"][0]["span_id"]
    assert found["is_segment"] is False
    assert generation()["is_segment"] is True


@pytest.mark.row(144)
@pytest.mark.row(145)
@pytest.mark.row(146)
def test_tags_user_and_metadata_are_attributes_and_change_nothing_of_ours():
    found = attributes(
        tags={"feature": "chat", "gen_ai.provider.name": "x"},
        user={"id": "7", "ip": "10.0.0.1", "username": "ada"},
        metadata={"run": 3, "deep": {"a": [1]}},
    )
    assert (found["feature"], found["gen_ai.provider.name"]) == ("chat", "openai")
    assert (found["user.id"], found["user.ip_address"], found["user.name"]) == ("7", "10.0.0.1", "ada")
    assert (found["metadata.run"], found["metadata.deep"]) == (3, {"a": [1]})


def test_whole_numbers_may_be_written_as_fractions_of_nothing():
    whole, float_ = transaction(durationMs=245), transaction(durationMs=245.0)
    assert whole == float_
    sent = msgspec.json.encode(attributes(inputTokens=10.0, outputTokens=2.0))
    assert sent.endswith(b'"gen_ai.usage.total_tokens":12}') and b".0" not in sent
    frames = [{"function": "run", "lineno": 42.0, "colno": 7.0}]
    exception = {"type": "T", "value": "v", "stacktrace": {"frames": frames}}
    assert b'"lineno":42,"colno":7' in made({"type": "error", "exception": exception}).payload
    for bad in (245.5, -1.0, 2.0**54):
        with pytest.raises(BadIngest):
            transaction(durationMs=bad)


def test_the_schema_says_which_numbers_are_taken():
    counts = {"type": "number", "minimum": 0, "maximum": 2**53, "multipleOf": 1}
    assert schema()["$defs"]["TransactionItem"]["properties"]["durationMs"] == counts
    assert schema()["$defs"]["GenerationItem"]["properties"]["inputTokens"] == counts
