"""Teams: list, make, change, remove; their members and projects."""

from litestar import Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from vedette.api.body import Body
from vedette.api.given import SearchText, TheAccess, ThePage, TheProject, TheServices, TheTeam
from vedette.api.services import Services
from vedette.projects.access import Access
from vedette.projects.members import members_by_id
from vedette.projects.organization_views import TeamDetail, team_detail
from vedette.projects.project_views import ProjectView, project_view
from vedette.projects.projects import list_projects
from vedette.projects.teams import (
    change_team,
    create_team,
    list_teams,
    member_counts,
    memberships,
    remove_team,
    teams_by_id,
)
from vedette.projects.values import Team
from vedette.projects.views import MemberView, TeamView, member_view, team_view

_ALL_PROJECTS = 1000  # of one team, in a list of teams


@get("/organizations/{org:str}/teams/", sync_to_thread=True)
def list_all(
    services: TheServices,
    access: TheAccess,
    page: ThePage,
    search: SearchText = "",
    detailed: FromQuery[str] = "1",
) -> Response[list[TeamDetail]]:
    """The teams the caller may know of; with their projects unless `detailed=0`."""
    with services.records.read() as session:
        teams = list_teams(session, access, query=search, offset=page.offset, limit=page.limit + 1)
        views = _views(session, access, teams, with_projects=detailed != "0")
    return page.page(views, lambda view: view)


@get("/organizations/{org:str}/user-teams/", sync_to_thread=True)
def list_own(services: TheServices, access: TheAccess, page: ThePage) -> Response[list[TeamDetail]]:
    """The teams the caller is in."""
    with services.records.read() as session:
        mine = sorted(teams_by_id(session, access.team_roles).values(), key=lambda team: team.slug)
        return page.whole(_views(session, access, mine, with_projects=True))


class NewTeam(Body, kw_only=True):
    name: str = ""
    slug: str = ""


@post("/organizations/{org:str}/teams/", sync_to_thread=True)
def create(services: TheServices, access: TheAccess, data: JSONBody[NewTeam]) -> TeamDetail:
    """A new team, whose admin is the person who makes it. 409 for a slug in use."""
    with services.records.write() as session:
        team = create_team(session, access, name=data.name, slug=data.slug, now_us=services.clock())
    return _detail(services, access, team)


@get("/teams/{org:str}/{team_slug:str}/", sync_to_thread=True)
def read(
    services: TheServices,
    access: TheAccess,
    team: TheTeam,
    expand: FromQuery[list[str] | None] = None,
    collapse: FromQuery[list[str] | None] = None,
) -> TeamDetail:
    return _detail(
        services,
        access,
        team,
        with_projects="projects" in (expand or []),
        with_organization="organization" not in (collapse or []),
    )


class TeamChange(Body, kw_only=True):
    name: str | None = None
    slug: str | None = None


@put("/teams/{org:str}/{team_slug:str}/", sync_to_thread=True)
def update(services: TheServices, access: TheAccess, team: TheTeam, data: JSONBody[TeamChange]) -> TeamDetail:
    with services.records.write() as session:
        changed = change_team(session, access, team, name=data.name, slug=data.slug, now_us=services.clock())
    return _detail(services, access, changed)


@delete("/teams/{org:str}/{team_slug:str}/", sync_to_thread=True)
def remove(services: TheServices, access: TheAccess, team: TheTeam) -> None:
    """Its projects stay, without it."""
    with services.records.write() as session:
        remove_team(session, access, team, services.clock())


@get("/teams/{org:str}/{team_slug:str}/members/", sync_to_thread=True)
def list_members(
    services: TheServices, access: TheAccess, team: TheTeam, page: ThePage
) -> Response[list[MemberView]]:
    with services.records.read() as session:
        roles = {one.member_id: one.role for one in memberships(session, team)}
        members = members_by_id(session, access.organization.id, list(roles))
    views = [member_view(member, services.clock()) for member in members]
    for view in views:
        view.team_role, view.team_slug = roles[int(view.id)], team.slug
    return page.whole(views)


@get("/teams/{org:str}/{team_slug:str}/projects/", sync_to_thread=True)
def list_team_projects(
    services: TheServices, access: TheAccess, team: TheTeam, page: ThePage
) -> Response[list[ProjectView]]:
    with services.records.read() as session:
        rows = list_projects(session, access, team_id=team.id, offset=page.offset, limit=page.limit + 1)
    return page.page(rows, lambda facts: project_view(facts, access))


@get("/projects/{org:str}/{proj:str}/teams/", sync_to_thread=True)
def list_teams_of_project(
    services: TheServices, access: TheAccess, project: TheProject, page: ThePage
) -> Response[list[TeamView]]:
    with services.records.read() as session:
        teams = sorted(teams_by_id(session, project.team_ids).values(), key=lambda team: team.slug)
        counts = member_counts(session, project.team_ids)
    return page.whole([team_view(team, access, counts.get(team.id, 0)) for team in teams])


def _views(session: Session, access: Access, teams: list[Team], *, with_projects: bool) -> list[TeamDetail]:
    counts = member_counts(session, [team.id for team in teams])
    views: list[TeamDetail] = []
    for team in teams:
        projects = _projects(session, access, team) if with_projects else None
        views.append(team_detail(team, access, counts.get(team.id, 0), projects=projects))
    return views


def _projects(session: Session, access: Access, team: Team) -> list[ProjectView]:
    rows = list_projects(session, access, team_id=team.id, limit=_ALL_PROJECTS)
    return [project_view(facts, access) for facts in rows]


def _detail(
    services: Services,
    access: Access,
    team: Team,
    *,
    with_projects: bool = True,
    with_organization: bool = True,
) -> TeamDetail:
    with services.records.read() as session:
        count = member_counts(session, [team.id]).get(team.id, 0)
        projects = _projects(session, access, team) if with_projects else None
    base_url = services.settings.base_url if with_organization else None
    return team_detail(team, access, count, projects=projects, base_url=base_url)


HANDLERS: list[ControllerRouterHandler] = [
    list_all,
    list_own,
    create,
    read,
    update,
    remove,
    list_members,
    list_team_projects,
    list_teams_of_project,
]
