"""The message of an event: the template, and the text a person reads."""

import re

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, LogEntry, present
from vedette.normalize import bounds
from vedette.normalize.coerce import Json, Object, as_list, as_object, to_text
from vedette.normalize.notes import Notes

_LIMIT = 8192
_PRINTF = re.compile(
    r"%(?:\((?P<key>[^()%]{1,100})\))?(?P<spec>[-+ #0]{0,5}\d{0,4}(?:\.\d{0,4})?[sdifgeExXorcau])|%%"
)
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<key>[A-Za-z0-9_.]{0,100})(?:[:!][^{}]{0,40})?\}")


def canonical(sent: LogEntry | str | None, notes: Notes) -> LogEntry | None:
    """The entry with `formatted` filled in; a template that equals it is dropped."""
    if sent is None:
        return None
    if isinstance(sent, str):
        return LogEntry(formatted=notes.cut(sent, _LIMIT, ("logentry", "formatted"))) if sent else None
    template, formatted = sent.message or None, sent.formatted or None
    params = bounds.bounded(sent.params, bounds.BODY_DEPTH, bounds.BODY_BYTES, ("logentry", "params"), notes)
    if bytes(params)[:1] not in (b"{", b"["):
        params = ABSENT
    if formatted is None and template is not None:
        formatted = notes.cut(interpolate(template, params), _LIMIT, ("logentry", "formatted"))
    if template == formatted:
        template = None
    return LogEntry(template, formatted, params) if formatted is not None else None


def interpolate(template: str, params: Raw) -> str:
    """The template with its parameters in place; unknown ones are left as they stand."""
    if not present(params):
        return template
    values: Json = msgspec.json.decode(params)
    items, fields = as_list(values), as_object(values)
    if not items and not fields:
        return template
    if "%" in template and _PRINTF.search(template):
        return _fill(_PRINTF, template, items or [], fields or {})
    return _fill(_BRACES, template, items or [], fields or {})


def _fill(pattern: "re.Pattern[str]", template: str, items: list[Json], fields: Object) -> str:
    position = iter(items)
    room = [_LIMIT * 2]  # many placeholders of one long parameter must not multiply

    def put(match: "re.Match[str]") -> str:
        whole = match[0]
        if whole in ("%%", "{{", "}}"):
            return whole[0]
        key = match["key"]
        if not key:
            value = next(position, _MISSING)
        elif key.isdigit() and items:
            value = items[int(key)] if len(key) < 6 and int(key) < len(items) else _MISSING
        else:
            value = fields.get(key, _MISSING)
        text = whole if value is _MISSING or room[0] <= 0 else (to_text(value) or "")
        room[0] -= len(text)
        return text

    return pattern.sub(put, template)


_MISSING = object()
