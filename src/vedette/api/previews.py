"""Trying things out on a project: a sample event, rules on the events that are there."""

import time
from typing import Any, cast

import orjson
from litestar import post
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from vedette.api.body import Body
from vedette.api.errors import Answer
from vedette.api.event_answers import issues_of
from vedette.api.given import TheAccess, TheProject, TheServices
from vedette.api.project_change import ProjectChange, scrubbing_of
from vedette.api.sample import sample_event
from vedette.api.services import Services
from vedette.core.ids import new_event_id, short_id
from vedette.core.time import SECOND_US
from vedette.errors.grouping import grouping_config, hashes_of
from vedette.errors.query import EventQueries, EventRow
from vedette.errors.selection import EventFilter
from vedette.errors.store import payload_of
from vedette.errors.views import decode_payload
from vedette.group import RuleError, parse_fingerprint_rules, parse_stack_trace_rules
from vedette.issues.query import issues_of_hashes
from vedette.issues.sightings import group_hash
from vedette.pipeline.configs import scrub_settings
from vedette.projects.options import both
from vedette.projects.values import Project
from vedette.scrub.rules import InvalidRules, compile_settings
from vedette.scrub.scrub import scrub
from vedette.spool.record import SpoolRecord
from vedette.spool.space import SpoolFull
from vedette.spool.writer import SpoolFailed
from vedette.storage.records.schema import Issue
from vedette.storage.telemetry.errors import TelemetryError

Json = dict[str, Any]
_WAIT_S = 3.0  # for the sample to be an issue; without it the answer has no issue yet
_EVENTS = 50
_TEXT_MOST = 64_000


# ── a sample event ────────────────────────────────────────────────────────────────────────


@post("/projects/{org:str}/{proj:str}/create-sample/", sync_to_thread=True, status_code=200)
def create_sample(services: TheServices, project: TheProject) -> Json:
    """Makes an event as an SDK would send it, tagged `sample:yes`, the way all events go."""
    if services.append is None:
        raise Answer(503, {"detail": "this process takes no events"})
    event_id, now_us = new_event_id(), services.clock()
    event = sample_event(event_id, project.platform or "", now_us / SECOND_US)
    record = SpoolRecord(
        "store",
        now_us,
        project.id,
        organization_id=project.organization_id,
        event_id=event_id,
        sentry_client="vedette.sample/1",
        body=orjson.dumps(event),
    )
    try:
        services.append(record)
    except (SpoolFull, SpoolFailed) as error:
        raise Answer(429, {"detail": str(error)}, {"Retry-After": "30"}) from error
    issue_id = _wait_for_issue(services, project, event_id, now_us)
    return {
        "eventID": event_id,
        "id": event_id,
        "projectID": str(project.id),
        "groupID": None if issue_id is None else str(issue_id),
    }


def _wait_for_issue(services: Services, project: Project, event_id: str, ts_us: int) -> int | None:
    ends_at = time.monotonic() + _WAIT_S
    while time.monotonic() < ends_at:
        try:
            row = EventQueries(services.telemetry).by_id([project.id], event_id)
        except TelemetryError:
            return None
        if row is not None:
            return issues_of(services, [row]).get((row.project_id, row.group_hash))
        time.sleep(0.1)
    return None


# ── grouping rules ────────────────────────────────────────────────────────────────────────


class GroupingPreview(Body, kw_only=True):
    fingerprinting_rules: str | None = None  # absent: as they are
    grouping_enhancements: str | None = None


@post("/projects/{org:str}/{proj:str}/grouping-preview/", sync_to_thread=True, status_code=200)
def preview_grouping(services: TheServices, project: TheProject, data: JSONBody[GroupingPreview]) -> Json:
    """What these rules would do to the newest events: the group of each before and after; or the rules' mistakes."""
    present = project.options.grouping
    fingerprints = (
        present.fingerprint_rules if data.fingerprinting_rules is None else data.fingerprinting_rules
    )
    stacks = present.stack_rules if data.grouping_enhancements is None else data.grouping_enhancements
    errors = [*_mistake("fingerprintingRules", fingerprints), *_mistake("groupingEnhancements", stacks)]
    if errors:
        return {"errors": errors, "events": []}
    now = grouping_config(present.fingerprint_rules, present.stack_rules)
    then = grouping_config(fingerprints, stacks)
    found: list[tuple[EventRow, str, str]] = []
    for row, payload in _newest(services, project, _EVENTS):
        before = hashes_of(decode_payload(row, payload), now)[0]
        after = hashes_of(decode_payload(row, payload), then)[0]
        found.append((row, before, after))
    named = _issues(services, project, {md5 for _, before, after in found for md5 in (before, after)})
    return {
        "errors": [],
        "events": [
            {
                "id": row.event_id,
                "title": row.title,
                "before": named.get(before, _group(before)),
                "after": named.get(after, _group(after)),
                "changed": before != after,
            }
            for row, before, after in found
        ],
    }


def _mistake(field: str, text: str) -> list[Json]:
    if len(text) > _TEXT_MOST:
        return [{"field": field, "line": 1, "column": 1, "message": f"longer than {_TEXT_MOST} characters"}]
    parse = parse_fingerprint_rules if field == "fingerprintingRules" else parse_stack_trace_rules
    try:
        parse(text)
    except RuleError as error:
        return [{"field": field, "line": error.line, "column": error.column, "message": error.reason}]
    return []


def _group(md5: str) -> Json:
    return {"hash": md5, "issueId": None, "shortId": None}


def _issues(services: Services, project: Project, md5s: set[str]) -> dict[str, Json]:
    """The issues that these hashes have already."""
    keys = {md5: (project.id, group_hash(md5)) for md5 in md5s}
    with services.records.read() as session:
        issues = issues_of_hashes(session, keys.values())
        found: dict[str, Json] = {}
        for md5, key in keys.items():
            issue = session.get(Issue, issues[key]) if key in issues else None
            if issue is not None:
                short = short_id(project.slug, issue.short_number)
                found[md5] = {"hash": md5, "issueId": str(issue.id), "shortId": short}
    return found


# ── scrubbing ─────────────────────────────────────────────────────────────────────────────


@post("/projects/{org:str}/{proj:str}/scrubbing-preview/", sync_to_thread=True, status_code=200)
def preview_scrubbing(
    services: TheServices, access: TheAccess, project: TheProject, data: JSONBody[ProjectChange]
) -> Json:
    """What these scrubbing settings would take out of the last event, as it is stored now."""
    try:
        wanted = both(access.organization.options.scrubbing, scrubbing_of(project.options.scrubbing, data))
        scrubber = compile_settings(scrub_settings(wanted))
    except InvalidRules as error:
        return {"errors": [{"message": problem} for problem in error.problems], "event": None}
    newest = _newest(services, project, 1)
    if not newest:
        return {"errors": [], "event": None}
    row, payload = newest[0]
    old = orjson.loads(payload_of(decode_payload(row, payload)))
    new = orjson.loads(payload_of(scrub(decode_payload(row, payload), scrubber)))
    return {
        "errors": [],
        "event": {"id": row.event_id, "title": row.title, "changes": _differences(old, new)},
    }


def _differences(old: Any, new: Any, path: str = "", most: int = 200) -> list[Json]:
    """Where two values differ: path, before, after."""
    if old == new or most <= 0:
        return []
    pairs: list[tuple[str, Any, Any]]
    if isinstance(old, dict) and isinstance(new, dict):
        was, now = cast("Json", old), cast("Json", new)
        pairs = [(f"{path}.{key}" if path else key, was.get(key), now.get(key)) for key in {**was, **now}]
    elif (
        isinstance(old, list)
        and isinstance(new, list)
        and len(cast("list[Any]", old)) == len(cast("list[Any]", new))
    ):
        both = zip(cast("list[Any]", old), cast("list[Any]", new), strict=True)
        pairs = [(f"{path}.{index}", one, other) for index, (one, other) in enumerate(both)]
    else:
        return [{"path": path, "before": old, "after": new}]
    found: list[Json] = []
    for where, one, other in pairs:
        if where not in ("_meta", "meta"):
            found += _differences(one, other, where, most - len(found))
    return found


# ── help ──────────────────────────────────────────────────────────────────────────────────


def _newest(services: Services, project: Project, limit: int) -> list[tuple[EventRow, bytes]]:
    queries = EventQueries(services.telemetry)
    rows = queries.page(EventFilter((project.id,)), limit)
    payloads = queries.payloads(rows)
    return [(row, payloads.get(row.event_id, b"")) for row in rows]


HANDLERS: list[ControllerRouterHandler] = [create_sample, preview_grouping, preview_scrubbing]
