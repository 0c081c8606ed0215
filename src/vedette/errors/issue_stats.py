"""Numbers of many issues at once: sparklines, counts of events and users."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.core.time import HOUR_US, SECOND_US
from vedette.errors.groups import Group, in_groups, issue_of_row
from vedette.errors.selection import EventFilter, environment_where, event_filter_where, hour_where
from vedette.errors.statements import run
from vedette.errors.tags import Totals
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.expressions import Parameters


class Counts(msgspec.Struct, frozen=True):
    events: int = 0
    users: int = 0


class Hours(msgspec.Struct, frozen=True):
    """A window of the hourly counts, to the hour; None is open. No environments: all of them."""

    from_us: int | None = None
    to_us: int | None = None
    environments: tuple[str, ...] = ()


class Steps(msgspec.Struct, frozen=True):
    """Bars of a sparkline: where the first begins, how wide they are (at least an hour), how many."""

    from_us: int
    step_us: int
    count: int


class Summary(msgspec.Struct, frozen=True):
    """What the hourly counts say of an issue: in all, in a window, and events of each bar."""

    ever: Counts
    window: Counts
    series: list[list[int]]


class IssueStats:
    """Reads over the groups of many issues. Every call may raise `TelemetryError`.

    The groups are those of `groups_of`; several of one issue count as one.
    """

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def series(
        self,
        groups: Sequence[Group],
        from_us: int,
        steps: int,
        step_us: int,
    ) -> dict[int, list[int]]:
        """Events per step for each issue with any, from the hourly counts.

        `step_us` is at least an hour; `from_us` is rounded down to the hour.
        """
        start_us = from_us // HOUR_US * HOUR_US
        parameters = Parameters()
        inside = _inside(Hours(start_us, start_us + steps * step_us), parameters)
        pieces = {"where": f"({in_groups(groups, parameters, received=False)}) AND ({inside})"}
        pieces["issue"] = issue_of_row(groups, parameters)
        values = {"from_s": start_us // SECOND_US, "step_s": step_us // SECOND_US}
        found: dict[int, list[int]] = {}
        for issue_id, step, events in run(self._telemetry, "issue_series", parameters, pieces, values):
            found.setdefault(issue_id, [0] * steps)[step] += events
        return found

    def summaries(
        self,
        groups: Sequence[Group],
        window: Hours | None,
        bars: Sequence[Steps],
        environments: tuple[str, ...] = (),
    ) -> dict[int, Summary]:
        """Each issue with any events; the bars count those of these environments. Without a window its counts are 0."""
        parameters = Parameters()
        pieces = {
            "where": in_groups(groups, parameters, received=False),
            "issue": issue_of_row(groups, parameters),
        }
        inside = "0" if window is None else _inside(window, parameters)
        pieces["window_events"] = f"sumIf(count, {inside})"
        pieces["window_users"] = "0" if window is None else f"uniqMergeIf(users, {inside})"
        pieces["series"] = ", ".join(_bars(steps, environments, parameters) for steps in bars)
        rows = run(self._telemetry, "issue_summaries", parameters, pieces)
        return {
            row[0]: Summary(
                Counts(row[1], row[2]),
                Counts(row[3], row[4]),
                [_spread(*one) for one in zip(row[5], bars, strict=True)],
            )
            for row in rows
        }

    def event_totals(self, events: EventFilter) -> dict[int, Totals]:
        """Events, users, first and last time of each issue among the events of a filter with groups."""
        parameters = Parameters()
        pieces = {"where": event_filter_where(events, parameters)}
        pieces["issue"] = issue_of_row(events.groups or (), parameters)
        rows = run(self._telemetry, "issue_event_counts", parameters, pieces)
        return {row[0]: Totals(*row[1:]) for row in rows}


def _inside(window: Hours, parameters: Parameters) -> str:
    tests = hour_where(window.from_us, window.to_us, parameters)
    if window.environments:
        tests.append(environment_where(window.environments, parameters))
    return " AND ".join(tests) or "1"


def _bars(steps: Steps, environments: tuple[str, ...], parameters: Parameters) -> str:
    """Events by the number of the bar, as a map."""
    start_us = steps.from_us // HOUR_US * HOUR_US
    inside = _inside(Hours(start_us, start_us + steps.count * steps.step_us, environments), parameters)
    start = parameters.add(start_us // SECOND_US, "Int64")
    width = parameters.add(steps.step_us // SECOND_US, "Int64")
    return f"sumMapIf(map(toUInt32(intDiv(toUnixTimestamp(hour) - {start}, {width})), toUInt64(count)), {inside})"


def _spread(found: Mapping[str, int], steps: Steps) -> list[int]:
    return [found.get(str(number), 0) for number in range(steps.count)]
