"""OTLP requests in protobuf, as plain values; `otlp_json.py` reads the other encoding."""

from collections.abc import Iterable
from typing import Any

from vedette.wire.otlp_json import json_logs, json_traces
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

__all__ = [
    "Log",
    "OtlpError",
    "Resource",
    "Span",
    "Value",
    "count_logs",
    "count_spans",
    "read_logs",
    "read_traces",
]


def read_traces(body: bytes) -> list[tuple[Resource, list[Span]]]:
    """Spans by resource. Raises `OtlpError`."""
    if _is_json(body):
        return json_traces(body)
    return [
        (
            _pairs(of.resource.attributes),
            [_span(span, of_scope.scope.name) for of_scope in of.scope_spans for span in of_scope.spans],
        )
        for of in _trace_request(body).resource_spans
    ]


def read_logs(body: bytes) -> list[tuple[Resource, list[Log]]]:
    """Log records by resource. Raises `OtlpError`."""
    if _is_json(body):
        return json_logs(body)
    return [
        (
            _pairs(of.resource.attributes),
            [_log(log, of_scope.scope.name) for of_scope in of.scope_logs for log in of_scope.log_records],
        )
        for of in _logs_request(body).resource_logs
    ]


def count_spans(body: bytes) -> int:
    """How many spans a request has, without making values of them. Raises `OtlpError`."""
    if _is_json(body):
        return sum(len(spans) for _, spans in json_traces(body))
    scopes = (scope for of in _trace_request(body).resource_spans for scope in of.scope_spans)
    return sum(len(scope.spans) for scope in scopes)


def count_logs(body: bytes) -> int:
    """How many log records a request has. Raises `OtlpError`."""
    if _is_json(body):
        return sum(len(logs) for _, logs in json_logs(body))
    scopes = (scope for of in _logs_request(body).resource_logs for scope in of.scope_logs)
    return sum(len(scope.log_records) for scope in scopes)


def _is_json(body: bytes) -> bool:
    """Protobuf of both requests begins with a newline (field 1) and a length, which may well look like `{`."""
    return body[:1] == b"{"


# ── protobuf ──────────────────────────────────────────────────────────────────────────────


def _trace_request(body: bytes) -> Any:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: PLC0415 - 8 MB, for OTLP alone
        ExportTraceServiceRequest,
    )

    return _parsed(ExportTraceServiceRequest(), body)


def _logs_request(body: bytes) -> Any:
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (  # noqa: PLC0415 - as above
        ExportLogsServiceRequest,
    )

    return _parsed(ExportLogsServiceRequest(), body)


def _parsed(message: Any, body: bytes) -> Any:  # the generated classes have no types of their own
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - as above

    try:
        message.ParseFromString(body)
    except DecodeError as error:
        raise OtlpError("no OTLP protobuf") from error
    return message


def _span(span: Any, scope: str) -> Span:
    return Span(
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.name,
        span.kind,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        span.status.code,
        span.status.message,
        _pairs(span.attributes),
        [Happening(event.name, event.time_unix_nano, _pairs(event.attributes)) for event in span.events],
        [Link(link.trace_id.hex(), link.span_id.hex(), _pairs(link.attributes)) for link in span.links],
        scope,
    )


def _log(log: Any, scope: str) -> Log:
    return Log(
        log.time_unix_nano,
        log.observed_time_unix_nano,
        log.severity_number,
        log.severity_text,
        _value(log.body),
        log.trace_id.hex(),
        log.span_id.hex(),
        _pairs(log.attributes),
        log.event_name,
        scope,
    )


def _pairs(attributes: Iterable[Any]) -> Pairs:
    return [(pair.key, _value(pair.value)) for pair in attributes]


def _value(value: Any, depth: int = 0) -> Value:
    kind = value.WhichOneof("value")
    if kind is None or depth > MOST_NESTED:
        return None
    if kind == "array_value":
        return [_value(item, depth + 1) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: _value(pair.value, depth + 1) for pair in value.kvlist_value.values}
    return getattr(value, kind)
