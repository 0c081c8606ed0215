"""Items of `/v1/ingest` as the envelope items that features know.

Pure: ids are made from the batch's id, so that a record processed again gives the same ones. Trace and span ids may be
any text there; the same text gives the same hex id in every request, and the text is kept beside it.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar, cast

import msgspec

from vedette.core.ids import parse_event_id
from vedette.core.time import SECOND_US, parse_time
from vedette.wire.ingest import (
    ErrorItem,
    GenerationItem,
    IngestItem,
    IngestSpan,
    StackFrame,
    TransactionItem,
)

SPAN_CONTAINER = "application/vnd.sentry.items.span.v2+json"
_MS_US = 1000
_SPAN_ID = re.compile(r"[0-9a-f]{16}")
_STATUS = {"ok": "ok", "error": "internal_error", "cancelled": "cancelled", None: "ok"}
_T = TypeVar("_T")


class Made(NamedTuple):
    """One envelope item: its type, its id where it has one, its payload."""

    type: str
    event_id: str
    payload: bytes
    content_type: str = ""


class _Batch(NamedTuple):
    id: str
    number: int
    received_us: int

    def mint(self, what: str, digits: int) -> str:
        return _hash(f"{self.id}\0{self.number}\0{what}", digits)


def made_of(items: list[IngestItem], batch_id: str, received_us: int) -> list[Made]:
    """An envelope item for each."""
    return [_made(item, _Batch(batch_id, number, received_us)) for number, item in enumerate(items)]


def _made(item: IngestItem, batch: _Batch) -> Made:
    if isinstance(item, ErrorItem):
        return _event(item, batch)
    if isinstance(item, TransactionItem):
        return _transaction(item, batch)
    return _generation(item, batch)


def trace_id_of(text: str) -> str:
    """32 hex digits: the text itself where it is a UUID in any spelling, else a hash of it."""
    return parse_event_id(text) or _hash(f"trace\0{text}", 32)


def span_id_of(trace: str, text: str) -> str:
    """16 hex digits: the text itself, or a hash of it within its trace."""
    return text if _SPAN_ID.fullmatch(text) else _hash(f"span\0{trace}\0{text}", 16)


def _hash(text: str, digits: int) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=digits // 2).hexdigest()


def _encoded(fields: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({name: value for name, value in fields.items() if value is not None})


# ── errors ────────────────────────────────────────────────────────────────────────────────


def _event(item: ErrorItem, batch: _Batch) -> Made:
    event_id = batch.mint("event", 32)
    exception = item.exception
    value = exception.value or item.message or ""
    fields = {
        "event_id": event_id,
        "platform": "other",
        "level": "error",
        "timestamp": item.timestamp,
        "exception": {"values": [{"type": exception.type, "value": value, "stacktrace": _stack(item)}]},
        "logentry": {"formatted": item.message} if item.message else None,
        "breadcrumbs": [_plain(crumb) for crumb in item.breadcrumbs or ()] or None,
        "tags": item.tags,
        "user": item.user,
        "environment": item.environment,
        "release": item.release,
    }
    return Made("event", event_id, _encoded(fields))


def _stack(item: ErrorItem) -> dict[str, Any] | None:
    if item.exception.stacktrace is None:
        return None
    return {"frames": [_frame(frame) for frame in item.exception.stacktrace.frames]}


def _frame(sent: StackFrame) -> dict[str, Any]:
    frame = _plain(sent)
    if "inApp" in frame:
        frame["in_app"] = frame.pop("inApp")
    return {name: int(value) if name in ("lineno", "colno") else value for name, value in frame.items()}


def _plain(value: msgspec.Struct) -> dict[str, Any]:
    fields = cast("dict[str, Any]", msgspec.to_builtins(value))
    return {name: field for name, field in fields.items() if field is not None}


# ── transactions ──────────────────────────────────────────────────────────────────────────


def _transaction(item: TransactionItem, batch: _Batch) -> Made:
    event_id = batch.mint("event", 32)
    trace, root = trace_id_of(item.trace_id), batch.mint("root", 16)
    end_us = _end_us(item.timestamp, batch)
    start_us = max(0, end_us - int(item.duration_ms) * _MS_US)
    given = {"trace.id": item.trace_id} if trace != item.trace_id else None
    context = {
        "trace_id": trace,
        "span_id": root,
        "op": "transaction",
        "status": _STATUS[item.status],
        "data": given,
    }
    fields = {
        "event_id": event_id,
        "type": "transaction",
        "platform": "other",
        "transaction": item.name,
        "transaction_info": {"source": "custom"},
        "start_timestamp": start_us / SECOND_US,
        "timestamp": end_us / SECOND_US,
        "contexts": {"trace": {name: value for name, value in context.items() if value is not None}},
        "environment": item.environment,
        "spans": _spans(item.spans or [], trace, root, start_us),
    }
    return Made("transaction", event_id, _encoded(fields))


def _end_us(timestamp: str | None, batch: _Batch) -> int:
    at_us = parse_time(timestamp) if timestamp else None
    return batch.received_us if at_us is None else at_us


def _spans(spans: list[IngestSpan], trace: str, root: str, start_us: int) -> list[dict[str, Any]]:
    """Each after the sibling before it; one whose parent is unknown, or is below itself, hangs on the root."""
    ids = {span.span_id: span_id_of(trace, span.span_id) for span in spans}
    parents = {span.span_id: span.parent_span_id or "" for span in spans}
    found: list[dict[str, Any]] = []
    starts: dict[str, int] = {root: start_us}
    free_from: dict[str, int] = {}
    for span in _parents_first(spans, parents):
        span_id = ids[span.span_id]
        parent = ids.get(parents[span.span_id], root)
        parent = parent if parent in starts else root
        begin = free_from.get(parent, starts[parent])
        end = begin + round(span.duration_ms * _MS_US)
        starts[span_id], free_from[parent] = begin, end
        found.append(
            {
                "trace_id": trace,
                "span_id": span_id,
                "parent_span_id": parent,
                "op": span.op,
                "description": span.description or "",
                "start_timestamp": begin / SECOND_US,
                "timestamp": end / SECOND_US,
                "data": {"span.id": span.span_id} if span_id != span.span_id else {},
            }
        )
    return found


def _parents_first(spans: list[IngestSpan], parents: Mapping[str, str]) -> list[IngestSpan]:
    """The spans by depth, in the order sent within one; those of a circle come at a depth of their own."""
    depths: dict[str, int] = {}
    for span in spans:
        way: list[str] = []
        at = span.span_id
        while at in parents and at not in depths and at not in way:
            way.append(at)
            at = parents[at]
        base = depths.get(at, -1)
        for step, name in enumerate(reversed(way), start=1):
            depths[name] = base + step
    return sorted(spans, key=lambda span: depths[span.span_id])


# ── generations ───────────────────────────────────────────────────────────────────────────


def _generation(item: GenerationItem, batch: _Batch) -> Made:
    trace = trace_id_of(item.trace_id) if item.trace_id else batch.mint("trace", 32)
    end_us = _end_us(item.timestamp, batch)
    span = {
        "trace_id": trace,
        "span_id": batch.mint("span", 16),
        "parent_span_id": span_id_of(trace, item.span_id) if item.span_id else None,
        "name": f"generate {item.model}",
        "status": item.status or "ok",
        "is_segment": item.trace_id is None,
        "start_timestamp": max(0, end_us - round((item.latency_ms or 0) * _MS_US)) / SECOND_US,
        "end_timestamp": end_us / SECOND_US,
        "attributes": _attributes(item, trace),
    }
    container = {"version": 2, "items": [{name: value for name, value in span.items() if value is not None}]}
    return Made("span", "", msgspec.json.encode(container), SPAN_CONTAINER)


def _attributes(item: GenerationItem, trace: str) -> dict[str, dict[str, Any]]:
    to_first = item.time_to_first_token_ms
    costs = (item.input_cost_usd, item.output_cost_usd)
    total = item.total_cost_usd
    if total is None and any(cost is not None for cost in costs):
        total = sum(cost or 0 for cost in costs)
    values: dict[str, Any] = {
        **(item.tags or {}),
        "sentry.op": "gen_ai.generate",
        "sentry.origin": "manual.ingest",
        "sentry.environment": item.environment,
        "gen_ai.operation.name": "generate",
        "gen_ai.operation.type": "ai_client",
        "gen_ai.provider.name": item.provider,
        "gen_ai.request.model": item.model,
        "gen_ai.usage.input_tokens": int(item.input_tokens),
        "gen_ai.usage.output_tokens": None if item.output_tokens is None else int(item.output_tokens),
        "gen_ai.usage.total_tokens": int(item.input_tokens + (item.output_tokens or 0)),
        "gen_ai.cost.input_tokens": item.input_cost_usd,
        "gen_ai.cost.output_tokens": item.output_cost_usd,
        "gen_ai.cost.total_tokens": total,
        "gen_ai.server.time_to_first_token": None if to_first is None else to_first / 1000,
        "trace.id": item.trace_id if item.trace_id and trace != item.trace_id else None,
        **_prefixed("user", item.user, lambda name: {"ip": "ip_address", "username": "name"}.get(name, name)),
        **_prefixed("metadata", item.metadata, str),
    }
    return {name: {"value": value} for name, value in values.items() if value is not None}


def _prefixed(prefix: str, values: Mapping[str, _T] | None, spelled: Callable[[str], str]) -> dict[str, _T]:
    return {f"{prefix}.{spelled(name)}": value for name, value in (values or {}).items()}
