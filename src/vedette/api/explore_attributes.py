"""Attributes and their values: completion, facets, and what is different in a selection."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from vedette.api.edge import path_text
from vedette.api.explore_asked import bounds_of, dataset_of
from vedette.api.given import AnyRequest, TheAccess, ThePage, TheServices
from vedette.api.services import Services
from vedette.core.time import to_iso
from vedette.explore.attribute_values import AttributeReader, AttributeValue, Distribution, Selection
from vedette.explore.compare import Difference, differences
from vedette.explore.dataset import Dataset
from vedette.projects.access import Access

Json = dict[str, Any]
_TOP_VALUES = 10


def _selection(services: Services, request: AnyRequest, access: Access, dataset: Dataset) -> Selection:
    return Selection(dataset, bounds_of(services, request, access), request.query_params.get("query") or "")


def _reader(services: Services) -> AttributeReader:
    return AttributeReader(services.records, services.telemetry)


@get("/organizations/{org:str}/trace-items/attributes/", sync_to_thread=True)
def list_attributes(
    services: TheServices, access: TheAccess, request: AnyRequest, page: ThePage
) -> Response[list[Json]]:
    """Fields and attributes of a dataset (`itemType` or `dataset`) by type (`attributeType`)."""
    query = request.query_params
    dataset = dataset_of(request, "itemType", default="spans")
    text = (query.get("substringMatch") or "").lower()
    kinds = query.getall("attributeType", []) or ["string", "number"]
    found: list[Json] = []
    for kind in dict.fromkeys(kinds):
        found += _fields(dataset, kind, text)
        if kind in ("string", "number"):
            found += _attributes(services, request, access, dataset, kind, text)
    return page.whole(found)


def _fields(dataset: Dataset, kind: str, text: str) -> list[Json]:
    """The dataset's own fields of that type."""
    return [
        {
            "key": field.name,
            "name": field.name,
            "attributeSource": {"source_type": "sentry"},
            "attributeType": kind,
            "secondaryAliases": list(field.aliases),
        }
        for field in dataset.fields
        if text in field.name.lower()
        and kind == ("number" if field.is_number else "boolean" if field.type == "boolean" else "string")
    ]


def _attributes(
    services: Services, request: AnyRequest, access: Access, dataset: Dataset, kind: str, text: str
) -> list[Json]:
    """What the newest rows carry beside. A number is asked for as such, unless its name says it is one."""
    selection = _selection(services, request, access, dataset)
    keys = _reader(services).keys(selection, "number" if kind == "number" else "string", text, 1000)
    return [
        {
            "key": f"tags[{one.key},number]"
            if kind == "number" and not dataset.measure(one.key)
            else one.key,
            "name": one.key,
            "attributeSource": {"source_type": "user"},
            "attributeType": kind,
            "secondaryAliases": [],
        }
        for one in keys
        if dataset.find(one.key) is None
    ]


@get("/organizations/{org:str}/trace-items/attributes/{key:str}/values/", sync_to_thread=True)
def list_values(
    services: TheServices, access: TheAccess, request: AnyRequest, page: ThePage, key: FromPath[str]
) -> Response[list[Json]]:
    """Values of a field or an attribute that hold `substringMatch`, the commonest first."""
    key = path_text(key)
    dataset = dataset_of(request, "itemType", default="spans")
    text = request.query_params.get("substringMatch") or ""
    selection = _selection(services, request, access, dataset)
    found = _reader(services).values(selection, key, text, page.limit + 1, page.offset)
    return page.page(found, lambda value: value_view(key, value))


def value_view(key: str, value: AttributeValue) -> Json:
    return {
        "key": key,
        "name": value.value,
        "value": value.value,
        "count": value.rows,
        "firstSeen": to_iso(value.first_us),
        "lastSeen": to_iso(value.last_us),
    }


# ── shares of values ──────────────────────────────────────────────────────────────────────


@get("/organizations/{org:str}/trace-items/stats/", sync_to_thread=True)
def read_distributions(services: TheServices, access: TheAccess, request: AnyRequest) -> Json:
    """The commonest values of every attribute of the rows found."""
    found = _distribution(services, request, access)
    text = (request.query_params.get("substringMatch") or "").lower()
    data = {
        key: [{"label": value, "value": float(rows)} for value, rows in values.items()]
        for key, values in found.shares.items()
        if text in key.lower()
    }
    return {"data": [{"attributeDistributions": {"data": data}}]}


@get("/organizations/{org:str}/events-facets/", sync_to_thread=True)
def read_facets(
    services: TheServices, access: TheAccess, request: AnyRequest, page: ThePage
) -> Response[list[Json]]:
    found = _distribution(services, request, access)
    keys = sorted(found.shares, key=lambda key: (-sum(found.shares[key].values()), key))
    return page.whole([{"key": key, "topValues": _top(found, key)} for key in keys])


def _distribution(services: Services, request: AnyRequest, access: Access) -> Distribution:
    dataset = dataset_of(request, "itemType", default="spans")
    return _reader(services).distribution(_selection(services, request, access, dataset))


def _top(found: Distribution, key: str) -> list[Json]:
    values = list(found.shares[key].items())[:_TOP_VALUES]
    return [{"name": value, "value": value, "count": rows} for value, rows in values]


@get("/organizations/{org:str}/explore/compare/", sync_to_thread=True)
def compare(services: TheServices, access: TheAccess, request: AnyRequest, page: ThePage) -> Response[Json]:
    """How rows that `selection` finds among those of `query` differ from the others: keys, the most telling first."""
    dataset = dataset_of(request)
    whole, part = _selection(services, request, access, dataset), request.query_params.get("selection") or ""
    reader = _reader(services)
    selected = reader.distribution(whole, part)
    rest = reader.distribution(whole, part, inside=False) if part else Distribution(0, {})
    found = differences(selected, rest)
    shown = page.whole([_difference_view(one) for one in found])
    content: Json = {
        "data": shown.content,
        "meta": {"selected": selected.total, "rest": rest.total, "dataset": dataset.name},
    }
    return Response(content, headers=dict(shown.headers))


def _difference_view(one: Difference) -> Json:
    values = [
        {"value": share.value, "selected": share.selected, "rest": share.rest, "lift": share.lift}
        for share in one.values
    ]
    return {"key": one.key, "score": one.score, "values": values}


HANDLERS: list[ControllerRouterHandler] = [
    list_attributes,
    list_values,
    read_distributions,
    read_facets,
    compare,
]
