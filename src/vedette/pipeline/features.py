"""Item types → features: one table. A feature takes an item and adds the units it comes to."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from vedette.core.outcomes import Category, Outcome
from vedette.core.stages import through
from vedette.errors.occurrences import Occurrence, occurrence_event
from vedette.errors.process import ErrorConfig, ErrorEvent, Sent, Unsupported, process
from vedette.filters.inbound import Filtered
from vedette.logs.process import process as process_logs
from vedette.metrics.process import process as process_metrics
from vedette.pipeline.items import RawItem
from vedette.pipeline.units import Batch, Origin, by_column, packed
from vedette.projects.handling import Handling
from vedette.storage.telemetry.tables import LOGS, METRICS, SPANS, TRACE_TIMES
from vedette.tracing.process import (
    Traced,
    TracingConfig,
    process_container,
    process_span,
    process_transaction,
)
from vedette.wire.items import SPAN_CONTAINER, kind_of

__all__ = ["Configs", "Filtered", "Rerouted", "Unsupported", "made_ahead", "take", "take_error"]


class Rerouted(Exception):
    """The item is of another type than its header says: to be taken as `item`."""

    def __init__(self, item: RawItem) -> None:
        super().__init__(item.type)
        self.item = item


class Configs(Protocol):
    """Projects' configuration at the range's epoch."""

    def errors(self, project_id: int) -> ErrorConfig: ...

    def tracing(self, project_id: int) -> TracingConfig: ...

    def handling(self, project_id: int) -> Handling: ...


def take(batch: Batch, item: RawItem, origin: Origin, configs: Configs) -> None:
    """Add what the item comes to; not for `event`, of which `made_ahead` makes what `take_error` adds.

    Raises `InvalidPayload`, `Filtered`, `Unsupported`, `Rerouted`: then it has added nothing.
    """
    taker = _TAKERS.get(item.type)
    if taker is None:
        raise Unsupported(item.category)
    taker(batch, item, origin, configs)


def made_ahead(items: Sequence[tuple[RawItem, int]], configs: Configs) -> list[ErrorEvent | Exception]:
    """The error events of `event` items, each with its project: together they cost less than one by one.

    Where one has none an exception stands, for `take_error` to raise when the item's turn comes.
    """

    def sent(one: tuple[RawItem, int]) -> Sent:
        item, project_id = one
        return Sent(item.payload, item.received, project_id, configs.errors(project_id))

    return process(through(sent, items))


def take_error(
    batch: Batch, item: RawItem, origin: Origin, configs: Configs, made: ErrorEvent | Exception
) -> None:
    """Add an error event that was made ahead. Raises as `take` does."""
    if isinstance(made, Unsupported) and made.category == "transaction":
        raise Rerouted(msgspec.structs.replace(item, type="transaction", category="transaction")) from None
    if isinstance(made, Exception):
        raise made
    keep_days = configs.handling(origin.spooled.record.project_id).keep_days
    batch.units.append(origin.unit(item, keep_days, (("error", 1),), event_id=made.event_id, error=made))


def _take_transaction(batch: Batch, item: RawItem, origin: Origin, configs: Configs) -> None:
    config = configs.tracing(origin.spooled.record.project_id)
    traced = process_transaction(item.payload, origin.delivery(item, config.handling), config)
    counts = ((Category.TRANSACTION, 1), (Category.SPAN, traced.count))
    _add_traced(batch, traced, item, origin, configs, counts)


def _take_span(batch: Batch, item: RawItem, origin: Origin, configs: Configs) -> None:
    config = configs.tracing(origin.spooled.record.project_id)
    is_container = kind_of(item.type, item.content_type) is SPAN_CONTAINER
    process_spans = process_container if is_container else process_span
    traced = process_spans(item.payload, origin.delivery(item, config.handling), config)
    _add_traced(batch, traced, item, origin, configs, ((Category.SPAN, traced.count),))


def _add_traced(
    batch: Batch,
    traced: Traced,
    item: RawItem,
    origin: Origin,
    configs: Configs,
    counts: tuple[tuple[str, int], ...],
) -> None:
    for reason, quantity in traced.filtered.items():
        batch.count(origin.spooled, Category.SPAN, Outcome.FILTERED, reason, quantity)
    for reason, quantity in traced.invalid.items():
        batch.count(origin.spooled, Category.SPAN, Outcome.INVALID, reason, quantity)
    if not traced.count:
        return
    rows = (
        packed(SPANS, traced.spans, traced.size_bytes),
        packed(TRACE_TIMES, traced.times, _TRACE_TIME_BYTES * len(traced.times[0])),
    )
    project_id = origin.spooled.record.project_id
    keep_days = configs.handling(project_id).keep_days
    whole = len(batch.units)
    batch.units.append(origin.unit(item, keep_days, counts, event_id=traced.event_id, rows=rows))
    for found in traced.found:
        problem = Occurrence(found.event, found.fingerprint, "performance", found.problem.kind.slug)
        error = occurrence_event(problem, project_id, configs.errors(project_id))
        batch.units.append(
            origin.unit(item, keep_days, (), event_id=error.event_id, error=error, part_of=whole)
        )


def _take_logs(batch: Batch, item: RawItem, origin: Origin, configs: Configs) -> None:
    handling = configs.handling(origin.spooled.record.project_id)
    logs = process_logs(item.payload, origin.delivery(item, handling))
    if logs.refused:
        batch.count(origin.spooled, Category.LOG_ITEM, Outcome.INVALID, "invalid_log", logs.refused)
    if logs.rows:
        counts = ((Category.LOG_ITEM, len(logs.rows)), (Category.LOG_BYTE, logs.size_bytes))
        times = [(handling.keep_days, trace_id, *seen) for trace_id, seen in logs.traces.items()]
        rows = (
            packed(LOGS, by_column(logs.rows), len(item.payload)),
            packed(TRACE_TIMES, by_column(times), _TRACE_TIME_BYTES * len(times)),
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
        rows = (packed(METRICS, by_column(metrics.rows), len(item.payload)),)
        batch.units.append(origin.unit(item, handling.keep_days, counts, rows=rows))


_TRACE_TIME_BYTES = 40
_TAKERS: dict[str, Callable[[Batch, RawItem, Origin, Configs], None]] = {
    "transaction": _take_transaction,
    "span": _take_span,
    "log": _take_logs,
    "trace_metric": _take_metrics,
}
