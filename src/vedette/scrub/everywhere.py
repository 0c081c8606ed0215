"""Rules for the whole event, the default ones above all: fast, because most events hold no secret.

Works on the event as it stands. Each piece of free text or raw JSON is searched once, in bytes, for
anything that any rule looks for; only a piece with a find is taken apart.
"""

from typing import cast

import msgspec
from msgspec import Raw

from vedette.core.event import (
    ABSENT,
    Event,
    ExceptionValue,
    LogEntry,
    ProcessingNote,
    Request,
    Stacktrace,
    User,
)
from vedette.core.remarks import Path
from vedette.scrub.pieces import Pieces
from vedette.scrub.redact import Json, Redactor, is_pairs, is_secret
from vedette.scrub.rules import Scrubber

Pairs = list[tuple[str, str | None]]
_BAGS = ("csp", "hpkp", "expectct", "expectstaple", "other")
_TEXTS = ("transaction", "server_name")
_PAIRS = ("query_string", "headers", "cookies")
_USER_TEXTS = ("id", "username", "name", "email", "ip_address", "segment")


class Everywhere:
    """One pass over one event."""

    def __init__(self, scrubber: Scrubber, redactor: Redactor) -> None:
        self._rules = scrubber.everywhere
        self._keyed = tuple((rule, rule.key) for rule in self._rules if rule.key is not None)
        self._safe = scrubber.safe
        self._sees = scrubber.sees
        self._sees_in_texts = scrubber.sees_in_texts
        self._look_in_texts = True  # of the bag at hand
        self._redactor = redactor

    def event(self, event: Event, seen: Pieces) -> None:
        """Scrub the parts that these pieces are of, in place; and what was found wrong, for no look sees its names."""
        if "extra" in seen:
            self._field(event, "extra", ("extra",))
        if "breadcrumbs" in seen:
            self._field(event, "breadcrumbs", ("breadcrumbs",))
        if "origin" in seen:
            self._origin(event)
        if "request" in seen and event.request is not None:
            self._request(event.request)
        if "logentry" in seen and event.logentry is not None:
            self._logentry(event.logentry)
        self._stacktraces(event, seen)
        self._notes(event.errors)

    def _origin(self, event: Event) -> None:
        for name in _BAGS:
            self._field(event, name, (name,))
        for name in _TEXTS:
            self._text_field(event, name, (name,))
        event.tags = cast("dict[str, str]", self._fields(event.tags, ("tags",)))
        event.contexts = self._contexts(event.contexts)
        if event.user is not None:
            self._user(event.user)

    def _logentry(self, entry: LogEntry) -> None:
        self._text_field(entry, "message", ("logentry", "message"))
        self._text_field(entry, "formatted", ("logentry", "formatted"))
        self._field(entry, "params", ("logentry", "params"))

    def _notes(self, notes: list[ProcessingNote]) -> None:
        for index, note in enumerate(notes):
            if note.value is not ABSENT:
                self._note(note, ("errors", index, "value"))

    def _note(self, note: ProcessingNote, path: Path) -> None:
        """What was found wrong is kept as it was sent, under the name that it was sent under."""
        key = next((step for step in reversed((note.name or "").split(".")) if not step.isdigit()), "")
        if self._redactor.is_safe(key):
            return
        before, value = self._redactor.changes, msgspec.json.decode(note.value)
        rule = next((rule for rule, _ in self._keyed if is_secret(rule, key, value)), None)
        kept = self._value(value, path) if rule is None else self._redactor.whole(rule, value, path)
        if self._redactor.changes > before:
            note.value = Raw(msgspec.json.encode(kept))

    def _stacktraces(self, event: Event, seen: Pieces) -> None:
        for index, value in enumerate(event.exception.values if event.exception is not None else ()):
            if ("exception", index) in seen:
                self._exception(value, ("exception", "values", index))
        if "stacktrace" in seen:
            self._stacktrace(event.stacktrace, ("stacktrace",))
        for index, thread in enumerate(event.threads.values if event.threads is not None else ()):
            if ("thread", index) in seen:
                self._stacktrace(thread.stacktrace, ("threads", "values", index, "stacktrace"))
                self._stacktrace(thread.raw_stacktrace, ("threads", "values", index, "raw_stacktrace"))

    def _exception(self, value: ExceptionValue, path: Path) -> None:
        self._text_field(value, "value", (*path, "value"))
        if value.mechanism is not None:
            self._text_field(value.mechanism, "description", (*path, "mechanism", "description"))
            self._field(value.mechanism, "data", (*path, "mechanism", "data"))
            self._field(value.mechanism, "meta", (*path, "mechanism", "meta"))
        self._stacktrace(value.stacktrace, (*path, "stacktrace"))
        self._stacktrace(value.raw_stacktrace, (*path, "raw_stacktrace"))

    def _stacktrace(self, trace: Stacktrace | None, path: Path) -> None:
        if trace is None:
            return
        variables = [bytes(frame.vars) for frame in trace.frames if frame.vars is not ABSENT]
        if variables and self._sees(b",".join(variables)):
            for index, frame in enumerate(trace.frames):
                self._field(frame, "vars", (*path, "frames", index, "vars"))

    def _user(self, user: User) -> None:
        if not self._sees(msgspec.json.encode(user)):
            return
        for name in _USER_TEXTS:
            text = cast("str | None", getattr(user, name))
            if text is not None:
                kept = self._keyed_text(name, text, ("user", name))
                if kept is not text:
                    setattr(user, name, kept)
        self._field(user, "data", ("user", "data"))

    def _request(self, request: Request) -> None:
        self._text_field(request, "url", ("request", "url"))
        self._text_field(request, "fragment", ("request", "fragment"))
        self._field(request, "data", ("request", "data"))
        self._field(request, "env", ("request", "env"))
        for name in _PAIRS:
            pairs = cast("Pairs | None", getattr(request, name))
            if pairs:
                self._pairs(pairs, ("request", name))

    def _pairs(self, pairs: Pairs, path: Path) -> None:
        if not self._sees(msgspec.json.encode(pairs)):
            return
        for index, (name, value) in enumerate(pairs):
            if value:
                kept = self._keyed_text(name, value, (*path, index, 1))
                if kept is not value:
                    pairs[index] = (name, kept)

    def _contexts(self, contexts: dict[str, Raw]) -> dict[str, Raw]:
        if not contexts or not self._sees(msgspec.json.encode(contexts)):
            return contexts
        return {name: self._bag(raw, ("contexts", name), name) for name, raw in contexts.items()}

    def _fields(self, fields: dict[str, str], path: Path) -> dict[str, str | None]:
        if not fields or not self._sees(msgspec.json.encode(fields)):
            return cast("dict[str, str | None]", fields)
        return {
            name: kept
            for name, text in fields.items()
            if (kept := self._keyed_text(name, text, (*path, name)))
        }

    # --- pieces ---------------------------------------------------------------------------------

    def _field(self, owner: object, name: str, path: Path) -> None:
        raw = cast("Raw", getattr(owner, name))
        if raw is not ABSENT:
            kept = self._bag(raw, path, name)
            if kept is not raw:
                setattr(owner, name, kept)

    def _text_field(self, owner: object, name: str, path: Path) -> None:
        text = cast("str | None", getattr(owner, name))
        if text:
            kept = self._text(text, path)
            if kept is not text:
                setattr(owner, name, kept)

    def _bag(self, raw: Raw, path: Path, key: str) -> Raw:
        if not self._sees(raw) or self._redactor.is_safe(key):
            return raw
        before = self._redactor.changes
        self._look_in_texts = self._sees_in_texts(bytes(raw))
        kept = self._value(msgspec.json.decode(raw), path)
        self._look_in_texts = True
        return raw if self._redactor.changes == before else Raw(msgspec.json.encode(kept))

    def _text(self, text: str, path: Path) -> str:
        if not self._sees(msgspec.json.encode(text)):  # looks are for raw JSON, quotes in texts escaped
            return text
        return self._redactor.text(text, self._rules, path)

    def _keyed_text(self, key: str, text: str, path: Path) -> str | None:
        if self._redactor.is_safe(key):
            return text
        for rule, _ in self._keyed:
            if is_secret(rule, key, text):
                return cast("str | None", self._redactor.whole(rule, text, path))
        return self._text(text, path)

    def _value(self, value: Json, path: Path) -> Json:
        if isinstance(value, str):
            return self._text(value, path) if self._look_in_texts and len(value) > 5 else value
        if isinstance(value, dict):
            return self._object(cast("dict[str, Json]", value), path)
        if isinstance(value, list):
            return self._array(cast("list[Json]", value), path)
        return self._number(value, path) if type(value) in (int, float) else value

    def _number(self, value: Json, path: Path) -> Json:
        assert isinstance(value, int | float)
        return self._redactor.number(value, self._rules, path) if abs(value) >= 10**12 else value

    def _object(self, fields: dict[str, Json], path: Path) -> Json:
        is_looked_at = self._look_in_texts
        for key, value in fields.items():
            if self._safe and self._redactor.is_safe(key):
                continue
            for rule, is_key in self._keyed:
                if is_key(key) and is_secret(rule, key, value):
                    fields[key] = self._redactor.whole(rule, value, (*path, key))
                    break
            else:
                if is_looked_at or not isinstance(value, str):
                    fields[key] = self._value(value, (*path, key))
        return fields

    def _array(self, items: list[Json], path: Path) -> Json:
        if is_pairs(items):
            for index, pair in enumerate(cast("list[list[Json]]", items)):
                self._pair(pair, (*path, index, 1))
            return items
        for index, item in enumerate(items):
            items[index] = self._value(item, (*path, index))
        return items

    def _pair(self, pair: list[Json], path: Path) -> None:
        key = cast("str", pair[0])
        kept = self._object({key: pair[1]}, path[:-1])
        pair[1] = cast("dict[str, Json]", kept)[key]
