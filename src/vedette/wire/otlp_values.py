"""What an OTLP request holds, whichever encoding it came in."""

from typing import Any, NamedTuple

Value = str | bool | int | float | bytes | list[Any] | dict[str, Any] | None
Pairs = list[tuple[str, Value]]
Resource = Pairs
MOST_NESTED = 16  # levels of a value; what lies deeper is left out


class OtlpError(ValueError):
    """The body is no OTLP request of its kind."""


class Link(NamedTuple):
    trace_id: str
    span_id: str
    attributes: Pairs


class Happening(NamedTuple):
    name: str
    at_ns: int
    attributes: Pairs


class Span(NamedTuple):
    """Ids are lower-case hex, empty for none."""

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    status_code: int
    status_message: str
    attributes: Pairs
    events: list[Happening]
    links: list[Link]
    scope: str


class Log(NamedTuple):
    at_ns: int
    observed_ns: int
    severity: int
    severity_text: str
    body: Value
    trace_id: str
    span_id: str
    attributes: Pairs
    event_name: str
    scope: str
