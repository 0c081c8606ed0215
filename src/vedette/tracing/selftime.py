"""Time of a span that none of its children covers."""

from collections.abc import Sequence

from vedette.tracing.span import Span


def fill_self_times(spans: Sequence[Span]) -> None:
    """Set `self_us` where it is not known, from the children among `spans`.

    A span's children may overlap each other and stick out of it: what is covered counts once. O(n log n).
    """
    covered: dict[int, int] = {}
    covered_to: dict[int, int] = {}
    parents = {span.span_id: span for span in spans}
    for span in sorted(spans, key=_start):
        parent = parents.get(span.parent_span_id)
        if parent is None or parent is span:
            continue
        key = parent.span_id
        start = max(span.start_us, covered_to.get(key, parent.start_us))
        end = min(span.end_us, parent.end_us)
        if end > start:
            covered[key] = covered.get(key, 0) + end - start
            covered_to[key] = end
    for span in spans:
        if span.self_us < 0:
            span.self_us = max(0, span.duration_us - covered.get(span.span_id, 0))


def _start(span: Span) -> int:
    return span.start_us
