"""Tables of any dataset: rows or groups, as many as match, and whether a question can be asked."""

from typing import Any

from litestar import Response, get
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from vedette.api.errors import bad_request
from vedette.api.explore_asked import bounds_of, dataset_of, question_of
from vedette.api.explore_export import FileFormat, exported
from vedette.api.given import AnyRequest, TheAccess, ThePage, TheServices
from vedette.api.paging import Cursor
from vedette.core.ids import parse_number
from vedette.explore.ask import Question
from vedette.explore.histogram import read_histogram
from vedette.explore.table import Explorer, Table

Json = dict[str, Any]
_MOST_SPREADS = 4


@get("/organizations/{org:str}/events/", sync_to_thread=True)
def list_events(
    services: TheServices, access: TheAccess, request: AnyRequest, page: ThePage
) -> Response[Json] | Stream:
    """A table: single rows, or with functions among the fields one row per group.

    `dataset`, `field` (repeated), `query`, `sort` (repeated), the time, `project`, `environment`.
    With `format=csv` or `export=json` a file of up to 100,000 rows.
    """
    question = question_of(services, request, access, limit=page.limit, offset=page.offset)
    explorer = Explorer(services.records, services.telemetry)
    if (file_format := _file_format(request)) is not None:
        return exported(explorer, question, file_format)
    table = explorer.table(question)
    return page.linked(
        {"data": table.rows, "meta": meta_of(question, table)},
        previous=Cursor(0, max(page.offset - page.limit, 0), True),
        next_=Cursor(0, page.offset + page.limit),
        has_previous=page.offset > 0,
        has_next=table.more,
    )


def _file_format(request: AnyRequest) -> FileFormat | None:
    """Raises `Answer` for a format that there is not."""
    asked = request.query_params.get("format") or request.query_params.get("export")
    if not asked:
        return None
    if asked not in ("csv", "json"):
        raise bad_request("format must be csv or json")
    return "csv" if asked == "csv" else "json"


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


@get("/organizations/{org:str}/events-histogram/", sync_to_thread=True)
def read_spread(services: TheServices, access: TheAccess, request: AnyRequest) -> Json:
    """`{field: [{bin, count}]}`: rows per step of each number, `numBuckets` steps; `dataFilter=exclude_outliers`."""
    query = request.query_params
    bars = parse_number(query.get("numBuckets") or "50")
    fields = [text for text in query.getall("field", []) if text]
    if bars is None or not fields:
        raise bad_request("field and numBuckets are needed")
    question = question_of(services, request, access, limit=1, offset=0)
    explorer = Explorer(services.records, services.telemetry)
    found = {
        field: read_histogram(
            explorer,
            services.telemetry,
            question,
            field,
            bars,
            without_outliers=query.get("dataFilter") == "exclude_outliers",
        )
        for field in fields[:_MOST_SPREADS]
    }
    return {
        field: [
            {"bin": one.start + number * one.width, "count": rows} for number, rows in enumerate(one.rows)
        ]
        for field, one in found.items()
    }


HANDLERS: list[ControllerRouterHandler] = [list_events, count_events, read_spread]
