"""The parts of an event as the API's `entries`: camel case, one entry for each interface.

Raw parts go through as the JSON they are. What a client needs in a certain form is given in
it: `inApp` is a boolean, times end in `Z`, `request.data.url` is an address or null.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Raw

from vedette.core.event import (
    ABSENT,
    Breadcrumb,
    Event,
    ExceptionValue,
    Frame,
    Mechanism,
    Request,
    Stacktrace,
    Thread,
    present,
)
from vedette.core.time import parse_time, to_iso

Json = dict[str, Any]
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$")
_breadcrumbs = msgspec.json.Decoder(list[Breadcrumb])
_object = msgspec.json.Decoder(dict[str, Any])
_EMPTY = Raw(b"{}")
_NOTHING = Raw(b"[]")


class Entry(msgspec.Struct, frozen=True):
    """One interface. `part`: the event's own name of it, under which `_meta` speaks of it."""

    type: str
    data: Json | Raw
    part: str

    def view(self) -> Json:
        return {"type": self.type, "data": self.data}


def entries_of(event: Event) -> list[Entry]:
    """What there is, in the order in which people want to read it."""
    found = (
        _exception(event),
        _stacktrace(event),
        _threads(event),
        _message(event),
        _template(event),
        *(_report(event, kind) for kind in ("csp", "hpkp", "expectct", "expectstaple")),
        _breadcrumb_entry(event),
        _request(event),
        _debug_meta(event),
    )
    return [entry for entry in found if entry is not None]


def raw_or(raw: Raw, otherwise: Raw | None) -> Raw | None:
    return raw if present(raw) else otherwise


def object_of(raw: Raw) -> Json:
    """A raw part as an object; empty if it is none."""
    try:
        return _object.decode(raw)
    except msgspec.DecodeError:
        return {}


# ── exceptions, threads, frames ───────────────────────────────────────────────────────────


def _exception(event: Event) -> Entry | None:
    if event.exception is None or not event.exception.values:
        return None
    values = event.exception.values
    data: Json = {
        "values": [_exception_value(value) for value in values],
        "hasSystemFrames": any(_has_system_frames(value.stacktrace) for value in values),
        "excOmitted": None,
    }
    return Entry("exception", data, "exception")


def _exception_value(value: ExceptionValue) -> Json:
    return {
        "type": value.type,
        "value": value.value,
        "module": value.module,
        "threadId": value.thread_id,
        "mechanism": _mechanism(value.mechanism),
        "stacktrace": _stack(value.stacktrace),
        "rawStacktrace": _stack(value.raw_stacktrace),
    }


def _mechanism(mechanism: Mechanism | None) -> Json | None:
    if mechanism is None:
        return None
    built: Json = msgspec.structs.asdict(mechanism)
    kept = {name: value for name, value in built.items() if value is not None and value is not ABSENT}
    return {"handled": mechanism.handled, **kept}


def _stack(stack: Stacktrace | None) -> Json | None:
    if stack is None:
        return None
    return {
        "frames": [_frame(frame) for frame in stack.frames],
        "framesOmitted": stack.frames_omitted,
        "registers": stack.registers,
        "hasSystemFrames": _has_system_frames(stack),
    }


def _has_system_frames(stack: Stacktrace | None) -> bool:
    """Whether there are frames of both kinds, so that hiding one kind makes sense."""
    return stack is not None and len({bool(frame.in_app) for frame in stack.frames}) > 1


def _frame(frame: Frame) -> Json:
    data = object_of(frame.data) if present(frame.data) else {}
    return {
        "filename": frame.filename,
        "absPath": frame.abs_path,
        "module": frame.module,
        "package": frame.package,
        "platform": frame.platform,
        "function": frame.function,
        "rawFunction": frame.raw_function,
        "symbol": frame.symbol,
        "symbolAddr": frame.symbol_addr,
        "instructionAddr": frame.instruction_addr,
        "addrMode": frame.addr_mode,
        "trust": frame.trust,
        "lineNo": frame.lineno,
        "colNo": frame.colno,
        "inApp": bool(frame.in_app),
        "context": _context(frame),
        "vars": raw_or(frame.vars, None),
        "lock": raw_or(frame.lock, None),
        "errors": None,
        "sourceLink": None,
        "map": _last_part(data.get("sourcemap")),
        "mapUrl": data.get("sourcemap"),
        "origAbsPath": data.get("orig_abs_path"),
        "origFilename": data.get("orig_filename"),
        "origFunction": data.get("orig_function"),
        "origLineNo": data.get("orig_lineno"),
        "origColNo": data.get("orig_colno"),
    }


def _last_part(url: object) -> str | None:
    return url.rsplit("/", 1)[-1] if isinstance(url, str) and url else None


def _context(frame: Frame) -> list[tuple[int, str]]:
    """The lines around the call with their numbers; none where the line itself is not known."""
    if frame.lineno is None or frame.context_line is None:
        return []
    before, after = frame.pre_context or [], frame.post_context or []
    first = max(frame.lineno - len(before), 0)
    return list(enumerate((*before, frame.context_line, *after), first))


def _stacktrace(event: Event) -> Entry | None:
    stack = _stack(event.stacktrace)
    return None if stack is None else Entry("stacktrace", stack, "stacktrace")


def _threads(event: Event) -> Entry | None:
    if event.threads is None or not event.threads.values:
        return None
    return Entry("threads", {"values": [_thread(thread) for thread in event.threads.values]}, "threads")


def _thread(thread: Thread) -> Json:
    return {
        "id": thread.id,
        "name": thread.name,
        "crashed": bool(thread.crashed),
        "current": bool(thread.current),
        "main": bool(thread.main),
        "state": thread.state,
        "heldLocks": raw_or(thread.held_locks, None),
        "stacktrace": _stack(thread.stacktrace),
        "rawStacktrace": _stack(thread.raw_stacktrace),
    }


# ── the rest ──────────────────────────────────────────────────────────────────────────────


def _message(event: Event) -> Entry | None:
    log = event.logentry
    if log is None or not (log.message or log.formatted):
        return None
    data: Json = {
        "formatted": log.formatted or log.message,
        "message": log.message,
        "params": raw_or(log.params, _NOTHING),
    }
    return Entry("message", data, "logentry")


def _template(event: Event) -> Entry | None:
    frame = event.template
    if frame is None:
        return None
    data: Json = {
        "filename": frame.filename,
        "absPath": frame.abs_path,
        "lineNo": frame.lineno,
        "context": _context(frame),
    }
    return Entry("template", data, "template")


def _report(event: Event, kind: str) -> Entry | None:
    raw: Raw = getattr(event, kind)
    return Entry(kind, raw, kind) if present(raw) else None


def _breadcrumb_entry(event: Event) -> Entry | None:
    if not present(event.breadcrumbs):
        return None
    try:
        crumbs = _breadcrumbs.decode(event.breadcrumbs)
    except msgspec.DecodeError:
        return None
    return Entry("breadcrumbs", {"values": [_crumb(crumb) for crumb in crumbs]}, "breadcrumbs")


def _crumb(crumb: Breadcrumb) -> Json:
    at_us = parse_time(crumb.timestamp)
    return {
        "type": crumb.type or "default",
        "timestamp": None if at_us is None else to_iso(at_us),
        "level": crumb.level or "info",
        "message": crumb.message,
        "category": crumb.category,
        "data": raw_or(crumb.data, None),
        "event_id": crumb.event_id,
    }


def _request(event: Event) -> Entry | None:
    request = event.request
    if request is None:
        return None
    data: Json = {
        "method": request.method,
        "url": _address(request),
        "query": _pairs(request.query_string),
        "fragment": request.fragment,
        "data": raw_or(request.data, None),
        "headers": _pairs(request.headers),
        "cookies": _pairs(request.cookies),
        "env": raw_or(request.env, None),
        "inferredContentType": request.inferred_content_type,
        "apiTarget": request.api_target,
    }
    return Entry("request", data, "request")


def _address(request: Request) -> str | None:
    return request.url if request.url and _URL.match(request.url) else None


def _pairs(pairs: Sequence[tuple[str, str | None]] | None) -> list[tuple[str, str]]:
    return [(name, value or "") for name, value in pairs or ()]


def _debug_meta(event: Event) -> Entry | None:
    if not present(event.debug_meta):
        return None
    images = object_of(event.debug_meta).get("images")
    return Entry("debugmeta", {"images": images if isinstance(images, list) else []}, "debug_meta")


def meta_of(event: Event, entries: Iterable[Entry]) -> Json:
    """What was changed about the event on its way in, by entry and by part, in the wire's words."""
    meta = object_of(event.meta) if present(event.meta) else {}
    if not meta:
        return {}
    told = {
        str(index): {"data": meta[entry.part]} for index, entry in enumerate(entries) if entry.part in meta
    }
    parts = {
        "user": "user",
        "contexts": "contexts",
        "context": "extra",
        "packages": "modules",
        "tags": "tags",
        "sdk": "sdk",
        "message": "logentry",
    }
    return {"entries": told, **{name: meta.get(part) for name, part in parts.items()}}
