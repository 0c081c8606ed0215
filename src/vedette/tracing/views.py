"""Traces as JSON, as clients of the API know them: nested spans, and one span with everything it has."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from vedette.core.time import SECOND_US, to_iso
from vedette.tracing.query import SpanRow, WholeSpan
from vedette.tracing.tree import Node

_DEEPEST = 100  # levels of nested JSON; what lies deeper hangs on the last level
Json = dict[str, Any]


class SpanNode(msgspec.Struct, gc=False):
    """A span of a nested trace, as the wire spells it. Ids are 16 hex digits, times seconds, `duration` milliseconds.

    A struct: as a dictionary of 26 names it takes 1.2 kB, and three times as long to make.
    """

    event_id: str
    span_id: str
    event_type: str
    transaction_id: str
    project_id: int
    project_slug: str
    transaction: str
    description: str
    name: str
    op: str
    status: str
    parent_span_id: str | None
    profile_id: str
    profiler_id: str
    sdk_name: str
    is_transaction: bool
    start_timestamp: float
    end_timestamp: float
    duration: float
    measurements: Json
    browser_web_vital: Json
    mobile_app_vital: Json
    children: "list[SpanNode]"
    errors: Sequence[Json]
    occurrences: Sequence[Json]
    additional_attributes: Json


class TraceEvent(msgspec.Struct, frozen=True):
    """An error, or a performance issue's event, as a node of a trace. `span_id`: 0 for none."""

    span_id: int
    is_occurrence: bool
    view: Json


def hex_id(span_id: int) -> str:
    """16 hex digits; empty for none."""
    return f"{span_id:016x}" if span_id else ""


def nested(
    nodes: Sequence[Node], slugs: Mapping[int, str], events: Sequence[TraceEvent]
) -> list[SpanNode | Json]:
    """The trees, each span with its errors; errors of no span that is here come last."""
    by_span: dict[int, list[TraceEvent]] = {}
    for event in events:
        by_span.setdefault(event.span_id, []).append(event)
    found: list[SpanNode] = []
    waiting = [(node, found, 0) for node in reversed(nodes)]
    while waiting:
        node, siblings, depth = waiting.pop()
        view = _node(node.span, slugs, by_span.pop(node.span.span_id, ()))
        siblings.append(view)
        below = view.children if depth < _DEEPEST else siblings
        waiting += [(child, below, depth + 1) for child in reversed(node.children)]
    return [*found, *(event.view for rest in by_span.values() for event in rest)]


_NONE: Sequence[Json] = ()
_EMPTY: Json = {}  # of all spans


def _node(span: SpanRow, slugs: Mapping[int, str], events: Sequence[TraceEvent]) -> SpanNode:
    own_id = hex_id(span.span_id)
    return SpanNode(
        own_id,
        own_id,
        "span",
        span.transaction_id,
        span.project_id,
        slugs.get(span.project_id, ""),
        span.transaction,
        span.description,
        span.description or span.op,
        span.op,
        span.status,
        hex_id(span.parent_span_id) or None,
        span.profile_id,
        "",
        span.sdk_name,
        bool(span.is_segment),
        span.ts / SECOND_US,
        span.end_us / SECOND_US,
        span.duration_us / 1000,
        _EMPTY,
        _EMPTY,
        _EMPTY,
        [],
        [event.view for event in events if not event.is_occurrence] if events else _NONE,
        [event.view for event in events if event.is_occurrence] if events else _NONE,
        _EMPTY,
    )


def whole_span(span: WholeSpan, slugs: Mapping[int, str]) -> Json:
    """Everything that is known of a span."""
    return {
        "span_id": hex_id(span.span_id),
        "parent_span_id": hex_id(span.parent_span_id) or None,
        "segment_id": hex_id(span.segment_id) or None,
        "trace_id": span.trace_id,
        "transaction_id": span.transaction_id or None,
        "project": slugs.get(span.project_id, ""),
        "is_segment": bool(span.is_segment),
        "start_timestamp": span.ts / SECOND_US,
        "end_timestamp": (span.ts + span.duration_us) / SECOND_US,
        "received": to_iso(span.received),
        "duration": span.duration_us / 1000,
        "self_time": span.self_us / 1000,
        "op": span.op,
        "category": span.category,
        "description": span.description,
        "normalized_description": span.normalized,
        "group": f"{span.group_hash:016x}" if span.group_hash else None,
        "action": span.action,
        "domain": span.domain,
        "system": span.system,
        "status": span.status,
        "origin": span.origin,
        "transaction": span.transaction,
        "environment": span.environment or None,
        "release": span.release or None,
        "dist": span.dist or None,
        "platform": span.platform,
        "server_name": span.server_name or None,
        "sdk": {"name": span.sdk_name, "version": span.sdk_version},
        "user": span.user or None,
        "http_status": span.http_status or None,
        "model": span.model or None,
        "profile_id": span.profile_id or None,
        "replay_id": span.replay_id or None,
        "sample_weight": span.weight,
        "attributes": {**span.attributes, **span.numbers},
        "links": msgspec.json.decode(span.links) if span.links else [],
    }
