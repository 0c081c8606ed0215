"""Placeholders of fingerprints and titles, such as `{{ transaction }}`."""

import re
from collections.abc import Callable

from vedette.core.event import Event, Frame
from vedette.group.rules.subjects import crash_frame, exceptions_of, message_of

DEFAULT = "{{ default }}"
_PLACEHOLDER = re.compile(r"\{\{\s{0,8}([^\s{}]{1,250})\s{0,8}\}\}")
_MOST_PARTS = 100


def is_default(part: str) -> bool:
    """Whether the part stands for what the algorithm finds."""
    match = _PLACEHOLDER.fullmatch(part)
    return match is not None and match.group(1) == "default"


def expand(part: str, event: Event) -> str:
    """The part with every placeholder replaced; `{{ default }}` stays."""
    if "{{" not in part:
        return part
    return _PLACEHOLDER.sub(lambda match: _value_of(match.group(1), event), part)


def expand_parts(parts: list[str] | tuple[str, ...], event: Event) -> list[str]:
    """The fingerprint that counts for this event."""
    return [expand(part, event) for part in parts[:_MOST_PARTS]]


def _value_of(name: str, event: Event) -> str:
    if name == "default":
        return DEFAULT
    if name.startswith("tags."):
        return event.tags.get(name[5:]) or f"<no-value-for-tag-{name[5:]}>"
    found = VARIABLES.get(name)
    if found is None:
        return f"<unrecognized-variable-{name}>"
    read, missing = found
    return read(event) or missing


def _type(event: Event) -> str | None:
    values = exceptions_of(event)
    return values[-1].type if values else None


def _value(event: Event) -> str | None:
    values = exceptions_of(event)
    return values[-1].value if values else None


def _of_frame(read: Callable[[Frame], str | None]) -> Callable[[Event], str | None]:
    def of_event(event: Event) -> str | None:
        frame = crash_frame(event)
        return read(frame) if frame else None

    return of_event


def _last_segment(path: str | None) -> str | None:
    return re.split(r"[/\\]", path)[-1] if path else None


VARIABLES: dict[str, tuple[Callable[[Event], str | None], str]] = {
    "transaction": (lambda e: e.transaction, "<no-transaction>"),
    "level": (lambda e: e.level, "<no-level>"),
    "logger": (lambda e: e.logger, "<no-logger>"),
    "message": (message_of, "<no-message>"),
    "error.type": (_type, "<no-type>"),
    "type": (_type, "<no-type>"),
    "error.value": (_value, "<no-value>"),
    "value": (_value, "<no-value>"),
    "stack.function": (_of_frame(lambda f: f.function), "<no-function>"),
    "function": (_of_frame(lambda f: f.function), "<no-function>"),
    "stack.abs_path": (_of_frame(lambda f: f.abs_path or f.filename), "<no-abs-path>"),
    "path": (_of_frame(lambda f: f.abs_path or f.filename), "<no-abs-path>"),
    "stack.filename": (_of_frame(lambda f: f.filename or _last_segment(f.abs_path)), "<no-filename>"),
    "stack.module": (_of_frame(lambda f: f.module), "<no-module>"),
    "module": (_of_frame(lambda f: f.module), "<no-module>"),
    "stack.package": (_of_frame(lambda f: _last_segment(f.package)), "<no-package>"),
    "package": (_of_frame(lambda f: _last_segment(f.package)), "<no-package>"),
}
