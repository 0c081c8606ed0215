"""Environments of organizations and projects."""

from typing import Literal

import msgspec
from litestar import Response, get, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import ControllerRouterHandler

from vedette.api.body import Body
from vedette.api.edge import path_text
from vedette.api.given import TheAccess, ThePage, TheProject, TheServices
from vedette.api.services import Services
from vedette.projects import audit
from vedette.projects.access import Access
from vedette.projects.environments import (
    Environment,
    find_environment,
    hide_environments,
    organization_environments,
    project_environments,
)
from vedette.projects.values import Project
from vedette.projects.views import View

Visibility = Literal["all", "hidden", "visible"]


class EnvironmentName(msgspec.Struct):
    id: str
    name: str


class EnvironmentView(View, kw_only=True):
    id: str
    name: str
    is_hidden: bool


@get("/organizations/{org:str}/environments/", sync_to_thread=True)
def list_all(
    services: TheServices, access: TheAccess, page: ThePage, visibility: FromQuery[Visibility] = "visible"
) -> Response[list[EnvironmentName]]:
    """Names seen in any project the caller sees."""
    with services.records.read() as session:
        found = organization_environments(session, access, visibility)
    return page.whole([EnvironmentName(str(one.id), one.name) for one in found])


@get("/projects/{org:str}/{proj:str}/environments/", sync_to_thread=True)
def list_of_project(
    services: TheServices, project: TheProject, page: ThePage, visibility: FromQuery[Visibility] = "visible"
) -> Response[list[EnvironmentView]]:
    with services.records.read() as session:
        found = project_environments(session, project, visibility)
    return page.whole([_view(one) for one in found])


class Hiding(Body, kw_only=True):
    environment_names: list[str]
    is_hidden: bool


@put("/projects/{org:str}/{proj:str}/environments/", sync_to_thread=True)
def hide_several(
    services: TheServices, access: TheAccess, project: TheProject, data: JSONBody[Hiding]
) -> list[EnvironmentView]:
    """Hides or shows several by name; 404 if one of them is not there."""
    return _hide(services, access, project, data.environment_names, data.is_hidden)


@get("/projects/{org:str}/{proj:str}/environments/{environment:str}/", sync_to_thread=True)
def read(services: TheServices, project: TheProject, environment: FromPath[str]) -> EnvironmentView:
    with services.records.read() as session:
        return _view(find_environment(session, project, path_text(environment)))


class HidingOne(Body, kw_only=True):
    is_hidden: bool


@put("/projects/{org:str}/{proj:str}/environments/{environment:str}/", sync_to_thread=True)
def hide(
    services: TheServices,
    access: TheAccess,
    project: TheProject,
    environment: FromPath[str],
    data: JSONBody[HidingOne],
) -> EnvironmentView:
    return _hide(services, access, project, [path_text(environment)], data.is_hidden)[0]


def _hide(
    services: Services, access: Access, project: Project, names: list[str], is_hidden: bool
) -> list[EnvironmentView]:
    with services.records.write() as session:
        changed = hide_environments(session, project, names, is_hidden)
        audit.note(
            session,
            access.organization.id,
            access.caller,
            "environment.edit",
            project.slug,
            services.clock(),
            environments=names,
        )
    return [_view(one) for one in changed]


def _view(one: Environment) -> EnvironmentView:
    return EnvironmentView(id=str(one.id), name=one.name, is_hidden=one.is_hidden)


HANDLERS: list[ControllerRouterHandler] = [list_all, list_of_project, hide_several, read, hide]
