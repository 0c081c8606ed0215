"""Searching issues: one query over two stores.

Conditions on issue fields alone are one indexed statement in records. With conditions on
events, telemetry is read backwards in slices of time that double, groups become issues,
and records say which of them satisfy the rest, until the page is full. Orders by a number
of events or users need all groups, in one statement.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import ge, gt, le, lt

from vedette.core.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from vedette.errors.alternatives import EVERYTHING, Alternative, alternatives, asks_events
from vedette.errors.cursors import IssueCursor, end_of, read_cursor
from vedette.errors.expand import expand
from vedette.errors.groups import Group, chunks
from vedette.errors.issue_records import (
    GroupKey,
    Owner,
    Ranked,
    Sort,
    count_of_records,
    few_owners,
    outlived_groups,
    owners_of,
    page_of_records,
)
from vedette.errors.issue_scan import GroupTotals, Scan, last_events, next_start, totals, users_of
from vedette.errors.scope import Scope
from vedette.search.conditions import Compares, Condition, Conditions, Equals, Exists, Test
from vedette.search.issue_keys import ISSUE_KEYS
from vedette.search.tree import is_everything, map_leaves
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry

MAX_HITS = 1000
FEW_GROUPS = 500  # so many are named in the statement; more are filtered after it
MANY_GROUPS = 5000  # from here on reading all owners is quicker than asking for some
_COUNTED: frozenset[Sort] = frozenset({"freq", "user", "trends"})
_TREND_UNIT = 1000


@dataclass(frozen=True, slots=True)
class IssueQuery:
    """What is looked for. `cursor` is the text of a URL, empty for the first page."""

    scope: Scope
    conditions: Conditions
    sort: Sort = "date"
    limit: int = 25
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class IssuePage:
    """Ids of the issues in order, where the pages beside it begin, and how many there are.

    `hits` counts up to `MAX_HITS`; it is the least there is when a scan by date ended with
    a full page before the end of time (`hits_exact` false).
    """

    issue_ids: tuple[int, ...]
    previous: IssueCursor
    next: IssueCursor
    has_previous: bool
    has_next: bool
    hits: int
    hits_exact: bool = True


class IssueSearch:
    """Finds issues. Reads only; every call may raise `SearchError` and `TelemetryError`."""

    def __init__(self, records: Records, telemetry: Telemetry) -> None:
        self._records = records
        self._telemetry = telemetry

    def find(self, query: IssueQuery, now_us: int) -> IssuePage:
        """One page of issues."""
        cursor = read_cursor(query.cursor)
        end_s = end_of(cursor, now_us)
        reaches_now = query.scope.to_us > now_us - MINUTE_US
        scope = replace(query.scope, to_us=min(query.scope.to_us, end_s * SECOND_US))
        if not scope.projects or scope.from_us >= scope.to_us:
            return _page([], query.limit, cursor, end_s)
        query = replace(query, scope=scope)
        tree = self._resolved(query.conditions, scope)
        parts = alternatives(tree)
        # Records know of first and last events only, so that the window must reach up to now.
        if reaches_now and query.sort not in _COUNTED and not asks_events(parts):
            return self._from_records(query, tree, cursor, end_s)
        search = self._event_search(scope, parts, query.sort)
        if query.sort == "date" and search.known is None:
            return search.by_date(query.limit, cursor, end_s)
        return _page(search.ranked(), query.limit, cursor, end_s)

    def _resolved(self, tree: Conditions, scope: Scope) -> Conditions:
        """The tree with everything looked up that neither store can answer by itself."""
        with self._records.read() as session:
            tree = expand(tree, session, scope)
        return map_leaves(tree, lambda leaf: self._user_count(leaf, scope))

    def _user_count(self, leaf: Condition, scope: Scope) -> Conditions:
        """`userCount` spelled out as ids of issues: records do not count users."""
        if leaf.key.name != "userCount" or isinstance(leaf.test, Exists):
            return leaf
        ranked = self._event_search(scope, [Alternative(EVERYTHING, EVERYTHING)], "user").ranked()
        zero = _holds(leaf.test, 0)  # issues without users are not among those counted
        ids = tuple(float(one.issue_id) for one in ranked if _holds(leaf.test, one.key) != zero)
        return Condition(ISSUE_KEYS.by_name["issue.id"], Equals(ids), leaf.negated != zero, leaf.at)

    def _event_search(self, scope: Scope, parts: Sequence[Alternative], sort: Sort) -> "_EventSearch":
        known: dict[GroupKey, Owner] | None = None
        with self._records.read() as session:
            scan = Scan(scope, parts, outlived=tuple(outlived_groups(session, scope)))
            if not any(is_everything(part.issue) for part in parts):
                known = few_owners(session, scope, parts, sort, FEW_GROUPS)
        if known is not None:
            scan = replace(scan, groups=tuple(_groups(known)))
        return _EventSearch(self._records, self._telemetry, scan, sort, known)

    def _from_records(
        self, query: IssueQuery, tree: Conditions, cursor: IssueCursor | None, end_s: int
    ) -> IssuePage:
        with self._records.read() as session:
            found = page_of_records(session, query.scope, tree, query.sort, query.limit + 1, cursor)
            hits = count_of_records(session, query.scope, tree, MAX_HITS)
        more = len(found) > query.limit
        if cursor and cursor.back:
            return _framed(found[-query.limit :], cursor, end_s, more, True, hits)
        return _framed(found[: query.limit], cursor, end_s, cursor is not None, more, hits)


def _holds(test: Test, count: int) -> bool:
    if isinstance(test, Equals):
        return count in test.numbers
    assert isinstance(test, Compares), test
    return _ORDER[test.op](count, test.number)


_ORDER: Mapping[str, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


class _EventSearch:
    """One search that asks telemetry."""

    def __init__(
        self,
        records: Records,
        telemetry: Telemetry,
        scan: Scan,
        sort: Sort,
        known: dict[GroupKey, Owner] | None,
    ) -> None:
        self._records = records
        self._telemetry = telemetry
        self._scan = scan
        self._sort: Sort = sort
        self.known = known  # all groups that can be in the answer, if they are few

    def by_date(self, limit: int, cursor: IssueCursor | None, end_s: int) -> IssuePage:
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
        page = _page(ranked, limit, cursor, end_s)
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

    def ranked(self) -> list[Ranked]:
        """All issues that match, in order."""
        if self._sort == "date":
            scope = self._scan.scope
            last = self._last_in(scope.from_us, scope.to_us)
            return sorted((Ranked(at_us, id) for id, at_us in last.items()), reverse=True)
        recent_us = max(self._scan.scope.to_us - DAY_US, self._scan.scope.from_us)
        rows = totals(self._telemetry, self._scan, recent_us)
        owners = self._owners([row[:2] for row in rows])
        found: defaultdict[Owner, list[GroupTotals]] = defaultdict(list)
        for row in rows:
            owner = owners.get(row[:2])
            if owner and owner.holds & row.mask:
                found[owner].append(row)
        keys = self._keys(found)
        return sorted((Ranked(key, id) for id, key in keys.items()), reverse=True)

    def _keys(self, found: Mapping[Owner, list[GroupTotals]]) -> dict[int, int]:
        """The place of each issue in the order."""
        if self._sort == "freq":
            return {owner.issue_id: sum(row.events for row in rows) for owner, rows in found.items()}
        if self._sort == "trends":
            return {owner.issue_id: self._trend(rows) for owner, rows in found.items()}
        if self._sort == "user":
            return self._users(found)
        return {owner.issue_id: owner.key for owner in found}

    def _trend(self, rows: Iterable[GroupTotals]) -> int:
        """Events an hour in the last day of the window against those before, in thousandths."""
        scope = self._scan.scope
        rows = list(rows)
        recent, events = sum(row.recent for row in rows), sum(row.events for row in rows)
        hours = max((scope.to_us - scope.from_us) / HOUR_US, 1)
        day = min(hours, 24)
        before = (events - recent) / max(hours - day, 1)
        return round(recent / day / (before + 1 / hours) * _TREND_UNIT)

    def _users(self, found: Mapping[Owner, list[GroupTotals]]) -> dict[int, int]:
        """Different users; of issues with several groups they are counted again, over all groups."""
        counted = {owner.issue_id: rows[0].users for owner, rows in found.items() if len(rows) == 1}
        several: defaultdict[int, list[Group]] = defaultdict(list)
        for owner, rows in found.items():
            if len(rows) > 1:
                several[owner.holds] += {
                    Group(row.project_id, row.group_hash, owner.issue_id) for row in rows
                }
        for holds, groups in several.items():
            for part in chunks(sorted(groups, key=_place), FEW_GROUPS):
                counted |= users_of(self._telemetry, self._scan, part, holds)
        return counted

    def _owners(self, keys: Sequence[GroupKey]) -> dict[GroupKey, Owner]:
        if self.known is not None:
            return self.known
        wanted = None if len(keys) > MANY_GROUPS else set(keys)
        with self._records.read() as session:
            return owners_of(session, self._scan.scope, self._scan.parts, self._sort, wanted)


def _place(group: Group) -> tuple[int, int]:
    return group.issue_id, group.group_hash


def _groups(owners: Mapping[GroupKey, Owner]) -> Iterator[Group]:
    for (project_id, group_hash), owner in owners.items():
        yield Group(project_id, group_hash, owner.issue_id)


def _page(ranked: Sequence[Ranked], limit: int, cursor: IssueCursor | None, end_s: int) -> IssuePage:
    """The cursor's page of issues in order."""
    hits = min(len(ranked), MAX_HITS)
    mark = (cursor.key, cursor.issue_id) if cursor else None
    if mark is None:
        start, end = 0, limit
    elif cursor and cursor.back:
        end = sum(one > mark for one in ranked)
        start = max(end - limit, 0)
    else:
        start = sum(one >= mark for one in ranked)
        end = start + limit
    return _framed(ranked[start:end], cursor, end_s, start > 0, end < len(ranked), hits)


def _framed(
    shown: Sequence[Ranked],
    cursor: IssueCursor | None,
    end_s: int,
    has_previous: bool,
    has_next: bool,
    hits: int,
) -> IssuePage:
    """The page with the cursors beside it; an empty one leads back to where it came from."""
    here = Ranked(cursor.key, cursor.issue_id) if cursor else Ranked(0, 0)
    first, last = (shown[0], shown[-1]) if shown else (here, here)
    return IssuePage(
        issue_ids=tuple(one.issue_id for one in shown),
        previous=IssueCursor(*first, end_s, back=True),
        next=IssueCursor(*last, end_s),
        has_previous=has_previous,
        has_next=has_next,
        hits=hits,
    )
