"""Spans as columns of `spans`, and when each trace was as columns of `trace_times`.

A row is a pure function of the span: nothing here reads a clock or a database.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from vedette.tracing.detect import Told
from vedette.tracing.span import Scene, Span

Columns = Sequence[Sequence[Any]]


class Place(msgspec.Struct, frozen=True):
    """Where rows belong: what of them is not in the span."""

    project_id: int
    keep_days: int
    received_us: int


def span_columns(told: Sequence[Told], scenes: Sequence[Scene], place: Place) -> Columns:
    """The spans' values in the order of the table's columns, without the last, `batch`.

    `scenes`: one for each span, or a single one that all of them share.
    """
    count = len(told)
    spans, dids = [one.span for one in told], [one.did for one in told]
    transaction_ids, *told_of, profile_ids, replay_ids, weights = _scene_columns(scenes, count)
    category, normalized, group_hash, action, domain, system = zip(*dids, strict=True)
    return (
        [place.keep_days] * count,
        [place.project_id] * count,
        [1 if span.is_segment else 0 for span in spans],
        [span.start_us for span in spans],
        [place.received_us] * count,
        [span.end_us - span.start_us for span in spans],
        [span.self_us for span in spans],
        [span.trace_id for span in spans],
        [span.span_id for span in spans],
        [span.parent_span_id for span in spans],
        [span.segment_id for span in spans],
        transaction_ids,
        [span.op for span in spans],
        category,
        [span.description for span in spans],
        normalized,
        group_hash,
        action,
        domain,
        system,
        [span.status for span in spans],
        [span.origin for span in spans],
        *told_of,
        [span.http_status for span in spans],
        [span.model for span in spans],
        profile_ids,
        replay_ids,
        weights,
        [span.texts for span in spans],
        [span.numbers for span in spans],
        [span.links for span in spans],
        [span.payload for span in spans],
    )


def _scene_columns(scenes: Sequence[Scene], count: int) -> Columns:
    cells = [_cells(scene) for scene in scenes]
    return [[cell] * count for cell in cells[0]] if len(cells) == 1 else list(zip(*cells, strict=True))


def _cells(scene: Scene) -> tuple[Any, ...]:
    """In the order of the table."""
    return (
        scene.transaction_id,
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
        scene.profile_id,
        scene.replay_id,
        scene.weight,
    )


def time_columns(spans: Iterable[Span], keep_days: int) -> Columns:
    """First and last moment of each trace, in the order of the columns of `trace_times`."""
    times: dict[str, list[Span]] = {}
    for span in spans:
        times.setdefault(span.trace_id, []).append(span)
    firsts = [min(map(_start, spans)) for spans in times.values()]
    lasts = [max(map(_end, spans)) for spans in times.values()]
    return ([keep_days] * len(times), list(times), firsts, lasts)


_start, _end = attrgetter("start_us"), attrgetter("end_us")
