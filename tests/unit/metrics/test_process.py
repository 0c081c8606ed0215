"""A container of metrics → rows."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.deliveries import RECEIVED_US, container, delivery, fields, payload_in
from vedette.core.time import SECOND_US
from vedette.metrics.process import process
from vedette.normalize.received import InvalidPayload
from vedette.projects.handling import Delivery
from vedette.storage.telemetry.tables import METRICS

COLUMNS = [column.name for column in METRICS.columns[:-1]]
SAMPLES = Path(__file__).parent / "samples"

Row = dict[str, Any]


def rows_of(payload: bytes, sent: Delivery | None = None) -> list[Row]:
    return [fields(COLUMNS, row) for row in process(payload, sent or delivery()).rows]


def metric(**more: Any) -> dict[str, Any]:
    at = RECEIVED_US / SECOND_US - 5
    return {"timestamp": at, "name": "orders.placed", "type": "counter", "value": 2, **more}


@pytest.mark.parametrize("sample", ["python-2.75", "node-11.12"])
def test_a_container_of_a_real_sdk_is_stored_whole(sample: str) -> None:
    rows = rows_of(payload_in(SAMPLES / f"{sample}.envelope"))
    assert [(row["name"], row["type"], row["unit"]) for row in rows] == [
        ("orders.placed", "counter", ""),
        ("queue.depth", "gauge", ""),
        ("payment.duration", "distribution", "millisecond"),
    ]
    assert [row["value"] for row in rows] == [2, 17, pytest.approx(183, abs=0.5)]
    assert rows[0]["attributes"]["plan"] == "pro"
    assert rows[0]["environment"] == "production"
    assert rows[0]["user"].startswith("id:")
    assert rows[0]["trace_id"]


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        (metric(), True),
        (metric(value="2.5"), True),
        (metric(unit=5), True),
        (metric(value=None), False),
        (metric(value=True), False),
        (metric(value="many"), False),
        (metric(value="nan"), False),
        (metric(type="set"), False),
        (metric(type=None), False),
        (metric(name=" "), False),
        (metric(name=None), False),
        (None, False),
    ],
)
def test_a_bad_entry_goes_alone(entry: Any, kept: bool) -> None:
    metrics = process(container(metric(), entry, metric(name="last")), delivery())
    assert (len(metrics.rows), metrics.refused) == ((3, 0) if kept else (2, 1))
    assert fields(COLUMNS, metrics.rows[-1])["name"] == "last"


@pytest.mark.parametrize(
    ("rate", "weight"),
    [("0.25", 4), (0.5, 2), (1, 1), ("0", 1), (0, 1), (-1, 1), ("often", 1), ("nan", 1), ("1e-300", 1e6)],
)
def test_a_metric_that_is_sampled_by_itself_weighs_more(rate: str | float, weight: float) -> None:
    sent = metric(attributes={"sentry.client_sample_rate": {"value": rate}})
    assert rows_of(container(sent))[0]["weight"] == weight


def test_the_rate_of_its_trace_says_nothing_of_a_metric() -> None:
    assert rows_of(container(metric()), delivery(trace=b'{"sample_rate": "0.25"}'))[0]["weight"] == 1


def test_what_is_no_container_is_refused() -> None:
    with pytest.raises(InvalidPayload) as refused:
        process(b'{"name": "a"}', delivery())
    assert refused.value.reason == "invalid_trace_metric"


def test_secrets_are_taken_out_of_attributes() -> None:
    (row,) = rows_of(container(metric(attributes={"api_key": {"value": "sk-1", "type": "string"}})))
    assert row["attributes"] == {"api_key": "[Filtered]"}
