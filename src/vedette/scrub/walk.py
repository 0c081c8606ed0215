"""The walk: every value of a part, its way from the top, and the rules that reach it."""

from hashlib import sha256
from typing import cast

import msgspec
import re2

from vedette.core.remarks import Kind as RemarkKind
from vedette.core.remarks import Path, Remarks
from vedette.scrub import nodes
from vedette.scrub.kinds import Kind
from vedette.scrub.rules import Rule, Scrubber, compiled
from vedette.scrub.selectors import Place, Way

Json = object
Rules = tuple[Rule, ...]

_MAX_EMBEDDED = 64 * 1024  # characters of a text that is looked at as JSON
_MAX_NESTED = 3  # JSON in text in JSON …
_REMARK: dict[str, RemarkKind] = {"remove": "x", "mask": "m", "hash": "p", "replace": "s"}

# `name=value` of queries and forms, and `'name': 'value'` of printed dictionaries.
_ASSIGNMENT = re2.compile(r"""([^=&?;,\s"'<>{}()]{1,100})=([^&\s;"'<>,]+)""")
_PRINTED = re2.compile(r"""['"]([^'"\\]{1,100})['"]\s*:\s*[bu]?['"]([^'"]+)""")


class Walker:
    """Walks parts of one event. Remarks are collected with their paths."""

    def __init__(self, scrubber: Scrubber, remarks: Remarks) -> None:
        self.scrubber = scrubber
        self._remarks = remarks
        self._changes = 0
        self._explicit = tuple(rule for rule in scrubber.rules if rule.where.explicit)

    def part(self, name: str, value: Json) -> tuple[bool, Json]:
        """Whether the part changed, and what is left of it."""
        before = self._changes
        kept = self._child("event", name, name, value, (Place("", frozenset(("event", "error"))),), (), ())
        return self._changes > before, kept

    def _child(self, node: str, key: str, index: str | int, value: Json, way: Way, path: Path, active: Rules) -> Json:
        """The value under a key of `node`. `active`: rules whose selector met a container around it."""
        sheltered = key in nodes.SHELTERED.get(node, ())
        if value is None or (sheltered and not self._explicit) or key.lower() in self.scrubber.safe:
            return value
        inner = nodes.child(node, key)
        return self._value(inner, key, value, (*way, nodes.place(key, inner, value)), (*path, index), active, sheltered)

    def _value(self, node: str, key: str, value: Json, way: Way, path: Path, active: Rules, sheltered: bool) -> Json:
        candidates = self._explicit if sheltered else self.scrubber.rules
        reached = (*active, *(rule for rule in candidates if rule not in active and rule.where.matches(way)))
        for rule in reached:
            if rule.is_anything or (rule.key is not None and _is_secret(rule, key, value)):
                return self._whole(rule, value, path)
        if isinstance(value, dict):
            return self._object(node, cast("dict[str, Json]", value), way, path, reached)
        if isinstance(value, list):
            return self._array(node, key, cast("list[Json]", value), way, path, reached)
        if isinstance(value, str):
            return self._text(value, reached, path, _MAX_NESTED)
        return self._number(value, reached, path)

    def _object(self, node: str, value: dict[str, Json], way: Way, path: Path, active: Rules) -> Json:
        for key, item in value.items():
            value[key] = self._child(node, key, key, item, way, path, active)
        return value

    def _array(self, node: str, key: str, value: list[Json], way: Way, path: Path, active: Rules) -> Json:
        if _is_pairs(value):
            for index, pair in enumerate(cast("list[list[Json]]", value)):
                name = str(pair[0])
                pair[1] = self._child("", name, 1, pair[1], way, (*path, index), active)
            return value
        for index, item in enumerate(value):
            inner = nodes.child(node, str(index))
            step = nodes.place(str(index), inner, item)
            value[index] = None if item is None else self._value(inner, key, item, (*way, step), (*path, index), active, False)
        return value

    # --- leaves ---------------------------------------------------------------------------------

    def _whole(self, rule: Rule, value: Json, path: Path) -> Json:
        if value in ("", rule.placeholder):
            return value
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        kept = None if rule.method == "remove" else _redacted(rule, text)
        self._note(rule, path, (0, len(kept or "")), len(text))
        return kept

    def _number(self, value: Json, rules: Rules, path: Path) -> Json:
        """Numbers are looked at as text, for kinds that may be one: a card number without its blanks."""
        if isinstance(value, bool):
            return value
        text = str(value)
        for rule in rules:
            if rule.kind is not None and (match := compiled(rule.kind.pattern).search(text)) and _holds(rule.kind, match):
                return self._whole(rule, value, path)
        return value

    def _text(self, text: str, rules: Rules, path: Path, nested: int) -> str:
        for rule in rules:
            if rule.key is not None:
                text = self._secrets_in_text(rule, text, path, nested)
            elif rule.kind is not None:
                text = self._kinds_in_text(rule, rule.kind, text, path)
        return text

    def _kinds_in_text(self, rule: Rule, kind: Kind, text: str, path: Path) -> str:
        pieces: list[str] = []
        at = 0
        for match in compiled(kind.pattern).finditer(text):
            start, end = match.span(kind.group)
            if start < at or start == end or not _holds(kind, match) or match[kind.group] == rule.placeholder:
                continue
            redacted = "" if rule.method == "remove" else _redacted(rule, text[start:end])
            pieces += (text[at:start], redacted)
            at = end
            offset = sum(map(len, pieces)) if len(pieces) < 100 else 0
            self._note(rule, path, (offset - len(redacted), offset), len(text))
        return "".join((*pieces, text[at:])) if pieces else text

    def _secrets_in_text(self, rule: Rule, text: str, path: Path, nested: int) -> str:
        """Values of secret names inside a text: JSON, a query or form, a printed dictionary."""
        assert rule.key is not None
        if nested and text[:1] in ("{", "[") and len(text) <= _MAX_EMBEDDED:
            inner = self._embedded(rule, text, path, nested)
            if inner is not None:
                return inner
        for pattern, separator in ((_ASSIGNMENT, "="), (_PRINTED, ":")):
            if separator in text:
                text = self._assigned(rule, pattern, text, path)
        return text

    def _assigned(self, rule: Rule, pattern: "re2._Regexp[str]", text: str, path: Path) -> str:
        assert rule.key is not None
        pieces: list[str] = []
        at = 0
        for match in pattern.finditer(text):
            if match[2] != rule.placeholder and rule.key(match[1]):
                start, end = match.span(2)
                pieces += (text[at:start], "" if rule.method == "remove" else _redacted(rule, match[2]))
                at = end
                self._note(rule, path, None, len(text))
        return "".join((*pieces, text[at:])) if pieces else text

    def _embedded(self, rule: Rule, text: str, path: Path, nested: int) -> str | None:
        """The JSON text scrubbed and written again; the same where nothing was found; None if it is no JSON."""
        try:
            value = msgspec.json.decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        before = self._changes
        try:
            kept = self._inside(rule, "", value, path, nested - 1)
        except RecursionError:
            return rule.placeholder
        return text if self._changes == before else msgspec.json.encode(kept).decode()

    def _inside(self, rule: Rule, key: str, value: Json, path: Path, nested: int) -> Json:
        if key and key.lower() in self.scrubber.safe:
            return value
        if key and _is_secret(rule, key, value):
            return self._whole(rule, value, path)
        if isinstance(value, dict):
            fields = cast("dict[str, Json]", value)
            return {name: self._inside(rule, name, item, path, nested) for name, item in fields.items()}
        if isinstance(value, list):
            return [self._inside(rule, key, item, path, nested) for item in cast("list[Json]", value)]
        return self._secrets_in_text(rule, value, path, nested) if isinstance(value, str) else value

    def _note(self, rule: Rule, path: Path, span: tuple[int, int] | None, length: int) -> None:
        self._changes += 1
        self._remarks.add(path, rule.name, _REMARK[rule.method], span, length)


def _is_secret(rule: Rule, key: str, value: Json) -> bool:
    """Whether the value of this key is to go. Counts of tokens and yes or no are no secrets."""
    assert rule.key is not None
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, int | float) and key.lower().endswith("tokens"):
        return False
    return rule.key(key)


def _is_pairs(value: list[Json]) -> bool:
    return bool(value) and all(
        isinstance(item, list) and len(cast("list[Json]", item)) == 2 and isinstance(cast("list[Json]", item)[0], str)
        for item in value
    )


def _holds(kind: Kind, match: "re2._Match[str]") -> bool:
    return kind.verify is None or kind.verify(match[kind.group])


def _redacted(rule: Rule, text: str) -> str:
    if rule.method == "mask":
        return "*" * len(text)
    if rule.method == "hash":
        return sha256(text.encode()).hexdigest()[:40].upper()
    return rule.placeholder
