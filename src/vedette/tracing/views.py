"""Traces as JSON, as clients of the API know them: nested spans, and one span with everything it has."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from vedette.core.time import SECOND_US, to_iso
from vedette.tracing.query import SpanRow, WholeSpan
from vedette.tracing.tree import Node

_DEEPEST = 100  # levels of nested JSON; what lies deeper hangs on the last level
Json = dict[str, Any]


class TraceEvent(msgspec.Struct, frozen=True):
    """An error, or a performance issue's event, as a node of a trace. `span_id`: 0 for none."""

    span_id: int
    is_occurrence: bool
    view: Json


def hex_id(span_id: int) -> str:
    """16 hex digits; empty for none."""
    return f"{span_id:016x}" if span_id else ""


def nested(nodes: Sequence[Node], slugs: Mapping[int, str], events: Sequence[TraceEvent]) -> list[Json]:
    """The trees, each span with its errors; errors of no span that is here come last."""
    by_span: dict[int, list[TraceEvent]] = {}
    for event in events:
        by_span.setdefault(event.span_id, []).append(event)
    found: list[Json] = []
    waiting = [(node, found, 0) for node in reversed(nodes)]
    while waiting:
        node, siblings, depth = waiting.pop()
        view = span_view(node.span, slugs, by_span.pop(node.span.span_id, []))
        siblings.append(view)
        below = view["children"] if depth < _DEEPEST else siblings
        waiting += [(child, below, depth + 1) for child in reversed(node.children)]
    return [*found, *(event.view for rest in by_span.values() for event in rest)]


def span_view(span: SpanRow, slugs: Mapping[int, str], events: Sequence[TraceEvent]) -> Json:
    return {
        "event_id": hex_id(span.span_id),
        "span_id": hex_id(span.span_id),
        "event_type": "span",
        "transaction_id": span.transaction_id,
        "project_id": span.project_id,
        "project_slug": slugs.get(span.project_id, ""),
        "transaction": span.transaction,
        "description": span.description,
        "name": span.description or span.op,
        "op": span.op,
        "status": span.status,
        "parent_span_id": hex_id(span.parent_span_id) or None,
        "profile_id": span.profile_id,
        "profiler_id": "",
        "sdk_name": span.sdk_name,
        "is_transaction": bool(span.is_segment),
        "start_timestamp": span.ts / SECOND_US,
        "end_timestamp": span.end_us / SECOND_US,
        "duration": span.duration_us / 1000,
        "measurements": {},
        "browser_web_vital": {},
        "mobile_app_vital": {},
        "children": [],
        "errors": [event.view for event in events if not event.is_occurrence],
        "occurrences": [event.view for event in events if event.is_occurrence],
        "additional_attributes": {},
    }


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
