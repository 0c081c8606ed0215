"""Tables of any dataset: rows or groups, as many as match, and whether a question can be asked."""

from typing import Any

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from vedette.api.explore_asked import bounds_of, dataset_of, question_of
from vedette.api.given import AnyRequest, TheAccess, ThePage, TheServices
from vedette.api.paging import Cursor
from vedette.explore.ask import Question
from vedette.explore.table import Explorer, Table

Json = dict[str, Any]


@get("/organizations/{org:str}/events/", sync_to_thread=True)
def list_events(
    services: TheServices, access: TheAccess, request: AnyRequest, page: ThePage
) -> Response[Json]:
    """A table: single rows, or with functions among the fields one row per group.

    `dataset`, `field` (repeated), `query`, `sort` (repeated), the time, `project`, `environment`.
    """
    question = question_of(services, request, access, limit=page.limit, offset=page.offset)
    table = Explorer(services.records, services.telemetry).table(question)
    return page.linked(
        {"data": table.rows, "meta": meta_of(question, table)},
        previous=Cursor(0, max(page.offset - page.limit, 0), True),
        next_=Cursor(0, page.offset + page.limit),
        has_previous=page.offset > 0,
        has_next=table.more,
    )


def meta_of(question: Question, table: Table) -> Json:
    return {
        "fields": table.types,
        "units": table.units,
        "isMetricsData": False,
        "isMetricsExtractedData": False,
        "tips": {"query": None, "columns": None},
        "datasetReason": "unchanged",
        "dataset": question.dataset.name,
        "dataScanned": "full",
    }


@get("/organizations/{org:str}/events-meta/", sync_to_thread=True)
def count_events(services: TheServices, access: TheAccess, request: AnyRequest) -> Json:
    """How many rows match."""
    question = Question(
        dataset=dataset_of(request),
        bounds=bounds_of(services, request, access),
        columns=("count()",),
        search=request.query_params.get("query") or "",
    )
    rows = Explorer(services.records, services.telemetry).table(question).rows
    return {"count": rows[0]["count()"] if rows else 0}


HANDLERS: list[ControllerRouterHandler] = [list_events, count_events]
