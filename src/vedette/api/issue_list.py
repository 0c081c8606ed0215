"""Lists of issues: `/organizations/{org}/issues/`, its form below a project, counts, CSV."""

import csv
import io
from collections.abc import Iterator, Sequence

from litestar import Response, get
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from vedette.api.errors import bad_request
from vedette.api.given import AnyRequest, TheAccess, ThePage, TheProject, TheServices
from vedette.api.issue_answers import shown, viewer_id
from vedette.api.issue_figures import Asked, StatsPeriod, figures_of, read_period
from vedette.api.issue_queries import conditions_of, counts_of, query_text, search_page, window_asked
from vedette.api.paging import Cursor, PageRequest
from vedette.api.services import Services
from vedette.api.windows import environments_of, projects_asked, scope_of
from vedette.core.ids import parse_event_id, parse_number, parse_short_id
from vedette.errors.groups import signed
from vedette.errors.issue_search import MAX_HITS, IssuePage, IssueSearch
from vedette.errors.query import EventQueries
from vedette.issues.find import find_issue_id
from vedette.issues.query import issues_of_hashes, load_issues
from vedette.issues.views import IssueView
from vedette.projects.access import Access
from vedette.projects.values import Project

CSV_MOST = 10_000
_CSV_PAGE = 100
_COLUMNS = (
    *("shortId", "title", "culprit", "level", "status", "substatus", "priority", "project", "assignedTo"),
    *("count", "userCount", "firstSeen", "lastSeen", "permalink"),
)


@get("/organizations/{org:str}/issues/", sync_to_thread=True)
def list_issues(
    services: TheServices, request: AnyRequest, access: TheAccess, page: ThePage
) -> Response[list[IssueView]] | Stream:
    return _list(services, request, access, None, page)


@get("/projects/{org:str}/{proj:str}/issues/", sync_to_thread=True)
def list_project_issues(
    services: TheServices, request: AnyRequest, access: TheAccess, project: TheProject, page: ThePage
) -> Response[list[IssueView]] | Stream:
    return _list(services, request, access, project, page)


def _list(
    services: Services, request: AnyRequest, access: Access, project: Project | None, page: PageRequest
) -> Response[list[IssueView]] | Stream:
    direct = _direct_hit(services, request, access, project)
    if direct is not None:
        headers = {"X-Sentry-Direct-Hit": "1"}
        views = _views(services, request, access, project, [direct])
        back, onward = Cursor(is_prev=True), Cursor(offset=page.limit)
        return page.linked(
            views, previous=back, next_=onward, has_previous=False, has_next=False, headers=headers
        )
    if request.query_params.get("format") == "csv":
        return _csv(services, request, access, project)
    found = search_page(services, request, access, project, limit=page.limit)
    return page.linked(
        _views(services, request, access, project, found.issue_ids),
        previous=found.previous,
        next_=found.next,
        has_previous=found.has_previous,
        has_next=found.has_next,
        headers={"X-Hits": str(found.hits), "X-Max-Hits": str(MAX_HITS)},
    )


def _views(
    services: Services,
    request: AnyRequest,
    access: Access,
    project: Project | None,
    ids: Sequence[int],
) -> list[IssueView]:
    collapse = frozenset(request.query_params.getall("collapse", []))
    with services.records.read() as session:
        listed = load_issues(session, ids, viewer_id(access))
    if "stats" in collapse:
        return shown(services, access, listed, {}, collapse)
    figures = figures_of(services, listed, _asked(services, request, access, project))
    return shown(services, access, listed, figures, collapse)


def _asked(services: Services, request: AnyRequest, access: Access, project: Project | None) -> Asked:
    now_us = services.clock()
    window = window_asked(request, project, now_us)
    with services.records.read() as session:
        scope = scope_of(session, request, access, project, window)
    search = IssueSearch(services.records, services.telemetry)
    return Asked(
        window=window,
        now_us=now_us,
        environments=environments_of(request),
        periods=_periods(request, project),
        conditions=search.event_part(conditions_of(query_text(request), now_us), scope),
    )


def _periods(request: AnyRequest, project: Project | None) -> tuple[StatsPeriod, ...]:
    asked = request.query_params.get("groupStatsPeriod")
    if (
        asked is None
        and project is not None
        and request.query_params.get("statsPeriod") in ("", "24h", "14d")
    ):
        asked = request.query_params.get("statsPeriod")
    return read_period(asked)


# ── one issue by what is written in the query box ─────────────────────────────────────────


def _direct_hit(
    services: Services, request: AnyRequest, access: Access, project: Project | None
) -> int | None:
    """The issue that the query names: by a short id (if `shortIdLookup`), or by an event's id."""
    text = (request.query_params.get("query") or "").strip()
    wants_short = request.query_params.get("shortIdLookup", "") in ("1", "true")
    if not text or " " in text:
        return None
    event_id = parse_event_id(text)
    if event_id is None and not (wants_short and parse_short_id(text)):
        return None
    with services.records.read() as session:
        projects = projects_asked(session, request, access, project)
        if event_id is None:
            found = find_issue_id(session, text, [access.organization.id])
            listed = load_issues(session, [found] if found else [], None)
            return found if listed and listed[0].issue.project_id in projects else None
    return issue_of_event(services, list(projects), event_id)


def issue_of_event(services: Services, project_ids: Sequence[int], event_id: str) -> int | None:
    """The issue that an event belongs to."""
    event = EventQueries(services.telemetry).by_id(project_ids, event_id) if project_ids else None
    if event is None:
        return None
    key = (event.project_id, signed(event.group_hash))
    with services.records.read() as session:
        return issues_of_hashes(session, [key]).get(key)


# ── counts and series by themselves ───────────────────────────────────────────────────────


@get("/organizations/{org:str}/issues-count/", sync_to_thread=True)
def count_issues(services: TheServices, request: AnyRequest, access: TheAccess) -> dict[str, int]:
    """How many issues each of some queries finds, up to 1000."""
    queries = request.query_params.getall("query", [])
    if len(queries) > 20:
        raise bad_request("at most 20 queries at once")
    return counts_of(services, request, access, queries)


@get("/organizations/{org:str}/issues-stats/", sync_to_thread=True)
def stats_of_issues(services: TheServices, request: AnyRequest, access: TheAccess) -> list[dict[str, object]]:
    """Figures of issues whose ids are given as `groups`, for a list that was asked for without."""
    numbers = map(parse_number, request.query_params.getall("groups", []))
    ids = [number for number in numbers if number is not None][:100]
    with services.records.read() as session:
        visible = projects_asked(session, request, access, None)
        listed = [
            one for one in load_issues(session, ids, viewer_id(access)) if one.issue.project_id in visible
        ]
    figures = figures_of(services, listed, _asked(services, request, access, None))
    return [
        {
            "id": str(one.issue.id),
            **figures[one.issue.id].window.view(),
            "isUnhandled": one.issue.is_unhandled,
            "lifetime": life.view() if (life := figures[one.issue.id].lifetime) else None,
            "filtered": part.view() if (part := figures[one.issue.id].filtered) else None,
        }
        for one in listed
    ]


# ── CSV ───────────────────────────────────────────────────────────────────────────────────


def _csv(services: Services, request: AnyRequest, access: Access, project: Project | None) -> Stream:
    """The whole list as a file, written page by page."""
    first = search_page(services, request, access, project, limit=_CSV_PAGE, cursor="")
    return Stream(
        _lines(services, request, access, project, first),
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="issues.csv"'},
    )


def _lines(
    services: Services, request: AnyRequest, access: Access, project: Project | None, page: IssuePage
) -> Iterator[str]:
    yield _line(_COLUMNS)
    for _ in range(CSV_MOST // _CSV_PAGE):
        for view in _views(services, request, access, project, page.issue_ids):
            yield _line(_row(view))
        if not page.has_next:
            return
        page = search_page(services, request, access, project, limit=_CSV_PAGE, cursor=str(page.next))


def _row(view: IssueView) -> list[object]:
    assigned = view.assigned_to or {}
    return [
        *(view.short_id, view.title, view.culprit, view.level, view.status, view.substatus or ""),
        *(view.priority, view.project["slug"], assigned.get("email") or assigned.get("name") or ""),
        *(view.count, view.user_count or 0, view.first_seen, view.last_seen, view.permalink),
    ]


def _line(values: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([_harmless(value) for value in values])
    return text.getvalue()


def _harmless(value: object) -> object:
    """Text that a spreadsheet would take for a formula is kept from being one."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


HANDLERS: list[ControllerRouterHandler] = [list_issues, list_project_issues, count_issues, stats_of_issues]
