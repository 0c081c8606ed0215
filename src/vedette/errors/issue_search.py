"""Searching issues: one query over two stores.

Conditions on issue fields alone are one indexed statement in records. With conditions on
events, telemetry is read backwards in slices of time that double, groups become issues,
and records say which of them satisfy the rest, until the page is full. Orders by a number
of events or users need all groups, in one statement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import ge, gt, le, lt

from vedette.core.time import MINUTE_US, SECOND_US
from vedette.errors.alternatives import EVERYTHING, Alternative, alternatives, asks_events
from vedette.errors.cursors import IssueCursor, end_of, read_cursor
from vedette.errors.issue_pages import MAX_HITS, IssuePage, framed, page_of
from vedette.errors.issue_ranking import COUNTED, Ranking
from vedette.errors.issue_records import Sort, count_of_records, counts_of_records, page_of_records
from vedette.errors.scope import Scope
from vedette.releases.expand import expand
from vedette.search.conditions import Compares, Condition, Conditions, Equals, Exists, Test
from vedette.search.issue_keys import ISSUE_KEYS
from vedette.search.tree import any_of, map_leaves
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry


@dataclass(frozen=True, slots=True)
class IssueQuery:
    """What is looked for. `cursor` is the text of a URL, empty for the first page."""

    scope: Scope
    conditions: Conditions
    sort: Sort = "date"
    limit: int = 25
    cursor: str = ""


class IssueSearch:
    """Finds issues. Reads only; every call may raise `SearchError` and `TelemetryError`."""

    def __init__(self, records: Records, telemetry: Telemetry) -> None:
        self._records = records
        self._telemetry = telemetry

    def find(self, query: IssueQuery, now_us: int) -> IssuePage:
        """One page of issues."""
        cursor = read_cursor(query.cursor)
        end_s = end_of(cursor, now_us)
        reaches_now = _reaches_now(query.scope, now_us)
        scope = _until(query.scope, end_s)
        if not scope.projects or scope.from_us >= scope.to_us:
            return page_of([], query.limit, cursor, end_s)
        query = replace(query, scope=scope)
        tree = self._resolved(query.conditions, scope)
        parts = alternatives(tree)
        if reaches_now and query.sort not in COUNTED and not asks_events(parts):
            return self._from_records(query, tree, cursor, end_s)
        ranking = Ranking(self._records, self._telemetry, scope, parts, query.sort)
        return ranking.page(query.limit, cursor, end_s)

    def counts(self, scope: Scope, queries: Sequence[Conditions], now_us: int) -> list[int]:
        """How many issues each query finds, up to `MAX_HITS`: in one statement for those that records answer."""
        until_now = _until(scope, end_of(None, now_us))
        trees = {query: self._resolved(query, until_now) for query in queries}
        reaches_now = _reaches_now(scope, now_us) and scope.from_us < until_now.to_us
        plain = [
            query for query, tree in trees.items() if reaches_now and not asks_events(alternatives(tree))
        ]
        with self._records.read() as session:
            known = counts_of_records(session, until_now, [trees[query] for query in plain], MAX_HITS)
        found = dict(zip(plain, known, strict=True))
        return [
            found[query] if query in found else self.find(IssueQuery(scope, query, limit=1), now_us).hits
            for query in queries
        ]

    def event_part(self, conditions: Conditions, scope: Scope) -> Conditions:
        """What a query asks of events, with releases and versions spelled out: for figures of what matches."""
        with self._records.read() as session:
            tree = expand(conditions, session, scope)
        return any_of(part.event for part in alternatives(tree))

    def _resolved(self, tree: Conditions, scope: Scope) -> Conditions:
        """The tree with everything looked up that neither store can answer by itself."""
        with self._records.read() as session:
            tree = expand(tree, session, scope)
        return map_leaves(tree, lambda leaf: self._user_count(leaf, scope))

    def _user_count(self, leaf: Condition, scope: Scope) -> Conditions:
        """`userCount` spelled out as ids of issues: records do not count users."""
        if leaf.key.name != "userCount" or isinstance(leaf.test, Exists):
            return leaf
        every = [Alternative(EVERYTHING, EVERYTHING)]
        ranked = Ranking(self._records, self._telemetry, scope, every, "user").ranked()
        zero = _holds(leaf.test, 0)  # issues without users are not among those counted
        ids = tuple(float(one.issue_id) for one in ranked if _holds(leaf.test, one.key) != zero)
        return Condition(ISSUE_KEYS.by_name["issue.id"], Equals(ids), leaf.negated != zero, leaf.at)

    def _from_records(
        self, query: IssueQuery, tree: Conditions, cursor: IssueCursor | None, end_s: int
    ) -> IssuePage:
        with self._records.read() as session:
            found = page_of_records(session, query.scope, tree, query.sort, query.limit + 1, cursor)
            hits = count_of_records(session, query.scope, tree, MAX_HITS)
        more = len(found) > query.limit
        if cursor and cursor.back:
            return framed(found[-query.limit :], cursor, end_s, more, True, hits)
        return framed(found[: query.limit], cursor, end_s, cursor is not None, more, hits)


def _reaches_now(scope: Scope, now_us: int) -> bool:
    """Records know of first and last events only: they answer for windows that reach up to now."""
    return scope.to_us > now_us - MINUTE_US


def _until(scope: Scope, end_s: int) -> Scope:
    return replace(scope, to_us=min(scope.to_us, end_s * SECOND_US))


def _holds(test: Test, count: int) -> bool:
    if isinstance(test, Equals):
        return count in test.numbers
    assert isinstance(test, Compares), test
    return _ORDER[test.op](count, test.number)


_ORDER: Mapping[str, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
