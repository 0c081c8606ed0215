"""A container of logs, read into its entries."""

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


class SentLog(msgspec.Struct, gc=False):
    """One log as sent. Python has `sentry.severity_number` among the attributes, JavaScript `severity_number` here."""

    body: str
    timestamp: float | str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    level: str | None = None
    severity_number: int | float | None = None
    attributes: SentAttributes | None = None


def _repair(fields: Fields) -> SentLog | None:
    """A log with whatever of it can be read; None without a body, which is what a log is."""
    body = text_in(fields, "body")
    if body is None:
        return None
    return SentLog(
        body,
        time_in(fields, "timestamp"),
        text_in(fields, "trace_id"),
        text_in(fields, "span_id"),
        text_in(fields, "level"),
        _number(fields.get("severity_number")),
        attributes_in(fields),
    )


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


_reader = ContainerReader(SentLog, by_fields(_repair), "invalid_log")


def decode(payload: bytes) -> Contents[SentLog]:
    """Raises `InvalidPayload`: `invalid_json`, or `invalid_log` for JSON that is no container."""
    return _reader.read(payload)
