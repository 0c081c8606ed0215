"""Projects: making, changing, removing them; their teams; what lists show of them."""

import msgspec
from sqlalchemy import Delete, delete, func, select
from sqlalchemy.orm import Session

from vedette.core.ids import parse_number
from vedette.projects import audit
from vedette.projects.access import Access, find_team, of_teams, visible_projects
from vedette.projects.client_keys import create_key
from vedette.projects.errors import Denied, Invalid, Missing, Taken
from vedette.projects.options import Notifications, ProjectOptions
from vedette.projects.organizations import checked_name
from vedette.projects.settings import change_options
from vedette.projects.slugs import PROJECT_MOST, checked_slug, free_slug, slugify
from vedette.projects.teams import create_team, teams_by_id
from vedette.projects.values import Project, Team, project_of, projects_of
from vedette.storage.records import schema


class ProjectFacts(msgspec.Struct, frozen=True):
    """A project and what lists show beside it."""

    project: Project
    teams: tuple[Team, ...] = ()
    environments: tuple[str, ...] = ()
    latest_release: str | None = None
    is_bookmarked: bool = False


# ── reading ───────────────────────────────────────────────────────────────────────────────


def list_projects(
    session: Session,
    access: Access,
    *,
    query: str = "",
    team_id: int | None = None,
    offset: int = 0,
    limit: int = 101,
) -> list[ProjectFacts]:
    """The projects the caller sees, by slug. `query`: words, `id:`, `slug:`, `team:`."""
    table = schema.Project
    wanted = select(table).where(visible_projects(access))
    if team_id is not None:
        wanted = wanted.where(of_teams([team_id]))
    for word in query.lower().split():
        key, _, value = word.partition(":")
        if key == "id" and (id_ := parse_number(value)) is not None:
            wanted = wanted.where(table.id == id_)
        elif key == "slug":
            wanted = wanted.where(table.slug == value)
        elif key == "team":
            team = select(schema.Team.id).where(
                schema.Team.slug == value, schema.Team.organization_id == access.organization.id
            )
            wanted = wanted.where(of_teams(list(session.scalars(team))))
        else:
            named = func.lower(table.name).contains(word, autoescape=True)
            wanted = wanted.where(named | table.slug.contains(word, autoescape=True))
    rows = list(session.scalars(wanted.order_by(table.slug).offset(offset).limit(limit)))
    return facts_of(session, access, projects_of(session, rows))


def facts_of(session: Session, access: Access, projects: list[Project]) -> list[ProjectFacts]:
    """The same projects with what lists show of them, in the order given."""
    ids = [project.id for project in projects]
    teams = teams_by_id(session, (team_id for project in projects for team_id in project.team_ids))
    environments = _environments(session, ids)
    releases = _latest_releases(session, ids)
    bookmarks = _bookmarks(session, access, ids)
    return [
        ProjectFacts(
            project=project,
            teams=tuple(teams[team_id] for team_id in project.team_ids),
            environments=environments.get(project.id, ()),
            latest_release=releases.get(project.id),
            is_bookmarked=project.id in bookmarks,
        )
        for project in projects
    ]


def read_project(session: Session, access: Access, project_id: int) -> ProjectFacts:
    """A project as it stands now. Raises `Missing`."""
    row = session.get(schema.Project, project_id)
    if row is None:
        raise Missing
    return facts_of(session, access, projects_of(session, [row]))[0]


def _environments(session: Session, ids: list[int]) -> dict[int, tuple[str, ...]]:
    table = schema.Environment
    found: dict[int, list[str]] = {}
    pairs = (
        select(table.project_id, table.name)
        .where(table.project_id.in_(ids), table.is_hidden.is_(False))
        .order_by(table.name)
    )
    for project_id, name in session.execute(pairs):
        found.setdefault(project_id, []).append(name)
    return {project_id: tuple(names) for project_id, names in found.items()}


def _latest_releases(session: Session, ids: list[int]) -> dict[int, str]:
    link, release = schema.ReleaseProject, schema.Release
    rank = func.row_number().over(partition_by=link.project_id, order_by=link.first_seen_us.desc())
    ranked = select(link.project_id, link.release_id, rank.label("rank")).where(link.project_id.in_(ids))
    newest = ranked.subquery()
    pairs = (
        select(newest.c.project_id, release.version)
        .join(release, release.id == newest.c.release_id)
        .where(newest.c.rank == 1)
    )
    return dict(session.execute(pairs).all())


def _bookmarks(session: Session, access: Access, ids: list[int]) -> set[int]:
    if access.user is None:
        return set()
    table = schema.ProjectBookmark
    mine = select(table.project_id).where(table.user_id == access.user.id, table.project_id.in_(ids))
    return set(session.scalars(mine))


# ── making ────────────────────────────────────────────────────────────────────────────────


class NewProject(msgspec.Struct, frozen=True):
    name: str
    slug: str = ""
    platform: str | None = None
    default_rules: bool = True  # tell the team of new issues


def create_project(
    session: Session, access: Access, new: NewProject, team_ids: list[int], now_us: int
) -> Project:
    """A new project of these teams, with its first key. Raises `Taken` for a slug in use."""
    name = checked_name(new.name, 200)
    slug = checked_slug(new.slug, PROJECT_MOST) if new.slug else _free(session, access, name)
    if _is_taken(session, access.organization.id, slug):
        raise Taken(f"there is a project {slug} already")
    row = schema.Project(
        organization_id=access.organization.id,
        slug=slug,
        name=name,
        platform=(new.platform or None) and new.platform[:64],
        created_us=now_us,
    )
    session.add(row)
    session.execute(_redirects(access.organization.id, slug))
    session.flush()
    session.add_all(schema.ProjectTeam(project_id=row.id, team_id=team_id) for team_id in team_ids)
    create_key(session, row.id, label="Default", now_us=now_us)
    options = ProjectOptions(notifications=Notifications(enabled=new.default_rules))
    change_options(session, row.id, options, now_us)
    audit.note(session, row.organization_id, access.caller, "project.create", slug, now_us)
    return project_of(row, tuple(team_ids))


def team_for_new_project(session: Session, access: Access, slugs: list[str], now_us: int) -> list[int]:
    """The teams that a project made without naming its team belongs to: the named, the own, or a new one."""
    if not access.can("project:write") and not access.organization.options.allow_member_project_creation:
        raise Denied("members may not create projects in this organization")
    if slugs:
        return [find_team(session, access, slug).id for slug in slugs]
    if access.team_roles:
        return [min(access.team_roles)]
    if access.user is None:
        first = session.scalar(
            select(func.min(schema.Team.id)).where(schema.Team.organization_id == access.organization.id)
        )
        return [first] if first is not None else []
    return [create_team(session, access, name=access.user.label, slug="", now_us=now_us).id]


# ── changing ──────────────────────────────────────────────────────────────────────────────


class Change(msgspec.Struct, frozen=True):
    """What to change of a project; None keeps what is there."""

    name: str | None = None
    slug: str | None = None
    platform: str | None = None
    is_bookmarked: bool | None = None
    options: ProjectOptions | None = None

    @property
    def is_personal(self) -> bool:
        """True if it only changes what the caller sees."""
        return self.name is self.slug is self.platform is self.options is None


def change_project(session: Session, access: Access, project: Project, change: Change, now_us: int) -> None:
    """Raises `Denied` without `project:write`, except for a bookmark; `Taken` for a slug in use."""
    if change.is_bookmarked is not None:
        _set_bookmark(session, access, project.id, change.is_bookmarked)
    if change.is_personal:
        return
    if not access.can_in_project(project, "project:write"):
        raise Denied("changing a project needs the scope project:write")
    row = session.get_one(schema.Project, project.id)
    if change.name is not None:
        row.name = checked_name(change.name, 200)
    if change.platform is not None:
        row.platform = change.platform[:64] or None
    if change.slug is not None:
        _rename(session, row, checked_slug(change.slug, PROJECT_MOST))
    if change.options is not None:
        change_options(session, row.id, change.options, now_us)
    audit.note(session, row.organization_id, access.caller, "project.edit", row.slug, now_us)


def _rename(session: Session, row: schema.Project, slug: str) -> None:
    """A new slug; requests with the old one are sent on to it."""
    if slug == row.slug:
        return
    if _is_taken(session, row.organization_id, slug):
        raise Taken(f"there is a project {slug} already")
    session.execute(_redirects(row.organization_id, slug))
    session.add(schema.ProjectRedirect(organization_id=row.organization_id, slug=row.slug, project_id=row.id))
    row.slug = slug
    session.flush()


def _set_bookmark(session: Session, access: Access, project_id: int, wanted: bool) -> None:
    if access.user is None:
        raise Invalid("isBookmarked", "only a person has bookmarks")
    row = session.get(schema.ProjectBookmark, (access.user.id, project_id))
    if wanted and row is None:
        session.add(schema.ProjectBookmark(user_id=access.user.id, project_id=project_id))
    elif not wanted and row is not None:
        session.delete(row)


def add_team(session: Session, access: Access, project: Project, team: Team, now_us: int) -> None:
    if session.get(schema.ProjectTeam, (project.id, team.id)) is None:
        session.add(schema.ProjectTeam(project_id=project.id, team_id=team.id))
        audit.note(
            session,
            team.organization_id,
            access.caller,
            "project.add-team",
            project.slug,
            now_us,
            team=team.slug,
        )
        session.flush()


def remove_team(session: Session, access: Access, project: Project, team: Team, now_us: int) -> None:
    link = session.get(schema.ProjectTeam, (project.id, team.id))
    if link is None:
        raise Missing
    session.delete(link)
    audit.note(
        session,
        team.organization_id,
        access.caller,
        "project.remove-team",
        project.slug,
        now_us,
        team=team.slug,
    )
    session.flush()


def remove_project(session: Session, access: Access, project: Project, now_us: int) -> None:
    """The project is gone for everybody at once; its rows follow in a queued job.

    Its slug is free again: the row waits for the job under a slug that nobody can choose.
    """
    row = session.get_one(schema.Project, project.id)
    row.status = "deleting"
    row.slug = f"{project.id}"
    session.execute(delete(schema.ProjectRedirect).where(schema.ProjectRedirect.project_id == project.id))
    session.add(
        schema.Job(
            key=f"delete_project:{project.id}",
            kind="delete_project",
            payload={"project_id": project.id, "slug": project.slug},
            due_us=now_us,
            created_us=now_us,
            updated_us=now_us,
        )
    )
    audit.note(session, row.organization_id, access.caller, "project.remove", project.slug, now_us)


def _redirects(organization_id: int, slug: str) -> Delete:
    table = schema.ProjectRedirect
    return delete(table).where(table.organization_id == organization_id, table.slug == slug)


def _free(session: Session, access: Access, name: str) -> str:
    return free_slug(
        slugify(name, PROJECT_MOST),
        PROJECT_MOST,
        lambda slug: _is_taken(session, access.organization.id, slug),
    )


def _is_taken(session: Session, organization_id: int, slug: str) -> bool:
    table = schema.Project
    found = select(table.id).where(table.organization_id == organization_id, table.slug == slug)
    return session.scalar(found) is not None
