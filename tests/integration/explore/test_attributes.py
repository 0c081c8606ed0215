"""Attributes and their values, what a selection has that the rest has not, and dry runs."""

from typing import Any

import pytest

from tests.support.client import Client
from tests.support.rows import Filler

BASE = "/organizations/acme/"


@pytest.fixture(autouse=True)
def spans(fill: Filler) -> None:
    quick = {
        "op": "http.server",
        "is_segment": 1,
        "duration_us": 1000,
        "attributes": {"plan": "free", "zone": "a"},
    }
    slow = {
        **quick,
        "duration_us": 900_000,
        "attributes": {"plan": "pro", "zone": "a"},
        "numbers": {"items": 7.0},
    }
    fill("spans", *([quick] * 30), *([slow] * 5))
    fill("logs", {"body": "a", "attributes": {"shop": "x"}})


def get(client: Client, path: str, **params: Any) -> Any:
    answer = client.get(BASE + path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_attributes_are_listed_with_the_fields_by_type(ada: Client) -> None:
    texts = get(ada, "trace-items/attributes/", itemType="spans", attributeType="string")
    by_key = {one["key"]: one for one in texts}
    assert by_key["plan"]["attributeSource"] == {"source_type": "user"}
    assert by_key["span.op"]["attributeSource"] == {"source_type": "sentry"}
    numbers = get(
        ada, "trace-items/attributes/", itemType="spans", attributeType="number", substringMatch="item"
    )
    assert [(one["key"], one["name"]) for one in numbers] == [("tags[items,number]", "items")]
    logs = get(ada, "trace-items/attributes/", dataset="logs", attributeType="string", substringMatch="shop")
    assert [one["key"] for one in logs] == ["shop"]


@pytest.mark.parametrize(
    ("key", "text", "values"),
    [
        ("plan", "", ["free", "pro"]),
        ("plan", "PR", ["pro"]),
        ("span.op", "http", ["http.server"]),
        ("none", "", []),
    ],
)
def test_values_of_an_attribute_or_a_field_come_with_the_commonest_first(
    ada: Client, key: str, text: str, values: list[str]
) -> None:
    found = get(ada, f"trace-items/attributes/{key}/values/", itemType="spans", substringMatch=text)
    assert [one["value"] for one in found] == values
    tags = get(ada, f"tags/{key}/values/", dataset="spans", query=text)
    assert [one["value"] for one in tags] == values


def test_tags_of_a_dataset_are_its_attributes(ada: Client) -> None:
    assert {one["key"] for one in get(ada, "tags/", dataset="spans")} == {"plan", "zone"}
    assert {one["key"] for one in get(ada, "tags/", dataset="logs")} == {"shop"}


def test_what_a_selection_has_and_the_rest_has_not_comes_first(ada: Client) -> None:
    answer = get(ada, "explore/compare/", dataset="spans", selection="span.duration:>500ms")
    assert answer["meta"] == {"selected": 5, "rest": 30, "dataset": "spans"}
    first = answer["data"][0]
    assert first["key"] == "plan"
    assert {value["value"]: (value["selected"], value["rest"]) for value in first["values"]} == {
        "pro": (1.0, 0.0),
        "free": (0.0, 1.0),
    }
    zone = next(one for one in answer["data"] if one["key"] == "zone")
    assert zone["score"] < 0.2 < first["score"]


def test_distributions_and_facets_count_values(ada: Client) -> None:
    stats = get(
        ada, "trace-items/stats/", itemType="spans", statsType="attributeDistributions", query="span.op:http*"
    )
    shares = stats["data"][0]["attributeDistributions"]["data"]
    assert shares["plan"] == [{"label": "free", "value": 30.0}, {"label": "pro", "value": 5.0}]
    facets = {one["key"]: one["topValues"] for one in get(ada, "events-facets/", dataset="spans")}
    assert facets["span.op"] == [{"name": "http.server", "value": "http.server", "count": 35}]
    assert "http.status_code" not in facets  # no span has one


def test_a_question_is_validated_part_by_part(ada: Client) -> None:
    params = {
        "dataset": "spans",
        "field": ["id", "p95(span.duration)", "is_transaction"],
        "query": "span.op:db count():>3",
        "orderby": "-p95(span.duration)",
        "environment": "production",
        "statsPeriod": "24h",
    }
    answer = get(ada, "events/validate/", **params)
    assert answer == {
        "valid": True,
        "projects": [],
        "dataset": [{"name": "spans", "valid": True, "error": None}],
        "environment": [{"name": "production", "valid": True, "error": None}],
        "field": [
            {"name": "id", "valid": True, "attrType": "string", "error": None},
            {"name": "p95(span.duration)", "valid": True, "attrType": "number", "error": None},
            {"name": "is_transaction", "valid": True, "attrType": "boolean", "error": None},
        ],
        "query": {
            "valid": True,
            "error": None,
            "fields": [{"name": "span.op", "valid": True, "attrType": "string", "error": None}],
        },
        "orderby": [{"name": "-p95(span.duration)", "valid": True, "error": None}],
    }


@pytest.mark.parametrize(
    ("params", "part"),
    [
        ({"dataset": "nonsense", "field": "id"}, "dataset"),
        ({"field": "frobnicate()"}, "field"),
        ({"field": "id", "query": "span.duration:fast"}, "query"),
        ({"field": "id", "orderby": "-title"}, "orderby"),
        ({"field": "id", "project": "99999"}, "projects"),
    ],
)
def test_what_is_wrong_with_a_question_is_said_at_its_part(
    ada: Client, params: dict[str, str], part: str
) -> None:
    answer = ada.get(BASE + "events/validate/", params={"dataset": "spans", **params})
    assert answer.status_code == 400
    body = answer.json()
    assert set(body) == {"valid", "projects", "dataset", "environment", "field", "query", "orderby"}
    found = body[part] if isinstance(body[part], dict) else body[part][0]
    assert body["valid"] is False and found["valid"] is False and found["error"]


@pytest.mark.parametrize("bars", ["²", "0", "501", "9" * 30, "many"])
def test_a_histogram_has_a_number_of_bars(ada: Client, bars: str) -> None:
    params = {"dataset": "spans", "field": "span.duration", "numBuckets": bars}
    answer = ada.get(BASE + "events-histogram/", params=params)
    assert answer.status_code == 400
    assert "numBuckets" in answer.json()["detail"]


def test_what_is_to_be_drawn_is_validated_too(ada: Client) -> None:
    def found(axis: str) -> Any:
        params = {"dataset": "spans", "yAxis": axis}
        return ada.get(BASE + "events/validate/", params=params).json()["yAxis"]

    share = "equation|count_if(span.status,equals,internal_error) / count() * 100"
    assert found(share) == [{"name": share, "valid": True, "attrType": "number", "error": None}]
    for axis, reason in (
        ("equation|count( / 2", "is missing"),
        ("equation|counts() / 2", "counts() is not known"),
        ("equation|span.duration / 2", "not a function"),
        ("equation|count() / span.duration", "cannot be mixed"),
    ):
        assert found(axis)[0]["valid"] is False and reason in found(axis)[0]["error"], axis


def test_a_histogram_spreads_a_number_over_its_range(ada: Client) -> None:
    bars = get(ada, "events-histogram/", dataset="spans", field="span.duration", numBuckets=3)[
        "span.duration"
    ]
    assert [bar["count"] for bar in bars] == [30, 0, 5]
    assert bars[0]["bin"] == 1
    filtered = get(
        ada,
        "events-histogram/",
        dataset="spans",
        field="span.duration",
        numBuckets=3,
        dataFilter="exclude_outliers",
    )
    assert sum(bar["count"] for bar in filtered["span.duration"]) == 30
    assert (
        sum(bar["count"] for bar in get(ada, "events-histogram/", dataset="spans", field="none")["none"]) == 0
    )
