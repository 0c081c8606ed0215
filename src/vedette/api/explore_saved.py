"""Kept questions: those of Explore, with stars and sharing, and those of Discover."""

from typing import Any

from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from vedette.api.given import AnyRequest, TheAccess, ThePage, TheServices
from vedette.api.paging import PageRequest
from vedette.api.services import Services
from vedette.core.time import to_iso
from vedette.explore.saved import (
    Kept,
    Owner,
    QueryKind,
    change_query,
    drop_query,
    keep_query,
    kept_queries,
    kept_query,
    star_query,
)
from vedette.projects.access import Access
from vedette.projects.errors import Invalid

Json = dict[str, Any]
# What the server says of a query: not kept with what clients send back.
_SERVERS_OWN = frozenset(
    (
        *("id", "name", "visibility", "dateCreated", "dateAdded", "dateUpdated"),
        *("createdBy", "starred", "expired", "version"),
    )
)


def _owner(access: Access) -> Owner:
    return Owner(access.organization.id, access.user.id if access.user else None, access.can("org:write"))


def _list(
    services: Services, access: Access, request: AnyRequest, page: PageRequest, kind: QueryKind
) -> list[Kept]:
    query = request.query_params
    text = (query.get("query") or "").removeprefix("name:").strip('"* ')
    with services.records.read() as session:
        return kept_queries(
            session,
            _owner(access),
            kind,
            text=text,
            sort=query.get("sortBy") or query.get("sort") or "",
            limit=page.limit + 1,
            offset=page.offset,
        )


def _one(services: Services, access: Access, id_: int, kind: QueryKind) -> Kept:
    with services.records.read() as session:
        return kept_query(session, _owner(access), kind, id_)


def _create(services: Services, access: Access, data: Json, kind: QueryKind, visibility: str) -> Kept:
    name, given = _text(data, "name") or "", _text(data, "visibility") or visibility
    with services.records.write() as session:
        return keep_query(session, _owner(access), kind, name, given, _body(data), services.clock())


def _change(services: Services, access: Access, id_: int, data: Json, kind: QueryKind) -> Kept:
    name, visibility = _text(data, "name"), _text(data, "visibility")
    with services.records.write() as session:
        return change_query(
            session, _owner(access), kind, id_, name, visibility, _body(data), services.clock()
        )


def _drop(services: Services, access: Access, id_: int, kind: QueryKind) -> None:
    with services.records.write() as session:
        drop_query(session, _owner(access), kind, id_)


def _text(data: Json, name: str) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise Invalid(name, "must be a text")
    return value


def _body(data: Json) -> Json:
    return {key: value for key, value in data.items() if key not in _SERVERS_OWN}


def _created_by(kept: Kept) -> Json | None:
    if kept.user_id is None:
        return None
    return {
        "id": str(kept.user_id),
        "name": kept.user_name,
        "email": kept.user_email,
        "username": kept.user_email,
    }


# ── Discover ──────────────────────────────────────────────────────────────────────────────


def _discover_view(kept: Kept) -> Json:
    return {
        "projects": [],
        "queryDataset": "discover",
        "datasetSource": "user",
        **kept.body,
        "id": str(kept.id),
        "name": kept.name,
        "version": 2,
        "expired": False,
        "dateCreated": to_iso(kept.created_us),
        "dateUpdated": to_iso(kept.updated_us),
        "createdBy": _created_by(kept),
    }


@get("/organizations/{org:str}/discover/saved/", sync_to_thread=True)
def list_discover(
    services: TheServices, access: TheAccess, request: AnyRequest, page: ThePage
) -> Response[list[Json]]:
    return page.page(_list(services, access, request, page, "discover"), _discover_view)


@post("/organizations/{org:str}/discover/saved/", status_code=201, sync_to_thread=True)
def create_discover(services: TheServices, access: TheAccess, data: JSONBody[Json]) -> Json:
    return _discover_view(_create(services, access, data, "discover", "organization"))


@get("/organizations/{org:str}/discover/saved/{query_id:int}/", sync_to_thread=True)
def read_discover(services: TheServices, access: TheAccess, query_id: FromPath[int]) -> Json:
    return _discover_view(_one(services, access, query_id, "discover"))


@put("/organizations/{org:str}/discover/saved/{query_id:int}/", sync_to_thread=True)
def change_discover(
    services: TheServices, access: TheAccess, query_id: FromPath[int], data: JSONBody[Json]
) -> Json:
    return _discover_view(_change(services, access, query_id, data, "discover"))


@delete("/organizations/{org:str}/discover/saved/{query_id:int}/", status_code=204, sync_to_thread=True)
def drop_discover(services: TheServices, access: TheAccess, query_id: FromPath[int]) -> None:
    _drop(services, access, query_id, "discover")


# ── Explore ───────────────────────────────────────────────────────────────────────────────


def _explore_view(kept: Kept) -> Json:
    return {
        "projects": [],
        "dataset": "spans",
        "query": [],
        **kept.body,
        "id": str(kept.id),
        "name": kept.name,
        "visibility": kept.visibility,
        "starred": kept.starred,
        "dateAdded": to_iso(kept.created_us),
        "dateUpdated": to_iso(kept.updated_us),
        "createdBy": _created_by(kept),
    }


@get("/organizations/{org:str}/explore/saved/", sync_to_thread=True)
def list_explore(
    services: TheServices, access: TheAccess, request: AnyRequest, page: ThePage
) -> Response[list[Json]]:
    return page.page(_list(services, access, request, page, "explore"), _explore_view)


@post("/organizations/{org:str}/explore/saved/", status_code=201, sync_to_thread=True)
def create_explore(services: TheServices, access: TheAccess, data: JSONBody[Json]) -> Json:
    """One's own unless `visibility` is `organization`."""
    return _explore_view(
        _create(services, access, data, "explore", "owner" if access.user else "organization")
    )


@get("/organizations/{org:str}/explore/saved/{query_id:int}/", sync_to_thread=True)
def read_explore(services: TheServices, access: TheAccess, query_id: FromPath[int]) -> Json:
    return _explore_view(_one(services, access, query_id, "explore"))


@put("/organizations/{org:str}/explore/saved/{query_id:int}/", sync_to_thread=True)
def change_explore(
    services: TheServices, access: TheAccess, query_id: FromPath[int], data: JSONBody[Json]
) -> Json:
    return _explore_view(_change(services, access, query_id, data, "explore"))


@delete("/organizations/{org:str}/explore/saved/{query_id:int}/", status_code=204, sync_to_thread=True)
def drop_explore(services: TheServices, access: TheAccess, query_id: FromPath[int]) -> None:
    _drop(services, access, query_id, "explore")


@post("/organizations/{org:str}/explore/saved/{query_id:int}/starred/", status_code=200, sync_to_thread=True)
def star_explore(
    services: TheServices, access: TheAccess, query_id: FromPath[int], data: JSONBody[Json]
) -> Json:
    """`{"starred": true}` marks it for oneself, false takes the mark away."""
    with services.records.write() as session:
        kept = star_query(session, _owner(access), "explore", query_id, bool(data.get("starred", True)))
    return _explore_view(kept)


HANDLERS: list[ControllerRouterHandler] = [
    list_discover,
    create_discover,
    read_discover,
    change_discover,
    drop_discover,
    list_explore,
    create_explore,
    read_explore,
    change_explore,
    drop_explore,
    star_explore,
]
