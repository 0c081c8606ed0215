"""Contexts: objects by name, each with its `type`, and those a user agent tells of."""

from functools import lru_cache

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, Request
from vedette.core.ids import is_hex
from vedette.normalize import addresses, bounds, user_agents
from vedette.normalize.coerce import as_object, encode
from vedette.normalize.notes import Notes
from vedette.normalize.request import header

KNOWN = frozenset(
    (
        *("device", "os", "client_os", "runtime", "app", "browser", "gpu", "monitor", "trace", "culture"),
        *(
            "cloud_resource",
            "profile",
            "replay",
            "response",
            "feedback",
            "otel",
            "flags",
            "nel",
            "unity",
            "spring",
        ),
        *("performance_score", "reprocessing", "memory_info", "threadpool_info", "state", "ota_updates"),
        *("missing_instrumentation", "chromium_stability_report"),
    )
)
_MAX_NAME = 200
_REMEMBERED_BYTES = 1024

Contexts = dict[str, Raw]
_decode_contexts = msgspec.json.Decoder(dict[str, Raw]).decode


class _Typed(msgspec.Struct):
    type: str


class _Trace(msgspec.Struct):
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None

    def is_canonical(self) -> bool:
        """Whether the ids are as other stages and the stores read them."""
        return (
            (self.trace_id is None or is_hex(self.trace_id, 32))
            and (self.span_id is None or is_hex(self.span_id, 16))
            and (self.parent_span_id is None or is_hex(self.parent_span_id, 16))
        )


_decode_typed = msgspec.json.Decoder(_Typed).decode
_decode_trace = msgspec.json.Decoder(_Trace).decode


def canonical(sent: Raw, notes: Notes) -> Contexts:
    """The sent contexts within their limits; empty and null ones are left out."""
    if sent is ABSENT:
        return {}
    try:
        found = _decode_contexts(sent)
    except msgspec.ValidationError:
        notes.invalid(("contexts",))
        return {}
    kept: Contexts = {}
    for name, raw in found.items():
        text = bytes(raw)
        if text in (b"null", b"{}"):
            continue
        if len(name) > _MAX_NAME or len(kept) >= bounds.MAX_CONTEXTS:
            notes.remarks.add(("contexts",), "!limit", "x", None, len(found))
            continue
        is_short = len(text) <= _REMEMBERED_BYTES and name != "trace"
        context = (_usual(name, text) if is_short else None) or _one(name, raw, text, notes)
        if context is not None:
            kept[name] = context
    return kept


@lru_cache(maxsize=2048)
def _usual(name: str, text: bytes) -> Raw | None:
    """The context as it stands, with its `type`: a process says the same of its system each time. None: look at it."""
    if text[:1] != b"{" or not bounds.fits(text, bounds.CONTEXT_DEPTH, bounds.CONTEXT_BYTES):
        return None
    return _with_type(name, Raw(text))


def _one(name: str, raw: Raw, text: bytes, notes: Notes) -> Raw | None:
    if text[:1] != b"{":
        notes.invalid(("contexts", name))
        return None
    if name == "trace":
        raw = _trace(raw, notes)
    if not bounds.fits(text, bounds.CONTEXT_DEPTH, bounds.CONTEXT_BYTES):
        raw = bounds.bounded(raw, bounds.CONTEXT_DEPTH, bounds.CONTEXT_BYTES, ("contexts", name), notes)
    return _with_type(name, raw)


def _with_type(name: str, raw: Raw) -> Raw:
    """The context with its `type`: its own, else its name if that is a known one, else `default`."""
    text = bytes(raw)
    kind = name if name in KNOWN else "default"
    if b'"type"' in text:
        try:
            _decode_typed(raw)
        except msgspec.ValidationError:
            fields = msgspec.json.decode(raw, type=dict[str, Raw])
            return Raw(msgspec.json.encode(fields | {"type": Raw(encode(kind))}))
        return raw
    inner = text[1:]
    if inner.lstrip() == b"}":
        return Raw(b'{"type":"%s"}' % kind.encode())
    return Raw(b'{"type":"%s",%s' % (kind.encode(), inner))


def _trace(raw: Raw, notes: Notes) -> Raw:
    """The trace context, ids in lower case without dashes; an id that is none goes."""
    try:
        if _decode_trace(raw).is_canonical():
            return raw
    except msgspec.ValidationError:
        pass
    fields = as_object(msgspec.json.decode(raw)) or {}
    for name, size in (("trace_id", 32), ("span_id", 16), ("parent_span_id", 16)):
        value = fields.get(name)
        if value is None:
            continue
        text = value.replace("-", "").strip().lower() if isinstance(value, str) else ""
        if is_hex(text, size):
            fields[name] = text
        else:
            del fields[name]
            notes.invalid(("contexts", "trace", name), value)
    return Raw(encode(fields))


def forget_addresses(contexts: Contexts) -> None:
    """Take addresses of people out of the attributes of the segment's span."""
    trace = contexts.get("trace")
    if trace is None or b'"data"' not in bytes(trace):
        return
    fields = as_object(msgspec.json.decode(trace)) or {}
    data = as_object(fields.get("data"))
    if data and any(map(addresses.names_address, data)):
        addresses.forget_addresses(data)
        contexts["trace"] = Raw(encode(fields))


class Derived(msgspec.Struct, frozen=True):
    browser: Raw
    os: Raw
    device: Raw


def add_user_agent(contexts: Contexts, request: Request | None, user_agent: str | None) -> None:
    """Add the browser, os and device that the request's headers tell of, where none was sent."""
    headers = (request.headers if request is not None else None) or []
    text = header(headers, "User-Agent") or user_agent
    hints = [(name, value) for name, value in headers if name in user_agents.HINTS and value]
    if not text and not hints:
        return
    derived = _derive((text or "")[: user_agents.MAX_CHARS], tuple(hints))
    if derived.browser is not ABSENT:
        contexts.setdefault("browser", derived.browser)
    if derived.os is not ABSENT:
        contexts.setdefault("os", derived.os)
    if derived.device is not ABSENT:
        contexts.setdefault("device", derived.device)


@lru_cache(maxsize=4096)
def _derive(user_agent: str, hints: tuple[tuple[str, str], ...]) -> Derived:
    said = user_agents.parse(user_agent) if user_agent else user_agents.NOBODY
    hinted = (
        user_agents.from_hints({name.lower(): value for name, value in hints})
        if hints
        else user_agents.NOBODY
    )
    browser, os, device = hinted.browser or said.browser, hinted.os or said.os, said.device
    if hinted.os and said.os and not hinted.os.version:
        os = said.os if said.os.name == hinted.os.name else hinted.os
    if hinted.device:
        device = user_agents.Device(
            device.family if device else hinted.device.family,
            hinted.device.model,
            device.brand if device else None,
        )
    return Derived(
        _context("browser", {"name": browser.name, "version": browser.version}) if browser else ABSENT,
        _context("os", {"name": os.name, "version": os.version}) if os else ABSENT,
        _context("device", {"family": device.family, "model": device.model, "brand": device.brand})
        if device
        else ABSENT,
    )


def _context(kind: str, fields: dict[str, str | None]) -> Raw:
    return Raw(encode({"type": kind} | {name: value for name, value in fields.items() if value}))
