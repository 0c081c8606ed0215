"""T1: the issue of each event of a batch, opened where there is none.

Two nodes that race to open one issue meet at the project's row: the second waits there,
looks again, and finds the hash. A retry after a crash finds it likewise.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from vedette.issues.hashes import HashRow, add_hashes, adopt_hashes, known_hashes
from vedette.issues.lifecycle import first_priority
from vedette.issues.sightings import DISCARDED, Candidate, Discarded, HashKey, IssueRef, group_hash
from vedette.releases.store import SeenRelease, record_releases
from vedette.storage.records.schema import Activity, Issue, Project

Answer = IssueRef | Discarded


class _Group(msgspec.Struct):
    """The candidates of a batch that carry the same hashes, as their earliest."""

    candidate: Candidate
    keys: tuple[HashKey, ...]  # the primary first
    secondary: tuple[HashKey, ...]

    @property
    def looked_up(self) -> tuple[HashKey, ...]:
        return self.keys + self.secondary


class _Plan(msgspec.Struct):
    """What a look at the known hashes says is to be done."""

    answers: dict[HashKey, Answer]
    to_add: dict[HashKey, int]  # hash not yet known → its issue
    to_open: list[_Group]
    changing: list[_Group]  # those that are opened or have hashes to add


def open_issues(
    connection: Connection, candidates: Iterable[Candidate], now_us: int
) -> Mapping[HashKey, Answer]:
    """The issue of each primary hash, or `DISCARDED`, by (project id, hash as signed integer).

    A known primary decides; else the first other hash that is known, then the first secondary,
    and the event's own are recorded for its issue; else an issue is opened under the project's
    next short number.
    """
    groups = _groups(candidates)
    hashes = _md5s(groups)
    plan = _plan(groups, _known(connection, groups), {})
    if plan.changing:
        projects = _lock_projects(connection, {group.candidate.project_id for group in plan.changing})
        known = _known(connection, plan.changing)  # again: another node may have come first
        plan = _plan(plan.changing, known, plan.answers)
        _drop_lost_projects(plan, projects)
        _open(connection, plan, projects, known, now_us)
        _record_hashes(connection, plan.to_add, hashes, known, now_us)
    return plan.answers


def _groups(candidates: Iterable[Candidate]) -> list[_Group]:
    first: dict[tuple[int, tuple[str, ...], tuple[str, ...]], Candidate] = {}
    for candidate in candidates:
        key = (candidate.project_id, candidate.hashes, candidate.secondary)
        other = first.get(key)
        if other is None or candidate.at_us < other.at_us:
            first[key] = candidate
    return [
        _Group(candidate, _keys(project_id, md5s), _keys(project_id, secondary))
        for (project_id, md5s, secondary), candidate in first.items()
    ]


def _keys(project_id: int, md5s: Iterable[str]) -> tuple[HashKey, ...]:
    return tuple((project_id, group_hash(md5)) for md5 in md5s)


def _known(connection: Connection, groups: Iterable[_Group]) -> dict[HashKey, HashRow]:
    return known_hashes(connection, (key for group in groups for key in group.looked_up))


def _md5s(groups: Iterable[_Group]) -> dict[HashKey, str]:
    return {key: md5 for group in groups for key, md5 in zip(group.keys, group.candidate.hashes, strict=True)}


def _plan(
    groups: Sequence[_Group], known: Mapping[HashKey, HashRow], answers: dict[HashKey, Answer]
) -> _Plan:
    plan = _Plan(answers, {}, [], [])
    for group in groups:
        row = _taken(group.keys, known)
        if row is None and not any(key in plan.to_add for key in group.keys):
            row = _taken(group.secondary, known)
        if row is not None:
            _attach(plan, group, row.issue_id, known)
        elif _came_too_late(group, known):
            plan.answers[group.keys[0]] = DISCARDED
        else:
            plan.to_open.append(group)
    unknown, plan.to_open = plan.to_open, []
    for group in unknown:  # one may share a new hash with a group whose issue is known
        issue_id = next((plan.to_add[key] for key in group.keys if key in plan.to_add), None)
        if issue_id is None:
            plan.to_open.append(group)
            plan.changing.append(group)
        else:
            _attach(plan, group, issue_id, known)
    return plan


def _attach(plan: _Plan, group: _Group, issue_id: int | None, known: Mapping[HashKey, HashRow]) -> None:
    if issue_id is None:
        plan.answers[group.keys[0]] = DISCARDED
        return
    plan.answers[group.keys[0]] = IssueRef(issue_id)
    new = [key for key in group.keys if key not in known or _is_free(known[key])]
    for key in new:
        plan.to_add.setdefault(key, issue_id)
    if new:
        plan.changing.append(group)


def _taken(keys: Iterable[HashKey], known: Mapping[HashKey, HashRow]) -> HashRow | None:
    """The first of these that says what becomes of the event."""
    return next((known[key] for key in keys if key in known and not _is_free(known[key])), None)


def _is_free(row: HashRow) -> bool:
    """Whether the hash outlived its issue, and waits for the next one."""
    return row.issue_id is None and not row.is_discarded


def _came_too_late(group: _Group, known: Mapping[HashKey, HashRow]) -> bool:
    """Whether the event was received before its issue was deleted: then it was deleted with it."""
    row = known.get(group.keys[0]) or next((known[key] for key in group.secondary if key in known), None)
    return row is not None and group.candidate.received_us < row.since_us


class _Project(msgspec.Struct):
    organization_id: int
    issue_counter: int


def _lock_projects(connection: Connection, project_ids: set[int]) -> dict[int, _Project]:
    """The projects that can still have issues; their rows are locked until the transaction ends."""
    rows = connection.execute(
        select(Project.id, Project.organization_id, Project.issue_counter)
        .where(Project.id.in_(sorted(project_ids)), Project.status == "active")
        .order_by(Project.id)
        .with_for_update(key_share=True)
    )
    return {id_: _Project(organization_id, counter) for id_, organization_id, counter in rows}


def _drop_lost_projects(plan: _Plan, projects: Mapping[int, _Project]) -> None:
    for group in plan.to_open:
        if group.candidate.project_id not in projects:
            plan.answers[group.keys[0]] = DISCARDED
    plan.to_open = [group for group in plan.to_open if group.candidate.project_id in projects]
    plan.to_add = {key: issue_id for key, issue_id in plan.to_add.items() if key[0] in projects}


def _open(
    connection: Connection,
    plan: _Plan,
    projects: Mapping[int, _Project],
    known: Mapping[HashKey, HashRow],
    now_us: int,
) -> None:
    """Insert the issues; groups that share a hash share one. Their hashes go to `plan.to_add`."""
    families, home = _families(plan.to_open)
    if not families:
        return
    rows = [_issue_row(family[0].candidate, projects, now_us) for family in families]
    ids = _insert_issues(connection, rows)
    for family, issue_id in zip(families, ids, strict=True):
        plan.answers.update({group.keys[0]: IssueRef(issue_id, is_new=True) for group in family})
    for key, number in home.items():
        if key not in known or _is_free(known[key]):
            plan.to_add[key] = ids[number]
    for project_id in sorted({_int(row["project_id"]) for row in rows}):
        connection.execute(
            update(Project)
            .where(Project.id == project_id)
            .values(issue_counter=projects[project_id].issue_counter)
        )
    _tell_story(connection, rows, ids, now_us)
    _count_new_issues(connection, rows, projects)


def _families(groups: Iterable[_Group]) -> tuple[list[list[_Group]], dict[HashKey, int]]:
    """Groups with a hash in common, by their earliest event, and the family number of each hash."""
    home: dict[HashKey, int] = {}
    families: list[list[_Group]] = []
    for group in sorted(groups, key=lambda group: (group.candidate.at_us, group.keys)):
        number = next((home[key] for key in group.keys if key in home), len(families))
        if number == len(families):
            families.append([])
        families[number].append(group)
        for key in group.keys:
            home.setdefault(key, number)
    return families, home


def _issue_row(candidate: Candidate, projects: Mapping[int, _Project], now_us: int) -> dict[str, object]:
    project = projects[candidate.project_id]
    project.issue_counter += 1
    return {
        "project_id": candidate.project_id,
        "short_number": project.issue_counter,
        "status": "unresolved",
        "substatus": "new",
        "status_details": {},
        "status_changed_us": now_us,
        "category": candidate.category,
        "issue_type": candidate.issue_type,
        "type": candidate.type,
        "level": candidate.level,
        "platform": candidate.platform,
        "logger": candidate.logger,
        "title": candidate.title,
        "culprit": candidate.culprit,
        "event_metadata": candidate.metadata,
        "search_text": candidate.search_text,
        "is_unhandled": candidate.is_unhandled,
        "first_seen_us": candidate.at_us,
        "last_seen_us": candidate.at_us,
        "times_seen": 0,  # counted by T2
        "first_release": candidate.release,
        "last_release": candidate.release,
        "priority": first_priority(candidate.level, is_unhandled=candidate.is_unhandled),
        "num_comments": 0,
        "created_us": now_us,
    }


def _insert_issues(connection: Connection, rows: Sequence[Mapping[str, object]]) -> list[int]:
    """The new issues' ids, in the rows' order."""
    connection.execute(insert(Issue), rows)
    numbers: dict[int, list[int]] = {}
    for row in rows:
        numbers.setdefault(_int(row["project_id"]), []).append(_int(row["short_number"]))
    ids: dict[tuple[int, int], int] = {}
    for project_id, given in numbers.items():
        found = connection.execute(
            select(Issue.short_number, Issue.id).where(
                Issue.project_id == project_id, Issue.short_number.between(given[0], given[-1])
            )
        )
        ids.update({(project_id, number): id_ for number, id_ in found})
    return [ids[_int(row["project_id"]), _int(row["short_number"])] for row in rows]


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _tell_story(
    connection: Connection, rows: Sequence[Mapping[str, object]], ids: Sequence[int], now_us: int
) -> None:
    story = [
        {
            "issue_id": issue_id,
            "type": "first_seen",
            "user_id": None,
            "data": {"priority": row["priority"]},
            "created_us": row["first_seen_us"],
        }
        for row, issue_id in zip(rows, ids, strict=True)
    ]
    connection.execute(insert(Activity), story)


def _count_new_issues(
    connection: Connection, rows: Iterable[Mapping[str, object]], projects: Mapping[int, _Project]
) -> None:
    seen: dict[tuple[int, str], SeenRelease] = {}
    for row in rows:
        project_id, version, at_us = _int(row["project_id"]), row["first_release"], _int(row["first_seen_us"])
        if not isinstance(version, str):
            continue
        organization_id = projects[project_id].organization_id
        one = SeenRelease(organization_id, project_id, version, at_us, at_us, new_issues=1)
        known = seen.get((project_id, version))
        seen[project_id, version] = one if known is None else known.with_more(one)
    record_releases(connection, seen.values())


def _record_hashes(
    connection: Connection,
    issues: Mapping[HashKey, int],
    md5s: Mapping[HashKey, str],
    known: Mapping[HashKey, HashRow],
    now_us: int,
) -> None:
    add_hashes(connection, md5s, {key: i for key, i in issues.items() if key not in known}, now_us)
    adopt_hashes(connection, {key: i for key, i in issues.items() if key in known})
