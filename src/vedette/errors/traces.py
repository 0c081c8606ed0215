"""Errors of one trace: what its waterfall shows beside the spans."""

from collections.abc import Sequence

import msgspec

from vedette.errors.conditions import Parameters
from vedette.errors.statements import run
from vedette.storage.telemetry.client import Telemetry


class TraceError(msgspec.Struct, frozen=True):
    """An error, or an issue's event found in spans (`type` generic). `span_id`: 16 hex, empty for none."""

    project_id: int
    group_hash: int  # unsigned
    ts_us: int
    event_id: str
    span_id: str
    type: str
    level: str
    title: str
    culprit: str
    message: str
    transaction: str
    platform: str


def errors_of_trace(
    telemetry: Telemetry, project_ids: Sequence[int], trace_id: str, *, limit: int = 1000
) -> list[TraceError]:
    """By time; at most `limit`. Raises `TelemetryError`."""
    values = {"projects": list(project_ids), "trace_id": trace_id, "limit": limit}
    return [TraceError(*row) for row in run(telemetry, "trace_errors", Parameters(), {}, values)]
