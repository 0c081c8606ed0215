"""OTLP requests in JSON, as plain values.

JSON writes ids in hex and 64-bit numbers as text (OTLP specification, "JSON Protobuf Encoding"); the generic
protobuf reader would take ids for base64.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from vedette.wire.otlp_values import (
    MOST_NESTED,
    Happening,
    Link,
    Log,
    OtlpError,
    Pairs,
    Resource,
    Span,
    Value,
)

Hex = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]*\Z")]
Number = int | Annotated[str, Meta(pattern=r"^-?[0-9]{1,20}\Z")] | None


class _Struct(msgspec.Struct, rename="camel"):
    pass


class _Values(_Struct):
    values: "list[_AnyValue]" = []


class _Pairs(_Struct):
    values: "list[_Pair]" = []


class _AnyValue(_Struct):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Number = None
    double_value: float | str | None = None  # text for what JSON has no number for
    bytes_value: str | None = None  # base64
    array_value: _Values | None = None
    kvlist_value: _Pairs | None = None


class _Pair(_Struct):
    key: str
    value: _AnyValue | None = None


class _Resource(_Struct):
    attributes: list[_Pair] = []


class _Scope(_Struct):
    name: str = ""


class _Status(_Struct):
    code: int = 0
    message: str = ""


class _Event(_Struct):
    name: str = ""
    time_unix_nano: Number = 0
    attributes: list[_Pair] = []


class _Link(_Struct):
    trace_id: Hex = ""
    span_id: Hex = ""
    attributes: list[_Pair] = []


class _Span(_Struct):
    trace_id: Hex = ""
    span_id: Hex = ""
    parent_span_id: Hex | None = ""
    name: str = ""
    kind: int = 0
    start_time_unix_nano: Number = 0
    end_time_unix_nano: Number = 0
    status: _Status = msgspec.field(default_factory=_Status)
    attributes: list[_Pair] = []
    events: list[_Event] = []
    links: list[_Link] = []


class _ScopeSpans(_Struct):
    scope: _Scope = msgspec.field(default_factory=_Scope)
    spans: list[_Span] = []


class _ResourceSpans(_Struct):
    resource: _Resource = msgspec.field(default_factory=_Resource)
    scope_spans: list[_ScopeSpans] = []


class _Traces(_Struct):
    resource_spans: list[_ResourceSpans] = []


class _Log(_Struct):
    time_unix_nano: Number = 0
    observed_time_unix_nano: Number = 0
    severity_number: int = 0
    severity_text: str = ""
    body: _AnyValue | None = None
    trace_id: Hex | None = ""
    span_id: Hex | None = ""
    attributes: list[_Pair] = []
    event_name: str = ""


class _ScopeLogs(_Struct):
    scope: _Scope = msgspec.field(default_factory=_Scope)
    log_records: list[_Log] = []


class _ResourceLogs(_Struct):
    resource: _Resource = msgspec.field(default_factory=_Resource)
    scope_logs: list[_ScopeLogs] = []


class _Logs(_Struct):
    resource_logs: list[_ResourceLogs] = []


_decode_traces = msgspec.json.Decoder(_Traces).decode
_decode_logs = msgspec.json.Decoder(_Logs).decode


def json_traces(body: bytes) -> list[tuple[Resource, list[Span]]]:
    """Spans by resource. Raises `OtlpError`."""
    try:
        request = _decode_traces(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OtlpError("no OTLP JSON") from error
    return [
        (
            _pairs(of.resource.attributes),
            [_span(span, of_scope.scope.name) for of_scope in of.scope_spans for span in of_scope.spans],
        )
        for of in request.resource_spans
    ]


def json_logs(body: bytes) -> list[tuple[Resource, list[Log]]]:
    """Log records by resource. Raises `OtlpError`."""
    try:
        request = _decode_logs(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OtlpError("no OTLP JSON") from error
    return [
        (
            _pairs(of.resource.attributes),
            [_log(log, of_scope.scope.name) for of_scope in of.scope_logs for log in of_scope.log_records],
        )
        for of in request.resource_logs
    ]


def _span(span: _Span, scope: str) -> Span:
    return Span(
        span.trace_id.lower(),
        span.span_id.lower(),
        (span.parent_span_id or "").lower(),
        span.name,
        span.kind,
        int(span.start_time_unix_nano or 0),
        int(span.end_time_unix_nano or 0),
        span.status.code,
        span.status.message,
        _pairs(span.attributes),
        [
            Happening(event.name, int(event.time_unix_nano or 0), _pairs(event.attributes))
            for event in span.events
        ],
        [Link(link.trace_id.lower(), link.span_id.lower(), _pairs(link.attributes)) for link in span.links],
        scope,
    )


def _log(log: _Log, scope: str) -> Log:
    return Log(
        int(log.time_unix_nano or 0),
        int(log.observed_time_unix_nano or 0),
        log.severity_number,
        log.severity_text,
        _value(log.body),
        (log.trace_id or "").lower(),
        (log.span_id or "").lower(),
        _pairs(log.attributes),
        log.event_name,
        scope,
    )


def _pairs(attributes: list[_Pair]) -> Pairs:
    return [(pair.key, _value(pair.value)) for pair in attributes]


def _value(value: _AnyValue | None, depth: int = 0) -> Value:
    if value is None or depth > MOST_NESTED:
        return None
    if value.array_value is not None:
        return [_value(item, depth + 1) for item in value.array_value.values]
    if value.kvlist_value is not None:
        return {pair.key: _value(pair.value, depth + 1) for pair in value.kvlist_value.values}
    if value.int_value is not None:
        return int(value.int_value)
    plain: tuple[Any, ...] = (value.string_value, value.bool_value, value.double_value, value.bytes_value)
    return next((found for found in plain if found is not None), None)
