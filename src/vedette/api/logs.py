"""Logs: those around one, their patterns, and the tail as it comes in."""

from dataclasses import replace
from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from vedette.api.errors import Answer, bad_request
from vedette.api.explore_asked import bounds_of
from vedette.api.given import AnyRequest, TheAccess, TheServices
from vedette.api.services import Services
from vedette.api.windows import projects_asked, window_of
from vedette.core.ids import parse_event_id
from vedette.core.time import DAY_US, MINUTE_US, parse_time
from vedette.logs.query import LogFilter, LogQueries, LogRow
from vedette.logs.search import condition_of
from vedette.logs.tail import Tail
from vedette.logs.views import LogView, PatternsView, log_view, patterns_view
from vedette.projects.access import Access
from vedette.projects.errors import Missing

TAIL_EVERY_S = 0.5
_DEFAULT_US = DAY_US
_KEPT_US = 366 * DAY_US  # longer than anything is kept
_AROUND = 50
_AROUND_MOST = 200
_PATTERNS = 50
_PATTERNS_MOST = 200
_SLICES = 24

Limit = Annotated[int, QueryParameter(ge=1, le=_AROUND_MOST)]
Among = Annotated[Literal["service", "host", "trace"], QueryParameter(name="scope")]
PatternLimit = Annotated[int, QueryParameter(ge=1, le=_PATTERNS_MOST)]


class ContextView(msgspec.Struct, kw_only=True):
    """A log with the ones just before and just after it, each oldest first."""

    log: LogView
    before: list[LogView]
    after: list[LogView]


@get("/organizations/{org:str}/logs/context/", sync_to_thread=True)
def read_context(
    services: TheServices,
    request: AnyRequest,
    access: TheAccess,
    item_id: FromQuery[str],
    among: Among = "service",
    limit: Limit = _AROUND,
) -> ContextView:
    """The log `item_id` and up to `limit` on each side of it.

    `scope`: of which logs: those of its project and environment (`service`), of those the ones of its
    server (`host`), or those of its trace. `timestamp`: when it was, which makes finding it cheaper.
    """
    wanted = parse_event_id(item_id)
    projects = _projects(services, request, access)
    if not wanted or not projects:
        raise Missing
    queries = LogQueries(services.telemetry)
    row = queries.by_id(_place_of(request, tuple(projects), services.clock()), wanted)
    if row is None:
        raise Missing
    found = queries.around(row, _neighbours(row, among, services.clock()), limit)
    return ContextView(
        log=log_view(row, projects),
        before=[log_view(one, projects) for one in found.before],
        after=[log_view(one, projects) for one in found.after],
    )


@get("/organizations/{org:str}/logs/patterns/", sync_to_thread=True)
def list_patterns(
    services: TheServices, request: AnyRequest, access: TheAccess, limit: PatternLimit = _PATTERNS
) -> PatternsView:
    """Logs that say the same but for ids and numbers, counted together, the most frequent first."""
    logs = logs_asked(services, request, access)
    found = LogQueries(services.telemetry).patterns(logs, limit, slices=_SLICES)
    return patterns_view(found, logs.from_us, logs.to_us, _SLICES)


@get("/organizations/{org:str}/logs/live/", sync_to_thread=True)
def stream_logs(services: TheServices, request: AnyRequest, access: TheAccess) -> Stream:
    """Logs as they come in, as server-sent events: `{"topic": "logs", "logs": […], "leftOut": 0}`, oldest first.

    At most 200 lines a second; `leftOut` says how many more there were. The stream ends after ten minutes.
    """
    if services.live is None:
        raise Answer(404, {"detail": "there are no live streams here"})
    projects = _projects(services, request, access)
    tail = Tail(services.telemetry, services.clock, logs_asked(services, request, access))

    def look() -> bytes:
        arrived = tail.look()
        if not arrived.lines:
            return b""
        logs = [log_view(row, projects) for row in arrived.lines]
        content = {"topic": "logs", "logs": logs, "leftOut": arrived.left_out}
        return b"data: " + msgspec.json.encode(content) + b"\n\n"

    return Stream(
        services.live.tail(look, TAIL_EVERY_S),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # nginx would hold the events back
    )


def logs_asked(services: Services, request: AnyRequest, access: Access) -> LogFilter:
    """The logs that a request's projects, environments, time and `query` name."""
    bounds = bounds_of(services, request, access, window_of(request, services.clock(), _DEFAULT_US))
    condition = condition_of(request.query_params.get("query") or "", bounds)
    return LogFilter(
        tuple(bounds.projects),
        bounds.from_us,
        bounds.to_us,
        bounds.environments,
        condition.sql,
        condition.values,
    )


def _projects(services: Services, request: AnyRequest, access: Access) -> dict[int, str]:
    with services.records.read() as session:
        return projects_asked(session, request, access, None)


def _place_of(request: AnyRequest, project_ids: tuple[int, ...], now_us: int) -> LogFilter:
    """Where a log is looked for: everywhere, or near the time that the request gives."""
    everywhere = LogFilter(project_ids, now_us - _KEPT_US, now_us + MINUTE_US)
    sent = request.query_params.get("timestamp")
    if not sent:
        return everywhere
    at_us = parse_time(sent)
    if at_us is None:
        raise bad_request(f"Invalid timestamp: {sent[:40]!r} is not ISO 8601")
    return replace(everywhere, from_us=at_us - MINUTE_US, to_us=at_us + MINUTE_US)


def _neighbours(row: LogRow, among: str, now_us: int) -> LogFilter:
    logs = LogFilter((row.project_id,), now_us - _KEPT_US, now_us + MINUTE_US)
    if among == "trace":
        return logs.also("trace_id = {trace:UUID}", trace=row.trace_id) if row.trace_id else logs.also("0")
    logs = replace(logs, environments=(row.environment,))
    if among == "host":
        return logs.also("server_name = {server:String}", server=row.server_name)
    return logs


HANDLERS: list[ControllerRouterHandler] = [read_context, list_patterns, stream_logs]
