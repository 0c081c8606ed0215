"""Traces: the tree that clients know, what the waterfall reads, one span, what a trace holds."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from vedette.api.given import AnyRequest, TheAccess, TheProject, TheServices
from vedette.api.services import Services
from vedette.api.windows import projects_asked
from vedette.core.ids import parse_event_id, parse_span_id, short_id
from vedette.core.time import DAY_US, SECOND_US
from vedette.errors.groups import signed
from vedette.errors.traces import TraceError, errors_of_trace
from vedette.issues.query import issues_of_hashes, load_issues
from vedette.logs.traces import logs_of_trace_count
from vedette.metrics.traces import metrics_of_trace_count
from vedette.projects.access import Access
from vedette.projects.errors import Missing
from vedette.storage.telemetry.blocks import Columns
from vedette.tracing.query import SpanRow, TraceQueries, TraceTimes
from vedette.tracing.tree import tree_of
from vedette.tracing.views import SpanNode, TraceEvent, nested, whole_span
from vedette.tracing.waterfall import waterfall

Json = dict[str, Any]
_SKELETON = 5_000  # spans of a trace over the limit that are shown first
_USUAL_US = 7 * DAY_US
_READERS = ThreadPoolExecutor(8, "traces")  # what is read beside the spans of a trace


class _Asked(msgspec.Struct, frozen=True):
    """A trace that the caller asks about, within the projects it may see."""

    trace_id: str
    slugs: Mapping[int, str]
    reading_times: Future[TraceTimes | None]  # read while what does not need them is

    @property
    def times(self) -> TraceTimes | None:
        return self.reading_times.result()

    @property
    def project_ids(self) -> list[int]:
        return list(self.slugs)


@get("/organizations/{org:str}/trace/{trace_id:str}/", sync_to_thread=True)
def read_trace(
    services: TheServices, request: AnyRequest, access: TheAccess, trace_id: FromPath[str]
) -> list[SpanNode | Json]:
    """Nested spans with their errors; errors of spans that are not here stand beside them."""
    asked = _asked(services, request, access, trace_id)
    events = _READERS.submit(_events, services, asked)
    return nested(tree_of(_spans(services, asked)), asked.slugs, events.result())


@get("/organizations/{org:str}/trace-meta/{trace_id:str}/", sync_to_thread=True)
def read_trace_meta(
    services: TheServices, request: AnyRequest, access: TheAccess, trace_id: FromPath[str]
) -> Json:
    """What a trace holds, by kind. Newer clients read the camel-case names, older ones the others."""
    asked = _asked(services, request, access, trace_id)
    errors = _errors(services, asked)
    ops = _ops(services, asked)
    transactions: dict[str, int] = {}
    if asked.times is not None and ops:
        queries = TraceQueries(services.telemetry)
        transactions = queries.transactions(asked.project_ids, asked.trace_id, asked.times)
    beside = _beside(services, asked)
    children = [
        {"transaction.event_id": event_id, "count()": count} for event_id, count in transactions.items()
    ]
    occurrences = sum(1 for error in errors if _is_occurrence(error))
    counts = {
        "errors": len(errors) - occurrences,
        "logs": beside["logs"],
        "metrics": beside["metrics"],
        "performance_issues": occurrences,
        "span_count": sum(ops.values()),
    }
    return {
        **counts,
        "span_count_map": ops,
        "transaction_child_count_map": children,
        "errorsCount": counts["errors"],
        "logsCount": counts["logs"],
        "metricsCount": counts["metrics"],
        "performanceIssuesCount": occurrences,
        "spansCount": counts["span_count"],
        "spansCountMap": ops,
        "transactionChildCountMap": children,
        "uptimeCount": 0,
    }


@get("/organizations/{org:str}/traces/{trace_id:str}/spans/", sync_to_thread=True)
def read_waterfall(
    services: TheServices,
    request: AnyRequest,
    access: TheAccess,
    trace_id: FromPath[str],
    parent: FromQuery[str] = "",
) -> Json:
    """The spans in columns, for the waterfall. Of a trace over 20,000 spans those that tell most.

    `parent` (16 hex digits): the spans directly below that one, for what was left out.
    """
    asked = _asked(services, request, access, trace_id)
    above = _span_number(parent) if parent else None
    read_events = _READERS.submit(_events, services, asked) if above is None else None
    read_beside = _READERS.submit(_beside, services, asked) if above is None else None
    found = _waterfall(services, asked, parent=above)
    view = waterfall(found.spans, asked.slugs)
    is_known = not found.is_partial and above is None
    total = len(view["parent"]) if is_known else sum(_ops(services, asked).values())
    events = [event.view for event in read_events.result()] if read_events else []
    beside = read_beside.result() if read_beside else {}
    if not (total or events or any(beside.values())):
        raise Missing
    return {
        "trace_id": asked.trace_id,
        "total": total,
        "is_partial": found.is_partial,
        **view,
        "events": events,
        **beside,
    }


@get("/organizations/{org:str}/traces/{trace_id:str}/spans/{span_id:str}/", sync_to_thread=True)
def read_span(
    services: TheServices,
    request: AnyRequest,
    access: TheAccess,
    trace_id: FromPath[str],
    span_id: FromPath[str],
) -> Json:
    """One span with all attributes, and what spans like it usually take."""
    asked = _asked(services, request, access, trace_id)
    queries = TraceQueries(services.telemetry)
    found = (
        queries.span(asked.project_ids, asked.trace_id, asked.times, _span_number(span_id))
        if asked.times is not None and asked.slugs
        else None
    )
    if found is None:
        raise Missing
    usual = queries.usual(found.project_id, found.op, found.description, found.ts - _USUAL_US)
    return {
        **whole_span(found, asked.slugs),
        "usual": None
        if usual is None
        else {
            "spans": usual.spans,
            "mean": usual.mean / 1000,
            "median": usual.median / 1000,
            "p95": usual.p95 / 1000,
        },
    }


@get("/organizations/{org:str}/traces/{trace_id:str}/attributes/", sync_to_thread=True)
def read_attributes(
    services: TheServices, request: AnyRequest, access: TheAccess, trace_id: FromPath[str]
) -> list[Json]:
    """Every attribute of the trace's spans with its commonest values."""
    asked = _asked(services, request, access, trace_id)
    if asked.times is None or not _ops(services, asked):
        raise Missing
    found = TraceQueries(services.telemetry).attributes(asked.project_ids, asked.trace_id, asked.times)
    return [
        {"key": key, "spans": spans, "values": [{"value": value, "spans": count} for value, count in values]}
        for key, spans, values in found
    ]


@get("/projects/{org:str}/{proj:str}/trace-items/{item:str}/", sync_to_thread=True)
def read_trace_item(
    services: TheServices, request: AnyRequest, project: TheProject, item: FromPath[str]
) -> Json:
    """The attributes of one span, as `sentry trace view` asks for them: `trace_id` in the query."""
    trace_id = parse_event_id(request.query_params.get("trace_id", ""))
    queries = TraceQueries(services.telemetry)
    times = queries.times(trace_id) if trace_id else None
    found = queries.span([project.id], trace_id, times, _span_number(item)) if trace_id and times else None
    if found is None:
        raise Missing
    texts = [
        {"name": name, "type": "str", "value": value} for name, value in sorted(found.attributes.items())
    ]
    numbers = [
        {"name": name, "type": "float", "value": value} for name, value in sorted(found.numbers.items())
    ]
    return {
        "itemId": item,
        "timestamp": found.ts / SECOND_US,
        "attributes": [*texts, *numbers],
        "meta": {},
        "links": None,
    }


# ── help ──────────────────────────────────────────────────────────────────────────────────


def _asked(services: Services, request: AnyRequest, access: Access, text: str) -> _Asked:
    trace_id = parse_event_id(text)
    if trace_id is None:
        raise Missing
    with services.records.read() as session:
        slugs = projects_asked(session, request, access, None)
    return _Asked(trace_id, slugs, _READERS.submit(TraceQueries(services.telemetry).times, trace_id))


def _span_number(text: str) -> int:
    number = parse_span_id(text)
    if not number:
        raise Missing
    return number


def _spans(services: Services, asked: _Asked) -> list[SpanRow]:
    """All of a trace, or those that tell most where there are more than `MOST_SPANS`."""
    if asked.times is None or not asked.slugs:
        return []
    queries = TraceQueries(services.telemetry)
    of_trace = asked.project_ids, asked.trace_id, asked.times
    found = queries.all_spans(*of_trace)
    return queries.spans(*of_trace) if found is None else found


class _Waterfall(NamedTuple):
    spans: Columns
    is_partial: bool  # there are more, which tell less


def _waterfall(services: Services, asked: _Asked, *, parent: int | None) -> _Waterfall:
    if asked.times is None or not asked.slugs:
        return _Waterfall(Columns(), False)
    queries = TraceQueries(services.telemetry)
    of_trace = asked.project_ids, asked.trace_id, asked.times
    found = queries.waterfall(*of_trace, parent=parent)
    if found is not None:
        return _Waterfall(found, False)
    return _Waterfall(queries.skeleton(*of_trace, limit=_SKELETON, parent=parent), True)


def _ops(services: Services, asked: _Asked) -> dict[str, int]:
    """How many spans of each operation the caller may see; none of a trace that is only others'."""
    if asked.times is None or not asked.slugs:
        return {}
    return TraceQueries(services.telemetry).ops(asked.project_ids, asked.trace_id, asked.times)


def _errors(services: Services, asked: _Asked) -> list[TraceError]:
    if not asked.slugs:
        return []
    return errors_of_trace(services.telemetry, asked.project_ids, asked.trace_id)


def _is_occurrence(error: TraceError) -> bool:
    return error.type in ("generic", "transaction")


def _events(services: Services, asked: _Asked) -> list[TraceEvent]:
    """Errors of the trace with the issues they belong to; those whose issue is gone are left out."""
    errors = _errors(services, asked)
    issues = _issues(services, errors) if errors else {}
    return [
        TraceEvent(
            parse_span_id(error.span_id),
            _is_occurrence(error),
            _error_view(error, asked.slugs, issues[error.project_id, signed(error.group_hash)]),
        )
        for error in errors
        if (error.project_id, signed(error.group_hash)) in issues
    ]


def _issues(services: Services, errors: Sequence[TraceError]) -> dict[tuple[int, int], tuple[int, str, str]]:
    """Id, short id and type of the issue of each project and signed hash."""
    with services.records.read() as session:
        keys = {(error.project_id, signed(error.group_hash)) for error in errors}
        found = issues_of_hashes(session, keys)
        listed = load_issues(session, sorted(set(found.values())), None)
    names = {
        one.issue.id: (one.issue.id, short_id(one.project.slug, one.issue.short_number), one.issue.type)
        for one in listed
    }
    return {key: names[issue_id] for key, issue_id in found.items() if issue_id in names}


def _error_view(error: TraceError, slugs: Mapping[int, str], issue: tuple[int, str, str]) -> Json:
    issue_id, name, issue_type = issue
    return {
        "event_id": error.event_id,
        "event_type": "occurrence" if _is_occurrence(error) else "error",
        "issue_id": issue_id,
        "short_id": name,
        "issue_type": issue_type,
        "project_id": error.project_id,
        "project_slug": slugs.get(error.project_id, ""),
        "span_id": error.span_id or None,
        "start_timestamp": error.ts_us / SECOND_US,
        "end_timestamp": error.ts_us / SECOND_US,
        "timestamp": error.ts_us / SECOND_US,
        "level": error.level,
        "title": error.title,
        "culprit": error.culprit,
        "message": error.message,
        "description": error.title,
        "transaction": error.transaction,
        "platform": error.platform,
        "children": [],
        "errors": [],
        "occurrences": [],
    }


def _beside(services: Services, asked: _Asked) -> dict[str, int]:
    """How many logs and metrics carry the trace's id."""
    if not asked.slugs:
        return {"logs": 0, "metrics": 0}
    return {
        "logs": logs_of_trace_count(services.telemetry, asked.project_ids, asked.trace_id),
        "metrics": metrics_of_trace_count(services.telemetry, asked.project_ids, asked.trace_id),
    }


HANDLERS: list[ControllerRouterHandler] = [
    read_trace,
    read_trace_meta,
    read_waterfall,
    read_span,
    read_attributes,
    read_trace_item,
]
