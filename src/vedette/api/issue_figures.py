"""Figures of issues: counts, users, sparklines, for the window that a request asks for.

Without an answer from telemetry the figures of records stand alone: a list of issues is
worth more than an error.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import msgspec
import structlog

from vedette.api.errors import bad_request
from vedette.api.services import Services
from vedette.api.windows import Window
from vedette.core.time import DAY_US, HOUR_US, SECOND_US
from vedette.errors.groups import Group, groups_of
from vedette.errors.issue_stats import Counts, Hours, IssueStats, Steps, Summary
from vedette.errors.selection import EventFilter
from vedette.errors.summaries import Counted, Question, question
from vedette.errors.tags import Totals
from vedette.issues.archives import FORECAST_HOURS
from vedette.issues.query import IssueRow, Listed, Seen, seen_in
from vedette.issues.views import Figures, Numbers, Series
from vedette.search.conditions import Conditions
from vedette.search.tree import is_everything
from vedette.storage.telemetry.errors import TelemetryUnavailable

log = structlog.get_logger("vedette.api")
StatsPeriod = Literal["", "24h", "14d", "30d", "auto"]
_STEPS_H = (1, 2, 3, 4, 6, 8, 12, 24, 48, 7 * 24, 30 * 24)
_MOST_STEPS = 48
_READERS = ThreadPoolExecutor(8, "figures")


class Asked(msgspec.Struct, frozen=True):
    """What the figures are to be of."""

    window: Window
    now_us: int
    environments: tuple[str, ...] = ()
    periods: tuple[StatsPeriod, ...] = ("24h",)
    conditions: Conditions | None = None  # on events, where the query has any


def read_period(text: str | None, default: StatsPeriod = "24h") -> tuple[StatsPeriod, ...]:
    """`groupStatsPeriod`: which sparkline is asked for, if any."""
    if text is None:
        return (default,)
    if text == "":
        return ()
    for known in ("24h", "14d", "30d", "auto"):
        if text == known:
            return (known,)
    raise bad_request("Invalid groupStatsPeriod: 24h, 14d, auto, or empty for none")


def figures_of(services: Services, listed: Sequence[Listed], asked: Asked) -> dict[int, Figures]:
    """The figures of each issue, by its id."""
    ids = [one.issue.id for one in listed]
    if not ids:
        return {}
    with services.records.read() as session:
        groups = groups_of(session, ids)
        seen = seen_in(session, ids, asked.environments) if asked.environments else None
    try:
        return _Reader(services, groups, asked, seen).read([one.issue for one in listed])
    except TelemetryUnavailable as error:
        log.warning("figures without telemetry", error=str(error)[:200])
        return {one.issue.id: Figures(_of_records(one.issue, seen, 0)) for one in listed}


def recent_hours(services: Services, issue_ids: Sequence[int], now_us: int) -> dict[int, list[int]]:
    """Events of each issue in each hour of the last week; empty without telemetry."""
    with services.records.read() as session:
        groups = groups_of(session, issue_ids)
    from_us = now_us - FORECAST_HOURS * HOUR_US
    try:
        found = IssueStats(services.telemetry).series(groups, from_us, FORECAST_HOURS + 1, HOUR_US)
    except TelemetryUnavailable:
        return {}
    return {issue_id: found.get(issue_id, [0] * FORECAST_HOURS) for issue_id in issue_ids}


def steps_of(period: StatsPeriod, window: Window, now_us: int) -> Steps:
    """Bars that end with the current hour or day; `auto`: over the window."""
    if period == "24h":
        return _until(now_us, HOUR_US, 24)
    if period in ("14d", "30d"):
        return _until(now_us, DAY_US, int(period[:-1]))
    end_us = min(window.to_us, now_us)
    length_h = max(1, -(-(end_us - window.from_us) // HOUR_US))
    step_h = next((step for step in _STEPS_H if length_h <= step * _MOST_STEPS), _STEPS_H[-1])
    count = min(-(-length_h // step_h), 4 * _MOST_STEPS)
    return _until(end_us - 1, step_h * HOUR_US, count)


def series_of(bars: Steps, counts: Sequence[int]) -> Series:
    return [
        ((bars.from_us + number * bars.step_us) // SECOND_US, count) for number, count in enumerate(counts)
    ]


def _until(end_us: int, step_us: int, count: int) -> Steps:
    last = end_us // HOUR_US * HOUR_US if step_us < DAY_US else end_us // DAY_US * DAY_US
    if step_us not in (HOUR_US, DAY_US):
        last = (end_us // HOUR_US + 1) * HOUR_US - step_us
    return Steps(last - (count - 1) * step_us, step_us, count)


def _of_records(issue: IssueRow, seen: Mapping[int, Seen] | None, users: int) -> Numbers:
    if seen is None:
        return Numbers(issue.times_seen, users, issue.first_seen_us, issue.last_seen_us)
    found = seen.get(issue.id) or Seen(0, issue.first_seen_us, issue.last_seen_us)
    return Numbers(found.count, users, found.first_us, found.last_us)


class _Reader:
    """One reading of figures for a list of issues."""

    def __init__(
        self, services: Services, groups: Sequence[Group], asked: Asked, seen: Mapping[int, Seen] | None
    ) -> None:
        self._stats = IssueStats(services.telemetry)
        self._remembered = services.summaries
        self._groups = groups
        self._asked = asked
        self._seen = seen
        self._bars = [steps_of(period, asked.window, asked.now_us) for period in asked.periods]

    def read(self, issues: Sequence[IssueRow]) -> dict[int, Figures]:
        filtered = _READERS.submit(self._filtered)  # beside the other statement: both take their time
        summaries = self._summaries(issues)
        matching = filtered.result()
        found: dict[int, Figures] = {}
        for issue in issues:
            summary = summaries.get(issue.id) or Summary(
                Counts(), Counts(), [[0] * bars.count for bars in self._bars]
            )
            found[issue.id] = Figures(
                window=self._window(issue, summary),
                lifetime=_of_records(issue, None, summary.ever.users),
                filtered=None if matching is None else _matching(issue, matching.get(issue.id)),
            )
        return found

    def _summaries(self, issues: Sequence[IssueRow]) -> dict[int, Summary]:
        asked = self._asked
        window = None
        if asked.window.is_asked:
            window = Hours(asked.window.from_us, asked.window.to_us, asked.environments)
        elif asked.environments:
            window = Hours(environments=asked.environments)
        counted = [Counted(one.id, one.times_seen, one.last_seen_us) for one in issues]
        what = question(window, self._bars, asked.environments)
        return self._remembered.of(counted, self._groups, what, self._ask, asked.now_us)

    def _ask(self, groups: Sequence[Group], what: Question) -> dict[int, Summary]:
        return self._stats.summaries(groups, what.window, what.bars, what.environments)

    def _window(self, issue: IssueRow, summary: Summary) -> Numbers:
        """Narrowed where the request narrows time or environments."""
        asked = self._asked
        numbers = _of_records(issue, self._seen, summary.ever.users)
        if asked.window.is_asked:
            numbers = msgspec.structs.replace(
                numbers, count=summary.window.events, users=summary.window.users
            )
        elif asked.environments:
            numbers = msgspec.structs.replace(numbers, users=summary.window.users)
        series = {
            period: series_of(bars, values)
            for period, bars, values in zip(asked.periods, self._bars, summary.series, strict=True)
        }
        return msgspec.structs.replace(numbers, series=series)

    def _filtered(self) -> dict[int, Totals] | None:
        conditions = self._asked.conditions
        if conditions is None or is_everything(conditions):
            return None
        events = EventFilter.of_groups(
            self._groups,
            from_us=self._asked.window.from_us,
            to_us=self._asked.window.to_us,
            environments=self._asked.environments,
            conditions=conditions,
        )
        return self._stats.event_totals(events)


def _matching(issue: IssueRow, totals: Totals | None) -> Numbers:
    if totals is None:
        return Numbers(0, 0, issue.first_seen_us, issue.last_seen_us)
    return Numbers(totals.events, totals.users, totals.first_us, totals.last_us)
