"""Syntax tree and key table to typed conditions: here words become numbers and times."""

from collections.abc import Callable
from typing import TypeVar

from vedette.search.conditions import (
    Compares,
    Condition,
    Conditions,
    Contains,
    Equals,
    Exists,
    Matches,
    Test,
    Truth,
    Version,
    Within,
)
from vedette.search.error import SearchError
from vedette.search.keys import ORDERED, KeySpec, KeyTable, Type
from vedette.search.parse import parse
from vedette.search.syntax import Filter, Has, Is, Key, Phrase, Query, Term
from vedette.search.text import Text
from vedette.search.tree import map_leaves
from vedette.search.values import (
    read_duration_ms,
    read_fraction,
    read_moment,
    read_number,
    read_relative_us,
    read_size_bytes,
    read_truth,
)

Value = TypeVar("Value")


def understand(query: str, keys: KeyTable, now_us: int) -> Conditions:
    """The query's conditions; relative times are counted back from `now_us`.

    Raises `SearchError`.
    """
    return bind(parse(query, keys.knows), keys, now_us)


def bind(query: Query, keys: KeyTable, now_us: int) -> Conditions:
    """The typed tree of a syntax tree. Raises `SearchError`."""
    return map_leaves(query, lambda term: _term(term, keys, now_us))


def _term(term: Term, keys: KeyTable, now_us: int) -> Conditions:
    if isinstance(term, Phrase):
        return Condition(keys.phrase, Contains(term.text), at=term.at)
    if isinstance(term, Is):
        return _is(term, keys)
    spec = _spec(term.key, keys, term.at)
    if isinstance(term, Has):
        return Condition(spec, Exists(), term.negated, term.at)
    return Condition(spec, _test(spec, term, now_us), term.negated, term.at)


def _spec(key: Key, keys: KeyTable, at: int) -> KeySpec:
    if not key.box and key.name in keys.elsewhere:
        raise SearchError(f"{key.name}: is a key of issues, events are not searched by it", at)
    spec = keys.spec(key)
    if spec is None:
        raise SearchError(f"{key.name}() is a function; functions are not searched for here", at)
    return spec


def _is(term: Is, keys: KeyTable) -> Condition:
    word = keys.is_words.get(term.word)
    if word is None:
        known = ", ".join(keys.is_words) or "none here"
        raise SearchError(f"is:{term.word} is not known; there are: {known}", term.at)
    spec = keys.by_name[word.key]
    test = Truth(word.value == "true") if spec.type is Type.BOOLEAN else Matches((Text((word.value,)),))
    return Condition(spec, test, term.negated != word.negated, term.at)


def _test(spec: KeySpec, term: Filter, now_us: int) -> Test:
    if spec.type is Type.DATE:
        return _date(spec, term, now_us)
    if spec.type is Type.VERSION:
        return _version(spec, term)
    if spec.type in ORDERED:
        return _numbers(spec, term)
    if spec.type is Type.BOOLEAN:
        return Truth(_read(spec, term, read_truth, "true or false"))
    if spec.type is Type.CHOICE:
        return Matches(tuple(_choice(spec, term, text) for text in term.values))
    return Matches(tuple(text.with_prefix(term.op) if term.op != "=" else text for text in term.values))


def _choice(spec: KeySpec, term: Filter, text: Text) -> Text:
    """A word of the key's; wildcards may stand for any of them."""
    word = text.exact
    if term.op != "=" or (word is not None and word.lower() not in spec.choices):
        raise SearchError(f"{spec.name}: takes one of: {', '.join(spec.choices)}", term.value_at)
    return Text(tuple(part.lower() for part in text.parts))


def _version(spec: KeySpec, term: Filter) -> Test:
    if term.op == "=":
        return Matches(term.values)
    version = term.values[0].exact
    if version is None:
        raise SearchError(f"{spec.name}: no wildcard after {term.op}", term.value_at)
    return Version(term.op, version)


_NUMBERS: dict[Type, tuple[Callable[[str], float | None], str]] = {
    Type.NUMBER: (read_number, "a number such as 100, 2k or 1.5m"),
    Type.DURATION: (read_duration_ms, "a duration such as 200ms, 1.5s or 2h"),
    Type.SIZE: (read_size_bytes, "a size such as 10kb or 2mib"),
    Type.PERCENT: (read_fraction, "a share such as 50% or 0.5"),
}


def _numbers(spec: KeySpec, term: Filter) -> Test:
    read, example = _NUMBERS[spec.type]
    if term.op != "=":
        return Compares(term.op, _read(spec, term, read, example))
    return Equals(tuple(_read_one(spec, term, text, read, example) for text in term.values))


def _date(spec: KeySpec, term: Filter, now_us: int) -> Test:
    if len(term.values) != 1:
        raise SearchError(f"{spec.name}: takes one date, not a list", term.value_at)
    word = term.values[0].exact or ""
    if relative := read_relative_us(word):
        sign, ago_us = relative
        at_us = max(0, now_us - ago_us)
        op = term.op if term.op != "=" else ">=" if sign == "-" else "<="
        return _within(op, at_us)
    moment = read_moment(word)
    if moment is None:
        example = "a date such as 2026-01-02 or 2026-01-02T03:04:05Z, or a period such as -24h"
        raise SearchError(f"{spec.name}: takes {example}", term.value_at)
    return Within(moment.from_us, moment.to_us) if term.op == "=" else _within(term.op, moment.from_us)


def _within(op: str, at_us: int) -> Within:
    if op == ">":
        return Within(at_us + 1, None)
    if op == ">=":
        return Within(at_us, None)
    return Within(None, at_us if op == "<" else at_us + 1)


def _read(spec: KeySpec, term: Filter, read: Callable[[str], Value | None], example: str) -> Value:
    if len(term.values) != 1:
        raise SearchError(f"{spec.name}: takes one value, not a list", term.value_at)
    return _read_one(spec, term, term.values[0], read, example)


def _read_one(
    spec: KeySpec, term: Filter, text: Text, read: Callable[[str], Value | None], example: str
) -> Value:
    word = text.exact
    value = read(word) if word is not None else None
    if value is None:
        raise SearchError(f"{spec.name}: takes {example}", term.value_at)
    return value
