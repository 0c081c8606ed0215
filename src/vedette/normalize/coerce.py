"""Building blocks for the tables of `shapes.py`: plain JSON values made to fit a canonical type.

A fix takes a value, where it stands and the notes, and returns what to keep; None means "leave it
out". A fix returns a canonical value unchanged, so that repairing is never wrong, only slow.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

import msgspec

from vedette.core.remarks import Path
from vedette.normalize.notes import Notes

Json = object  # str, int, float, bool, None, list, dict with str keys
Object = dict[str, Json]
Fix = Callable[[Json, Path, Notes], Json]

_MAX_INT = 2**63 - 1
_TRUE = frozenset(("true", "yes", "1"))
_FALSE = frozenset(("false", "no", "0"))


def as_object(value: Json) -> Object | None:
    return cast("Object", value) if isinstance(value, dict) else None


def as_list(value: Json) -> list[Json] | None:
    return cast("list[Json]", value) if isinstance(value, list) else None


def is_container(value: Json) -> bool:
    return isinstance(value, dict | list)


def to_json(value: Json) -> str:
    return encode(value).decode()


def encode(value: Json) -> bytes:
    """JSON of a decoded value. Integers beyond 64 bits, which msgspec will not write, become text."""
    try:
        return msgspec.json.encode(value)
    except OverflowError:
        return msgspec.json.encode(_small_integers(value))


def _small_integers(value: Json) -> Json:
    if (items := as_list(value)) is not None:
        return list(map(_small_integers, items))
    if (fields := as_object(value)) is not None:
        return dict(zip(fields, map(_small_integers, fields.values()), strict=True))
    return str(value) if isinstance(value, int) and abs(value) > _MAX_INT else value


def to_text(value: Json) -> str | None:
    """A scalar as text (`True`, `False`, `1.5`), a container as its JSON; None for null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    return to_json(value)


def string(limit: int) -> Fix:
    """Text of at most `limit` characters; numbers and booleans become text, containers go."""

    def fix(value: Json, path: Path, notes: Notes) -> Json:
        if isinstance(value, dict | list):
            return notes.invalid(path, cast("Json", value))
        text = to_text(value)
        return None if text is None else notes.cut(text, limit, path)

    return fix


def text_or_json(limit: int) -> Fix:
    """As `string`, but a container becomes its JSON text."""

    def fix(value: Json, path: Path, notes: Notes) -> Json:
        text = to_text(value)
        return None if text is None else notes.cut(text, limit, path)

    return fix


def integer(value: Json, path: Path, notes: Notes) -> Json:
    """An integer of 64 bits; whole floats and digits count as one."""
    if isinstance(value, bool):
        return notes.invalid(path, value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str):
        try:
            value = int(value.strip()[:20])
        except ValueError:
            return notes.invalid(path, value)
    if isinstance(value, int) and abs(value) <= _MAX_INT:
        return value
    return notes.invalid(path, value)


def flag(value: Json, path: Path, notes: Notes) -> Json:
    """A boolean; 0, 1 and the usual words count as one."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    return notes.invalid(path, value)


def anything(value: Json, path: Path, notes: Notes) -> Json:
    """Whatever it is: bounded later, on its JSON."""
    return value


def one_of(words: Iterable[str], aliases: Mapping[str, str] | None = None) -> Fix:
    """One of the words, in any case; an alias counts as its word, all else goes with a note."""
    table = {word: word for word in words} | dict(aliases or {})

    def fix(value: Json, path: Path, notes: Notes) -> Json:
        word = table.get(str(value).strip().lower()) if isinstance(value, str | int | float) else None
        return word if word is not None else notes.invalid(path, value)

    return fix


def record(fields: Mapping[str, Fix]) -> Fix:
    """An object with these fields; others go. Null counts as absent."""

    def fix(value: Json, path: Path, notes: Notes) -> Json:
        sent = as_object(value)
        if sent is None:
            return notes.invalid(path, value)
        return fix_fields(sent, fields, path, notes)

    return fix


def fix_fields(sent: Object, fields: Mapping[str, Fix], path: Path, notes: Notes) -> Object:
    kept: Object = {}
    for name, fix in fields.items():
        value = sent.get(name)
        if value is not None and (fixed := fix(value, (*path, name), notes)) is not None:
            kept[name] = fixed
    return kept


def listing(item: Fix, newest: int) -> Fix:
    """A list of what `item` keeps; only the last `newest` entries are looked at."""

    def fix(value: Json, path: Path, notes: Notes) -> Json:
        sent = as_list(value)
        if sent is None:
            return notes.invalid(path, value)
        return fix_items(sent, item, newest, path, notes)

    return fix


def fix_items(sent: list[Json], item: Fix, newest: int, path: Path, notes: Notes) -> list[Json]:
    kept: list[Json] = []
    for index, value in enumerate(sent[-newest:], start=max(0, len(sent) - newest)):
        if value is not None and (fixed := item(value, (*path, index), notes)) is not None:
            kept.append(fixed)
    return kept


def values(item: Fix, newest: int) -> Fix:
    """`{"values": [...]}` from that, a bare list, or a single entry."""

    def fix(value: Json, path: Path, notes: Notes) -> Json:
        return {"values": fix_items(entries(value), item, newest, (*path, "values"), notes)}

    return fix


def entries(value: Json) -> list[Json]:
    """The entries of `{"values": [...]}`, `{"values": {"0": …}}`, a list, or one bare object."""
    sent = as_object(value)
    if sent == {}:
        return []
    if sent is not None and "values" in sent:
        inner = sent["values"]
        if inner is None:
            return []
        fields = as_object(inner)
        if fields is not None:
            return list(fields.values()) if all(map(str.isdigit, fields)) else [inner]
        return [inner] if (items := as_list(inner)) is None else items
    return [value] if (items := as_list(value)) is None else items


def text_map(key_limit: int, value_limit: int, newest: int = 10_000) -> Fix:
    """An object of texts, from an object or a list of pairs; null values become empty text."""

    def fix(value: Json, path: Path, notes: Notes) -> Json:
        kept: Object = {}
        for key, item in pairs(value)[:newest]:
            if key is not None:
                kept[key[:key_limit]] = notes.cut(to_text(item) or "", value_limit, (*path, key[:key_limit]))
        return kept

    return fix


def pairs(value: Json) -> list[tuple[str | None, Json]]:
    """Key and value of an object, a list of pairs, or a list of `{key,value}` or `{name,version}`."""
    fields = as_object(value)
    if fields is not None:
        return list(fields.items())
    return [_pair(item) for item in as_list(value) or [] if item is not None]


def _pair(item: Json) -> tuple[str | None, Json]:
    if isinstance(item, list | tuple):
        both = cast("tuple[Json, ...]", item)
        return (_key(both[0]), both[1]) if len(both) == 2 else (None, both)
    named = as_object(item)
    if named is None:
        return None, item
    key = named.get("key", named.get("name"))
    return _key(key), named.get("value", named.get("version"))


def _key(key: Json) -> str | None:
    return to_text(key) if isinstance(key, str | int | float | bool) else None
