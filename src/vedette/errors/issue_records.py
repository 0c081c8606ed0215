"""The records' half of issue search: pages by issue fields, and the issues of group hashes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from vedette.core.time import DAY_US
from vedette.errors.alternatives import Alternative
from vedette.errors.cursors import IssueCursor
from vedette.errors.groups import Group, GroupKey, chunks, signed, unsigned
from vedette.errors.issue_conditions import issue_where
from vedette.errors.scope import Scope
from vedette.issues.lifecycle import Status
from vedette.search.conditions import Conditions
from vedette.storage.records.schema import Issue, IssueEnvironment, IssueHash

Sort = Literal["date", "new", "freq", "user", "trends", "priority", "inbox", "recommended"]

_VISIBLE: tuple[str, ...] = get_args(
    Status
)  # named, so that an index leads by status to times; `NOT IN` reads all rows
_STEPS = [literal(step, BigInteger) for step in range(3)]
_RANK = case((Issue.priority == "high", _STEPS[2]), (Issue.priority == "medium", _STEPS[1]), else_=_STEPS[0])
_ABOVE_ANY_TIME = 10**16
_Time = SQLColumnExpression[int]


class Ranked(NamedTuple):
    """An issue and its place in the order: greater comes first, then the greater id."""

    key: int
    issue_id: int


class Owner(NamedTuple):
    """The issue of a group: its key in the order asked for, and which alternatives' issue parts hold (bits)."""

    issue_id: int
    key: int
    holds: int


class _Seen(NamedTuple):
    """Number of events, first and last time of an issue: its own, or those of the environments asked for."""

    events: SQLColumnExpression[int]
    first: _Time
    last: _Time


def page_of_records(
    session: Session, scope: Scope, tree: Conditions, sort: Sort, limit: int, cursor: IssueCursor | None
) -> list[Ranked]:
    """Up to `limit` issues by their fields alone, in order; for a cursor that goes back, those before it."""
    seen, query = _issues(scope, lambda seen: (_sort_key(sort, seen), Issue.id))
    key = _sort_key(sort, seen)
    query = query.where(issue_where(tree, scope), *_in_window(scope, seen))
    back = cursor is not None and cursor.back
    if cursor is not None:
        query = query.where(_beyond(key, cursor))
    order = (key.asc(), Issue.id.asc()) if back else (key.desc(), Issue.id.desc())
    rows = [Ranked(*row) for row in session.execute(query.order_by(*order).limit(limit))]
    return rows[::-1] if back else rows


def count_of_records(session: Session, scope: Scope, tree: Conditions, most: int) -> int:
    """How many issues there are, counted up to `most`."""
    seen, query = _issues(scope, lambda _: (Issue.id,))
    query = query.where(issue_where(tree, scope), *_in_window(scope, seen)).limit(most)
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def counts_of_records(session: Session, scope: Scope, trees: Sequence[Conditions], most: int) -> list[int]:
    """How many issues each of the trees finds, counted up to `most`, in one pass over those of the window."""
    if not trees:
        return []
    found = [func.count(case((issue_where(tree, scope), 1))) for tree in trees]
    seen, query = _issues(scope, lambda _: tuple(found))
    return [min(count, most) for count in session.execute(query.where(*_in_window(scope, seen))).one()]


def owners_of(
    session: Session, scope: Scope, parts: Sequence[Alternative], sort: Sort, keys: Iterable[GroupKey] | None
) -> dict[GroupKey, Owner]:
    """The issues of these groups (None: of all) of which at least one alternative's issue part holds."""
    query = _owners(scope, parts, sort)
    if keys is None:
        return _read(session, query)
    projects: defaultdict[int, list[int]] = defaultdict(list)
    for project_id, group_hash in keys:
        projects[project_id].append(signed(group_hash))
    found: dict[GroupKey, Owner] = {}
    for project_id, hashes in projects.items():
        for part in chunks(hashes):
            here = and_(IssueHash.project_id == project_id, IssueHash.group_hash.in_(part))
            found |= _read(session, query.where(here))
    return found


def few_owners(
    session: Session, scope: Scope, parts: Sequence[Alternative], sort: Sort, most: int
) -> dict[GroupKey, Owner] | None:
    """The groups of all issues whose issue part holds, if these are at most `most`."""
    found = _read(session, _owners(scope, parts, sort).limit(most + 1))
    return found if len(found) <= most else None


def outlived_groups(session: Session, scope: Scope) -> list[Group]:
    """Groups of which older events belong to an issue deleted since."""
    rows = session.execute(
        select(IssueHash.project_id, IssueHash.group_hash, IssueHash.issue_id, IssueHash.since_us).where(
            IssueHash.project_id.in_(list(scope.projects)),
            IssueHash.since_us > scope.from_us,
            IssueHash.issue_id.is_not(None),
        )
    )
    return [Group(project, unsigned(hash_), issue or 0, since) for project, hash_, issue, since in rows]


def most_seen(session: Session, scope: Scope, tree: Conditions, limit: int) -> list[Ranked]:
    """The issues with most events ever, in the scope's environments if it has any, and how many."""
    seen, query = _issues(scope, lambda seen: (seen.events, Issue.id))
    query = query.where(issue_where(tree, scope), *_in_window(scope, seen))
    rows = session.execute(query.order_by(seen.events.desc(), Issue.id.desc()).limit(limit))
    return [Ranked(*row) for row in rows]


def _owners(scope: Scope, parts: Sequence[Alternative], sort: Sort) -> Select[int, int, int, int, int]:
    wheres = [issue_where(part.issue, scope) for part in parts]
    holds = sum((case((where, 1 << bit), else_=0) for bit, where in enumerate(wheres)), literal(0))
    # Unless the order needs the times in these environments, that the group is asked for is enough.
    _, query = _issues(
        scope if sort in ("new", "priority", "recommended") else replace(scope, environments=()),
        lambda seen: (
            IssueHash.project_id,
            IssueHash.group_hash,
            Issue.id,
            _sort_key(sort, seen),
            literal(1) if len(parts) == 1 else holds,
        ),
    )
    return query.join(IssueHash, IssueHash.issue_id == Issue.id).where(
        or_(*wheres), IssueHash.state == "open"
    )


def _read(session: Session, query: Select[int, int, int, int, int]) -> dict[GroupKey, Owner]:
    rows = session.connection().execute(query).all()
    return {(row[0], row[1] & 0xFFFF_FFFF_FFFF_FFFF): Owner(row[2], row[3], row[4]) for row in rows}


def _issues(
    scope: Scope, columns: Callable[[_Seen], tuple[Any, ...]]
) -> tuple[_Seen, Select[*tuple[Any, ...]]]:
    """The visible issues of the scope's projects; with environments, those seen there."""
    here = (Issue.project_id.in_(list(scope.projects)), Issue.status.in_(_VISIBLE))
    if not scope.environments:
        seen = _Seen(Issue.times_seen, Issue.first_seen_us, Issue.last_seen_us)
        return seen, select(*columns(seen)).where(*here)
    if len(scope.environments) == 1:
        there = IssueEnvironment.__table__
        joined = and_(there.c.issue_id == Issue.id, there.c.environment == scope.environments[0])
        seen = _Seen(there.c.times_seen, there.c.first_seen_us, there.c.last_seen_us)
        return seen, select(*columns(seen)).join(there, joined).where(*here)
    there = (
        select(
            IssueEnvironment.issue_id,
            func.sum(IssueEnvironment.times_seen).label("events"),
            func.min(IssueEnvironment.first_seen_us).label("first_us"),
            func.max(IssueEnvironment.last_seen_us).label("last_us"),
        )
        .where(IssueEnvironment.environment.in_(scope.environments))
        .group_by(IssueEnvironment.issue_id)
        .subquery()
    )
    seen = _Seen(there.c.events, there.c.first_us, there.c.last_us)
    return seen, select(*columns(seen)).join(there, there.c.issue_id == Issue.id).where(*here)


def _in_window(scope: Scope, seen: _Seen) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Exact where the window reaches up to now."""
    return seen.last >= scope.from_us, seen.first < scope.to_us


def _sort_key(sort: Sort, seen: _Seen) -> _Time:
    """What records can sort by; counts are no part of them."""
    if sort == "new":
        return seen.first
    if sort == "inbox":
        return Issue.status_changed_us
    if sort == "priority":
        return _RANK * _ABOVE_ANY_TIME + seen.last
    if sort == "recommended":
        return seen.last + _RANK * DAY_US  # each step of priority is worth a day
    return seen.last


def _beyond(key: _Time, cursor: IssueCursor) -> ColumnElement[bool]:
    if cursor.back:
        return or_(key > cursor.key, and_(key == cursor.key, Issue.id > cursor.issue_id))
    return or_(key < cursor.key, and_(key == cursor.key, Issue.id < cursor.issue_id))
