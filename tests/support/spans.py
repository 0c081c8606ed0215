"""Spans for tests: as a waterfall reads them, and as rows of the table."""

from typing import Any

import msgspec

from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.tables import SPANS, TRACE_TIMES
from vedette.tracing.query import SpanRow

_SPAN = SpanRow(
    project_id=7,
    is_segment=0,
    ts=0,
    duration_us=1000,
    self_us=1000,
    span_id=0,
    parent_span_id=0,
    segment_id=0,
    transaction_id="",
    op="db",
    category="db",
    description="SELECT 1",
    status="ok",
    transaction="GET /a",
    environment="prod",
    platform="python",
    sdk_name="sentry.python",
    server_name="",
    http_status=0,
    profile_id="",
    replay_id="",
)


def span_row(span_id: int, parent: int = 0, **given: Any) -> SpanRow:
    return msgspec.structs.replace(_SPAN, span_id=span_id, parent_span_id=parent, **given)


def insert_spans(telemetry: Telemetry, trace_id: str, *spans: dict[str, Any], token: str = "spans") -> None:
    """Rows of `spans` with these columns set, and the trace's times. `token`: of this insert alone."""
    rows = [
        [
            {"keep_days": 90, "trace_id": trace_id, **span}.get(column.name, _empty(column.type))
            for column in SPANS.columns
        ]
        for span in spans
    ]
    telemetry.insert("spans", SPANS.columns, rows, token=f"{token}/{trace_id}")
    first = min(span["ts"] for span in spans)
    last = max(span["ts"] + span.get("duration_us", 0) for span in spans)
    telemetry.insert(
        "trace_times", TRACE_TIMES.columns, [(90, trace_id, first, last)], token=f"{token}/{trace_id}"
    )


def _empty(kind: str) -> object:
    if kind.startswith("Map"):
        return {}
    return "" if "String" in kind or kind == "UUID" else 0
