"""Items of tracing for the tests of this feature: what is sent in, the rows that come out."""

from typing import Any

import msgspec
from msgspec import Raw

from tests.unit.normalize.build import NOW_US, Json
from vedette.filters.inbound import FilterSettings
from vedette.normalize.received import Received
from vedette.projects.handling import Delivery, Handling
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.storage.telemetry.tables import SPANS, TRACE_TIMES
from vedette.tracing.process import (
    Traced,
    TracingConfig,
    process_container,
    process_span,
    process_transaction,
)

TRACE = "0123456789abcdef0123456789abcdef"
ROOT = "00000000000000aa"
NOW = NOW_US / 1e6
FACTS = Received(received_us=NOW_US, client_ip="198.51.100.7")
SPAN_COLUMNS = [column.name for column in SPANS.columns]


def config(filters: FilterSettings | None = None, *, store_ips: bool = True) -> TracingConfig:
    handling = Handling(compile_settings(ScrubSettings()), store_ips, 90)
    return TracingConfig(handling, filters or FilterSettings())


def v1(span_id: int, start: float = 0.0, end: float = 0.01, **fields: object) -> Json:
    """A span of a transaction; times in seconds after its start."""
    base = {
        "trace_id": TRACE,
        "span_id": f"{span_id:016x}",
        "parent_span_id": ROOT,
        "start_timestamp": NOW - 1 + start,
        "timestamp": NOW - 1 + end,
    }
    return base | fields


def v2(span_id: int, start: float = 0.0, end: float = 0.01, **fields: Any) -> Json:
    """A streamed span; attributes as bare values."""
    attributes = {key: {"value": value} for key, value in fields.pop("attributes", {}).items()}
    base = {
        "trace_id": TRACE,
        "span_id": f"{span_id:016x}",
        "start_timestamp": NOW - 1 + start,
        "end_timestamp": NOW - 1 + end,
        "attributes": attributes,
    }
    return base | fields


def transaction(*spans: Json, **fields: Any) -> Json:
    trace = {"trace_id": TRACE, "span_id": ROOT, "op": "http.server"} | fields.pop("trace", {})
    base: Json = {
        "type": "transaction",
        "transaction": "/orders",
        "start_timestamp": NOW - 1,
        "timestamp": NOW,
        "contexts": {"trace": trace} | fields.pop("contexts", {}),
        "spans": list(spans),
    }
    return base | fields


def container(*spans: Any, **settings: object) -> Json:
    return {"version": 2, "items": list(spans), "ingest_settings": settings}


def body(payload: Json | bytes) -> bytes:
    return payload if isinstance(payload, bytes) else msgspec.json.encode(payload)


def delivery(facts: Received, config: TracingConfig, dsc: Json | None = None) -> Delivery:
    trace = Raw(msgspec.json.encode(dsc or {}))
    return Delivery(7, "0" * 16, facts, config.handling, Raw(b"{}"), trace)


def traced_transaction(
    payload: Json | bytes, facts: Received = FACTS, dsc: Json | None = None, **settings: Any
) -> Traced:
    made = config(**settings)
    return process_transaction(body(payload), delivery(facts, made, dsc), made)


def traced_container(payload: Json | bytes, facts: Received = FACTS, **settings: Any) -> Traced:
    made = config(**settings)
    return process_container(body(payload), delivery(facts, made), made)


def traced_span(payload: Json | bytes, facts: Received = FACTS) -> Traced:
    return process_span(body(payload), delivery(facts, config()), config())


def rows(traced: Traced) -> list[Json]:
    """The span rows by column."""
    assert len(traced.spans) == (len(SPAN_COLUMNS) - 1 if traced.count else 0)
    assert len(traced.times) == (len(TRACE_TIMES.columns) if traced.count else 0)
    return [dict(zip(SPAN_COLUMNS, row, strict=False)) for row in zip(*traced.spans, strict=True)]


def of_transaction(payload: Json | bytes, facts: Received = FACTS, **settings: Any) -> list[Json]:
    return rows(traced_transaction(payload, facts, **settings))


def of_container(payload: Json | bytes, facts: Received = FACTS, **settings: Any) -> list[Json]:
    return rows(traced_container(payload, facts, **settings))


def of_span(payload: Json, facts: Received = FACTS) -> list[Json]:
    return rows(traced_span(payload, facts))
