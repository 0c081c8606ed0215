"""Taking data out of one value: a whole one, or what a text holds of it."""

from hashlib import sha256
from typing import cast

import msgspec

from vedette.core.patterns import TextMatch, text_pattern
from vedette.core.remarks import Kind as RemarkKind
from vedette.core.remarks import Path, Remarks
from vedette.scrub import told
from vedette.scrub.kinds import Kind
from vedette.scrub.rules import Rule, compiled

Json = object

_MAX_EMBEDDED = (
    64 * 1024
)  # characters of a text that is looked at as JSON; not below `normalize.attributes.MAX_SENT`
_MAX_NESTED = 3  # JSON in text in JSON …
_MAX_PIECES = 2000  # places changed in one text, after which the rest of it goes as a whole
_REMARK: dict[str, RemarkKind] = {"remove": "x", "mask": "m", "hash": "p", "replace": "s"}

_COUNT_OF_TOKENS = text_pattern(r"(?i)tokens|first_token\z")


class Redactor:
    """Changes values by rules and keeps the remarks. `changes` counts them."""

    def __init__(self, remarks: Remarks, safe: frozenset[str]) -> None:
        self.remarks = remarks
        self.changes = 0
        self._safe = safe

    def is_safe(self, key: str) -> bool:
        return bool(self._safe) and key.lower() in self._safe

    def whole(self, rule: Rule, value: Json, path: Path) -> Json:
        """What is left of a value that goes as a whole: None, or a text in its place."""
        if value in ("", rule.placeholder):
            return value
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        kept = None if rule.method == "remove" else redacted(rule, text)
        self._note(rule, path, (0, len(kept or "")), len(text))
        return kept

    def number(self, value: int | float, rules: tuple[Rule, ...], path: Path) -> Json:
        """A number, looked at as text: a card number is one without its blanks."""
        text = str(value)
        for rule in rules:
            if (
                rule.kind is not None
                and (match := compiled(rule.kind.pattern).search(text))
                and holds(rule.kind, match)
            ):
                return self.whole(rule, value, path)
        return value

    def text(self, text: str, rules: tuple[Rule, ...], path: Path, nested: int = _MAX_NESTED) -> str:
        """The text without what the rules find in it."""
        for rule in rules:
            if rule.key is not None:
                text = self._secrets(rule, text, path, nested)
            elif rule.kind is not None:
                text = self._kinds(rule, rule.kind, text, path)
        return text

    def _kinds(self, rule: Rule, kind: Kind, text: str, path: Path) -> str:
        found = [
            match.span(kind.group)
            for match in compiled(kind.pattern).finditer(text)
            if match[kind.group] not in (None, "", rule.placeholder) and holds(kind, match)
        ]
        return self._without(rule, text, found, path)

    def _secrets(self, rule: Rule, text: str, path: Path, nested: int) -> str:
        """Values of secret names inside a text: JSON, or any of the ways of `told`."""
        assert rule.key is not None
        if nested and text[:1] in ("{", "[") and len(text) <= _MAX_EMBEDDED:
            inner = self._embedded(rule, text, path, nested)
            if inner is not None:
                return inner
        if rule.hint is not None and rule.hint.search(text) is None:
            return text
        for ways in (told.assigned, told.printed, told.said, told.identified):
            found = [one.span for one in ways(text) if is_told(rule, one)]
            text = self._without(rule, text, found, path)
        return text

    def _without(self, rule: Rule, text: str, spans: list[tuple[int, int]], path: Path) -> str:
        """The text with those parts redacted. Work is linear: pieces are joined once."""
        if not spans:
            return text
        pieces: list[str] = []
        at = size = 0
        for start, end in spans[:_MAX_PIECES]:
            redaction = "" if rule.method == "remove" else redacted(rule, text[start:end])
            pieces += (text[at:start], redaction)
            size += start - at + len(redaction)
            at = end
            self._note(rule, path, (size - len(redaction), size), len(text))
        rest = text[at:] if len(spans) <= _MAX_PIECES else rule.placeholder
        return "".join((*pieces, rest))

    def _embedded(self, rule: Rule, text: str, path: Path, nested: int) -> str | None:
        """The JSON text, written again where something was taken out; None if it is no JSON."""
        try:
            value = msgspec.json.decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        before = self.changes
        try:
            kept = self._inside(rule, "", value, path, nested - 1)
            return text if self.changes == before else msgspec.json.encode(kept).decode()
        except (RecursionError, OverflowError):
            return rule.placeholder

    def _inside(self, rule: Rule, key: str, value: Json, path: Path, nested: int) -> Json:
        if key and self.is_safe(key):
            return value
        if key and is_secret(rule, key, value):
            return self.whole(rule, value, path)
        if isinstance(value, dict):
            fields = cast("dict[str, Json]", value)
            return {name: self._inside(rule, name, item, path, nested) for name, item in fields.items()}
        if isinstance(value, list):
            return [self._inside(rule, "", item, path, nested) for item in cast("list[Json]", value)]
        return self._secrets(rule, value, path, nested) if isinstance(value, str) else value

    def _note(self, rule: Rule, path: Path, span: tuple[int, int], length: int) -> None:
        self.changes += 1
        self.remarks.add(path, rule.name, _REMARK[rule.method], span, length)


def is_secret(rule: Rule, key: str, value: Json) -> bool:
    """Whether the value of this key is to go. Counts of tokens and yes or no are no secrets."""
    assert rule.key is not None
    if not rule.key(key) or value is None or isinstance(value, bool):
        return False
    return not isinstance(value, int | float) or _COUNT_OF_TOKENS.search(key) is None


def is_told(rule: Rule, one: told.Told) -> bool:
    """Whether a value that a text tells by name is to go."""
    if one.value == rule.placeholder or not is_secret(rule, one.name, 0 if one.is_number else one.value):
        return False
    return not one.is_prose or rule.in_prose is None or rule.in_prose(one.name, one.value)


def is_pairs(value: list[Json]) -> bool:
    """Whether a list is one of `[name, value]`."""
    return bool(value) and all(
        isinstance(item, list)
        and len(cast("list[Json]", item)) == 2
        and isinstance(cast("list[Json]", item)[0], str)
        for item in value
    )


def holds(kind: Kind, match: TextMatch) -> bool:
    return kind.verify is None or kind.verify(match[kind.group] or "")


def redacted(rule: Rule, text: str) -> str:
    """What stands in place of a text: stars, a fingerprint of it, or the placeholder."""
    if rule.method == "mask":
        return "*" * len(text)
    if rule.method == "hash":
        return sha256(text.encode()).hexdigest()[:40].upper()
    return rule.placeholder
