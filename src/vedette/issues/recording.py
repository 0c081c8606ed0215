"""T2: what a batch changed about its issues: counters, texts, state, facts.

Counters commute (sum, least, greatest), so batches may come in any order; texts are those
of the newest event. Rows are locked in the order of project and id, so that two nodes wait
for each other instead of for ever.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec
from sqlalchemy import Boolean, bindparam, or_, select, update
from sqlalchemy.engine import Connection

from vedette.core.facts import IssueFact
from vedette.issues.archives import Archived, ended_archives
from vedette.issues.changes import Change, apply_changes, publish
from vedette.issues.details import archive_of, resolution_of
from vedette.issues.hashes import by_project
from vedette.issues.lifecycle import ARCHIVED, State, Trigger, state_of
from vedette.issues.regression import regressing_release
from vedette.issues.sightings import HashKey, Seen, Sighting
from vedette.releases.store import SeenRelease, record_releases, release_dates
from vedette.storage.records.portable import Upsert, execute_rows, greatest, least, many, one_of, upsert
from vedette.storage.records.schema import Environment, Issue, IssueEnvironment, IssueHash, Project

_LOOKS = 3  # a merge between finding an issue and locking it sends us to look again


class _Issue(msgspec.Struct, gc=False):
    """An issue as it was before the batch."""

    id: int
    project_id: int
    status: str
    last_seen_us: int
    times_seen: int


class _Tally(msgspec.Struct):
    """All sightings of one issue, as one."""

    issue: _Issue
    newest: Sighting
    sightings: list[Sighting]

    @property
    def count(self) -> int:
        return sum(one.count for one in self.sightings)


def record_sightings(
    connection: Connection, sightings: Iterable[Sighting], now_us: int, consumers: Sequence[str] = ()
) -> list[IssueFact]:
    """Count a batch's events in their issues; the facts, also put into the outbox for each consumer.

    At most one fact per (issue, kind). Sightings whose issue is gone by now are dropped with it.
    """
    tallies = _tallies(connection, list(sightings))
    if not tallies:
        return []
    projects = _projects(connection, {tally.issue.project_id for tally in tallies})
    _record_environments(connection, tallies)
    record_releases(connection, _releases(tallies, projects))
    _bump(connection, tallies)
    _bump_environments(connection, tallies)
    facts = _news(tallies)
    facts += _first_events(connection, tallies, projects)
    facts += apply_changes(connection, _changes(connection, tallies, projects, now_us), now_us)
    publish(connection, facts, consumers, now_us)
    return facts


# ── whose they are ────────────────────────────────────────────────────────────────────────


def _tallies(connection: Connection, sightings: Sequence[Sighting]) -> list[_Tally]:
    """One for each issue that is still there, by id; the issues' rows are locked."""
    tallies: dict[int, _Tally] = {}
    left = sightings
    for _ in range(_LOOKS):
        left = _gather(connection, left, tallies)
        if not left:
            break
    return [tallies[issue_id] for issue_id in sorted(tallies)]


def _gather(
    connection: Connection, sightings: Sequence[Sighting], tallies: dict[int, _Tally]
) -> list[Sighting]:
    """Add sightings to the tallies of their issues; those for which none was found come back."""
    owners = _lock_owners(connection, [sighting.key for sighting in sightings])
    left: list[Sighting] = []
    for sighting in sightings:
        issue = owners.get(sighting.key)
        if issue is None:
            left.append(sighting)
        else:
            _add(tallies, issue, sighting)
    return left


def _lock_owners(connection: Connection, keys: Iterable[HashKey]) -> dict[HashKey, _Issue]:
    """The issue of each hash that has one, its row locked."""
    statement = (
        select(
            IssueHash.group_hash,
            Issue.id,
            Issue.project_id,
            Issue.status,
            Issue.last_seen_us,
            Issue.times_seen,
        )
        .join(Issue, Issue.id == IssueHash.issue_id)
        .where(
            IssueHash.project_id == bindparam("project_id"),
            one_of(connection, IssueHash.group_hash, "hashes"),
        )
        .order_by(Issue.id)
        .with_for_update(key_share=True, of=Issue)
    )
    found: dict[HashKey, _Issue] = {}
    for project_id, hashes in by_project(set(keys)).items():
        values = {"project_id": project_id, "hashes": many(connection, hashes)}
        issues: dict[int, _Issue] = {}
        for hash_, id_, owner, status, last_us, count in connection.execute(statement, values).all():
            issue = issues.get(id_)
            if issue is None:
                issue = issues[id_] = _Issue(id_, owner, status, last_us, count)
            found[project_id, hash_] = issue
    return found


def _add(tallies: dict[int, _Tally], issue: _Issue, sighting: Sighting) -> None:
    tally = tallies.get(issue.id)
    if tally is None:
        tallies[issue.id] = _Tally(issue, sighting, [sighting])
        return
    tally.sightings.append(sighting)
    if sighting.last_us > tally.newest.last_us:
        tally.newest = sighting


# ── projects, environments, releases ──────────────────────────────────────────────────────


class _Project(msgspec.Struct, frozen=True):
    organization_id: int
    first_event_us: int | None


def _projects(connection: Connection, ids: Iterable[int]) -> dict[int, _Project]:
    rows = connection.execute(
        select(Project.id, Project.organization_id, Project.first_event_us).where(Project.id.in_(sorted(ids)))
    )
    return {id_: _Project(organization_id, first_us) for id_, organization_id, first_us in rows}


def _record_environments(connection: Connection, tallies: Iterable[_Tally]) -> None:
    firsts: dict[tuple[int, str], int] = {}
    for tally in tallies:
        for sighting in tally.sightings:
            for seen in sighting.environments:
                key = (sighting.project_id, seen.name)
                if seen.name and seen.first_us < firsts.get(key, seen.first_us + 1):
                    firsts[key] = seen.first_us
    if not firsts:
        return
    statement = upsert(connection.dialect.name, Environment)
    connection.execute(
        statement.on_conflict_do_nothing(index_elements=["project_id", "name"]),
        [
            {"project_id": project_id, "name": name, "is_hidden": False, "first_seen_us": first_us}
            for (project_id, name), first_us in sorted(firsts.items())
        ],
    )


def _releases(tallies: Iterable[_Tally], projects: Mapping[int, _Project]) -> list[SeenRelease]:
    found: dict[tuple[int, str], SeenRelease] = {}
    for tally in tallies:
        for sighting in tally.sightings:
            for seen in sighting.releases:
                if not seen.name:
                    continue
                key = (sighting.project_id, seen.name)
                organization_id = projects[sighting.project_id].organization_id
                one = SeenRelease(organization_id, *key, seen.first_us, seen.last_us)
                known = found.get(key)
                found[key] = one if known is None else known.with_more(one)
    return list(found.values())


def _first_events(
    connection: Connection, tallies: Iterable[_Tally], projects: Mapping[int, _Project]
) -> list[IssueFact]:
    firsts: dict[int, IssueFact] = {}
    for tally in tallies:
        project_id = tally.issue.project_id
        at_us = min(one.first_us for one in tally.sightings)
        if projects[project_id].first_event_us is None and (
            project_id not in firsts or at_us < firsts[project_id].at_us
        ):
            firsts[project_id] = IssueFact(
                "first_event", project_id, tally.issue.id, tally.newest.event_id, at_us
            )
    return [fact for project_id, fact in sorted(firsts.items()) if _is_first(connection, project_id, fact)]


def _is_first(connection: Connection, project_id: int, fact: IssueFact) -> bool:
    claimed = connection.execute(
        update(Project)
        .where(Project.id == project_id, Project.first_event_us.is_(None))
        .values(first_event_us=fact.at_us)
    )
    return claimed.rowcount == 1


# ── counters ──────────────────────────────────────────────────────────────────────────────

_COUNTERS = {
    "times_seen": Issue.times_seen + bindparam("n"),
    "first_seen_us": least(Issue.__table__.c.first_seen_us, bindparam("f")),
    "last_seen_us": greatest(Issue.__table__.c.last_seen_us, bindparam("l")),
    "is_unhandled": or_(Issue.is_unhandled, bindparam("u", type_=Boolean)),
}
_COUNT = update(Issue).where(Issue.id == bindparam("i")).values(_COUNTERS)
_COUNT_AND_SHOW = (
    update(Issue)
    .where(Issue.id == bindparam("i"))
    .values(
        {
            **_COUNTERS,
            "type": bindparam("ty"),
            "level": bindparam("lv"),
            "platform": bindparam("pl"),
            "logger": bindparam("lo"),
            "title": bindparam("ti"),
            "culprit": bindparam("cu"),
            "event_metadata": bindparam("me"),
            "search_text": bindparam("se"),
            "last_release": bindparam("re"),
        }
    )
)


def _bump(connection: Connection, tallies: Iterable[_Tally]) -> None:
    showing: list[dict[str, object]] = []
    counting: list[dict[str, object]] = []
    for tally in tallies:
        row = _counters(tally)
        if tally.newest.last_us >= tally.issue.last_seen_us:
            row |= _texts(tally)
            showing.append(row)
        else:
            counting.append(row)
    execute_rows(connection, _COUNT_AND_SHOW, showing)
    execute_rows(connection, _COUNT, counting)


def _counters(tally: _Tally) -> dict[str, object]:
    return {
        "i": tally.issue.id,
        "n": tally.count,
        "f": min(one.first_us for one in tally.sightings),
        "l": tally.newest.last_us,
        "u": any(one.is_unhandled for one in tally.sightings),
    }


def _texts(tally: _Tally) -> dict[str, object]:
    newest = tally.newest
    return {
        "ty": newest.type,
        "lv": newest.level,
        "pl": newest.platform,
        "lo": newest.logger,
        "ti": newest.title,
        "cu": newest.culprit,
        "me": msgspec.json.encode(newest.metadata).decode(),
        "se": newest.search_text,
        "re": _newest_release(newest),
    }


def _newest_release(sighting: Sighting) -> str | None:
    named = [seen for seen in sighting.releases if seen.name]
    return max(named, key=lambda seen: seen.last_us).name if named else None


@lru_cache(maxsize=2)
def _count_environment(dialect: str) -> Upsert:
    statement = upsert(dialect, IssueEnvironment).values(
        {column.name: bindparam(column.name) for column in IssueEnvironment.__table__.c}
    )
    known, new = IssueEnvironment.__table__.c, statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["issue_id", "environment"],
        set_={
            "times_seen": known.times_seen + new.times_seen,
            "first_seen_us": least(known.first_seen_us, new.first_seen_us),
            "last_seen_us": greatest(known.last_seen_us, new.last_seen_us),
        },
    )


def _bump_environments(connection: Connection, tallies: Iterable[_Tally]) -> None:
    rows = [
        {
            "issue_id": tally.issue.id,
            "environment": seen.name,
            "first_seen_us": seen.first_us,
            "last_seen_us": seen.last_us,
            "times_seen": seen.count,
        }
        for tally in tallies
        for sighting in tally.sightings
        for seen in _or_whole(sighting.environments, sighting)
    ]
    execute_rows(connection, _count_environment(connection.dialect.name), rows)


def _or_whole(seen: tuple[Seen, ...], sighting: Sighting) -> tuple[Seen, ...]:
    """What was seen by name; the whole sighting under no name, where nothing is said."""
    if seen:
        return seen
    return (Seen("", sighting.count, sighting.first_us, sighting.last_us, sighting.last_received_us),)


# ── state ─────────────────────────────────────────────────────────────────────────────────


def _news(tallies: Iterable[_Tally]) -> list[IssueFact]:
    """Issues counted for the first time: opened by T1 of this batch."""
    return [
        IssueFact(
            "issue_new", tally.issue.project_id, tally.issue.id, tally.newest.event_id, tally.newest.last_us
        )
        for tally in tallies
        if tally.issue.times_seen == 0
    ]


class _Settled(msgspec.Struct, frozen=True):
    """An issue of the batch that was resolved or archived before it."""

    tally: _Tally
    state: State
    details: dict[str, object]
    changed_us: int


def _changes(
    connection: Connection, tallies: Sequence[_Tally], projects: Mapping[int, _Project], now_us: int
) -> list[Change]:
    settled = _settled(connection, tallies)
    if not settled:
        return []
    ended = ended_archives(connection, [_archived(one) for one in settled if one.state in ARCHIVED])
    changes = [
        _change(one, ended[one.tally.issue.id], now_us) for one in settled if one.tally.issue.id in ended
    ]
    return changes + _regressions(connection, settled, projects, now_us)


def _settled(connection: Connection, tallies: Iterable[_Tally]) -> list[_Settled]:
    closed = {tally.issue.id: tally for tally in tallies if tally.issue.status in ("resolved", "ignored")}
    rows = connection.execute(
        select(Issue.id, Issue.status, Issue.substatus, Issue.status_details, Issue.status_changed_us).where(
            one_of(connection, Issue.id, "ids")
        ),
        {"ids": many(connection, sorted(closed))},
    )
    return [
        _Settled(closed[id_], state, details, changed_us)
        for id_, status, substatus, details, changed_us in rows.all()
        if (state := state_of(status, substatus)) and _received_us(closed[id_]) > changed_us
    ]


def _received_us(tally: _Tally) -> int:
    return max(one.last_received_us for one in tally.sightings)


def _archived(one: _Settled) -> Archived:
    return Archived(
        issue_id=one.tally.issue.id,
        state=one.state,
        archive=archive_of(one.details),
        times_seen=one.tally.issue.times_seen + one.tally.count,
        count=one.tally.count,
        users=frozenset[int]().union(*(sighting.users for sighting in one.tally.sightings)),
        received_us=_received_us(one.tally),
    )


def _regressions(
    connection: Connection, settled: Iterable[_Settled], projects: Mapping[int, _Project], now_us: int
) -> list[Change]:
    resolved = [one for one in settled if one.state is State.RESOLVED]
    dates = _dates(connection, resolved, projects)
    changes: list[Change] = []
    for one in resolved:
        issue = one.tally.issue
        release = regressing_release(
            resolution_of(one.details).base_release,
            one.changed_us,
            _releases_seen(one.tally),
            dates[projects[issue.project_id].organization_id],
        )
        if release is not None:
            changes.append(_change(one, Trigger.REGRESS, now_us, {"version": release}))
    return changes


def _releases_seen(tally: _Tally) -> list[Seen]:
    return [seen for one in tally.sightings for seen in _or_whole(one.releases, one)]


def _dates(
    connection: Connection, resolved: Iterable[_Settled], projects: Mapping[int, _Project]
) -> dict[int, dict[str, int]]:
    """When the releases in question were released, or first seen, by organization."""
    versions: dict[int, set[str]] = {}
    for one in resolved:
        wanted = versions.setdefault(projects[one.tally.issue.project_id].organization_id, set())
        base = resolution_of(one.details).base_release
        if base is not None:
            wanted |= {base, *(seen.name for seen in _releases_seen(one.tally))}
    return {id_: release_dates(connection, id_, wanted) for id_, wanted in versions.items()}


def _change(one: _Settled, trigger: Trigger, now_us: int, data: Mapping[str, object] | None = None) -> Change:
    issue = one.tally.issue
    return Change(
        issue.id, issue.project_id, one.state, trigger, now_us, one.tally.newest.event_id, dict(data or {})
    )
