"""Time of a span that none of its children covers."""

from collections.abc import Sequence
from operator import attrgetter

from vedette.tracing.span import Span


def fill_self_times(spans: Sequence[Span]) -> None:
    """Set `self_us` where it is not known, from the children among `spans`.

    A span's children may overlap each other and stick out of it: what is covered counts once. O(n log n).
    """
    covered: dict[int, int] = {}
    covered_to: dict[int, int] = {}
    parents = {span.span_id: span for span in spans}
    for span in sorted(spans, key=_start):
        key = span.parent_span_id
        parent = parents.get(key)
        if parent is None or parent is span:
            continue
        reached = covered_to.get(key, parent.start_us)
        start = span.start_us if span.start_us > reached else reached
        end = span.end_us if span.end_us < parent.end_us else parent.end_us
        if end > start:
            covered[key] = covered.get(key, 0) + end - start
            covered_to[key] = end
    for span in spans:
        if span.self_us < 0:
            span.self_us = max(0, span.end_us - span.start_us - covered.get(span.span_id, 0))


_start = attrgetter("start_us")
