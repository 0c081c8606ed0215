"""Client keys: what SDKs send with."""

from typing import Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import ControllerRouterHandler

from vedette.api.body import Body
from vedette.api.given import TeamsAsked, TheAccess, ThePage, TheProject, TheServices
from vedette.projects import audit
from vedette.projects.access import find_team
from vedette.projects.client_keys import (
    KeyChange,
    Rate,
    change_key,
    create_key,
    find_key,
    list_keys,
    list_organization_keys,
    remove_key,
)
from vedette.projects.errors import Invalid
from vedette.projects.project_views import SDK_VERSIONS, KeyView, LoaderOptions, key_view


def _active(status: str) -> bool | None:
    return {"active": True, "inactive": False}.get(status)


@get("/organizations/{org:str}/project-keys/", sync_to_thread=True)
def list_all(
    services: TheServices,
    access: TheAccess,
    page: ThePage,
    teams: TeamsAsked = None,
    status: FromQuery[str] = "",
) -> Response[list[KeyView]]:
    """Keys of all projects the caller sees. `team`: id or slug; `status`: active or inactive."""
    with services.records.read() as session:
        team_ids = [find_team(session, access, one).id for one in teams or []]
        rows = list_organization_keys(
            session,
            access,
            active=_active(status),
            team_ids=team_ids,
            offset=page.offset,
            limit=page.limit + 1,
        )
    return page.page(rows, lambda key: key_view(key, services.settings.base_url))


@get("/projects/{org:str}/{proj:str}/keys/", sync_to_thread=True)
def list_keys_of_project(
    services: TheServices, project: TheProject, page: ThePage, status: FromQuery[str] = ""
) -> Response[list[KeyView]]:
    with services.records.read() as session:
        rows = list_keys(
            session, project.id, active=_active(status), offset=page.offset, limit=page.limit + 1
        )
    return page.page(rows, lambda key: key_view(key, services.settings.base_url))


class NewKey(Body, kw_only=True):
    name: str | None = None
    label: str | None = None
    rate_limit: Rate | None = None


@post("/projects/{org:str}/{proj:str}/keys/", sync_to_thread=True)
def create(services: TheServices, access: TheAccess, project: TheProject, data: JSONBody[NewKey]) -> KeyView:
    now_us = services.clock()
    label = data.name or data.label or "Default"
    with services.records.write() as session:
        key = create_key(session, project.id, label=label, rate=data.rate_limit, now_us=now_us)
        audit.note(
            session,
            access.organization.id,
            access.caller,
            "projectkey.create",
            key.label,
            now_us,
            project=project.slug,
        )
    return key_view(key, services.settings.base_url)


@get("/projects/{org:str}/{proj:str}/keys/{key_id:str}/", sync_to_thread=True)
def read(services: TheServices, project: TheProject, key_id: FromPath[str]) -> KeyView:
    with services.records.read() as session:
        return key_view(find_key(session, project, key_id), services.settings.base_url)


class KeyBody(Body, kw_only=True):
    name: str | None = None
    label: str | None = None
    is_active: bool | None = None
    rate_limit: Rate | msgspec.UnsetType | None = msgspec.UNSET  # null takes the limit off
    browser_sdk_version: str | None = None
    dynamic_sdk_loader_options: LoaderOptions | None = None


@put("/projects/{org:str}/{proj:str}/keys/{key_id:str}/", sync_to_thread=True)
def update(
    services: TheServices,
    access: TheAccess,
    project: TheProject,
    key_id: FromPath[str],
    data: JSONBody[KeyBody],
) -> KeyView:
    rate = data.rate_limit
    change = KeyChange(
        label=data.name or data.label,
        is_active=data.is_active,
        sets_rate=not isinstance(rate, msgspec.UnsetType),
        rate=None if isinstance(rate, msgspec.UnsetType) else rate,
        options=_options(data),
    )
    with services.records.write() as session:
        key = change_key(session, access, project, key_id, change, services.clock())
    return key_view(key, services.settings.base_url)


@delete("/projects/{org:str}/{proj:str}/keys/{key_id:str}/", sync_to_thread=True)
def remove(services: TheServices, access: TheAccess, project: TheProject, key_id: FromPath[str]) -> None:
    """What is sent with it is refused within seconds."""
    with services.records.write() as session:
        remove_key(session, access, project, key_id, services.clock())


def _options(data: KeyBody) -> dict[str, Any] | None:
    options: dict[str, Any] = {}
    if data.browser_sdk_version is not None:
        if data.browser_sdk_version not in SDK_VERSIONS:
            raise Invalid("browserSdkVersion", f"one of {', '.join(SDK_VERSIONS)}")
        options["browser_sdk_version"] = data.browser_sdk_version
    if data.dynamic_sdk_loader_options is not None:
        options["loader"] = msgspec.to_builtins(data.dynamic_sdk_loader_options)
    return options or None


HANDLERS: list[ControllerRouterHandler] = [list_all, list_keys_of_project, create, read, update, remove]
