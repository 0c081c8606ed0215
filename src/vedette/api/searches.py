"""Kept and recent searches, and the completion of tags in a query that is being written."""

from typing import Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from vedette.api.edge import path_text
from vedette.api.explore_asked import bounds_of, dataset_of
from vedette.api.explore_attributes import value_view
from vedette.api.given import AnyRequest, TheAccess, ThePage, TheServices, number_in_path
from vedette.api.issues import tag_key_view
from vedette.api.services import Services
from vedette.api.windows import environments_of, projects_asked, window_of
from vedette.core.time import DAY_US, to_iso
from vedette.errors.dataset import ERRORS
from vedette.errors.selection import EventFilter
from vedette.errors.tags import TagQueries
from vedette.explore.attribute_values import AttributeReader, Selection
from vedette.explore.dataset import Dataset
from vedette.issues.searches import (
    Draft,
    Keeper,
    Recent,
    Search,
    change_search,
    drop_search,
    note_search,
    recent_searches,
    save_search,
    saved_searches,
)
from vedette.projects.access import Access
from vedette.projects.errors import Denied

Body = dict[str, Any]
_TAGS_US = 14 * DAY_US
_COMPLETIONS = 50


class SearchBody(msgspec.Struct, rename="camel"):
    name: str | None = None
    query: str | None = None
    sort: str | None = None
    visibility: str | None = None
    team: str | None = None
    position: int | None = None
    filters: dict[str, Any] | None = None  # project, environment, statsPeriod

    def draft(self) -> Draft:
        return Draft(
            self.name, self.query, self.sort, self.visibility, self.team, self.position, self.filters
        )


@get("/organizations/{org:str}/searches/", sync_to_thread=True)
def list_searches(services: TheServices, access: TheAccess) -> list[Body]:
    with services.records.read() as session:
        return [_view(one) for one in saved_searches(session, _keeper(access))]


@post("/organizations/{org:str}/searches/", status_code=201, sync_to_thread=True)
def create_search(services: TheServices, access: TheAccess, data: JSONBody[SearchBody]) -> Body:
    with services.records.write() as session:
        return _view(save_search(session, _keeper(access), data.draft(), services.clock()))


@put("/organizations/{org:str}/searches/{search:str}/", sync_to_thread=True)
def update_search(
    services: TheServices, access: TheAccess, search: FromPath[str], data: JSONBody[SearchBody]
) -> Body:
    with services.records.write() as session:
        return _view(change_search(session, _keeper(access), number_in_path(search), data.draft()))


@delete("/organizations/{org:str}/searches/{search:str}/", status_code=204, sync_to_thread=True)
def delete_search(services: TheServices, access: TheAccess, search: FromPath[str]) -> None:
    with services.records.write() as session:
        drop_search(session, _keeper(access), number_in_path(search))


def _keeper(access: Access) -> Keeper:
    """Raises `Denied` for a token of the organization: searches are people's."""
    if access.user is None:
        raise Denied("only a person can keep searches, not a token of an organization")
    return Keeper(access.organization.id, access.user.id, tuple(access.team_roles), access.can("org:write"))


def _view(search: Search) -> Body:
    return {
        "id": str(search.id),
        "type": 0,
        "name": search.name,
        "query": search.query,
        "sort": search.sort,
        "visibility": search.visibility,
        "position": search.position,
        "filters": search.options,
        "isGlobal": False,
        "isPinned": False,
        "dateCreated": to_iso(search.created_us),
    }


# ── lately ────────────────────────────────────────────────────────────────────────────────


class RecentBody(msgspec.Struct):
    query: str = ""
    type: int = 0


@get("/organizations/{org:str}/recent-searches/", sync_to_thread=True)
def list_recent(services: TheServices, access: TheAccess, request: AnyRequest, page: ThePage) -> list[Body]:
    text = request.query_params.get("query") or ""
    with services.records.read() as session:
        found = recent_searches(session, _keeper(access), text, min(page.limit, 30))
    return [_recent_view(one, access) for one in found]


@post("/organizations/{org:str}/recent-searches/", sync_to_thread=True)
def remember_search(services: TheServices, access: TheAccess, data: JSONBody[RecentBody]) -> Response[None]:
    """201 for a new one, 204 for one that is known."""
    with services.records.write() as session:
        is_new = note_search(session, _keeper(access), data.query, services.clock())
    return Response(None, status_code=201 if is_new else 204)


def _recent_view(recent: Recent, access: Access) -> Body:
    return {
        "id": str(recent.id),
        "organizationId": str(access.organization.id),
        "type": 0,
        "query": recent.query,
        "lastSeen": to_iso(recent.last_seen_us),
        "dateCreated": to_iso(recent.created_us),
    }


# ── tags ──────────────────────────────────────────────────────────────────────────────────


@get("/organizations/{org:str}/tags/", sync_to_thread=True)
def list_tag_keys(services: TheServices, access: TheAccess, request: AnyRequest) -> list[Body]:
    """The tags of the newest events; with `dataset`, the attributes of its newest rows."""
    if (dataset := _other_dataset(request)) is not None:
        selection = Selection(dataset, bounds_of(services, request, access))
        keys = AttributeReader(services.records, services.telemetry).keys(selection, "string", "", 1000)
        return [tag_key_view(one.key, one.rows, one.values) for one in keys]
    events = _events(services, request, access)
    if not events.project_ids:
        return []
    found = TagQueries(services.telemetry).keys(events)
    return [tag_key_view(tag.key, tag.events, tag.value_count) for tag in found]


@get("/organizations/{org:str}/tags/{key:str}/values/", sync_to_thread=True)
def complete_tag(
    services: TheServices, access: TheAccess, request: AnyRequest, key: FromPath[str]
) -> list[Body]:
    """Values of a tag that hold the text given as `query`, the commonest first."""
    key, text = path_text(key), (request.query_params.get("query") or "").strip("*")
    if (dataset := _other_dataset(request)) is not None:
        selection = Selection(dataset, bounds_of(services, request, access))
        values = AttributeReader(services.records, services.telemetry).values(
            selection, key, text, _COMPLETIONS
        )
        return [value_view(key, value) for value in values]
    events = _events(services, request, access)
    if not events.project_ids:
        return []
    found = TagQueries(services.telemetry).complete(events, key, text, _COMPLETIONS)
    return [
        {
            "key": key,
            "name": value.value,
            "value": value.value,
            "count": value.events,
            "firstSeen": to_iso(value.first_us),
            "lastSeen": to_iso(value.last_us),
        }
        for value in found
    ]


def _other_dataset(request: AnyRequest) -> Dataset | None:
    """The dataset asked for, unless it is that of errors."""
    dataset = dataset_of(request)
    return None if dataset.table == ERRORS.table else dataset


def _events(services: Services, request: AnyRequest, access: Access) -> EventFilter:
    window = window_of(request, services.clock(), _TAGS_US)
    with services.records.read() as session:
        projects = projects_asked(session, request, access, None)
    return EventFilter(
        project_ids=tuple(projects), from_us=window.from_us, environments=environments_of(request)
    )


HANDLERS: list[ControllerRouterHandler] = [
    list_searches,
    create_search,
    update_search,
    delete_search,
    list_recent,
    remember_search,
    list_tag_keys,
    complete_tag,
]
