"""What an event is called: title, culprit, location, metadata, search text.

Reads the canonical event, so it is called after scrubbing.
"""

from urllib.parse import urlsplit

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, Event, ExceptionValue, Frame, Stacktrace, present

_TITLE = 256
_FIRST_LINE = 100
_METADATA_TYPE, _METADATA_VALUE = 128, 1024
_CULPRIT = 200
_UNLABELED = "<unlabeled event>"
_UNKNOWN = "<unknown>"
_NATIVE = frozenset(("native", "cocoa", "objc", "c"))
_JAVASCRIPT = frozenset(("javascript", "node"))
_NO_FUNCTION = frozenset((None, "", "?", "<anonymous>", "<unknown>", "???"))

Metadata = dict[str, str | bool]


class Description(msgspec.Struct, frozen=True):
    """How lists and mails name an event."""

    title: str
    culprit: str
    location: str | None
    subtitle: str | None
    metadata: Metadata
    message: str  # of the log entry; empty for exceptions


def describe(event: Event, custom_title: str | None = None) -> Description:
    """The event's names. `custom_title` comes from a fingerprint rule and goes first."""
    metadata, title, location, subtitle = _by_kind(event)
    if custom_title:
        title = _cut(custom_title, _TITLE)
        metadata["title"] = title
    if event.sdk is not None and event.sdk.name:
        metadata["sdk"] = event.sdk.name
    return Description(title, culprit(event), location, subtitle, metadata, message(event))


def message(event: Event) -> str:
    """Text of the log entry; empty where there is none."""
    entry = event.logentry
    return (entry.formatted or entry.message or "") if entry is not None else ""


_Names = tuple[Metadata, str, str | None, str | None]


def _by_kind(event: Event) -> _Names:
    if event.type == "transaction":
        title = event.transaction or "<unlabeled transaction>"
        return {"title": title, "location": title}, title, None, None
    if event.type == "feedback":
        return _feedback(event)
    if event.occurrence is not ABSENT:
        return _occurrence(event)
    if event.type == "csp":
        return _csp(event)
    if event.type in ("hpkp", "expectct", "expectstaple"):
        return _certificate(event)
    main = main_exception(event)
    if main is not None and not _is_plain_message(event, main):
        return _error(event, main)
    title = first_line(message(event)) or _UNLABELED
    return {"title": title}, title, None, None


class _Occurrence(msgspec.Struct):
    title: str = msgspec.field(name="issueTitle")
    subtitle: str = ""


def _occurrence(event: Event) -> _Names:
    """Of a problem found in other data: what it is, then where it shows."""
    found = msgspec.json.decode(event.occurrence, type=_Occurrence)
    subtitle = _cut(found.subtitle, _METADATA_VALUE)
    return {"title": found.title, "value": subtitle}, found.title, None, subtitle or None


def main_exception(event: Event) -> ExceptionValue | None:
    """The exception that was raised: the last."""
    values = event.exception.values if event.exception is not None else []
    return values[-1] if values else None


def _is_plain_message(event: Event, main: ExceptionValue) -> bool:
    """Whether the exception only carries the stack trace of a message (JavaScript 11 and later)."""
    return not main.type and bool(message(event))


def _error(event: Event, main: ExceptionValue) -> _Names:
    frame = crash_frame(main.stacktrace)
    synthetic = main.mechanism is not None and main.mechanism.synthetic is True
    metadata: Metadata = {}
    if main.type and not synthetic:
        metadata["type"] = _cut(main.type, _METADATA_TYPE)
    if main.value:
        metadata["value"] = _cut(main.value, _METADATA_VALUE)
    location = None
    if frame is not None:
        location = frame.filename or frame.abs_path
        if location:
            metadata["filename"] = location
        if frame.function not in _NO_FUNCTION and frame.function is not None:
            metadata["function"] = frame.function
    metadata["in_app_frame_mix"] = frame_mix(main.stacktrace)
    return (
        metadata,
        _error_title(main, metadata, synthetic=synthetic),
        location,
        str(metadata.get("value", "")) or None,
    )


def _error_title(main: ExceptionValue, metadata: Metadata, *, synthetic: bool) -> str:
    value = first_line(main.value or "")
    if main.type and not synthetic:
        return f"{metadata['type']}: {value}" if value else str(metadata["type"])
    if synthetic and main.type:
        return str(metadata.get("function", _UNKNOWN))
    return value or str(metadata.get("function", _UNKNOWN))


def crash_frame(trace: Stacktrace | None) -> Frame | None:
    """The newest in-app frame whose function is known, else the newest in-app frame, else the newest."""
    if trace is None or not trace.frames:
        return None
    newest: Frame | None = None
    for frame in reversed(trace.frames):
        if not frame.in_app:
            continue
        if frame.function not in _NO_FUNCTION:
            return frame
        newest = newest or frame
    return newest or trace.frames[-1]


def frame_mix(trace: Stacktrace | None) -> str:
    """`in-app-only`, `system-only` or `mixed`, as Sentry's metadata names it."""
    frames = trace.frames if trace is not None else []
    own = [frame for frame in frames if frame.in_app]
    if not own:
        return "system-only"
    return "in-app-only" if len(own) == len(frames) else "mixed"


def culprit(event: Event) -> str:
    """Where it happened, in a few words: transaction, else a frame, else the URL; may be empty."""
    if event.transaction:
        return _cut(event.transaction, _CULPRIT)
    main = main_exception(event)
    if main is not None and main.mechanism is not None and main.mechanism.synthetic:
        return ""
    frame = culprit_frame(event, main)
    if frame is not None:
        return _cut(_frame_culprit(frame, frame.platform or event.platform), _CULPRIT)
    if event.request is not None and event.request.url:
        return _cut(event.request.url, _CULPRIT)
    return ""


def culprit_frame(event: Event, main: ExceptionValue | None) -> Frame | None:
    trace = main.stacktrace if main is not None and main.stacktrace is not None else event.stacktrace
    if trace is None or not trace.frames:
        return None
    for frame in reversed(trace.frames):
        if frame.in_app:
            return frame
    return trace.frames[-1]


def _frame_culprit(frame: Frame, platform: str) -> str:
    function = frame.function or "?"
    if platform in _NATIVE:
        return function
    place = frame.module or frame.filename or frame.abs_path
    if not place:
        return "" if frame.function is None else function
    return f"{function}({place})" if platform in _JAVASCRIPT else f"{place} in {function}"


def _feedback(event: Event) -> _Names:
    fields = _strings(event.contexts.get("feedback", ABSENT), ("message", "name", "contact_email", "source"))
    return {"title": "User Feedback", **fields}, "User Feedback", None, fields.get("message")


def _csp(event: Event) -> _Names:
    report = _strings(event.csp, ("effective_directive", "violated_directive", "blocked_uri", "document_uri"))
    directive = csp_directive(report)
    host = csp_host(report)
    title = _csp_sentence(directive, host, report.get("violated_directive", ""))
    metadata: Metadata = {"directive": directive, "uri": host, "message": title}
    return metadata, title, directive, None


def csp_directive(report: dict[str, str]) -> str:
    """The directive that was violated, without its sources: `script-src`."""
    return (report.get("effective_directive") or report.get("violated_directive", "")).split(" ")[0]


def csp_host(report: dict[str, str]) -> str:
    """The blocked host; `self` for the page's own, the bare word for `inline`, `eval`, `data`."""
    blocked = report.get("blocked_uri", "")
    host = _host(blocked)
    if host and host == _host(report.get("document_uri", "")):
        return "self"
    return host or (blocked.partition(":")[0] if blocked else "self")


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:
        return ""


def _csp_sentence(directive: str, host: str, violated: str) -> str:
    kind = directive.removesuffix("-elem").removesuffix("-attr").removesuffix("-src") or "resource"
    if host == "inline" or (host == "self" and "'unsafe-inline'" in violated):
        return f"Blocked inline '{kind}'"
    if host == "eval":
        return f"Blocked unsafe eval() '{kind}'"
    return f"Blocked '{kind}' from '{host}'"


def _certificate(event: Event) -> _Names:
    raw = {"hpkp": event.hpkp, "expectct": event.expectct}.get(event.type, event.expectstaple)
    host = _strings(raw, ("hostname",)).get("hostname", "")
    names = {"hpkp": "Public key pinning", "expectct": "Expect-CT", "expectstaple": "Expect-Staple"}
    title = f"{names[event.type]} failed for '{host or _UNKNOWN}'"
    return {"message": title, "origin": host}, title, host or None, None


def _strings(raw: Raw, names: tuple[str, ...]) -> dict[str, str]:
    """Those fields of an object that are text; empty for anything else."""
    if not present(raw) or bytes(raw)[:1] != b"{":
        return {}
    fields = msgspec.json.decode(raw, type=dict[str, Raw])
    texts = {name: msgspec.json.decode(fields[name]) for name in names if name in fields}
    return {name: text[:_METADATA_VALUE] for name, text in texts.items() if isinstance(text, str)}


def first_line(text: str) -> str:
    """The first line with something in it, cut to 100 characters."""
    for line in text[: _METADATA_VALUE * 8].splitlines():
        if line.strip():
            return _cut(line.strip(), _FIRST_LINE)
    return ""


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."
