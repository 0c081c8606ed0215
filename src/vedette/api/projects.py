"""Projects: list, make, read, change, remove; their teams and members."""

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody
from litestar.types import ControllerRouterHandler

from vedette.api.body import Body
from vedette.api.given import SearchText, TheAccess, TheCaller, ThePage, TheProject, TheServices, TheTeam
from vedette.api.project_change import ProjectChange, change_of
from vedette.api.services import Services
from vedette.projects.access import Access, enter, organizations_of
from vedette.projects.errors import Denied
from vedette.projects.members import members_of_project
from vedette.projects.project_views import (
    ProjectDetail,
    ProjectOfOrganization,
    ProjectView,
    project_detail,
    project_in_organization,
    project_view,
)
from vedette.projects.projects import (
    NewProject,
    add_team,
    change_project,
    create_project,
    list_projects,
    read_project,
    remove_project,
    remove_team,
    team_for_new_project,
)
from vedette.projects.values import Project
from vedette.projects.views import MemberView, member_view

_ALL_PROJECTS = 10_000  # of one organization


@get("/projects/", sync_to_thread=True)
def list_everywhere(
    services: TheServices, caller: TheCaller, page: ThePage, search: SearchText = ""
) -> Response[list[ProjectOfOrganization]]:
    """The projects the caller sees, over all its organizations."""
    base_url = services.settings.base_url
    with services.records.read() as session:
        found = [
            project_in_organization(facts, access, base_url)
            for access in organizations_of(session, caller)
            if access.can("project:read")
            for facts in list_projects(session, access, query=search, limit=_ALL_PROJECTS)
        ]
    return page.whole(found)


@get("/organizations/{org:str}/projects/", sync_to_thread=True)
def list_all(
    services: TheServices,
    access: TheAccess,
    page: ThePage,
    search: SearchText = "",
    all_projects: FromQuery[str] = "",
) -> Response[list[ProjectView]]:
    """The projects the caller sees. `query`: words, `slug:`, `id:`, `team:`; `all_projects=1`: no pages."""
    limit = _ALL_PROJECTS if all_projects == "1" else page.limit
    with services.records.read() as session:
        rows = list_projects(session, access, query=search, offset=page.offset, limit=limit + 1)
    page = msgspec.structs.replace(page, limit=limit)
    return page.page(rows, lambda facts: project_view(facts, access))


class ProjectBody(Body, kw_only=True):
    name: str
    slug: str | None = None
    platform: str | None = None
    default_rules: bool = msgspec.field(default=True, name="default_rules")
    team: str | None = None
    teams: list[str] | None = None


def _new(data: ProjectBody) -> NewProject:
    return NewProject(data.name, data.slug or "", data.platform, data.default_rules)


@post("/teams/{org:str}/{team_slug:str}/projects/", sync_to_thread=True)
def create_in_team(
    services: TheServices, access: TheAccess, team: TheTeam, data: JSONBody[ProjectBody]
) -> ProjectOfOrganization:
    """A new project of this team, with its first key. 409 for a slug in use."""
    now_us = services.clock()
    with services.records.write() as session:
        made = create_project(session, access, _new(data), [team.id], now_us)
    return _made(services, access, made)


@post("/organizations/{org:str}/projects/", sync_to_thread=True)
def create(services: TheServices, access: TheAccess, data: JSONBody[ProjectBody]) -> ProjectOfOrganization:
    """A new project of the teams named, else of the caller's first team, else of a new one."""
    now_us = services.clock()
    slugs = [*([data.team] if data.team else []), *(data.teams or [])]
    with services.records.write() as session:
        team_ids = team_for_new_project(session, access, slugs, now_us)
        made = create_project(session, access, _new(data), team_ids, now_us)
    return _made(services, access, made)


def _made(services: Services, access: Access, made: Project) -> ProjectOfOrganization:
    with services.records.read() as session:
        access = enter(session, access.caller, str(access.organization.id))  # it may have a new team
        facts = read_project(session, access, made.id)
    return project_in_organization(facts, access, services.settings.base_url)


@get("/projects/{org:str}/{proj:str}/", sync_to_thread=True)
def read(services: TheServices, access: TheAccess, project: TheProject) -> ProjectDetail:
    return _detail(services, access, project.id)


@put("/projects/{org:str}/{proj:str}/", sync_to_thread=True)
def update(
    services: TheServices, access: TheAccess, project: TheProject, data: JSONBody[ProjectChange]
) -> ProjectDetail:
    """Changes what is given. A bookmark needs `project:read`, everything else `project:write`."""
    with services.records.write() as session:
        change_project(session, access, project, change_of(project, data), services.clock())
    return _detail(services, access, project.id)


@delete("/projects/{org:str}/{proj:str}/", sync_to_thread=True)
def remove(services: TheServices, access: TheAccess, project: TheProject) -> None:
    """Gone at once for everybody; its data follows."""
    with services.records.write() as session:
        remove_project(session, access, project, services.clock())


@post("/projects/{org:str}/{proj:str}/teams/{team_slug:str}/", sync_to_thread=True)
def give_to_team(
    services: TheServices, access: TheAccess, project: TheProject, team: TheTeam
) -> ProjectDetail:
    with services.records.write() as session:
        add_team(session, access, project, team, services.clock())
    return _detail(services, access, project.id)


@delete("/projects/{org:str}/{proj:str}/teams/{team_slug:str}/", sync_to_thread=True, status_code=200)
def take_from_team(
    services: TheServices, access: TheAccess, project: TheProject, team: TheTeam
) -> ProjectDetail:
    if project.team_ids == (team.id,) and not access.can("project:write"):
        raise Denied("the last team of a project can only be taken by a manager or owner")
    with services.records.write() as session:
        remove_team(session, access, project, team, services.clock())
    return _detail(services, access, project.id)


@get("/projects/{org:str}/{proj:str}/members/", sync_to_thread=True)
def list_project_members(
    services: TheServices, access: TheAccess, project: TheProject, page: ThePage
) -> Response[list[MemberView]]:
    """The people in the project's teams."""
    with services.records.read() as session:
        members = members_of_project(session, access.organization.id, project.team_ids)
    return page.whole([member_view(member, services.clock()) for member in members])


def _detail(services: Services, access: Access, project_id: int) -> ProjectDetail:
    with services.records.read() as session:
        return project_detail(read_project(session, access, project_id), access, services.settings.base_url)


HANDLERS: list[ControllerRouterHandler] = [
    list_everywhere,
    list_all,
    create_in_team,
    create,
    read,
    update,
    remove,
    give_to_team,
    take_from_team,
    list_project_members,
]
