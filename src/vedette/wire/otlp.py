"""OTLP traces and logs → containers of spans and logs, as the official SDKs send them.

Protobuf or JSON. Resource attributes get the prefix `resource.`; those with a meaning of their own (service,
environment, version, host) also come under the name everything else uses. A span of kind server or consumer, or without
a parent, is a segment, and what lies below it in the same request is told so.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from vedette.wire.otlp_read import Log, OtlpError, Resource, Span, Value, read_logs, read_traces

__all__ = ["OtlpError", "log_containers", "span_containers"]

MAX_ENTRIES = 1000  # of one container
MAX_NAME = 200  # characters of what every span of a request repeats: its segment's name, its scope
# What a resource says is repeated in each of its entries: all of them together take so many bytes, or little each.
_REPEATED_BYTES = 32 << 20
_LEAST_REPEATED = 512
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


def _containers(entries: Iterator[dict[str, Any]]) -> list[Container]:
    """Made one after the other: of a request's entries no more than one container's are held."""
    found: list[Container] = []
    while items := list(islice(entries, MAX_ENTRIES)):
        found.append(Container(msgspec.json.encode({"version": 2, "items": items}), len(items)))
    return found


# ── spans ─────────────────────────────────────────────────────────────────────────────────


def _spans(resources: Sequence[tuple[Resource, Sequence[Span]]]) -> Iterator[dict[str, Any]]:
    segments = Segments(span for _, spans in resources for span in spans)
    room = _room(resources)
    for resource, spans in resources:
        common = _of_resource(resource, room)
        for span in spans:
            yield _span(span, common, segments.of(span))


def _is_segment(span: Span) -> bool:
    return not span.parent_span_id or span.kind in (_SERVER, _CONSUMER)


class Segments:
    """Which segment each span of a request lies in."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = {(span.trace_id, span.span_id): span for span in spans}
        self._known: dict[tuple[str, str], Span | None] = {}

    def of(self, span: Span) -> Span | None:
        """As far as this request tells; a circle has none. Each span is looked at once, however deep they nest."""
        way: list[tuple[str, str]] = []
        at: Span | None = span
        found: Span | None = None
        while at is not None:
            key = (at.trace_id, at.span_id)
            if key in self._known:
                found = self._known[key]
                break
            if _is_segment(at):
                found = at
                break
            self._known[key] = None  # what a circle comes back to
            way.append(key)
            at = self._spans.get((at.trace_id, at.parent_span_id))
        self._known.update(dict.fromkeys(way, found))
        return found


def _span(span: Span, common: Attributes, segment: Span | None) -> dict[str, Any]:
    attributes = {**common, **_typed(span.attributes), **_of_scope(span.scope)}
    attributes.setdefault("sentry.op", {"value": _op(span, attributes)})
    attributes.setdefault("sentry.origin", {"value": "auto.otlp"})
    if segment is not None:
        attributes.setdefault("sentry.segment.id", {"value": segment.span_id})
        attributes.setdefault("sentry.segment.name", {"value": segment.name[:MAX_NAME]})
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
    room = _room(resources)
    for resource, logs in resources:
        common = _of_resource(resource, room)
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


def _room(resources: Sequence[tuple[Resource, Sequence[object]]]) -> int:
    """Bytes that what is repeated may take in each entry."""
    entries = sum(len(entries) for _, entries in resources)
    return max(_LEAST_REPEATED, _REPEATED_BYTES // max(1, entries))


def _of_resource(resource: Resource, room: int) -> Attributes:
    """What a resource says of each of its entries: names with a meaning of their own first, within so many bytes."""
    found: Attributes = {"sentry.sdk.name": {"value": "opentelemetry"}}
    left = room
    renamed = [(_RENAMED[key], value) for key, value in resource if key in _RENAMED]
    for name, value in (*renamed, *((f"resource.{key}", value) for key, value in resource)):
        plain = _plain(value)
        size = len(name) + len(msgspec.json.encode(plain))
        if size <= left:
            left -= size
            found[name] = {"value": plain}
    language = found.get("sentry.platform")
    if language is not None:
        found["sentry.sdk.name"] = {"value": f"opentelemetry.{language['value']}"}
    return found


def _of_scope(scope: str) -> Attributes:
    return {"otel.scope.name": {"value": scope[:MAX_NAME]}} if scope else {}


def _typed(pairs: Iterable[tuple[str, Value]]) -> Attributes:
    return {key: {"value": _plain(value)} for key, value in pairs}


def _plain(value: Value) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
