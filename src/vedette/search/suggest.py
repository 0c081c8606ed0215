"""Completion: what could stand where the cursor is."""

import re
from dataclasses import dataclass
from typing import Literal

from vedette.search.keys import KeySpec, KeyTable, Kind, Type

MAX_CANDIDATES = 50

_TERM_START = re.compile(r"[\s(]")
_OPEN_VALUE = re.compile(
    r"!?(?P<key>[A-Za-z0-9_.\-]+|(?:tags|flags)\[[^\]]*\]):(?P<op>[<>!=]{0,2})(?P<value>.*)", re.S
)
_TRUTHS = ("true", "false")
_AGES = ("-1h", "-24h", "-7d", "-14d", "-30d", "+7d", "+30d")
_ACTORS = ("me", "my_teams", "none")


@dataclass(frozen=True, slots=True)
class Candidate:
    text: str  # what replaces the range
    about: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Candidates for the characters from `start` to `end` of the query.

    `kind` says what is being written. For a value of text type `candidates` is empty or
    partial: the caller looks up values of `key` (its name, tags without `tags[]`) that begin
    with `prefix`.
    """

    kind: Literal["key", "value"]
    start: int
    end: int
    prefix: str
    key: str = ""
    candidates: tuple[Candidate, ...] = ()


def suggest(query: str, cursor: int, keys: KeyTable) -> Suggestion:
    """What could be written at `cursor` (in characters; beyond the end: the end)."""
    cursor = max(0, min(cursor, len(query)))
    start = _term_start(query, cursor)
    written = query[start:cursor]
    match = _OPEN_VALUE.match(written)
    if match:
        return _value(match, start, cursor, keys)
    mark = len(written) - len(written.lstrip("!"))
    prefix = written[mark:]
    return Suggestion("key", start + mark, cursor, prefix, candidates=_keys(prefix, keys))


def _term_start(query: str, cursor: int) -> int:
    """Where the term under the cursor begins; quotes and lists hold their spaces together."""
    start, quoted, listed = 0, False, False
    skip = False
    for index, char in enumerate(query[:cursor]):
        if skip:
            skip = False
        elif char == "\\" and quoted:
            skip = True
        elif char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char in "[]":
            listed = char == "["
        elif _TERM_START.match(char) and not listed:
            start = index + 1
    return start


def _keys(prefix: str, keys: KeyTable) -> tuple[Candidate, ...]:
    """Keys with a word that begins so, those that begin so themselves first."""
    low = prefix.lower()
    first = [spec for spec in keys.specs if _begins(spec, low)]
    later = [spec for spec in keys.specs if spec not in first and low in spec.name.lower()]
    found = [Candidate(f"{spec.name}:", spec.about) for spec in first + later]
    words = [Candidate("is:", "state of the issue"), Candidate("has:", "events with a value for a key")]
    found = [word for word in words if word.text.startswith(low)] + found
    return tuple(found[:MAX_CANDIDATES])


def _begins(spec: KeySpec, low: str) -> bool:
    return any(name.lower().startswith(low) for name in (spec.name, *spec.aliases))


def _value(match: re.Match[str], start: int, cursor: int, keys: KeyTable) -> Suggestion:
    key, value = match["key"], match["value"]
    value_at = start + match.start("value")
    if value.startswith("["):
        inner = value.rfind(",") + 1 or 1
        inner += len(value[inner:]) - len(value[inner:].lstrip())
        value_at, value = value_at + inner, value[inner:]
    prefix = value.lstrip('"')
    spec = keys.by_name.get(key) or keys.by_name.get(key.lower())
    name = spec.name if spec else key.removeprefix("tags[").rstrip("]").strip('"')
    found = _candidates(key, prefix.lower(), spec, keys)
    return Suggestion("value", value_at, cursor, prefix, name, found)


def _candidates(key: str, low: str, spec: KeySpec | None, keys: KeyTable) -> tuple[Candidate, ...]:
    if key == "is":
        return _words(tuple(keys.is_words), low)
    if key == "has":
        names = [spec.name for spec in keys.specs if spec.kind is not Kind.ISSUE]
        return _words(tuple(names), low)
    if spec is None:
        return ()
    choices = {Type.BOOLEAN: _TRUTHS, Type.DATE: _AGES, Type.ACTOR: _ACTORS, Type.CHOICE: spec.choices}
    extra = ("latest",) if spec.name in ("release", "firstRelease") else ()
    return _words(choices.get(spec.type, ()) + extra, low)


def _words(words: tuple[str, ...], low: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(word) for word in words if word.startswith(low))[:MAX_CANDIDATES]
