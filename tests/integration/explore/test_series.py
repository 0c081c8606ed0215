"""Functions over time."""

from typing import Any

import pytest

from tests.support.client import Client
from tests.support.rows import Filler
from vedette.core.time import MINUTE_US

TIMESERIES = "/organizations/acme/events-timeseries/"
WINDOW = {"start": "2026-01-02T02:00:00Z", "end": "2026-01-02T03:00:00Z", "interval": "20m"}
FIRST_MS = 1_767_319_200_000  # 02:00


def series(client: Client, **params: Any) -> list[dict[str, Any]]:
    answer = client.get(TIMESERIES, params={"dataset": "spans", **WINDOW, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()["timeSeries"]


def values(one: dict[str, Any]) -> list[float | None]:
    return [point["value"] for point in one["values"]]


@pytest.fixture(autouse=True)
def spans(fill: Filler) -> None:
    first_us = FIRST_MS * 1000
    rows = [
        (0, "/a", 100, 1.0),
        (1, "/a", 300, 10.0),
        (25, "/b", 50, 1.0),
        (45, "/c", 10, 1.0),
        (46, "/a", 20, 1.0),
    ]
    fill(
        "spans",
        *(
            {
                "ts": first_us + minute * MINUTE_US,
                "is_segment": 1,
                "transaction": name,
                "duration_us": ms * 1000,
                "weight": weight,
            }
            for minute, name, ms, weight in rows
        ),
    )


def test_each_function_is_a_series_of_all_steps(ada: Client) -> None:
    count, average = series(ada, yAxis=["count()", "avg(span.duration)"], query="!transaction:/b")
    assert count["yAxis"] == "count()" and count["groupBy"] is None
    assert values(count) == [2, 0, 2]
    assert values(average) == [200, None, 15]
    assert [point["timestamp"] for point in count["values"]] == [
        FIRST_MS + step * 1_200_000 for step in range(3)
    ]
    assert average["meta"] == {"valueType": "duration", "valueUnit": "millisecond", "interval": 1_200_000}


def test_points_say_what_they_rest_on(ada: Client) -> None:
    point = series(ada, yAxis="count()")[0]["values"][0]
    assert point["sampleCount"] == 2
    assert point["sampleRate"] == pytest.approx(2 / 11)
    assert point["confidence"] == "low"
    assert point["incomplete"] is False
    assert values(series(ada, yAxis="count()", extrapolationMode="sampleWeighted")[0]) == [11, 1, 2]


@pytest.mark.parametrize(
    ("period", "interval_s"), [("1h", 60), ("2h", 60), ("3h", 300), ("24h", 900), ("14d", 14_400)]
)
def test_steps_are_chosen_by_the_time_that_has_passed(ada: Client, period: str, interval_s: int) -> None:
    answer = ada.get(TIMESERIES, params={"dataset": "spans", "yAxis": "count()", "statsPeriod": period})
    assert answer.json()["timeSeries"][0]["meta"]["interval"] == interval_s * 1000


def test_an_equation_of_functions_is_a_series(ada: Client) -> None:
    slow = "equation|count_if(span.duration,greater,60) / count() * 100"
    spread = "equation|max(span.duration) - min(span.duration)"
    share, between = series(ada, yAxis=[slow, spread], query="!transaction:/b")
    assert (share["yAxis"], values(share)) == (slow, [100, None, 0])
    assert (between["yAxis"], values(between)) == (spread, [200, None, 10])
    assert between["meta"]["valueUnit"] == "millisecond" and share["meta"]["valueUnit"] is None
    (per_minute,) = series(ada, yAxis="equation|epm() * 20")
    assert values(per_minute) == pytest.approx([2, 1, 2])


def test_an_equation_says_which_groups_lead(ada: Client) -> None:
    longest = "equation|max(span.duration) * 1"
    found = series(ada, yAxis=longest, groupBy="transaction", topEvents=2, sort=f"-{longest}")
    named = [one["groupBy"][0]["value"] for one in found if one["groupBy"]]
    assert named == ["/a", "/b"]
    others = next(one for one in found if one["meta"]["isOther"])
    assert values(others) == [None, None, 10]


def test_rates_are_per_step(ada: Client) -> None:
    assert values(series(ada, yAxis="epm()")[0]) == pytest.approx([2 / 20, 1 / 20, 2 / 20])


def test_the_leading_groups_have_series_and_the_others_one(ada: Client) -> None:
    found = series(ada, yAxis="count()", groupBy="transaction", topEvents=1, sort="-count()")
    assert [(one["groupBy"], values(one), one["meta"]["isOther"], one["meta"]["order"]) for one in found] == [
        ([{"key": "transaction", "value": "/a"}], [2, 0, 1], False, 0),
        (None, [0, 1, 1], True, 1),
    ]
    alone = series(ada, yAxis="count()", groupBy="transaction", topEvents=2, excludeOther="1")
    assert sorted(one["groupBy"][0]["value"] for one in alone) == ["/a", "/b"]
    by_id = series(
        ada, yAxis="max(span.duration)", groupBy=["id", "project"], topEvents=5, sort="-max(span.duration)"
    )
    assert {one["groupBy"][1]["value"] for one in by_id} == {"api"}


@pytest.mark.parametrize(
    ("field", "given", "value"),
    [
        ("tags[paid,boolean]", {"attributes": {"paid": "false"}}, False),
        ("tags[items,number]", {"numbers": {"items": 0.0}}, 0),
        ("measurements.lcp", {"numbers": {"measurements.lcp": 2500.0}}, 2500),
        ("http.status_code", {"http_status": 200}, 200),
    ],
)
@pytest.mark.parametrize("beside", [[], ["span.op"]])
def test_rows_without_a_value_are_a_group_too(
    ada: Client, fill: Filler, field: str, given: dict[str, Any], value: object, beside: list[str]
) -> None:
    first_us = FIRST_MS * 1000
    fill("spans", *({"ts": first_us + minute * MINUTE_US, **given} for minute in range(3)))
    asked: dict[str, Any] = {"yAxis": "count()", "groupBy": [field, *beside]}

    def found(top: int) -> list[tuple[object, list[float | None]]]:
        shown = series(ada, **asked, topEvents=top)
        return [(one["groupBy"] and one["groupBy"][0]["value"], values(one)) for one in shown]

    assert found(1) == [(None, [2, 1, 2]), (None, [3, 0, 0])]  # the second is that of the others
    assert found(2) == [(None, [2, 1, 2]), (value, [3, 0, 0])]


def test_a_group_named_twice_is_one(ada: Client) -> None:
    twice = series(ada, yAxis="count()", groupBy=["transaction", "transaction"], topEvents=1)
    assert values(twice[0]) == [2, 0, 1]


def test_the_time_before_stands_beside_it(ada: Client) -> None:
    window = {"start": "2026-01-02T02:20:00Z", "end": "2026-01-02T03:00:00Z", "comparisonDelta": "1200"}
    points = series(ada, yAxis="count()", **window)[0]["values"]
    assert [(point["value"], point["comparisonValue"]) for point in points] == [(1, 2), (2, 1)]


def test_a_step_that_is_not_over_says_so(ada: Client) -> None:
    points = series(ada, yAxis="count()", end="2026-01-02T03:05:00Z")[0]["values"]
    assert [point["incomplete"] for point in points] == [False, False, False, True]


def test_the_older_form_counts_in_seconds(ada: Client) -> None:
    def stats(**params: Any) -> Any:
        answer = ada.get("/organizations/acme/events-stats/", params={"dataset": "spans", **WINDOW, **params})
        assert answer.status_code == 200, answer.text
        return answer.json()

    plain = stats(yAxis="count()")
    assert plain["data"][0] == [FIRST_MS // 1000, [{"count": 2}]]
    assert (plain["start"], plain["end"]) == (FIRST_MS // 1000, FIRST_MS // 1000 + 3600)
    assert set(stats(yAxis=["count()", "p95()"])) == {"count()", "p95()"}
    top = stats(yAxis="count()", field=["transaction", "count()"], topEvents=2, orderby="-count()")
    assert set(top) == {"/a", "/b", "Other"}
    assert top["/a"]["order"] == 0
    share = "equation|count_if(span.duration,greater,60) / count()"
    assert [row[1][0]["count"] for row in stats(yAxis=share)["data"]] == [1, 0, 0]
    assert set(stats(yAxis=share, field=["transaction", share], topEvents=1)) == {"/a", "Other"}


@pytest.mark.parametrize(
    ("params", "detail"),
    [
        ({"yAxis": "transaction"}, "not a function"),
        ({"yAxis": "equation|span.duration * 2"}, "not a function"),
        ({"yAxis": "equation|count() * span.duration"}, "cannot be mixed"),
        ({"yAxis": "equation|count() +"}, "Invalid equation"),
        ({"interval": "1s", "start": "2026-01-01T00:00:00Z"}, "too short"),
        ({"interval": "often"}, "Invalid interval"),
        ({"topEvents": "5"}, "needs a groupBy"),
        ({"topEvents": "500", "groupBy": "transaction"}, "at most"),
        ({"topEvents": "²", "groupBy": "transaction"}, "topEvents must be a number"),
        ({"topEvents": "9" * 30, "groupBy": "transaction"}, "topEvents must be a number"),
        ({"comparisonDelta": "day"}, "comparisonDelta"),
        ({"comparisonDelta": "²"}, "comparisonDelta"),
        ({"comparisonDelta": "9" * 17}, "comparisonDelta must be a number of seconds, at most"),
        ({"comparisonDelta": "9" * 5000}, "comparisonDelta"),
        ({"query": "count():>1"}, "needs groups"),
    ],
)
def test_what_cannot_be_asked_over_time_is_refused(ada: Client, params: dict[str, str], detail: str) -> None:
    answer = ada.get(TIMESERIES, params={"dataset": "spans", **WINDOW, **params})
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


def test_errors_logs_and_metrics_have_series_too(ada: Client, fill: Filler) -> None:
    at_us = FIRST_MS * 1000
    fill("errors", {"ts": at_us, "title": "a"})
    fill("logs", {"ts": at_us, "body": "a"})
    fill("metrics", {"ts": at_us, "name": "orders", "type": "counter", "value": 5.0})
    assert values(series(ada, dataset="errors", yAxis="count()")[0]) == [1, 0, 0]
    assert values(series(ada, dataset="logs", yAxis="count(message)")[0]) == [1, 0, 0]
    assert values(series(ada, dataset="tracemetrics", yAxis="sum(value,orders,counter,-)")[0]) == [5, 0, 0]
    grouped = series(ada, dataset="errors", yAxis="count()", groupBy="issue", topEvents=3)
    assert grouped[0]["groupBy"] == [{"key": "issue", "value": None}]


def test_values_of_a_metric_have_its_unit(ada: Client, fill: Filler) -> None:
    latency = {"name": "latency", "type": "distribution", "unit": "millisecond"}
    fill("metrics", *({"ts": FIRST_MS * 1000, **latency, "value": value} for value in (2.0, 6.0)))
    of = "value,latency,distribution,millisecond"
    axes = {
        f"p50({of})": (4, "millisecond"),
        f"count({of})": (2, None),
        f"per_minute({of})": (0.1, "1/minute"),
        f"equation|max({of}) - min({of})": (4, "millisecond"),
        f"equation|max({of}) / min({of})": (3, None),
    }
    found = series(ada, dataset="tracemetrics", yAxis=list(axes))
    shown = {one["yAxis"]: (one["values"][0]["value"], one["meta"]["valueUnit"]) for one in found}
    assert shown == axes
