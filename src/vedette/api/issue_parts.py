"""Parts of one issue: its story, comments, hashes, tags, look-alikes, bars over time."""

from dataclasses import replace
from typing import Any, cast, get_args

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from vedette.api.errors import bad_request
from vedette.api.event_answers import events_asked, views_of
from vedette.api.given import (
    AnyRequest,
    TheAccess,
    TheIssueId,
    ThePage,
    TheProject,
    TheServices,
    number_in_path,
)
from vedette.api.issue_answers import shown, the_issue, viewer_id
from vedette.api.issue_figures import series_of, steps_of
from vedette.api.issue_paths import on_issue
from vedette.api.issue_shares import other_hashes, share_of
from vedette.api.issues import actor_of, poke, tag_key_view
from vedette.api.services import Services
from vedette.api.windows import window_of
from vedette.core.facts import CONSUMERS
from vedette.core.ids import parse_event_id, parse_number
from vedette.core.time import DAY_US, HOUR_US, to_iso
from vedette.errors.groups import groups_of, unsigned
from vedette.errors.issue_stats import Steps
from vedette.errors.query import EventQueries
from vedette.errors.selection import EventFilter
from vedette.errors.tags import Bar, SplitBy, TagDetail, TagQueries, TagValue, ValueOrder
from vedette.issues.comments import add_comment, delete_comment, edit_comment
from vedette.issues.find import lock_issues
from vedette.issues.merging import unmerge_hashes
from vedette.issues.query import load_hashes, load_issues, load_people, load_story, story_entry
from vedette.issues.similar import similar_issues
from vedette.issues.views import story_view
from vedette.projects.access import Access
from vedette.projects.errors import Invalid, Missing
from vedette.projects.values import Project
from vedette.storage.records.schema import Activity, Issue

Body = dict[str, Any]
_TOP = 10  # values of each tag in the overview
_SPLITS: tuple[str, ...] = get_args(SplitBy)
_ORDERS: tuple[str, ...] = get_args(ValueOrder)


# ── story and comments ────────────────────────────────────────────────────────────────────


@on_issue(get, "activities/", sync_to_thread=True)
def list_activities(services: TheServices, issue_id: TheIssueId) -> dict[str, list[Body]]:
    with services.records.read() as session:
        story = load_story(session, issue_id, limit=1000)
    return {"activity": [story_view(entry) for entry in story]}


@on_issue(get, "notes/", sync_to_thread=True)
def list_comments(services: TheServices, issue_id: TheIssueId, page: ThePage) -> Response[list[Body]]:
    with services.records.read() as session:
        rows = load_story(session, issue_id, limit=page.limit + 1, offset=page.offset, only="note")
    return page.page(rows, story_view)


class Comment(msgspec.Struct):
    text: str = ""
    mentions: list[str] = []  # `user:5`, `team:3`


@on_issue(post, "notes/", status_code=201, sync_to_thread=True)
def write_comment(
    services: TheServices, access: TheAccess, issue_id: TheIssueId, data: JSONBody[Comment]
) -> Body:
    with services.records.write() as session:
        issue = _locked(lock_issues(session, [issue_id]))
        note = add_comment(
            session,
            issue,
            data.text,
            actor_of(access),
            services.clock(),
            mentions=data.mentions,
            consumers=CONSUMERS,
        )
        view = _note_view(session, note)
    poke(services, access)
    return view


@on_issue(put, "notes/{note:str}/", sync_to_thread=True)
def change_comment(
    services: TheServices,
    access: TheAccess,
    issue_id: TheIssueId,
    note: FromPath[str],
    data: JSONBody[Comment],
) -> Body:
    with services.records.write() as session:
        row = edit_comment(
            session, issue_id, number_in_path(note), data.text, actor_of(access), services.clock()
        )
        return _note_view(session, row)


@on_issue(delete, "notes/{note:str}/", status_code=204, sync_to_thread=True)
def remove_comment(
    services: TheServices, access: TheAccess, project: TheProject, issue_id: TheIssueId, note: FromPath[str]
) -> None:
    may_all = access.can_in_project(project, "project:write")
    with services.records.write() as session:
        issue = _locked(lock_issues(session, [issue_id]))
        delete_comment(session, issue, number_in_path(note), actor_of(access), any_author=may_all)
    poke(services, access)


def _note_view(session: Session, note: Activity) -> Body:
    return story_view(story_entry(note, load_people(session, [note.user_id]).get(note.user_id or 0)))


def _locked(found: list[Issue]) -> Issue:
    if not found:
        raise Missing
    return found[0]


# ── hashes ────────────────────────────────────────────────────────────────────────────────


@on_issue(get, "hashes/", sync_to_thread=True)
def list_hashes(
    services: TheServices, access: TheAccess, issue_id: TheIssueId, request: AnyRequest, page: ThePage
) -> Response[list[Body]]:
    """The hashes under which the issue has events, each with the latest (`full=0`: without its body)."""
    with services.records.read() as session:
        hashes = load_hashes(session, issue_id)
        groups = {group.group_hash: group for group in groups_of(session, [issue_id])}
    full = request.query_params.get("full", "1") not in ("0", "false")
    queries = EventQueries(services.telemetry)
    latest = {md5: queries.latest(EventFilter.of_groups([groups[unsigned(hash_)]])) for md5, hash_ in hashes}
    found = {md5: row for md5, row in latest.items() if row} or latest
    views = [
        {
            "id": md5,
            "latestEvent": views_of(services, [row], full=full)[0] if row else None,
            "mergedBySeer": False,
        }
        for md5, row in list(found.items())[page.offset : page.offset + page.limit + 1]
    ]
    return page.page(views, lambda view: view)


@on_issue(delete, "hashes/", status_code=202, sync_to_thread=True)
def unmerge_by_delete(
    services: TheServices,
    access: TheAccess,
    project: TheProject,
    issue_id: TheIssueId,
    request: AnyRequest,
) -> Body:
    return _unmerge(services, access, project, issue_id, request)


@on_issue(put, "hashes/", status_code=202, sync_to_thread=True)
def unmerge_by_put(
    services: TheServices,
    access: TheAccess,
    project: TheProject,
    issue_id: TheIssueId,
    request: AnyRequest,
) -> Body:
    return _unmerge(services, access, project, issue_id, request)


def _unmerge(
    services: Services, access: Access, project: Project, issue_id: int, request: AnyRequest
) -> Body:
    """Move the hashes given as `id` to an issue of their own; its id."""
    md5s = [parse_event_id(text) or "" for text in request.query_params.getall("id", [])]
    if not md5s or not all(md5s):
        raise Invalid("id", "which hashes are to go, as 32 hex digits each")
    with services.records.read() as session:
        hashes = dict(load_hashes(session, issue_id))
        groups = groups_of(session, [issue_id])
    named = [group for group in groups if group.group_hash in {unsigned(hashes.get(md5, 0)) for md5 in md5s}]
    md5s += other_hashes(services, project, groups, named, hashes)
    leaving = {unsigned(hashes[md5]) for md5 in md5s if md5 in hashes}
    moved = share_of(services, [group for group in groups if group.group_hash in leaving])
    rest = share_of(services, [group for group in groups if group.group_hash not in leaving])
    with services.records.write() as session:
        issue = _locked(lock_issues(session, [issue_id]))
        new_id = unmerge_hashes(session, issue, md5s, moved, rest, actor_of(access), services.clock())
    poke(services, access)
    return {"id": str(new_id)}


# ── tags ──────────────────────────────────────────────────────────────────────────────────


@on_issue(get, "tags/", sync_to_thread=True)
def list_tags(
    services: TheServices, access: TheAccess, issue_id: TheIssueId, request: AnyRequest
) -> list[Body]:
    """Every tag of the issue's events with its commonest values."""
    events = events_asked(services, request, access, None, issue_id)
    wanted = set(request.query_params.getall("key", []))
    limit = parse_number(request.query_params.get("limit", ""))
    top = _TOP if limit is None else min(max(limit, 1), 100)
    found = TagQueries(services.telemetry).top(events, top)
    return [_tag_view(tag) for tag in found if not wanted or tag.key in wanted]


@on_issue(get, "tags/{key:str}/", sync_to_thread=True)
def read_tag(
    services: TheServices, access: TheAccess, issue_id: TheIssueId, request: AnyRequest, key: FromPath[str]
) -> Body:
    events = events_asked(services, request, access, None, issue_id)
    found = TagQueries(services.telemetry).values(events, key, _TOP)
    if not found.events:
        raise Missing
    return _tag_view(found)


@on_issue(get, "tags/{key:str}/values/", sync_to_thread=True)
def list_tag_values(
    services: TheServices,
    access: TheAccess,
    issue_id: TheIssueId,
    request: AnyRequest,
    key: FromPath[str],
    page: ThePage,
) -> Response[list[Body]]:
    """All values of a tag, the commonest first; of `user` with what is known of each."""
    events = events_asked(services, request, access, None, issue_id)
    queries = TagQueries(services.telemetry)
    if key == "user":
        users = queries.users(events, page.limit + 1, page.offset)
        return page.page(
            users,
            lambda user: {
                **_value_view("user", TagValue(user.user, user.events, user.first_us, user.last_us)),
                "identifier": user.id or None,
                "email": user.email or None,
                "username": user.username or None,
                "ipAddress": user.ip or None,
            },
        )
    found = queries.values(events, key, page.limit + 1, page.offset, _order(request))
    return page.page(found.values, lambda value: _value_view(key, value))


def _order(request: AnyRequest) -> ValueOrder:
    text = (request.query_params.get("sort") or "count").lstrip("-")
    if text not in _ORDERS:
        raise bad_request(f"Invalid sort: one of {', '.join(_ORDERS)}")
    return cast("ValueOrder", text)


def _tag_view(tag: TagDetail) -> Body:
    view = tag_key_view(tag.key, tag.events, tag.value_count)
    return {**view, "topValues": [_value_view(tag.key, value) for value in tag.values]}


def _value_view(key: str, value: TagValue) -> Body:
    quoted = value.value.replace("\\", "\\\\").replace('"', '\\"')
    return {
        "key": key,
        "name": value.value,
        "value": value.value,
        "count": value.events,
        "firstSeen": to_iso(value.first_us),
        "lastSeen": to_iso(value.last_us),
        "query": f'{key}:"{quoted}"' if key == "user" else None,
    }


# ── the rest ──────────────────────────────────────────────────────────────────────────────


@on_issue(get, "similar-issues/", sync_to_thread=True)
def list_similar(
    services: TheServices, access: TheAccess, issue_id: TheIssueId, page: ThePage
) -> list[tuple[object, dict[str, float]]]:
    """Issues of the project that look like this one, each with how much, from 0 to 1."""
    with services.records.read() as session:
        issue = the_issue(session, access, issue_id).issue
        scores = similar_issues(session, issue, min(page.limit, 20))
        listed = load_issues(session, list(scores), viewer_id(access))
    views = shown(services, access, listed, {})
    return [(view, {"score": scores[int(view.id)]}) for view in views]


@on_issue(get, "stats/", sync_to_thread=True)
def read_series(services: TheServices, access: TheAccess, issue_id: TheIssueId, request: AnyRequest) -> Body:
    """Events over time, split by release, level or environment if `groupBy` asks for it."""
    split = request.query_params.get("groupBy") or ""
    if split not in _SPLITS:
        raise bad_request(f"Invalid groupBy: one of {', '.join(_SPLITS[1:])}")
    now_us = services.clock()
    window = window_of(request, now_us, 14 * DAY_US)
    steps = steps_of("auto", window, now_us)
    events = events_asked(services, request, access, None, issue_id)
    events = replace(events, from_us=steps.from_us, to_us=steps.from_us + steps.count * steps.step_us)
    bars = TagQueries(services.telemetry).histogram(
        events, steps.from_us, steps.step_us, cast("SplitBy", split)
    )
    return {
        "interval": f"{steps.step_us // HOUR_US}h",
        "start": to_iso(steps.from_us),
        "end": to_iso(steps.from_us + steps.count * steps.step_us),
        "groups": _split(bars, steps, split),
    }


def _split(bars: list[Bar], steps: Steps, split: str) -> list[Body]:
    values: dict[str, list[int]] = {}
    for bar in bars:
        counts = values.setdefault(bar.value, [0] * steps.count)
        if 0 <= bar.step < steps.count:
            counts[bar.step] += bar.events
    if not split:
        values.setdefault("", [0] * steps.count)
    ordered = sorted(values.items(), key=lambda item: (-sum(item[1]), item[0]))
    return [
        {"by": {split: value} if split else {}, "series": series_of(steps, counts)}
        for value, counts in ordered
    ]


@on_issue(get, "user-reports/", sync_to_thread=False)
def list_user_reports(issue_id: TheIssueId) -> list[Body]:
    """None: reports of users are not kept yet."""
    return []


@on_issue(get, "external-issues/", sync_to_thread=False)
def list_external_issues(issue_id: TheIssueId) -> list[Body]:
    """None: issues are not linked to other trackers."""
    return []


@on_issue(get, "attachments/", sync_to_thread=False)
def list_issue_attachments(issue_id: TheIssueId) -> list[Body]:
    """None: attachments are not kept yet."""
    return []


HANDLERS: list[ControllerRouterHandler] = [
    *list_activities,
    *list_comments,
    *write_comment,
    *change_comment,
    *remove_comment,
    *list_hashes,
    *unmerge_by_delete,
    *unmerge_by_put,
    *list_tags,
    *read_tag,
    *list_tag_values,
    *list_similar,
    *read_series,
    *list_user_reports,
    *list_external_issues,
    *list_issue_attachments,
]
