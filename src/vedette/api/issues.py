"""Issues, one and many: read, change, delete; also as people and old clients name them."""

from typing import Any

from litestar import Response, delete, get, put
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from vedette.api.given import AnyRequest, TheAccess, TheIssueId, TheProject, TheServices
from vedette.api.issue_answers import detail, shown, the_issue, viewer_id
from vedette.api.issue_figures import Asked, figures_of, recent_hours
from vedette.api.issue_paths import on_issue
from vedette.api.issue_queries import DEFAULT_US
from vedette.api.issue_targets import target_ids
from vedette.api.services import Services
from vedette.api.windows import environments_of, window_of
from vedette.errors.groups import groups_of
from vedette.errors.query import EventQueries
from vedette.errors.selection import EventFilter
from vedette.errors.tags import TagQueries
from vedette.errors.views import decode_payload, shared_event_view
from vedette.issues.activity import Actor
from vedette.issues.find import find_issue_id, find_shared_id, lock_issues, project_of_issue
from vedette.issues.merging import merge_issues
from vedette.issues.patch import Patch, decode_patch
from vedette.issues.query import Listed, load_issues
from vedette.issues.removal import remove_issues
from vedette.issues.update import Update, apply_patch
from vedette.issues.views import (
    Figures,
    IssueDetailView,
    assignee_view,
    shared_view,
    status_details_view,
)
from vedette.projects import audit
from vedette.projects.access import Access, denied
from vedette.projects.errors import Invalid, Missing
from vedette.projects.values import Project
from vedette.storage.records.schema import Issue, Organization
from vedette.storage.telemetry.errors import TelemetryUnavailable

Body = dict[str, Any]


# ── one ───────────────────────────────────────────────────────────────────────────────────


@on_issue(get, "", sync_to_thread=True)
def read_issue(
    services: TheServices, request: AnyRequest, access: TheAccess, issue_id: TheIssueId
) -> IssueDetailView:
    return _detail(services, request, access, issue_id)


@on_issue(put, "", sync_to_thread=True)
def change_issue(
    services: TheServices,
    request: AnyRequest,
    access: TheAccess,
    project: TheProject,
    issue_id: TheIssueId,
    data: JSONBody[Body],
) -> IssueDetailView | Response[None]:
    """The whole issue as it is afterwards; 204 if it was discarded."""
    patch = decode_patch(data, services.clock())
    if patch.merge:
        raise Invalid("merge", "at least two issues are needed")
    if patch.discard:
        if not access.can_in_project(project, "event:admin"):
            raise denied(("event:admin",))
        _remove(services, access, [issue_id], discard=True)
        return Response(None, status_code=204)
    _apply(services, access, [issue_id], patch)
    return _detail(services, request, access, issue_id)


@on_issue(delete, "", status_code=202, sync_to_thread=True)
def delete_issue(services: TheServices, access: TheAccess, issue_id: TheIssueId) -> None:
    """Gone from all lists at once; its events go by a job."""
    _remove(services, access, [issue_id])


def _detail(services: Services, request: AnyRequest, access: Access, issue_id: int) -> IssueDetailView:
    now_us = services.clock()
    collapse = frozenset(request.query_params.getall("collapse", []))
    asked = Asked(
        window=window_of(request, now_us, DEFAULT_US),
        now_us=now_us,
        environments=environments_of(request),
        periods=("24h", "30d"),
    )
    figures = None if "stats" in collapse else _figures(services, access, issue_id, asked)
    tags = None if "tags" in collapse else _tags(services, issue_id, asked)
    return detail(services, access, issue_id, figures, tags, collapse)


def _figures(services: Services, access: Access, issue_id: int, asked: Asked) -> Figures | None:
    with services.records.read() as session:
        listed = the_issue(session, access, issue_id)
    return figures_of(services, [listed], asked).get(issue_id)


def _tags(services: Services, issue_id: int, asked: Asked) -> list[Body]:
    """The keys of the issue's tags; none while telemetry is out."""
    with services.records.read() as session:
        groups = groups_of(session, [issue_id])
    window = asked.window
    events = EventFilter.of_groups(
        groups,
        from_us=window.from_us if window.is_asked else None,
        to_us=window.to_us if window.is_asked else None,
        environments=asked.environments,
    )
    try:
        found = TagQueries(services.telemetry).keys(events)
    except TelemetryUnavailable:
        return []
    return [tag_key_view(tag.key, tag.events, tag.value_count) for tag in found]


def tag_key_view(key: str, events: int, values: int) -> Body:
    return {"key": key, "name": tag_name(key), "totalValues": events, "uniqueValues": values}


def tag_name(key: str) -> str:
    """`server_name` as people read it."""
    return key.replace("_", " ").replace(".", " ").strip().title()


# ── many ──────────────────────────────────────────────────────────────────────────────────


@put("/organizations/{org:str}/issues/", sync_to_thread=True)
def change_issues(
    services: TheServices, request: AnyRequest, access: TheAccess, data: JSONBody[Body]
) -> Response[Body] | Response[None]:
    return _change_many(services, request, access, None, data)


@put("/projects/{org:str}/{proj:str}/issues/", sync_to_thread=True)
def change_project_issues(
    services: TheServices, request: AnyRequest, access: TheAccess, project: TheProject, data: JSONBody[Body]
) -> Response[Body] | Response[None]:
    return _change_many(services, request, access, project, data)


@delete("/organizations/{org:str}/issues/", status_code=204, sync_to_thread=True)
def delete_issues(services: TheServices, request: AnyRequest, access: TheAccess) -> None:
    _remove(services, access, target_ids(services, request, access, None, {}))


@delete("/projects/{org:str}/{proj:str}/issues/", status_code=204, sync_to_thread=True)
def delete_project_issues(
    services: TheServices, request: AnyRequest, access: TheAccess, project: TheProject
) -> None:
    _remove(services, access, target_ids(services, request, access, project, {}))


def _change_many(
    services: Services, request: AnyRequest, access: Access, project: Project | None, data: Body
) -> Response[Body] | Response[None]:
    """Only what was changed; 204 where no issue was found."""
    patch = decode_patch(data, services.clock())
    ids = target_ids(services, request, access, project, data)
    if not ids:
        return Response(None, status_code=204)
    if patch.discard:
        access.require("event:admin")
        _remove(services, access, ids, discard=True)
        return Response(None, status_code=204)
    if patch.merge:
        return Response({"merge": _merge(services, access, ids)})
    _apply(services, access, ids, patch)
    with services.records.read() as session:
        first = load_issues(session, ids[:1], viewer_id(access))
    return Response(_changed(patch, first[0])) if first else Response(None, status_code=204)


def _changed(patch: Patch, first: Listed) -> Body:
    """The changed fields, as the first of the issues has them now."""
    issue, changed = first.issue, Body()
    if patch.wish is not None or patch.inbox is not None:
        changed |= {
            "status": issue.status,
            "substatus": issue.substatus,
            "statusDetails": status_details_view(first),
        }
    if isinstance(patch.assigned_to, str) or patch.assigned_to is None:
        changed["assignedTo"] = assignee_view(first)
    if patch.is_public is not None:
        changed |= {"isPublic": issue.share_id is not None, "shareId": issue.share_id}
    marks = {
        "priority": patch.priority,
        "hasSeen": patch.has_seen,
        "isBookmarked": patch.is_bookmarked,
        "isSubscribed": patch.is_subscribed,
        "inbox": patch.inbox,
    }
    return changed | {name: value for name, value in marks.items() if value is not None}


# ── what is done ──────────────────────────────────────────────────────────────────────────


def actor_of(access: Access) -> Actor:
    return Actor(viewer_id(access))


def _apply(services: Services, access: Access, ids: list[int], patch: Patch) -> None:
    now_us = services.clock()
    hours = recent_hours(services, ids, now_us) if patch.archives_until_escalating else {}
    update = Update(patch, actor_of(access), access.organization.id, now_us, hours)
    with services.records.write() as session:
        issues = lock_issues(session, ids)
        if not issues:
            raise Missing
        apply_patch(session, issues, update)
    poke(services, access)


def _merge(services: Services, access: Access, ids: list[int]) -> Body:
    with services.records.write() as session:
        parent, children = merge_issues(
            session, lock_issues(session, ids), actor_of(access), services.clock()
        )
    poke(services, access)
    return {"parent": str(parent), "children": [str(child) for child in children]}


def _remove(services: Services, access: Access, ids: list[int], *, discard: bool = False) -> None:
    now_us = services.clock()
    with services.records.write() as session:
        issues = lock_issues(session, ids)
        for issue in issues:
            _note_removal(session, access, issue, now_us, discard=discard)
        remove_issues(session, issues, now_us, discard=discard)
    poke(services, access)


def _note_removal(session: Session, access: Access, issue: Issue, now_us: int, *, discard: bool) -> None:
    event = "issue.discard" if discard else "issue.delete"
    title = issue.title[:200]
    audit.note(session, access.organization.id, access.caller, event, str(issue.id), now_us, title=title)


def poke(services: Services, access: Access) -> None:
    """Open pages look again."""
    if services.live is not None:
        services.live.poke(access.organization.id, "issues")


# ── by other names ────────────────────────────────────────────────────────────────────────


@get("/organizations/{org:str}/shortids/{short:str}/", sync_to_thread=True)
def resolve_short_id(services: TheServices, access: TheAccess, short: FromPath[str]) -> Body:
    with services.records.read() as session:
        issue_id = find_issue_id(session, short, [access.organization.id])
        if issue_id is None or not access.sees(project_of_issue(session, issue_id)):
            raise Missing
        listed = the_issue(session, access, issue_id)
    view = shown(services, access, [listed], {})[0]
    return {
        "organizationSlug": access.organization.slug,
        "projectSlug": listed.project.slug,
        "groupId": view.id,
        "group": view,
        "shortId": view.short_id,
    }


@get("/shared/issues/{share:str}/", sync_to_thread=True)
def read_shared_issue(services: TheServices, share: FromPath[str]) -> Body:
    """What anybody may read who has the link."""
    with services.records.read() as session:
        issue_id = find_shared_id(session, share)
        listed = load_issues(session, [issue_id], None) if issue_id else []
        if not listed:
            raise Missing
        project = project_of_issue(session, listed[0].issue.id)
        organization = session.get_one(Organization, project.organization_id)
        if project.status != "active" or organization.options.get("allow_shared_issues") is False:
            raise Missing
        slug = organization.slug
        groups = groups_of(session, [listed[0].issue.id])
    view = shared_view(listed[0], f"{services.settings.base_url}/organizations/{slug}/")
    return {**view, "latestEvent": _shared_event(services, EventFilter.of_groups(groups))}


def _shared_event(services: Services, events: EventFilter) -> Body | None:
    queries = EventQueries(services.telemetry)
    try:
        row = queries.latest(events)
        return shared_event_view(row, decode_payload(row, queries.payload(row))) if row else None
    except TelemetryUnavailable:
        return None


HANDLERS: list[ControllerRouterHandler] = [
    *read_issue,
    *change_issue,
    *delete_issue,
    change_issues,
    change_project_issues,
    delete_issues,
    delete_project_issues,
    resolve_short_id,
    read_shared_issue,
]
