"""OTLP traces and logs → containers of spans and logs, as the official SDKs send them.

Protobuf or JSON. Resource attributes get the prefix `resource.`; those with a meaning of their own (service,
environment, version, host) also come under the name everything else uses. A span of kind server or consumer, or without
a parent, is a segment, and what lies below it in the same request is told so.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from vedette.wire.otlp_read import Log, OtlpError, Resource, Span, Value, read_logs, read_traces

__all__ = ["OtlpError", "log_containers", "span_containers"]

MAX_ENTRIES = 1000  # of one container
_NS = 1_000_000_000
_SERVER, _CLIENT, _PRODUCER, _CONSUMER = 2, 3, 4, 5
_RENAMED = {
    "service.name": "service.name",
    "service.version": "sentry.release",
    "deployment.environment.name": "sentry.environment",
    "deployment.environment": "sentry.environment",
    "host.name": "server.address",
    "telemetry.sdk.language": "sentry.platform",
    "telemetry.sdk.version": "sentry.sdk.version",
}
_LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
Attributes = dict[str, dict[str, Any]]


class Container(NamedTuple):
    """JSON of a container item, and how many entries it has."""

    payload: bytes
    entries: int


def span_containers(body: bytes) -> list[Container]:
    """Span containers (v2) of an `ExportTraceServiceRequest`. Raises `OtlpError`."""
    return _containers(_spans(read_traces(body)))


def log_containers(body: bytes) -> list[Container]:
    """Log containers of an `ExportLogsServiceRequest`. Raises `OtlpError`."""
    return _containers(_logs(read_logs(body)))


def _containers(entries: Iterable[dict[str, Any]]) -> list[Container]:
    found = list(entries)
    return [
        Container(
            msgspec.json.encode({"version": 2, "items": found[start : start + MAX_ENTRIES]}),
            len(found[start : start + MAX_ENTRIES]),
        )
        for start in range(0, len(found), MAX_ENTRIES)
    ]


# ── spans ─────────────────────────────────────────────────────────────────────────────────


def _spans(resources: Sequence[tuple[Resource, Sequence[Span]]]) -> Iterator[dict[str, Any]]:
    by_id = {span.span_id: span for _, spans in resources for span in spans}
    for resource, spans in resources:
        common = _of_resource(resource)
        for span in spans:
            yield _span(span, common, _segment_of(span, by_id))


def _is_segment(span: Span) -> bool:
    return not span.parent_span_id or span.kind in (_SERVER, _CONSUMER)


def _segment_of(span: Span, by_id: Mapping[str, Span]) -> Span | None:
    """The segment a span lies in, as far as this request tells; a circle has none."""
    seen: set[str] = set()
    at: Span | None = span
    while at is not None and at.span_id not in seen:
        if _is_segment(at):
            return at
        seen.add(at.span_id)
        at = by_id.get(at.parent_span_id)
    return None


def _span(span: Span, common: Attributes, segment: Span | None) -> dict[str, Any]:
    attributes = {**common, **_typed(span.attributes), **_of_scope(span.scope)}
    attributes.setdefault("sentry.op", {"value": _op(span, attributes)})
    attributes.setdefault("sentry.origin", {"value": "auto.otlp"})
    if segment is not None:
        attributes.setdefault("sentry.segment.id", {"value": segment.span_id})
        attributes.setdefault("sentry.segment.name", {"value": segment.name})
    if span.status_message:
        attributes["sentry.status.message"] = {"value": span.status_message}
    attributes |= _of_events(span)
    found = {
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": span.parent_span_id or None,
        "name": span.name,
        "status": "error" if span.status_code == 2 else "ok",
        "is_segment": _is_segment(span),
        "start_timestamp": span.start_ns / _NS,
        "end_timestamp": max(span.start_ns, span.end_ns) / _NS,
        "attributes": attributes,
        "links": [
            {"trace_id": link.trace_id, "span_id": link.span_id, "attributes": _typed(link.attributes)}
            for link in span.links
        ],
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def _op(span: Span, attributes: Attributes) -> str:
    """What the field's SDKs would have called the operation."""
    side = {_SERVER: "server", _CLIENT: "client"}.get(span.kind, "")
    if "http.request.method" in attributes or "http.method" in attributes:
        return f"http.{side}" if side else "http"
    if "db.system.name" in attributes or "db.system" in attributes:
        return "db"
    if "gen_ai.operation.name" in attributes:
        return f"gen_ai.{attributes['gen_ai.operation.name']['value']}"
    if "messaging.system" in attributes:
        return {_PRODUCER: "queue.publish", _CONSUMER: "queue.process"}.get(span.kind, "queue")
    if "rpc.system" in attributes:
        return f"rpc.{side}" if side else "rpc"
    return side or "default"


def _of_events(span: Span) -> Attributes:
    """Exceptions under the names of the vocabulary, everything else that happened as JSON."""
    found: Attributes = {}
    others: list[dict[str, Any]] = []
    for event in span.events:
        if event.name == "exception":
            found |= _typed(event.attributes)
        else:
            plain = {name: _plain(value) for name, value in event.attributes}
            others.append({"name": event.name, "timestamp": event.at_ns / _NS, "attributes": plain})
    if others:
        found["otel.events"] = {"value": msgspec.json.encode(others).decode()}
    return found


# ── logs ──────────────────────────────────────────────────────────────────────────────────


def _logs(resources: Sequence[tuple[Resource, Sequence[Log]]]) -> Iterator[dict[str, Any]]:
    for resource, logs in resources:
        common = _of_resource(resource)
        for log in logs:
            body = _plain(log.body)
            attributes = {**common, **_typed(log.attributes), **_of_scope(log.scope)}
            attributes.setdefault("sentry.origin", {"value": "auto.otlp"})
            if log.event_name:
                attributes.setdefault("event.name", {"value": log.event_name})
            found = {
                "timestamp": (log.at_ns or log.observed_ns) / _NS or None,
                "trace_id": log.trace_id or None,
                "span_id": log.span_id or None,
                "level": _level(log),
                "severity_number": log.severity or None,
                "body": body if isinstance(body, str) else msgspec.json.encode(body).decode(),
                "attributes": attributes,
            }
            yield {name: value for name, value in found.items() if value is not None}


def _level(log: Log) -> str:
    if 1 <= log.severity <= 24:
        return _LEVELS[(log.severity - 1) // 4]
    text = log.severity_text.lower()
    return {"warning": "warn", "critical": "fatal"}.get(text, text if text in _LEVELS else "info")


# ── attributes ────────────────────────────────────────────────────────────────────────────


def _of_resource(resource: Resource) -> Attributes:
    found: Attributes = {"sentry.sdk.name": {"value": "opentelemetry"}}
    for key, value in resource:
        found[f"resource.{key}"] = {"value": _plain(value)}
        if key in _RENAMED:
            found[_RENAMED[key]] = {"value": _plain(value)}
    language = found.get("sentry.platform")
    if language is not None:
        found["sentry.sdk.name"] = {"value": f"opentelemetry.{language['value']}"}
    return found


def _of_scope(scope: str) -> Attributes:
    return {"otel.scope.name": {"value": scope}} if scope else {}


def _typed(pairs: Iterable[tuple[str, Value]]) -> Attributes:
    return {key: {"value": _plain(value)} for key, value in pairs}


def _plain(value: Value) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
