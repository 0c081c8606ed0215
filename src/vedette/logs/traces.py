"""How many logs carry a trace's id."""

from collections.abc import Sequence

from vedette.storage.telemetry.client import Telemetry

_COUNT = (
    "SELECT count() FROM logs WHERE project_id IN {projects:Array(UInt64)} AND trace_id = {trace_id:UUID}"
)


def logs_of_trace_count(telemetry: Telemetry, project_ids: Sequence[int], trace_id: str) -> int:
    """Raises `TelemetryError`."""
    rows = telemetry.query_rows(_COUNT, {"projects": list(project_ids), "trace_id": trace_id})
    return int(rows.rows[0][0])
