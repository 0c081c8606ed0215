"""Bags: free-form JSON kept within a depth and a size. Within its limits a bag is not touched."""

from dataclasses import dataclass
from typing import cast

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, present
from vedette.core.remarks import Path
from vedette.normalize.coerce import Json, Object, as_list, as_object, encode, to_json
from vedette.normalize.notes import Notes
from vedette.normalize.sanitize import is_shallow
from vedette.scrub.edges import edge

EXTRA_DEPTH, EXTRA_BYTES, EXTRA_ITEM_BYTES = 7, 256 * 1024, 16 * 1024
CONTEXT_DEPTH, CONTEXT_BYTES, MAX_CONTEXTS = 7, 8 * 1024, 100
VARS_DEPTH, VARS_BYTES = 7, 8 * 1024  # ours: the protocol names none
DATA_DEPTH, DATA_BYTES = 5, 2 * 1024  # breadcrumbs
BODY_DEPTH, BODY_BYTES = 7, 8 * 1024  # request bodies
MODULES_BYTES = 8 * 1024
OTHER_DEPTH, OTHER_BYTES = 20, 256 * 1024  # unknown keys, debug images

_SEPARATORS_BYTES = 4  # quotes, colon, comma of one field
_decode_fields = msgspec.json.Decoder(dict[str, Raw]).decode


def is_object(raw: Raw) -> bool:
    return bytes(raw)[:1] == b"{"


def fits(text: bytes, depth: int, size: int) -> bool:
    """Whether the JSON is within both; brackets so few that they cannot be nested deeper settle it."""
    return len(text) <= size and (openings(text) <= depth or is_shallow(text, depth))


def openings(text: bytes) -> int:
    """How many `{` and `[` the JSON has, those in strings counted.

    `bytes.count` looks at one byte after the other before Python 3.13; `replace` leaps from find to find, which
    is 4 to 6 times as fast.
    """
    return 2 * len(text) - len(text.replace(b"{", b"")) - len(text.replace(b"[", b""))


def bounded(raw: Raw, depth: int, size: int, path: Path, notes: Notes) -> Raw:
    """The value, cut to `depth` nested containers and about `size` bytes of JSON.

    Deeper containers become their JSON text; what does not fit is left out, with a remark.
    """
    text = bytes(raw)
    if text == b"null":
        return ABSENT
    if fits(text, depth, size):
        return raw
    cutter = _Cutter(size, notes)
    return Raw(encode(cutter.cut(msgspec.json.decode(text), depth, path)))


def bounded_object(raw: Raw, depth: int, size: int, path: Path, notes: Notes) -> Raw:
    """As `bounded`, for a part that must be an object; another value goes with a note."""
    if raw is ABSENT:
        return raw
    if not is_object(raw):
        if present(raw):
            notes.invalid(path)
        return ABSENT
    return bounded(raw, depth, size, path, notes)


def bounded_fields(raw: Raw, depth: int, size: int, item_size: int, path: Path, notes: Notes) -> Raw:
    """An object whose fields are bounded each, and together by `size`: later fields go first."""
    if raw is ABSENT or not is_object(raw):
        return bounded_object(raw, depth, size, path, notes)
    text = bytes(raw)
    if fits(text, depth, item_size):
        return raw
    kept: dict[str, Raw] = {}
    left = size
    for name, item in _decode_fields(raw).items():
        fitting = bounded(item, depth - 1, item_size, (*path, name), notes)
        left -= len(name) + len(bytes(fitting)) + _SEPARATORS_BYTES
        if left < 0:
            notes.remarks.add(path, "!limit", "x", None, len(text))
            break
        kept[name] = fitting
    return Raw(msgspec.json.encode(kept))


@dataclass
class _Cutter:
    left: int
    notes: Notes

    def cut(self, value: Json, depth: int, path: Path) -> Json:
        if isinstance(value, str):
            return self._text(value, path)
        if not isinstance(value, dict | list):
            self.left -= 8
            return value
        if depth <= 0:
            self.notes.remarks.add(path, "!limit", "s")
            return self._text(to_json(cast("Json", value)), path)
        items = as_list(cast("Json", value))
        if items is not None:
            return self._items(items, depth, path)
        return self._fields(as_object(cast("Json", value)) or {}, depth, path)

    def _text(self, text: str, path: Path) -> str:
        size = len(encode(text))
        if size > self.left:
            room = max(0, self.left)
            kept = text[: edge(text, max(0, len(text) * room // size - 3))] + "..."
            self.notes.remarks.add(path, "!limit", "s", (len(kept) - 3, len(kept)), len(text))
            self.left = 0
            return kept
        self.left -= size
        return text

    def _items(self, items: list[Json], depth: int, path: Path) -> list[Json]:
        kept: list[Json] = []
        self.left -= 2
        for index, item in enumerate(items):
            if self.left <= 0:
                self.notes.remarks.add(path, "!limit", "x", None, len(items))
                break
            self.left -= 1
            kept.append(self.cut(item, depth - 1, (*path, index)))
        return kept

    def _fields(self, fields: Object, depth: int, path: Path) -> Object:
        kept: Object = {}
        self.left -= 2
        for name, item in fields.items():
            self.left -= len(name) + _SEPARATORS_BYTES
            if self.left <= 0:
                self.notes.remarks.add(path, "!limit", "x", None, len(fields))
                break
            kept[name] = self.cut(item, depth - 1, (*path, name))
        return kept


def bounded_texts(texts: dict[str, str] | None, size: int, path: Path, notes: Notes) -> dict[str, str] | None:
    """As many fields, in order, as fit into about `size` characters; None for none."""
    if not texts:
        return None
    if len("".join(texts)) + len("".join(texts.values())) + _SEPARATORS_BYTES * len(texts) <= size:
        return texts
    left = size
    for count, (name, text) in enumerate(texts.items()):
        left -= len(name) + len(text) + _SEPARATORS_BYTES
        if left < 0:
            notes.remarks.add(path, "!limit", "x", None, len(texts))
            return dict(list(texts.items())[:count]) or None
    return texts
