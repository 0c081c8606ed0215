"""Which events: projects, groups, time, environments and conditions as one WHERE."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from vedette.core.time import HOUR_US, SECOND_US
from vedette.errors.conditions import event_where
from vedette.errors.groups import Group, in_groups
from vedette.search.conditions import Conditions
from vedette.search.tree import AllOf
from vedette.storage.telemetry.expressions import Parameters, time_sql


@dataclass(frozen=True, slots=True)
class EventFilter:
    """The events of some projects, or of some groups, within a time.

    `from_us` is included, `to_us` is not; None is open. `groups`: None for all, else the rows
    of those only. No environments: all of them.
    """

    project_ids: tuple[int, ...]
    groups: tuple[Group, ...] | None = None
    from_us: int | None = None
    to_us: int | None = None
    environments: tuple[str, ...] = ()
    conditions: Conditions = field(default=AllOf(()))

    @staticmethod
    def of_groups(groups: Sequence[Group], **more: object) -> "EventFilter":
        """All events of an issue, from its groups."""
        projects = tuple(sorted({group.project_id for group in groups}))
        return replace(EventFilter(projects, tuple(groups)), **more)


def event_filter_where(events: EventFilter, parameters: Parameters) -> str:
    """The filter as an expression over `errors`."""
    parts = [_place(events, parameters), *time_where("ts", events.from_us, events.to_us, parameters)]
    if events.environments:
        parts.append(environment_where(events.environments, parameters))
    if events.conditions != AllOf(()):
        parts.append(event_where(events.conditions, parameters))
    return " AND ".join(f"({part})" for part in parts)


def _place(events: EventFilter, parameters: Parameters) -> str:
    if events.groups is not None:
        return in_groups(events.groups, parameters)
    return project_where(events.project_ids, parameters)


def project_where(project_ids: Sequence[int], parameters: Parameters) -> str:
    if len(project_ids) == 1:
        return f"project_id = {parameters.add(project_ids[0], 'UInt64')}"
    return f"project_id IN {parameters.add(list(project_ids), 'Array(UInt64)')}"


def time_where(column: str, from_us: int | None, to_us: int | None, parameters: Parameters) -> list[str]:
    ends = ((">=", from_us), ("<", to_us))
    return [f"{column} {op} {time_sql(at_us, parameters)}" for op, at_us in ends if at_us is not None]


def environment_where(environments: Sequence[str], parameters: Parameters) -> str:
    return f"environment IN {parameters.add(list(environments), 'Array(String)')}"


def hour_where(from_us: int | None, to_us: int | None, parameters: Parameters) -> list[str]:
    """The hours that a time touches."""
    ends = ((">=", from_us and from_us // HOUR_US * HOUR_US), ("<", to_us))
    return [
        f"hour {op} toDateTime({parameters.add(at_us // SECOND_US, 'UInt32')}, 'UTC')"
        for op, at_us in ends
        if at_us is not None
    ]
