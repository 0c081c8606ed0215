"""Item types → features: one table. A feature takes an item and adds the units it comes to."""

from collections.abc import Callable
from typing import Protocol

from vedette.errors.process import ErrorConfig, Filtered, Unsupported, process
from vedette.pipeline.items import RawItem
from vedette.pipeline.units import Batch, Origin
from vedette.projects.handling import Handling

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


_TAKERS: dict[str, Callable[[Batch, RawItem, Origin, Configs], None]] = {
    "event": _take_error,
}
