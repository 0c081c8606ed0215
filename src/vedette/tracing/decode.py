"""Spans as sent, in their two shapes, from bytes to typed values.

What fits the structs is decoded in C. What does not is taken field by field: a field that makes no sense
is left out, the span is kept.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT
from vedette.core.time import SECOND_US, parse_time
from vedette.normalize.attributes import SentAttribute
from vedette.normalize.coerce import to_text
from vedette.normalize.container import ContainerReader, Contents
from vedette.normalize.received import InvalidPayload
from vedette.normalize.sanitize import split

Moment = float | datetime | None


class Measurement(msgspec.Struct):
    value: float | None = None
    unit: str | None = None


class SentSpan(msgspec.Struct):
    """A span within a transaction, or a standalone one of version 1."""

    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    segment_id: str | None = None
    start_timestamp: Moment = None
    timestamp: Moment = None
    op: str | None = None
    description: str | None = None
    status: str | None = None
    origin: str | None = None
    is_segment: bool | None = None
    exclusive_time: float | None = None  # milliseconds
    profile_id: str | None = None
    platform: str | None = None
    tags: dict[str, str] | None = None
    data: dict[str, Any] | None = None
    measurements: dict[str, Measurement] | None = None
    links: Raw = ABSENT


class SentTrace(msgspec.Struct):
    """`contexts.trace` of a transaction: the fields of its segment."""

    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    op: str | None = None
    status: str | None = None
    origin: str | None = None
    exclusive_time: float | None = None
    data: dict[str, Any] | None = None
    links: Raw = ABSENT


class SentSpanV2(msgspec.Struct):
    """A span of a container."""

    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    start_timestamp: Moment = None
    end_timestamp: Moment = None
    name: str | None = None
    status: str | None = None
    is_segment: bool | None = None
    attributes: dict[str, SentAttribute] | None = None
    links: Raw = ABSENT


class SentLink(msgspec.Struct):
    """A link to another span."""

    trace_id: str | None = None
    span_id: str | None = None
    sampled: bool | None = None
    attributes: dict[str, SentAttribute] | None = None


S = TypeVar("S", bound=msgspec.Struct)


class Lenient(Generic[S]):
    """Decodes a struct; where it does not fit, as many of its fields as can be made to."""

    def __init__(self, kind: type[S]) -> None:
        self._kind = kind
        self._one = msgspec.json.Decoder(kind).decode
        self._all = msgspec.json.Decoder(list[kind]).decode
        self._fields = {
            field.encode_name: (field.name, msgspec.json.Decoder(field.type).decode, _repair_of(field.type))
            for field in msgspec.structs.fields(kind)
        }

    def list(self, raw: bytes | Raw) -> list[S | None]:
        """The entries of a JSON list, None for each that is no object; nothing of what is no list."""
        try:
            return cast("list[S | None]", self._all(raw))
        except (msgspec.ValidationError, UnicodeDecodeError):
            pass
        try:
            entries = msgspec.json.decode(raw, type=list[Raw])
        except msgspec.ValidationError:
            return []
        return [self.one(entry) for entry in entries]

    def one(self, raw: bytes | Raw) -> S | None:
        """The struct; None where the JSON is no object."""
        try:
            return self._one(raw)
        except (msgspec.ValidationError, UnicodeDecodeError):
            pass
        try:
            sent = msgspec.json.decode(raw, type=dict[str, Raw])
        except msgspec.ValidationError:
            return None
        kept: dict[str, Any] = {}
        for key, text in sent.items():
            if key in self._fields:
                name, decode, repair = self._fields[key]
                value = _field(text, decode, repair)
                if value is not None:
                    kept[name] = value
        return self._kind(**kept)


def _field(text: Raw, decode: Callable[[Raw], Any], repair: Callable[[Any], Any]) -> Any:
    try:
        return decode(text)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return repair(msgspec.json.decode(text))


def _repair_of(kind: Any) -> Callable[[Any], Any]:
    if kind == Moment:
        return _repaired_moment
    if kind == str | None:
        return lambda value: None if isinstance(value, dict | list) else to_text(value)
    if kind == dict[str, str] | None:
        return _repaired_texts
    if kind == dict[str, SentAttribute] | None:
        return _repaired_attributes
    return lambda value: None


def _repaired_moment(value: Any) -> float | None:
    at_us = parse_time(value)
    return None if at_us is None else at_us / SECOND_US


def _repaired_texts(value: Any) -> dict[str, str] | None:
    if not isinstance(value, dict):
        return None
    sent = cast("dict[str, Any]", value)
    return {key: text for key, item in sent.items() if (text := to_text(item)) is not None}


def _repaired_attributes(value: Any) -> dict[str, SentAttribute] | None:
    """Bare values, as some send them, count as attributes."""
    if not isinstance(value, dict):
        return None
    sent = cast("dict[str, Any]", value)
    return {key: _repaired_attribute(item) for key, item in sent.items()}


def _repaired_attribute(item: Any) -> SentAttribute:
    if not isinstance(item, dict):
        return SentAttribute(item)
    sent = cast("dict[str, Any]", item)
    return SentAttribute(sent.get("value"), sent.get("type"), sent.get("unit"))


SPANS = Lenient(SentSpan)
SPANS_V2 = Lenient(SentSpanV2)
TRACES = Lenient(SentTrace)
LINKS = Lenient(SentLink)
MEASUREMENTS = Lenient(Measurement)


_containers = ContainerReader(SentSpanV2, SPANS_V2.one, "invalid_span")


def decode_container(payload: bytes) -> Contents[SentSpanV2]:
    """The spans of a container. Raises `InvalidPayload`."""
    return _containers.read(payload)


def decode_span(payload: bytes) -> tuple[SentSpan, bytes]:
    """One standalone span, and its mended bytes. Raises `InvalidPayload`."""
    payload, _ = split(payload)
    span = SPANS.one(payload)
    if span is None:
        raise InvalidPayload("invalid_span", "no object")
    return span, payload
