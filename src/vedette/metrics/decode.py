"""A container of metrics, read into its entries."""

import math
from typing import Any

import msgspec

from vedette.normalize.attributes import SentAttributes
from vedette.normalize.container import (
    ContainerReader,
    Contents,
    Fields,
    attributes_in,
    by_fields,
    text_in,
    time_in,
)


class SentMetric(msgspec.Struct, gc=False):
    """One metric as sent: a single value, never an aggregate."""

    name: str
    type: str
    value: float
    timestamp: float | str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    unit: str | None = None
    attributes: SentAttributes | None = None


def _repair(fields: Fields) -> SentMetric | None:
    """A metric with whatever of it can be read; None without name, type or value."""
    name, kind, value = text_in(fields, "name"), text_in(fields, "type"), _number(fields.get("value"))
    if name is None or kind is None or value is None:
        return None
    return SentMetric(
        name,
        kind,
        value,
        time_in(fields, "timestamp"),
        text_in(fields, "trace_id"),
        text_in(fields, "span_id"),
        text_in(fields, "unit"),
        attributes_in(fields),
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


_reader = ContainerReader(SentMetric, by_fields(_repair), "invalid_trace_metric")


def decode(payload: bytes) -> Contents[SentMetric]:
    """Raises `InvalidPayload`: `invalid_json`, or `invalid_trace_metric` for JSON that is no container."""
    return _reader.read(payload)
