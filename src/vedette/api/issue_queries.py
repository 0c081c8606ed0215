"""The query of a request for issues: its text, window, order and page, as the search wants them."""

from collections.abc import Sequence
from typing import cast, get_args

from vedette.api.errors import bad_request
from vedette.api.given import AnyRequest
from vedette.api.services import Services
from vedette.api.windows import Window, default_window, scope_of, window_of
from vedette.core.time import DAY_US
from vedette.errors.issue_records import Sort
from vedette.errors.issue_search import IssuePage, IssueQuery, IssueSearch
from vedette.projects.access import Access
from vedette.projects.values import Project
from vedette.search.bind import understand
from vedette.search.conditions import Conditions
from vedette.search.issue_keys import ISSUE_KEYS

DEFAULT_US = 90 * DAY_US
DEFAULT_QUERY = "is:unresolved"  # where the request has no `query` at all; an empty one asks for everything
_SORTS: tuple[str, ...] = get_args(Sort)


def query_text(request: AnyRequest) -> str:
    """The query as asked, with the `status` that older clients send beside it."""
    text = request.query_params.get("query")
    statuses = request.query_params.getall("status", [])
    if statuses:
        return f"{text or ''} is:{_one_of(statuses)}".strip()
    return DEFAULT_QUERY if text is None else text


def _one_of(statuses: list[str]) -> str:
    return statuses[0] if statuses[0] in ("resolved", "unresolved", "ignored") else "unresolved"


def conditions_of(text: str, now_us: int) -> Conditions:
    """Raises `SearchError`."""
    return understand(text, ISSUE_KEYS, now_us)


def window_asked(request: AnyRequest, project: Project | None, now_us: int) -> Window:
    """In the project's form of the list, `statsPeriod` says which sparkline is wanted, not which issues."""
    if project is not None and request.query_params.get("statsPeriod") in ("24h", "14d"):
        return default_window(now_us, DEFAULT_US)
    return window_of(request, now_us, DEFAULT_US)


def sort_of(request: AnyRequest) -> Sort:
    text = request.query_params.get("sort") or "date"
    if text not in _SORTS:
        raise bad_request(f"Invalid sort: one of {', '.join(_SORTS)}")
    return cast("Sort", text)


def search_page(
    services: Services,
    request: AnyRequest,
    access: Access,
    project: Project | None,
    *,
    limit: int,
    cursor: str | None = None,
) -> IssuePage:
    """One page of what the request asks for. Raises `SearchError`, `TelemetryError`, `Answer`."""
    now_us = services.clock()
    with services.records.read() as session:
        scope = scope_of(session, request, access, project, window_asked(request, project, now_us))
    query = IssueQuery(
        scope=scope,
        conditions=conditions_of(query_text(request), now_us),
        sort=sort_of(request),
        limit=limit,
        cursor=request.query_params.get("cursor", "") if cursor is None else cursor,
    )
    return IssueSearch(services.records, services.telemetry).find(query, now_us)


def counts_of(
    services: Services, request: AnyRequest, access: Access, texts: Sequence[str]
) -> dict[str, int]:
    """How many issues each of these queries finds in what else the request asks for. Raises as `search_page`."""
    now_us = services.clock()
    with services.records.read() as session:
        scope = scope_of(session, request, access, None, window_asked(request, None, now_us))
    queries = [conditions_of(text, now_us) for text in texts]
    found = IssueSearch(services.records, services.telemetry).counts(scope, queries, now_us)
    return dict(zip(texts, found, strict=True))
