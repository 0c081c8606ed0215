"""Events: of an issue, of a project, by their ids; raw, explained, and with their attachments."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from vedette.api.event_answers import (
    detail_of,
    events_asked,
    events_of_issue,
    find_event,
    issues_of,
    read_page,
    views_of,
)
from vedette.api.given import AnyRequest, TheAccess, TheIssueId, ThePage, TheProject, TheServices
from vedette.api.issue_paths import on_issue
from vedette.api.paging import PageRequest
from vedette.api.services import Services
from vedette.api.windows import projects_asked
from vedette.core.ids import parse_event_id
from vedette.errors.grouping import grouping_config, grouping_info
from vedette.errors.query import EventQueries, EventRow
from vedette.errors.selection import EventFilter
from vedette.errors.views import EventDetailView, EventView, decode_payload, raw_view
from vedette.projects.access import Access
from vedette.projects.errors import Missing
from vedette.projects.values import Project

Body = dict[str, Any]
Views = list[EventView]


# ── of an issue ───────────────────────────────────────────────────────────────────────────


@on_issue(
    get,
    "events/",
    sync_to_thread=True,
)
def list_issue_events(
    services: TheServices, request: AnyRequest, access: TheAccess, issue_id: TheIssueId, page: ThePage
) -> Response[Views]:
    return _list(services, request, access, None, issue_id, page)


@on_issue(
    get,
    "events/{event:str}/",
    sync_to_thread=True,
)
def read_issue_event(
    services: TheServices,
    request: AnyRequest,
    access: TheAccess,
    project: TheProject,
    issue_id: TheIssueId,
    event: FromPath[str],
) -> EventDetailView:
    """An event of the issue by its id, or the `latest`, `oldest`, `recommended` of those asked for."""
    events = events_asked(services, request, access, None, issue_id)
    return detail_of(services, access, project, find_event(services, events, event), events)


# ── of a project ──────────────────────────────────────────────────────────────────────────


@get("/projects/{org:str}/{proj:str}/events/", sync_to_thread=True)
def list_project_events(
    services: TheServices, request: AnyRequest, access: TheAccess, project: TheProject, page: ThePage
) -> Response[Views]:
    return _list(services, request, access, project, None, page)


@get("/projects/{org:str}/{proj:str}/events/{event:str}/", sync_to_thread=True)
def read_project_event(
    services: TheServices, access: TheAccess, project: TheProject, event: FromPath[str]
) -> EventDetailView:
    row = _row(services, project, event)
    issue_id = issues_of(services, [row]).get((row.project_id, row.group_hash))
    return detail_of(services, access, project, row, _neighbours(services, row, issue_id))


@get("/projects/{org:str}/{proj:str}/events/{event:str}/json/", sync_to_thread=True)
def read_raw_event(services: TheServices, project: TheProject, event: FromPath[str]) -> Body:
    row = _row(services, project, event)
    return raw_view(row, EventQueries(services.telemetry).payload(row))


@get("/projects/{org:str}/{proj:str}/events/{event:str}/grouping-info/", sync_to_thread=True)
def explain_grouping(services: TheServices, project: TheProject, event: FromPath[str]) -> Body:
    """Every variant with its tree by the project's rules of today; `hashMismatch` where they were others then."""
    row = _row(services, project, event)
    stored = decode_payload(row, EventQueries(services.telemetry).payload(row))
    options = project.options.grouping
    config = grouping_config(options.fingerprint_rules, options.stack_rules)
    return dict(grouping_info(stored, config, row.group_hash))


@get("/projects/{org:str}/{proj:str}/events/{event:str}/attachments/", sync_to_thread=True)
def list_attachments(services: TheServices, project: TheProject, event: FromPath[str]) -> list[Body]:
    """None: attachments are not kept yet, and their outcome says so."""
    _row(services, project, event)
    return []


@get("/projects/{org:str}/{proj:str}/events/{event:str}/attachments/{attachment:str}/", sync_to_thread=False)
def read_attachment(project: TheProject, event: FromPath[str], attachment: FromPath[str]) -> None:
    raise Missing


@get("/projects/{org:str}/{proj:str}/events/{event:str}/source-map-debug/", sync_to_thread=True)
def debug_source_maps(services: TheServices, project: TheProject, event: FromPath[str]) -> Body:
    """What keeps frames from being mapped: there are no uploaded source maps to map by."""
    row = _row(services, project, event)
    return {
        "dist": row.dist or None,
        "release": row.release or None,
        "exceptions": [],
        "has_debug_ids": False,
        "min_debug_ids_sdk_version": None,
        "sdk_version": None,
        "project_has_some_artifact_bundle": False,
        "release_has_some_artifact": False,
        "has_uploaded_some_artifact_with_a_debug_id": False,
        "sdk_debug_id_support": "unofficial-sdk",
        "has_scraping_data": False,
    }


# ── by its id alone ───────────────────────────────────────────────────────────────────────


@get("/organizations/{org:str}/eventids/{event:str}/", sync_to_thread=True)
def resolve_event_id(
    services: TheServices, request: AnyRequest, access: TheAccess, event: FromPath[str]
) -> Body:
    event_id = parse_event_id(event)
    with services.records.read() as session:
        projects = projects_asked(session, request, access, None)
    row = EventQueries(services.telemetry).by_id(list(projects), event_id) if event_id and projects else None
    issue_id = issues_of(services, [row]).get((row.project_id, row.group_hash)) if row else None
    if row is None or issue_id is None:
        raise Missing
    return {
        "organizationSlug": access.organization.slug,
        "projectSlug": projects[row.project_id],
        "groupId": str(issue_id),
        "eventId": row.event_id,
        "event": views_of(services, [row], full=True)[0],
    }


# ── help ──────────────────────────────────────────────────────────────────────────────────


def _list(
    services: Services,
    request: AnyRequest,
    access: Access,
    project: Project | None,
    issue_id: int | None,
    page: PageRequest,
) -> Response[Views]:
    events = events_asked(services, request, access, project, issue_id)
    found = read_page(services, request, events, page)
    full = request.query_params.get("full", "") in ("1", "true")
    return page.linked(
        views_of(services, found.rows, full=full),
        previous=found.previous,
        next_=found.next,
        has_previous=found.has_previous,
        has_next=found.has_next,
    )


def _row(services: Services, project: Project, event: str) -> EventRow:
    return find_event(services, EventFilter((project.id,)), event)


def _neighbours(services: Services, row: EventRow, issue_id: int | None) -> EventFilter:
    """Events of the same issue; of none: of the project."""
    return events_of_issue(services, issue_id) if issue_id else EventFilter((row.project_id,))


HANDLERS: list[ControllerRouterHandler] = [
    *list_issue_events,
    *read_issue_event,
    list_project_events,
    read_project_event,
    read_raw_event,
    explain_grouping,
    list_attachments,
    read_attachment,
    debug_source_maps,
    resolve_event_id,
]
