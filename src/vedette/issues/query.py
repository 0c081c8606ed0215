"""Reading issues with what a page shows beside them: project, people, the viewer's own marks."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vedette.storage.records.schema import (
    Activity,
    Issue,
    IssueEnvironment,
    IssueHash,
    IssueUser,
    Project,
    Release,
    Team,
    User,
)


class IssueRow(msgspec.Struct, frozen=True):
    """An issue as records have it."""

    id: int
    project_id: int
    short_number: int
    status: str
    substatus: str | None
    status_details: dict[str, Any]
    status_changed_us: int
    category: str
    issue_type: str
    type: str
    level: str
    platform: str
    logger: str | None
    title: str
    culprit: str
    event_metadata: dict[str, Any]
    is_unhandled: bool
    first_seen_us: int
    last_seen_us: int
    times_seen: int
    first_release: str | None
    last_release: str | None
    priority: str
    priority_locked_us: int | None
    assignee_user_id: int | None
    assignee_team_id: int | None
    share_id: str | None
    num_comments: int


class Person(msgspec.Struct, frozen=True):
    id: int
    name: str
    email: str
    is_active: bool = True

    @property
    def label(self) -> str:
        return self.name or self.email


class ProjectName(msgspec.Struct, frozen=True):
    id: int
    slug: str
    name: str
    platform: str | None


class Marks(msgspec.Struct, frozen=True):
    """What one person has to do with one issue."""

    bookmarked: bool = False
    subscribed: bool | None = None
    subscription_reason: str | None = None
    seen_us: int | None = None


class Listed(msgspec.Struct, frozen=True):
    """An issue and what a list shows of it."""

    issue: IssueRow
    project: ProjectName
    person: Person | None  # to whom it is assigned, if it is a person
    team: tuple[int, str] | None  # id and slug, if it is a team
    actor: Person | None  # who resolved or archived it
    marks: Marks


class Seen(msgspec.Struct, frozen=True):
    """Counters of an issue in some environments."""

    count: int
    first_us: int
    last_us: int


def load_issues(session: Session, ids: Sequence[int], viewer_id: int | None) -> list[Listed]:
    """These issues in the order of the ids; those that are not there are left out."""
    rows = {
        row.id: msgspec.convert(row, IssueRow, from_attributes=True)
        for row in session.scalars(select(Issue).where(Issue.id.in_(ids)))
    }
    projects = _projects(session, {row.project_id for row in rows.values()})
    actors = {id_: _actor_id(row) for id_, row in rows.items()}
    people = load_people(session, {row.assignee_user_id for row in rows.values()} | set(actors.values()))
    teams = _teams(session, {row.assignee_team_id for row in rows.values()})
    marks = _marks(session, list(rows), viewer_id)
    return [
        Listed(
            issue=row,
            project=projects[row.project_id],
            person=people.get(row.assignee_user_id or 0),
            team=teams.get(row.assignee_team_id or 0),
            actor=people.get(actors[row.id] or 0),
            marks=marks.get(row.id, Marks()),
        )
        for id_ in ids
        if (row := rows.get(id_)) is not None
    ]


def _actor_id(row: IssueRow) -> int | None:
    found = row.status_details.get("actor_id")
    return found if isinstance(found, int) else None


def _projects(session: Session, ids: Iterable[int]) -> dict[int, ProjectName]:
    rows = session.execute(
        select(Project.id, Project.slug, Project.name, Project.platform).where(Project.id.in_(ids))
    )
    return {row[0]: ProjectName(*row) for row in rows}


def load_people(session: Session, ids: Iterable[int | None]) -> dict[int, Person]:
    rows = session.execute(
        select(User.id, User.name, User.email, User.is_active).where(User.id.in_([i for i in ids if i]))
    )
    return {row[0]: Person(*row) for row in rows}


def _teams(session: Session, ids: Iterable[int | None]) -> dict[int, tuple[int, str]]:
    rows = session.execute(select(Team.id, Team.slug).where(Team.id.in_([i for i in ids if i])))
    return {id_: (id_, slug) for id_, slug in rows}


def _marks(session: Session, ids: Sequence[int], viewer_id: int | None) -> dict[int, Marks]:
    if viewer_id is None:
        return {}
    rows = session.scalars(
        select(IssueUser).where(IssueUser.user_id == viewer_id, IssueUser.issue_id.in_(ids))
    )
    return {row.issue_id: msgspec.convert(row, Marks, from_attributes=True) for row in rows}


def seen_in(session: Session, ids: Sequence[int], environments: Sequence[str]) -> dict[int, Seen]:
    """Counters of the issues in these environments taken together."""
    table = IssueEnvironment
    rows = session.execute(
        select(
            table.issue_id,
            func.sum(table.times_seen),
            func.min(table.first_seen_us),
            func.max(table.last_seen_us),
        )
        .where(table.issue_id.in_(ids), table.environment.in_(environments))
        .group_by(table.issue_id)
    )
    return {issue_id: Seen(int(count), first_us, last_us) for issue_id, count, first_us, last_us in rows}


# ── one issue ─────────────────────────────────────────────────────────────────────────────


class StoryEntry(msgspec.Struct, frozen=True):
    id: int
    issue_id: int
    type: str
    person: Person | None
    data: dict[str, Any]
    created_us: int


def load_story(
    session: Session, issue_id: int, *, limit: int, offset: int = 0, only: str | None = None
) -> list[StoryEntry]:
    """What happened to the issue, the newest first."""
    wanted = select(Activity).where(Activity.issue_id == issue_id)
    if only is not None:
        wanted = wanted.where(Activity.type == only)
    rows = session.scalars(
        wanted.order_by(Activity.created_us.desc(), Activity.id.desc()).offset(offset).limit(limit)
    ).all()
    people = load_people(session, {row.user_id for row in rows})
    return [story_entry(row, people.get(row.user_id or 0)) for row in rows]


def story_entry(row: Activity, person: Person | None) -> StoryEntry:
    return StoryEntry(row.id, row.issue_id, row.type, person, row.data, row.created_us)


class Audience(msgspec.Struct, frozen=True):
    """Who has looked at an issue, with the time, and who is told of it."""

    seen_by: list[tuple[Person, int]]
    participants: list[Person]


def load_audience(session: Session, issue_id: int) -> Audience:
    rows = session.execute(
        select(User.id, User.name, User.email, User.is_active, IssueUser.seen_us, IssueUser.subscribed)
        .join(IssueUser, IssueUser.user_id == User.id)
        .where(IssueUser.issue_id == issue_id)
        .order_by(User.id)
    ).all()
    people = [(Person(*row[:4]), row[4], row[5]) for row in rows]
    return Audience(
        seen_by=[(person, seen_us) for person, seen_us, _ in people if seen_us is not None],
        participants=[person for person, _, subscribed in people if subscribed],
    )


def load_hashes(session: Session, issue_id: int) -> list[tuple[str, int]]:
    """The issue's hashes as MD5 and as the signed integer that records keep, the oldest first."""
    rows = session.execute(
        select(IssueHash.md5, IssueHash.group_hash)
        .where(IssueHash.issue_id == issue_id)
        .order_by(IssueHash.created_us, IssueHash.md5)
    )
    return [(md5, group_hash) for md5, group_hash in rows]


class ReleaseName(msgspec.Struct, frozen=True):
    id: int
    version: str
    created_us: int
    released_us: int | None


def load_releases(
    session: Session, organization_id: int, versions: Iterable[str | None]
) -> dict[str, ReleaseName]:
    rows = session.execute(
        select(Release.id, Release.version, Release.created_us, Release.released_us).where(
            Release.organization_id == organization_id, Release.version.in_([v for v in versions if v])
        )
    )
    return {row[1]: ReleaseName(*row) for row in rows}


def issues_of_hashes(session: Session, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The issue of each (project, signed hash) that has one."""
    projects: dict[int, list[int]] = {}
    for project_id, group_hash in keys:
        projects.setdefault(project_id, []).append(group_hash)
    found: dict[tuple[int, int], int] = {}
    for project_id, hashes in projects.items():
        rows = session.execute(
            select(IssueHash.group_hash, IssueHash.issue_id).where(
                IssueHash.project_id == project_id,
                IssueHash.group_hash.in_(hashes),
                IssueHash.issue_id.is_not(None),
            )
        )
        found.update({(project_id, group_hash): issue_id for group_hash, issue_id in rows if issue_id})
    return found
