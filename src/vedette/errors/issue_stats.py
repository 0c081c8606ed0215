"""Numbers of many issues at once: sparklines, counts of events and users."""

from collections.abc import Sequence

import msgspec

from vedette.core.time import HOUR_US, SECOND_US
from vedette.errors.conditions import Parameters
from vedette.errors.groups import Group, in_groups, issue_of_row
from vedette.errors.selection import EventFilter, environment_where, event_filter_where, hour_where
from vedette.errors.statements import run
from vedette.errors.tags import Totals
from vedette.storage.telemetry.client import Telemetry


class Counts(msgspec.Struct, frozen=True):
    events: int = 0
    users: int = 0


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
        environments: Sequence[str] = (),
    ) -> dict[int, list[int]]:
        """Events per step for each issue with any, from the hourly counts.

        `step_us` is at least an hour; `from_us` is rounded down to the hour.
        """
        start_us = from_us // HOUR_US * HOUR_US
        parameters = Parameters()
        where = _hours(groups, start_us, start_us + steps * step_us, environments, parameters)
        pieces = {"where": where, "issue": issue_of_row(groups, parameters)}
        values = {"from_s": start_us // SECOND_US, "step_s": step_us // SECOND_US}
        found: dict[int, list[int]] = {}
        for issue_id, step, events in run(self._telemetry, "issue_series", parameters, pieces, values):
            found.setdefault(issue_id, [0] * steps)[step] += events
        return found

    def counts(
        self,
        groups: Sequence[Group],
        from_us: int | None = None,
        to_us: int | None = None,
        environments: Sequence[str] = (),
    ) -> dict[int, Counts]:
        """Events and users of each issue with any, from the hourly counts, to the hour."""
        parameters = Parameters()
        pieces = {"where": _hours(groups, from_us, to_us, environments, parameters)}
        pieces["issue"] = issue_of_row(groups, parameters)
        rows = run(self._telemetry, "issue_counts", parameters, pieces)
        return {issue_id: Counts(events, users) for issue_id, events, users in rows}

    def event_totals(self, events: EventFilter) -> dict[int, Totals]:
        """Events, users, first and last time of each issue among the events of a filter with groups."""
        parameters = Parameters()
        pieces = {"where": event_filter_where(events, parameters)}
        pieces["issue"] = issue_of_row(events.groups or (), parameters)
        rows = run(self._telemetry, "issue_event_counts", parameters, pieces)
        return {row[0]: Totals(*row[1:]) for row in rows}


def _hours(
    groups: Sequence[Group],
    from_us: int | None,
    to_us: int | None,
    environments: Sequence[str],
    parameters: Parameters,
) -> str:
    tests = [in_groups(groups, parameters, received=False), *hour_where(from_us, to_us, parameters)]
    if environments:
        tests.append(environment_where(environments, parameters))
    return " AND ".join(f"({test})" for test in tests)
