"""The tables of repair: for every part of an event, how its fields are made canonical.

Read beside `vedette.core.event`: a table has the fields of its struct, and limits equal to the
struct's. Values the struct would accept pass unchanged.
"""

from datetime import datetime
from typing import get_args

import msgspec

from vedette.core.event import EventType, Level
from vedette.core.remarks import Path
from vedette.core.time import SECOND_US, parse_time
from vedette.normalize.coerce import (
    Fix,
    Json,
    Object,
    anything,
    as_list,
    as_object,
    fix_fields,
    fix_items,
    flag,
    integer,
    listing,
    one_of,
    record,
    string,
    text_map,
    text_or_json,
    to_json,
    to_text,
    values,
)
from vedette.normalize.notes import Notes

MAX_EXCEPTIONS = 100  # ours: no SDK sends more than ten
MAX_THREADS = 1000
MAX_FRAMES = 250
MAX_BREADCRUMBS = 100
MAX_SOURCE_LINES = 50
MAX_FINGERPRINT = 64  # ours, as are the 256 characters of a part
MAX_NAMES = 500
_LINE = 512
_TEXT = 8192

LEVELS: dict[str, str] = {
    "log": "info", "warn": "warning", "critical": "fatal", "notice": "info", "trace": "debug",
    "err": "error", "panic": "fatal", "alert": "fatal", "emergency": "fatal", "exception": "error",
    "10": "debug", "20": "info", "30": "warning", "40": "error", "50": "fatal",
}  # fmt: skip

level = one_of(get_args(Level), LEVELS)
event_type = one_of(get_args(EventType))


def address(value: Json, path: Path, notes: Notes) -> Json:
    """An address as text; numbers become hexadecimal."""
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)
    return string(128)(value, path, notes)


def registers(value: Json, path: Path, notes: Notes) -> Json:
    sent = as_object(value)
    if sent is None:
        return notes.invalid(path, value)
    return {
        name: text for name, item in sent.items() if (text := address(item, (*path, name), notes)) is not None
    }


def moment(value: Json, path: Path, notes: Notes) -> Json:
    """A timestamp: RFC 3339 text as it is, anything else that is a time as epoch seconds."""
    if isinstance(value, str):
        try:
            msgspec.convert(value, datetime)
        except msgspec.ValidationError:
            pass
        else:
            return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    at_us = parse_time(value)
    return notes.invalid(path, value) if at_us is None else at_us / SECOND_US


def time_value(value: Json, path: Path, notes: Notes) -> Json:
    return (
        value
        if isinstance(value, str | int | float) and not isinstance(value, bool)
        else notes.invalid(path, value)
    )


def thread_id(value: Json, path: Path, notes: Notes) -> Json:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return string(256)(value, path, notes)


# --- frames -----------------------------------------------------------------------------------

_FRAME: dict[str, Fix] = {
    "filename": string(256),
    "abs_path": string(256),
    "module": string(256),
    "function": string(512),
    "raw_function": string(512),
    "symbol": string(512),
    "package": string(256),
    "lineno": integer,
    "colno": integer,
    "platform": string(64),
    "in_app": flag,
    "vars": anything,
    "data": anything,
    "image_addr": address,
    "instruction_addr": address,
    "addr_mode": string(128),
    "function_id": address,
    "symbol_addr": address,
    "trust": string(128),
    "stack_start": flag,
    "lock": anything,
}
_SNIP = "{snip}"


def frame(value: Json, path: Path, notes: Notes) -> Json:
    sent = as_object(value)
    if sent is None:
        return notes.invalid(path, value)
    kept = fix_fields(sent, _FRAME, path, notes)
    column = kept.get("colno")
    line = to_text(sent.get("context_line"))
    if line is not None:
        kept["context_line"] = _source_line(
            line, column if isinstance(column, int) else 0, (*path, "context_line"), notes
        )
    for name in ("pre_context", "post_context"):
        lines = as_list(sent.get(name))
        if lines is not None:
            kept[name] = [
                _source_line(to_text(text) or "", 0, (*path, name, i), notes)
                for i, text in enumerate(lines[:MAX_SOURCE_LINES])
            ]
    return kept


def _source_line(text: str, column: int, path: Path, notes: Notes) -> str:
    """The line, or of a longer one the part around the column, its cut ends marked."""
    if len(text) <= _LINE:
        return text
    room = _LINE - 2 * (len(_SNIP) + 1)
    start = min(max(0, column - room // 2), len(text) - room)
    head = f"{_SNIP} " if start else ""
    tail = f" {_SNIP}" if start + room < len(text) else ""
    notes.remarks.add(path, "!limit", "s", (0, _LINE), len(text))
    return f"{head}{text[start : start + room]}{tail}"


_STACKTRACE: dict[str, Fix] = {
    "registers": registers,
    "lang": string(128),
    "snapshot": flag,
    "instruction_addr_adjustment": string(128),
}


def stacktrace(value: Json, path: Path, notes: Notes) -> Json:
    sent = as_object(value)
    if sent is None:
        sent = {"frames": value}
    kept = fix_fields(sent, _STACKTRACE, path, notes)
    frames = as_list(sent.get("frames")) or []
    kept["frames"] = fix_items(frames, frame, MAX_FRAMES, (*path, "frames"), notes)
    omitted = as_list(sent.get("frames_omitted"))
    if len(frames) > MAX_FRAMES:
        kept["frames_omitted"] = [0, len(frames) - MAX_FRAMES]
        notes.remarks.add((*path, "frames"), "!limit", "x", None, len(frames))
    elif omitted is not None and len(omitted) == 2 and all(type(number) is int for number in omitted):
        kept["frames_omitted"] = omitted
    return kept


# --- exceptions, threads ----------------------------------------------------------------------

_MECHANISM: dict[str, Fix] = {
    "type": string(128),
    "description": string(_TEXT),
    "help_link": string(_TEXT),
    "handled": flag,
    "synthetic": flag,
    "source": string(256),
    "exception_id": integer,
    "parent_id": integer,
    "is_exception_group": flag,
    "meta": anything,
    "data": anything,
}


def mechanism(value: Json, path: Path, notes: Notes) -> Json:
    if isinstance(value, str):
        value = {"type": value}
    return record(_MECHANISM)(value, path, notes)


exception_value: Fix = record(
    {
        "type": text_or_json(256),
        "value": text_or_json(_TEXT),
        "module": string(256),
        "thread_id": thread_id,
        "mechanism": mechanism,
        "stacktrace": stacktrace,
        "raw_stacktrace": stacktrace,
    }
)

_THREAD: dict[str, Fix] = {
    "id": thread_id,
    "name": string(256),
    "crashed": flag,
    "current": flag,
    "main": flag,
    "state": string(128),
    "held_locks": anything,
    "stacktrace": stacktrace,
    "raw_stacktrace": stacktrace,
}


# --- message ----------------------------------------------------------------------------------

_LOGENTRY: dict[str, Fix] = {
    "message": text_or_json(_TEXT),
    "formatted": text_or_json(_TEXT),
    "params": anything,
}


def logentry(value: Json, path: Path, notes: Notes) -> Json:
    sent = as_object(value)
    if sent is None:
        sent = Object(message=value if isinstance(value, str) else to_json(value))
    return fix_fields(sent, _LOGENTRY, path, notes)


# --- breadcrumbs ------------------------------------------------------------------------------

_CRUMB: dict[str, Fix] = {
    "timestamp": moment,
    "type": string(128),
    "category": string(128),
    "level": level,
    "message": text_or_json(_TEXT),
    "data": anything,
    "event_id": string(64),
    "origin": string(256),
}


def breadcrumb(value: Json, path: Path, notes: Notes) -> Json:
    sent = as_object(value)
    if sent is None:
        return notes.invalid(path, value)
    if "ty" in sent:
        sent = {"type": sent["ty"]} | sent
    return fix_fields(sent, _CRUMB, path, notes)


# --- user, request ----------------------------------------------------------------------------

_USER: dict[str, Fix] = {
    "id": string(128),
    "username": string(128),
    "name": string(128),
    "email": string(128),
    "ip_address": string(64),
    "segment": string(128),
    "geo": record({name: string(128) for name in ("city", "country_code", "region", "subdivision")}),
}


def user(value: Json, path: Path, notes: Notes) -> Json:
    """Known fields; whatever else stands there goes under `data`."""
    sent = as_object(value)
    if sent is None:
        return notes.invalid(path, value)
    kept = fix_fields(sent, _USER, path, notes)
    data = as_object(sent.get("data"))
    rest: Object = dict(data) if data is not None else {}
    for name, item in sent.items():
        if name not in _USER and item is not None and (name != "data" or data is None):
            rest[name] = item
    if rest or data is not None:
        kept["data"] = rest
    return kept


_REQUEST: dict[str, Fix] = {
    "url": string(2048),
    "method": string(64),
    "query_string": anything,
    "fragment": string(1024),
    "data": anything,
    "cookies": anything,
    "headers": anything,
    "env": anything,
    "inferred_content_type": string(256),
    "body_size": integer,
    "api_target": string(64),
    "protocol": string(64),
}


# --- the rest ---------------------------------------------------------------------------------


def words(limit: int) -> Fix:
    """A list of texts; null entries go."""
    return listing(string(limit), MAX_NAMES)


_SDK: dict[str, Fix] = {
    "name": string(256),
    "version": string(256),
    "integrations": words(256),
    "packages": anything,
    "features": words(256),
    "settings": anything,
}


def fingerprint(value: Json, path: Path, notes: Notes) -> Json:
    """Texts and integers; anything else in it goes with a note. A scalar counts as a list of one."""
    sent = as_list(value)
    if sent is None:
        sent = [value]
    return [
        part
        for i, item in enumerate(sent[:MAX_FINGERPRINT])
        if (part := _part(item, (*path, i), notes)) is not None
    ]


def _part(item: Json, path: Path, notes: Notes) -> str | None:
    if isinstance(item, str):
        return notes.cut(item, 256, path)
    if isinstance(item, int) and not isinstance(item, bool):
        return str(item)
    return notes.invalid(path, item)


def processing_note(value: Json, path: Path, notes: Notes) -> Json:
    sent = as_object(value)
    if sent is None or sent.get("type") is None:
        return None
    return fix_fields(sent, _NOTE, path, notes)


_NOTE: dict[str, Fix] = {"type": text_or_json(256), "name": string(256), "value": anything}


exception: Fix = values(exception_value, MAX_EXCEPTIONS)
threads: Fix = values(record(_THREAD), MAX_THREADS)
breadcrumbs: Fix = values(breadcrumb, MAX_BREADCRUMBS)
request: Fix = record(_REQUEST)
sdk: Fix = record(_SDK)
modules: Fix = text_map(256, 256)
errors: Fix = listing(processing_note, 100)
