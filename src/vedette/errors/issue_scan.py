"""The telemetry's half of issue search: which groups have events that match, and how many."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from vedette.core.time import DAY_US, SECOND_US
from vedette.errors.alternatives import Alternative, asks_events
from vedette.errors.conditions import event_where
from vedette.errors.groups import Group, in_groups, issue_of_row
from vedette.errors.scope import Scope
from vedette.errors.selection import environment_where, hour_where, project_where, time_where
from vedette.errors.statements import run
from vedette.search.tree import any_of
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.expressions import Parameters, time_sql

FIRST_SLICE_US = DAY_US
Number = Literal["events", "users"]
_IN_EVENTS: dict[Number, str] = {"events": "count()", "users": "uniqIf(user_hash, user_hash != 0)"}
_IN_HOURS: dict[Number, str] = {"events": "sum(count)", "users": "uniqMerge(users)"}


class GroupLast(NamedTuple):
    """The last matching event of a group, by the alternatives (bits) whose event parts it satisfies."""

    project_id: int
    group_hash: int
    mask: int
    last_us: int


class GroupTotals(NamedTuple):
    """A group's matching events or users, by the alternatives (bits) whose event parts they satisfy."""

    project_id: int
    group_hash: int
    mask: int
    number: int
    recent: int  # events since a time, where asked for


@dataclass(frozen=True, slots=True)
class Scan:
    """Events of a scope that may make an issue part of the answer.

    `groups`: the only ones that can, if few. `outlived`: those whose older events do not count.
    """

    scope: Scope
    parts: Sequence[Alternative]
    groups: tuple[Group, ...] | None = None
    outlived: tuple[Group, ...] = field(default=())


def next_start(from_us: int, end_us: int, start_us: int, found: int, wanted: int) -> int:
    """Where the next slice of the time begins, going backwards from `end_us`; the last ended at `start_us`.

    First a day, then at least twice as much each time, and as much as what was found so far
    lets expect: a rare match is not looked for in many small steps.
    """
    covered = end_us - start_us
    if not covered:
        return max(from_us, end_us - FIRST_SLICE_US)
    if not found:
        return from_us
    return max(from_us, start_us - max(2 * covered, covered * wanted // found))


def last_events(telemetry: Telemetry, scan: Scan, from_us: int, to_us: int) -> list[GroupLast]:
    """The groups with matching events in this part of the time."""
    parameters = Parameters()
    within = replace(scan, scope=replace(scan.scope, from_us=from_us, to_us=to_us))
    pieces = {"where": _where(within, scan.parts, parameters), "mask": _mask(scan.parts, parameters)}
    return [GroupLast(*row) for row in run(telemetry, "group_last", parameters, pieces)]


def totals(
    telemetry: Telemetry, scan: Scan, number: Number, recent_us: int | None = None
) -> list[GroupTotals]:
    """Numbers of matching events or users per group, and of events since `recent_us`.

    Without event parts the hourly counts answer, to the hour.
    """
    parameters = Parameters()
    if not asks_events(scan.parts) and not scan.outlived:
        since = f"hour >= toDateTime({(recent_us or 0) // SECOND_US}, 'UTC')"
        pieces = {"number": _IN_HOURS[number], "recent": f"sumIf(count, {since})" if recent_us else "0"}
        pieces["where"] = _hours_where(scan, parameters)
        return [GroupTotals(*row) for row in run(telemetry, "hour_totals", parameters, pieces)]
    since = f"ts >= {time_sql(recent_us or 0, parameters)}"
    pieces = {"number": _IN_EVENTS[number], "recent": f"countIf({since})" if recent_us else "0"}
    pieces |= {"where": _where(scan, scan.parts, parameters), "mask": _mask(scan.parts, parameters)}
    return [GroupTotals(*row) for row in run(telemetry, "group_totals", parameters, pieces)]


def totals_of(telemetry: Telemetry, scan: Scan, groups: Sequence[Group], number: Number) -> dict[int, int]:
    """Events or users of each issue of these groups with any, by the hourly counts."""
    parameters = Parameters()
    pieces = {"issue": issue_of_row(groups, parameters), "number": _IN_HOURS[number]}
    pieces["where"] = _hours_where(replace(scan, groups=tuple(groups)), parameters)
    return {row[0]: row[1] for row in run(telemetry, "issue_numbers", parameters, pieces)}


def users_of(telemetry: Telemetry, scan: Scan, groups: Sequence[Group], holds: int) -> dict[int, int]:
    """Number of different users per issue of these groups, counting the alternatives in `holds`."""
    parameters = Parameters()
    parts = [part for bit, part in enumerate(scan.parts) if holds >> bit & 1]
    if not asks_events(parts) and not scan.outlived:
        return totals_of(telemetry, scan, groups, "users")
    pieces = {"issue": issue_of_row(groups, parameters)}
    pieces["where"] = _where(replace(scan, groups=tuple(groups)), parts, parameters)
    return {row[0]: row[2] for row in run(telemetry, "issue_event_counts", parameters, pieces)}


def _where(scan: Scan, parts: Sequence[Alternative], parameters: Parameters) -> str:
    scope = scan.scope
    tests = [_place(scan, parameters), *time_where("ts", scope.from_us, scope.to_us, parameters)]
    if scope.environments:
        tests.append(environment_where(scope.environments, parameters))
    event = any_of(part.event for part in parts)
    tests.append(event_where(event, parameters))
    tests += [f"NOT ({_older(group, parameters)})" for group in scan.outlived]
    return " AND ".join(f"({test})" for test in tests)


def _place(scan: Scan, parameters: Parameters) -> str:
    if scan.groups is not None:
        return in_groups(scan.groups, parameters, received=False)
    return project_where(list(scan.scope.projects), parameters)


def _older(group: Group, parameters: Parameters) -> str:
    since = f"fromUnixTimestamp64Micro({parameters.add(group.since_us, 'Int64')})"
    return f"{in_groups([replace(group, since_us=0)], parameters)} AND received < {since}"


def _mask(parts: Sequence[Alternative], parameters: Parameters) -> str:
    if len(parts) == 1:
        return "1"
    tests = [f"({event_where(part.event, parameters)}) * {1 << bit}" for bit, part in enumerate(parts)]
    return f"toUInt32({' + '.join(tests)})"


def _hours_where(scan: Scan, parameters: Parameters) -> str:
    scope = scan.scope
    tests = [_place(scan, parameters)]
    tests += hour_where(scope.from_us, scope.to_us, parameters)
    if scope.environments:
        tests.append(environment_where(scope.environments, parameters))
    return " AND ".join(f"({test})" for test in tests)
