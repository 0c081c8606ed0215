"""What a handler may ask for, by parameter name: the types and where they come from.

`services caller access project team issue_id page`, each annotated with its type from here. Nothing
of this does I/O: the guard has found it all before the handler runs.
"""

from typing import Annotated

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from vedette.api.paging import MOST, PageRequest, parse_cursor
from vedette.api.services import Services
from vedette.api.visit import Visit, given, visit_of
from vedette.core.ids import parse_number
from vedette.projects.access import Access, Caller
from vedette.projects.values import Project, Team

AnyRequest = Request[object, object, State]
TheServices = NamedDependency[Services]
TheVisit = NamedDependency[Visit]
TheCaller = NamedDependency[Caller]
TheAccess = NamedDependency[Access]
TheProject = NamedDependency[Project]
TheTeam = NamedDependency[Team]
TheIssueId = NamedDependency[int]
ThePage = NamedDependency[PageRequest]

# Query parameters whose own names are taken, by Litestar (`query`) or by what is given above.
SearchText = Annotated[str, QueryParameter(name="query")]  # as `search`
ProjectsAsked = Annotated[list[str] | None, QueryParameter(name="project")]  # as `projects`
TeamsAsked = Annotated[list[str] | None, QueryParameter(name="team")]  # as `teams`


def dependencies(services: Services) -> dict[str, Provide]:
    def give_services() -> Services:
        return services

    def page(request: AnyRequest) -> PageRequest:
        return page_request(request, services.settings.base_url)

    kinds = {
        "services": give_services,
        "page": page,
        "visit": _visit,
        "caller": _caller,
        "access": _access,
        "project": _project,
        "team": _team,
        "issue_id": _issue_id,
    }
    return {name: Provide(function, sync_to_thread=False) for name, function in kinds.items()}


def page_request(request: AnyRequest, base_url: str) -> PageRequest:
    """`per_page` or `limit`, and `cursor`, from the query; what is no number counts as absent."""
    pairs = list(request.query_params.multi_items())
    asked = (parse_number(value) for name, value in pairs if name in ("per_page", "limit"))
    limit = next((number for number in asked if number is not None), MOST)
    return PageRequest(
        url=f"{base_url}{request.url.path.rstrip('/')}/",
        parameters=tuple((name, value) for name, value in pairs if name != "cursor"),
        limit=min(max(limit, 1), MOST),
        cursor=parse_cursor(request.query_params.get("cursor", "")),
    )


def number_in_path(text: str) -> int:
    """The number that a path parameter writes. Raises `Missing` for anything else: it names nothing."""
    return given(parse_number(text))


def _visit(request: AnyRequest) -> Visit:
    return visit_of(request)


def _caller(request: AnyRequest) -> Caller:
    return visit_of(request).caller


def _access(request: AnyRequest) -> Access:
    return given(visit_of(request).access)


def _project(request: AnyRequest) -> Project:
    return given(visit_of(request).project)


def _team(request: AnyRequest) -> Team:
    return given(visit_of(request).team)


def _issue_id(request: AnyRequest) -> int:
    return given(visit_of(request).found.get("issue"))
