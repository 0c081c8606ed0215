"""Whether a question can be asked, part by part, without asking it."""

from collections.abc import Callable
from typing import Any

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from vedette.api.errors import Answer
from vedette.api.explore_asked import DATASETS, bounds_of
from vedette.api.given import AnyRequest, TheAccess, TheServices
from vedette.explore.ask import BadQuestion, Bounds, Question
from vedette.explore.dataset import Dataset
from vedette.explore.expression import Expression
from vedette.explore.keys import read_search
from vedette.explore.series import axis
from vedette.explore.statement import made_of, read_columns, write
from vedette.explore.writer import Writer
from vedette.projects.errors import Missing
from vedette.search.columns import Column
from vedette.search.error import SearchError
from vedette.search.tree import AllOf, leaves
from vedette.storage.telemetry.expressions import Parameters

Json = dict[str, Any]
_TYPES = {
    "boolean": "boolean",
    **dict.fromkeys(("integer", "number", "duration", "size", "percentage"), "number"),
}


@get("/organizations/{org:str}/events/validate/", sync_to_thread=True)
def validate(services: TheServices, access: TheAccess, request: AnyRequest) -> Response[Json]:
    """200, or 400 with the same body, whose parts say what is wrong."""
    query = request.query_params
    projects: list[Json] = []
    bounds = Bounds(access.organization.id, {0: ""}, 0, 1, services.clock())
    try:
        bounds = bounds_of(services, request, access)
    except Missing:
        projects = [{"valid": False, "error": "there is no such project, or it is not visible"}]
    except Answer as error:
        projects = [{"valid": False, "error": str(error.body.get("detail"))}]
    name = query.get("dataset") or "errors"
    dataset = DATASETS.get(name)
    parts: dict[str, list[Json]] = {
        "projects": projects,
        "dataset": [_named(name, None if dataset else f"is none of: {', '.join(DATASETS)}")],
        "environment": [_named(text, None) for text in query.getall("environment", [])],
    }
    fields = query.getall("field", [])
    asked = dataset or DATASETS["errors"]
    parts["field"] = [_field(asked, bounds, text) for text in fields]
    search = _query(asked, bounds, query.get("query") or "")
    orders = [text for text in query.getall("orderby", query.getall("sort", [])) if text]
    parts["orderby"] = [_order(asked, bounds, fields, text) for text in orders]
    if axes := query.getall("yAxis", []):
        parts["yAxis"] = [_field(asked, bounds, text, axis) for text in axes]
    valid = search["valid"] and all(part["valid"] for listed in parts.values() for part in listed)
    return Response({"valid": valid, **parts, "query": search}, status_code=200 if valid else 400)


def _named(name: str, error: str | None) -> Json:
    return {"name": name, "valid": error is None, "error": error}


def _writer(dataset: Dataset, bounds: Bounds) -> Writer:
    return Writer(dataset, bounds, Parameters(), bounds.seconds)


def _field(
    dataset: Dataset, bounds: Bounds, text: str, make: Callable[[Column, Writer], Expression] = made_of
) -> Json:
    try:
        made = make(read_columns([text])[0], _writer(dataset, bounds))
    except BadQuestion as error:
        return {**_named(text, str(error)), "attrType": None}
    return {**_named(text, None), "attrType": _TYPES.get(made.type, "string")}


def _query(dataset: Dataset, bounds: Bounds, text: str) -> Json:
    writer = _writer(dataset, bounds)
    try:
        found = {leaf.key.name for leaf in leaves(read_search(text, writer)) if text}
    except (SearchError, BadQuestion) as error:
        return {"valid": False, "error": str(error), "fields": []}
    fields = [_field(dataset, bounds, name) for name in sorted(found) if dataset.find(name.partition("(")[0])]
    return {"valid": True, "error": None, "fields": fields}


def _order(dataset: Dataset, bounds: Bounds, fields: list[str], text: str) -> Json:
    """Whether it is a field that can be sorted by, where the fields themselves can be read."""
    writer = _writer(dataset, bounds)
    readable = [field for field in fields if _field(dataset, bounds, field)["valid"]]
    if not readable:
        return _named(text, "there is no field to sort by")
    try:
        write(Question(dataset, bounds, tuple(readable), sort=(text,)), AllOf(()), writer)
    except BadQuestion as error:
        return _named(text, str(error))
    return _named(text, None)


HANDLERS: list[ControllerRouterHandler] = [validate]
