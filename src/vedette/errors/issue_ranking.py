"""Issues by their events: the groups that telemetry finds become issues, in order."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from vedette.core.time import DAY_US, HOUR_US
from vedette.errors.alternatives import Alternative, asks_events
from vedette.errors.cursors import IssueCursor
from vedette.errors.groups import Group, GroupKey, by_whole_issues, groups_of
from vedette.errors.issue_pages import MAX_HITS, IssuePage, framed, page_of
from vedette.errors.issue_records import (
    Owner,
    Ranked,
    Sort,
    count_of_records,
    few_owners,
    most_seen,
    outlived_groups,
    owners_of,
)
from vedette.errors.issue_scan import (
    GroupTotals,
    Number,
    Scan,
    last_events,
    next_start,
    totals,
    totals_of,
    users_of,
)
from vedette.errors.scope import Scope
from vedette.search.tree import is_everything
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry

FEW_GROUPS = 500  # so many are named in the statement; more are filtered after it
MANY_GROUPS = 5000  # from here on reading all owners is quicker than asking for some
# Issues counted per issue of a page; more where the greatest had their time before the window.
_TOP_PER_ISSUE = (3, 12)
_TREND_UNIT = 1000
COUNTED: frozenset[Sort] = frozenset({"freq", "user", "trends"})


class Ranking:
    """One search that asks telemetry."""

    def __init__(
        self, records: Records, telemetry: Telemetry, scope: Scope, parts: Sequence[Alternative], sort: Sort
    ) -> None:
        self._records = records
        self._telemetry = telemetry
        self._sort: Sort = sort
        with records.read() as session:
            self._scan = Scan(scope, parts, outlived=tuple(outlived_groups(session, scope)))
            self._known: dict[GroupKey, Owner] | None = None  # all that can be in the answer, if few
            if not any(is_everything(part.issue) for part in parts):
                self._known = few_owners(session, scope, parts, sort, FEW_GROUPS)
        if self._known is not None:
            self._scan = replace(self._scan, groups=tuple(_groups(self._known)))

    def page(self, limit: int, cursor: IssueCursor | None, end_s: int) -> IssuePage:
        if self._sort == "date" and self._known is None:
            return self._by_date(limit, cursor, end_s)
        if cursor is None and self._known is None and (top := self._top(limit + 1)):
            with self._records.read() as session:
                hits = count_of_records(session, self._scan.scope, self._scan.parts[0].issue, MAX_HITS)
            return framed(top[:limit], None, end_s, False, len(top) > limit, hits)
        return page_of(self.ranked(), limit, cursor, end_s)

    def _top(self, wanted: int) -> list[Ranked] | None:
        """The first issues by number of events or users, counting those of few; None if these do not suffice.

        In a window an issue has at most as many events, and users, as records ever counted: who
        comes after the last of those looked at by that count cannot have more than it.
        """
        scan = self._scan
        if self._sort not in ("freq", "user") or asks_events(scan.parts) or scan.outlived:
            return None
        for limit in (wanted * step for step in _TOP_PER_ISSUE):
            with self._records.read() as session:
                most = most_seen(session, scan.scope, scan.parts[0].issue, limit)
                groups = groups_of(session, [one.issue_id for one in most])
            exact = totals_of(self._telemetry, scan, groups, self._number)
            ranked = sorted((Ranked(number, id) for id, number in exact.items()), reverse=True)
            if len(most) < limit or (len(ranked) >= wanted and ranked[wanted - 1].key > most[-1].key):
                return ranked[:wanted]
        return None

    def _by_date(self, limit: int, cursor: IssueCursor | None, end_s: int) -> IssuePage:
        """A page by the time of the last matching event, reading no more of the past than it needs."""
        from_us = start_us = self._scan.scope.to_us
        last: dict[int, int] = {}
        while start_us > self._scan.scope.from_us and not self._is_enough(last, limit, cursor, start_us):
            from_us = next_start(
                self._scan.scope.from_us, self._scan.scope.to_us, start_us, len(last), limit + 1
            )
            for issue_id, at_us in self._last_in(from_us, start_us).items():
                last.setdefault(issue_id, at_us)
            start_us = from_us
        ranked = sorted((Ranked(at_us, id) for id, at_us in last.items()), reverse=True)
        page = page_of(ranked, limit, cursor, end_s)
        return page if start_us <= self._scan.scope.from_us else replace(page, hits_exact=False)

    def _is_enough(self, last: dict[int, int], limit: int, cursor: IssueCursor | None, from_us: int) -> bool:
        if cursor is None:
            return len(last) > limit
        if cursor.back:
            return from_us <= cursor.key
        return sum((at_us, id) < (cursor.key, cursor.issue_id) for id, at_us in last.items()) > limit

    def _last_in(self, from_us: int, to_us: int) -> dict[int, int]:
        """The issues with matching events in this part of the time, and the last of these."""
        rows = last_events(self._telemetry, self._scan, from_us, to_us)
        owners = self._owners([row[:2] for row in rows])
        last: dict[int, int] = {}
        for project_id, group_hash, mask, at_us in rows:
            owner = owners.get((project_id, group_hash))
            if owner and owner.holds & mask:
                last[owner.issue_id] = max(at_us, last.get(owner.issue_id, 0))
        return last

    @property
    def _number(self) -> Number:
        return "users" if self._sort == "user" else "events"

    def ranked(self) -> list[Ranked]:
        """All issues that match, in order."""
        scope = self._scan.scope
        if self._sort == "date":
            last = self._last_in(scope.from_us, scope.to_us)
            return sorted((Ranked(at_us, id) for id, at_us in last.items()), reverse=True)
        keys = self._numbers() if self._sort in COUNTED else self._keys()
        return sorted((Ranked(key, id) for id, key in keys.items()), reverse=True)

    def _keys(self) -> dict[int, int]:
        """The issues with matching events, and their place by what records say."""
        rows = last_events(self._telemetry, self._scan, self._scan.scope.from_us, self._scan.scope.to_us)
        owners = self._owners([row[:2] for row in rows])
        found = ((owners.get(row[:2]), row.mask) for row in rows)
        return {owner.issue_id: owner.key for owner, mask in found if owner and owner.holds & mask}

    def _numbers(self) -> dict[int, int]:
        """The issues with matching events, and their place by what telemetry counts."""
        scope = self._scan.scope
        recent_us = max(scope.to_us - DAY_US, scope.from_us) if self._sort == "trends" else None
        rows = totals(self._telemetry, self._scan, self._number, recent_us)
        owners = self._owners([row[:2] for row in rows])
        found: defaultdict[Owner, list[GroupTotals]] = defaultdict(list)
        for row in rows:
            owner = owners.get(row[:2])
            if owner and owner.holds & row.mask:
                found[owner].append(row)
        if self._sort == "user":
            return self._users(found)
        if self._sort == "trends":
            return {owner.issue_id: self._trend(rows) for owner, rows in found.items()}
        return {owner.issue_id: sum(row.number for row in rows) for owner, rows in found.items()}

    def _trend(self, rows: Sequence[GroupTotals]) -> int:
        """Events an hour in the last day of the window against those before, in thousandths."""
        scope = self._scan.scope
        recent, events = sum(row.recent for row in rows), sum(row.number for row in rows)
        hours = max((scope.to_us - scope.from_us) / HOUR_US, 1)
        day = min(hours, 24)
        before = (events - recent) / max(hours - day, 1)
        return round(recent / day / (before + 1 / hours) * _TREND_UNIT)

    def _users(self, found: Mapping[Owner, list[GroupTotals]]) -> dict[int, int]:
        """Different users; of issues with several groups they are counted again, over all groups."""
        counted = {owner.issue_id: rows[0].number for owner, rows in found.items() if len(rows) == 1}
        several: defaultdict[int, list[Group]] = defaultdict(list)
        for owner, rows in found.items():
            if len(rows) > 1:
                several[owner.holds] += {
                    Group(row.project_id, row.group_hash, owner.issue_id) for row in rows
                }
        for holds, groups in several.items():
            for part in by_whole_issues(groups):
                counted |= users_of(self._telemetry, self._scan, part, holds)
        return counted

    def _owners(self, keys: Sequence[GroupKey]) -> dict[GroupKey, Owner]:
        if self._known is not None:
            return self._known
        wanted = None if len(keys) > MANY_GROUPS else set(keys)
        with self._records.read() as session:
            return owners_of(session, self._scan.scope, self._scan.parts, self._sort, wanted)


def _groups(owners: Mapping[GroupKey, Owner]) -> Iterator[Group]:
    for (project_id, group_hash), owner in owners.items():
        yield Group(project_id, group_hash, owner.issue_id)
