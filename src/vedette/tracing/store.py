"""Spans as rows of `spans`, and when each trace was as rows of `trace_times`.

A row is a pure function of the span: nothing here reads a clock or a database.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from vedette.tracing.describe import Described
from vedette.tracing.span import Scene, Span

Row = tuple[Any, ...]


class Place(msgspec.Struct, frozen=True):
    """Where rows belong: what of them is not in the span."""

    project_id: int
    keep_days: int
    received_us: int


def span_row(span: Span, scene: Scene, described: Described, place: Place) -> Row:
    """The span's row, in the order of the table's columns, without the last, `batch`."""
    return (
        place.keep_days,
        place.project_id,
        1 if span.is_segment else 0,
        span.start_us,
        place.received_us,
        span.end_us - span.start_us,
        span.self_us,
        span.trace_id,
        span.span_id,
        span.parent_span_id,
        span.segment_id,
        scene.transaction_id,
        span.op,
        described.category,
        span.description,
        described.normalized,
        described.group_hash,
        described.action,
        described.domain,
        described.system,
        span.status,
        span.origin,
        scene.transaction,
        scene.environment,
        scene.release,
        scene.dist,
        scene.platform,
        scene.server_name,
        scene.sdk_name,
        scene.sdk_version,
        scene.user,
        scene.user_hash,
        span.http_status,
        span.model,
        scene.profile_id,
        scene.replay_id,
        scene.weight,
        span.texts,
        span.numbers,
        span.links,
        span.payload,
    )


def time_rows(spans: Iterable[Span], keep_days: int) -> list[Row]:
    """First and last moment of each trace."""
    times: dict[str, tuple[int, int]] = {}
    for span in spans:
        known = times.get(span.trace_id)
        if known is None:
            times[span.trace_id] = (span.start_us, span.end_us)
        else:
            times[span.trace_id] = (min(known[0], span.start_us), max(known[1], span.end_us))
    return [(keep_days, trace_id, first, last) for trace_id, (first, last) in times.items()]
