"""Which metrics there are."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.statements import load_statements

_STATEMENTS = load_statements(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class MetricFilter:
    """Metrics of some projects, from `from_us` up to, not including, `to_us`.

    No environments: all of them. `words`: what stands somewhere in the name, whatever its case.
    """

    project_ids: tuple[int, ...]
    from_us: int
    to_us: int
    environments: tuple[str, ...] = ()
    words: str = ""


class MetricName(msgspec.Struct, frozen=True):
    """A metric: one name may be sent with several types and units."""

    name: str
    type: str
    unit: str  # empty for none
    count: int  # values
    first_us: int
    last_us: int


class MetricQueries:
    """Reads of metrics. Every call may raise `TelemetryError`."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def names(self, metrics: MetricFilter, limit: int, offset: int = 0) -> list[MetricName]:
        """Up to `limit` metrics by name."""
        where, values = _where(metrics)
        sql = _STATEMENTS["names"].sql.replace("$where", where)
        rows = self._telemetry.query_rows(sql, {**values, "limit": limit, "offset": offset})
        return [MetricName(*row) for row in rows]


def _where(metrics: MetricFilter) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {
        "projects": list(metrics.project_ids),
        "from_us": metrics.from_us,
        "to_us": metrics.to_us,
    }
    parts = [
        "project_id IN {projects:Array(UInt64)}",
        "ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')",
        "ts < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')",
    ]
    if metrics.environments:
        parts.append("environment IN {environments:Array(String)}")
        values["environments"] = list(metrics.environments)
    if metrics.words:
        parts.append("positionCaseInsensitiveUTF8(toString(name), {words:String}) > 0")
        values["words"] = metrics.words
    return " AND ".join(parts), values
