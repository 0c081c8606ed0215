"""Rules for the whole event, the default ones above all: fast, because most events hold no secret.

Works on the event as it stands. Each piece of free text or raw JSON is searched once, in bytes, for
anything that any rule looks for; the fields of a piece with a find are searched once more, all of them
in one pass, and only those with a find are taken apart. They are fields that a piece is made of.
"""

from collections.abc import Iterable
from typing import cast

import msgspec
from msgspec import Raw

from vedette.core.event import (
    ABSENT,
    Event,
    ExceptionValue,
    ProcessingNote,
    Stacktrace,
    Thread,
    User,
)
from vedette.core.patterns import Buffer
from vedette.core.remarks import Path
from vedette.scrub.pieces import Pieces, seen_among
from vedette.scrub.redact import Json, Redactor, is_pairs, is_secret
from vedette.scrub.rules import Scrubber

Pairs = list[tuple[str, str | None]]
Spot = tuple[
    object, str, Path, object
]  # a struct, the name of its field, that one's way from the top, what it holds
_ORIGIN = (
    *("csp", "hpkp", "expectct", "expectstaple", "other"),
    *("transaction", "server_name", "tags", "contexts", "user"),
)
_REQUEST = ("url", "fragment", "data", "env", "query_string", "headers", "cookies")
_LOGENTRY = ("message", "formatted", "params")
_MECHANISM = ("description", "data", "meta")
_USER_TEXTS = ("id", "username", "name", "email", "ip_address", "segment")


class Everywhere:
    """One pass over one event."""

    def __init__(self, scrubber: Scrubber, redactor: Redactor) -> None:
        self._rules = scrubber.everywhere
        self._keyed = tuple((rule, rule.key) for rule in self._rules if rule.key is not None)
        self._safe = scrubber.safe
        self._glance = scrubber.glance
        self._sees = scrubber.sees
        self._sees_in_texts = scrubber.sees_in_texts
        self._look_in_texts = True  # of the bag at hand
        self._redactor = redactor

    def event(self, event: Event, seen: Pieces) -> None:
        """Scrub the parts that these pieces are of, in place; and what was found wrong, for no look sees its names."""
        for spot in _alone(event, seen):
            self._scrub(*spot)
        for spot in self._seen(_spots(event, seen)):
            self._scrub(*spot)
        self._notes(event.errors)

    def _seen(self, spots: list[Spot]) -> list[Spot]:
        """Those in which a rule may find something: one search goes through all of them."""
        if self._glance is None:
            return spots
        return [spots[index] for index in seen_among([_json(value) for *_, value in spots], self._glance)]

    def _scrub(self, owner: object, name: str, path: Path, value: object) -> None:
        kept = self._kept(name, value, path)
        if kept is not value:
            setattr(owner, name, kept)

    def _kept(self, name: str, value: object, path: Path) -> object:
        """What is left of a field in which something is seen."""
        if isinstance(value, Raw):
            return value if self._redactor.is_safe(name) else self._bag(value, path)
        if isinstance(value, str):
            return self._redactor.text(value, self._rules, path)
        if isinstance(value, list):
            return self._pairs(cast("Pairs", value), path)
        if isinstance(value, User):
            return self._user(value, path)
        if name == "contexts":
            return self._contexts(cast("dict[str, Raw]", value), path)
        return self._fields(cast("dict[str, str]", value), path)

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

    def _user(self, user: User, path: Path) -> User:
        for name in _USER_TEXTS:
            text = cast("str | None", getattr(user, name))
            if text is not None:
                kept = self._keyed_text(name, text, (*path, name))
                if kept is not text:
                    setattr(user, name, kept)
        if user.data is not ABSENT and self._sees(user.data):
            self._scrub(user, "data", (*path, "data"), user.data)
        return user

    def _pairs(self, pairs: Pairs, path: Path) -> Pairs:
        for index, (name, value) in enumerate(pairs):
            if value:
                kept = self._keyed_text(name, value, (*path, index, 1))
                if kept is not value:
                    pairs[index] = (name, kept)
        return pairs

    def _contexts(self, contexts: dict[str, Raw], path: Path) -> dict[str, Raw]:
        return {
            name: self._bag(raw, (*path, name))
            if self._sees(raw) and not self._redactor.is_safe(name)
            else raw
            for name, raw in contexts.items()
        }

    def _fields(self, fields: dict[str, str], path: Path) -> dict[str, str]:
        return {
            name: kept
            for name, text in fields.items()
            if (kept := self._keyed_text(name, text, (*path, name)))
        }

    # --- values ---------------------------------------------------------------------------------

    def _bag(self, raw: Raw, path: Path) -> Raw:
        before = self._redactor.changes
        self._look_in_texts = self._sees_in_texts(raw)
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
        if isinstance(value, dict):
            return self._object(cast("dict[str, Json]", value), path)
        if isinstance(value, str):
            return self._text(value, path) if self._look_in_texts and len(value) > 5 else value
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


def _alone(event: Event, seen: Pieces) -> list[Spot]:
    """The fields that are a piece by themselves: in them something is seen."""
    return _of(event, [name for name in ("extra", "breadcrumbs") if name in seen], ())


def _spots(event: Event, seen: Pieces) -> list[Spot]:
    """The fields that the other pieces are made of."""
    spots: list[Spot] = []
    if "origin" in seen:
        spots += _of(event, _ORIGIN, ())
    if "request" in seen:
        spots += _of(event.request, _REQUEST, ("request",))
    if "logentry" in seen:
        spots += _of(event.logentry, _LOGENTRY, ("logentry",))
    for index, value in enumerate(event.exception.values if event.exception is not None else ()):
        if ("exception", index) in seen:
            path = ("exception", "values", index)
            spots += _of(value, ("value",), path)
            spots += _of(value.mechanism, _MECHANISM, (*path, "mechanism"))
            spots += _of_stacks(value, path)
    if "stacktrace" in seen:
        spots += _of_frames(event.stacktrace, ("stacktrace",))
    for index, thread in enumerate(event.threads.values if event.threads is not None else ()):
        if ("thread", index) in seen:
            spots += _of_stacks(thread, ("threads", "values", index))
    return spots


def _of(owner: object, names: Iterable[str], path: Path) -> list[Spot]:
    if owner is None:
        return []
    held = [(name, getattr(owner, name)) for name in names]
    return [(owner, name, (*path, name), value) for name, value in held if value and value is not ABSENT]


def _of_stacks(owner: ExceptionValue | Thread, path: Path) -> list[Spot]:
    main, raw = owner.stacktrace, owner.raw_stacktrace
    return _of_frames(main, (*path, "stacktrace")) + _of_frames(raw, (*path, "raw_stacktrace"))


def _of_frames(trace: Stacktrace | None, path: Path) -> list[Spot]:
    return [
        (frame, "vars", (*path, "frames", index, "vars"), frame.vars)
        for index, frame in enumerate(trace.frames if trace is not None else ())
        if frame.vars is not ABSENT
    ]


def _json(value: object) -> Buffer:
    """As looks are for it: quotes in texts escaped."""
    return value if isinstance(value, Raw) else msgspec.json.encode(value)
