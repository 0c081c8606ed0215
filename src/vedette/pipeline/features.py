"""Item types → features: one table. A feature takes an item and adds the units it comes to."""

from collections.abc import Callable
from typing import Protocol

from vedette.core.outcomes import Category, Outcome
from vedette.errors.process import ErrorConfig, Unsupported, process
from vedette.filters.inbound import Filtered
from vedette.logs.process import process as process_logs
from vedette.metrics.process import process as process_metrics
from vedette.pipeline.items import RawItem
from vedette.pipeline.units import Batch, Origin, Row, Rows
from vedette.projects.handling import Handling
from vedette.storage.telemetry.tables import LOGS, METRICS, TRACE_TIMES

__all__ = ["Configs", "Filtered", "Unsupported", "take"]


class Configs(Protocol):
    """Projects' configuration at the range's epoch."""

    def errors(self, project_id: int) -> ErrorConfig: ...

    def handling(self, project_id: int) -> Handling: ...


def take(batch: Batch, item: RawItem, origin: Origin, configs: Configs) -> None:
    """Add what the item comes to.

    Raises `InvalidPayload`, `Filtered`, `Unsupported`: then it has added nothing.
    """
    taker = _TAKERS.get(item.type)
    if taker is None:
        raise Unsupported(item.category)
    taker(batch, item, origin, configs)


def _take_error(batch: Batch, item: RawItem, origin: Origin, configs: Configs) -> None:
    project_id = origin.spooled.record.project_id
    config = configs.errors(project_id)
    error = process(item.payload, item.received, project_id, config)
    unit = origin.unit(item, config.handling.keep_days, (("error", 1),), event_id=error.event_id, error=error)
    batch.units.append(unit)


def _take_logs(batch: Batch, item: RawItem, origin: Origin, configs: Configs) -> None:
    handling = configs.handling(origin.spooled.record.project_id)
    logs = process_logs(item.payload, origin.delivery(item, handling))
    if logs.refused:
        batch.count(origin.spooled, Category.LOG_ITEM, Outcome.INVALID, "invalid_log", logs.refused)
    if logs.rows:
        counts = ((Category.LOG_ITEM, len(logs.rows)), (Category.LOG_BYTE, logs.size_bytes))
        times: list[Row] = [(handling.keep_days, trace_id, *seen) for trace_id, seen in logs.traces.items()]
        rows = (
            Rows(LOGS, logs.rows, len(item.payload)),
            Rows(TRACE_TIMES, times, _TRACE_TIME_BYTES * len(times)),
        )
        batch.units.append(origin.unit(item, handling.keep_days, counts, rows=rows))


def _take_metrics(batch: Batch, item: RawItem, origin: Origin, configs: Configs) -> None:
    handling = configs.handling(origin.spooled.record.project_id)
    metrics = process_metrics(item.payload, origin.delivery(item, handling))
    if metrics.refused:
        batch.count(
            origin.spooled, Category.TRACE_METRIC, Outcome.INVALID, "invalid_trace_metric", metrics.refused
        )
    if metrics.rows:
        counts = ((Category.TRACE_METRIC, len(metrics.rows)),)
        rows = (Rows(METRICS, metrics.rows, len(item.payload)),)
        batch.units.append(origin.unit(item, handling.keep_days, counts, rows=rows))


_TRACE_TIME_BYTES = 40
_TAKERS: dict[str, Callable[[Batch, RawItem, Origin, Configs], None]] = {
    "event": _take_error,
    "log": _take_logs,
    "trace_metric": _take_metrics,
}
