"""Columns of a whole range, packed slice by slice: few objects, however many rows.

What is made of thousands of rows no longer fits the processor's cache where each value stays an object until
all are written. A slice is packed while it is at hand, and the next one is made in the memory it leaves.
Rows can still be left out, and cut into blocks. Pure: values in, bytes out.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate, chain, count
from operator import add
from typing import Any, Literal, Protocol, Self

from vedette.storage.telemetry.columns import Column
from vedette.storage.telemetry.native import (
    NOT_OF_TYPE,
    BadColumn,
    Packed,
    encoder,
    little,
    numbered,
    plain,
    varint,
    width_of,
)

_ARRAY = re.compile(r"Array\((.*)\)")
_TEXT_MAP = "Map(String, String)"
_SHORT = 128  # characters, below which one byte says how many


class _Piece(Protocol):
    """A column of one slice."""

    def __len__(self) -> int: ...

    def take(self, rows: Sequence[int]) -> Self:
        """These rows of it alone; they ascend."""
        ...

    @staticmethod
    def joined(pieces: Sequence[Any]) -> list[bytes]:
        """Pieces of one column, at least one, as Native has them."""
        ...


class _Fixed:
    """Values of one width: numbers, UUIDs."""

    __slots__ = ("data", "width")

    def __init__(self, data: bytes, width: int) -> None:
        self.data, self.width = data, width

    def __len__(self) -> int:
        return len(self.data) // self.width

    def take(self, rows: Sequence[int]) -> "_Fixed":
        width = self.width
        return _Fixed(b"".join([self.data[row * width : (row + 1) * width] for row in rows]), width)

    @staticmethod
    def joined(pieces: Sequence["_Fixed"]) -> list[bytes]:
        return [piece.data for piece in pieces]


class _Texts:
    """Strings, each after its length."""

    __slots__ = ("data", "sizes")

    def __init__(self, data: bytes, sizes: "array[int]") -> None:
        self.data, self.sizes = data, sizes

    def __len__(self) -> int:
        return len(self.sizes)

    def take(self, rows: Sequence[int]) -> "_Texts":
        ends = [*accumulate(self.sizes), 0]  # the last: where the first row begins
        data = b"".join([self.data[ends[row - 1] : ends[row]] for row in rows])
        return _Texts(data, array("I", [self.sizes[row] for row in rows]))

    @staticmethod
    def joined(pieces: Sequence["_Texts"]) -> list[bytes]:
        return [piece.data for piece in pieces]


class _Large:
    """Strings so long, and all different, that they stay what they are until they travel."""

    __slots__ = ("texts",)

    def __init__(self, texts: list[bytes]) -> None:
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: Sequence[int]) -> "_Large":
        return _Large([self.texts[row] for row in rows])

    @staticmethod
    def joined(pieces: Sequence["_Large"]) -> list[bytes]:
        texts = list(chain.from_iterable(piece.texts for piece in pieces))
        return list(chain.from_iterable(zip(map(varint, map(len, texts)), texts, strict=True)))


class _Few:
    """LowCardinality(String): the different values, and the place among them of each row's, bytes where they do."""

    __slots__ = ("places", "values")

    def __init__(self, values: Sequence[str | bytes], places: "bytes | array[int]") -> None:
        self.values, self.places = values, places

    def __len__(self) -> int:
        return len(self.places)

    def take(self, rows: Sequence[int]) -> "_Few":
        return _few([self.values[self.places[row]] for row in rows])

    @staticmethod
    def joined(pieces: Sequence["_Few"]) -> list[bytes]:
        """One dictionary for all, into which each slice's places are translated."""
        values = list(dict.fromkeys(chain.from_iterable(piece.values for piece in pieces)))
        place_of = dict(zip(values, count()))
        width = width_of(values)
        places = [piece.translated(list(map(place_of.__getitem__, piece.values)), width) for piece in pieces]
        rows = sum(map(len, pieces))
        return numbered(values, rows, b"".join(places)) if rows else []

    def translated(self, known: Sequence[int], width: Literal[0, 1, 2]) -> bytes:
        """The places in a larger dictionary, of which `known` says where each value is."""
        if isinstance(self.places, bytes) and width < 2:
            low = self.places.translate(bytes([place & 255 for place in known]).ljust(256))
            if not width:
                return low
            both = bytearray(2 * len(low))
            both[::2] = low
            both[1::2] = self.places.translate(bytes([place >> 8 for place in known]).ljust(256))
            return bytes(both)
        return little(array("BHI"[width], map(known.__getitem__, self.places)))


class _Lists:
    """Arrays and maps: how many entries each row has, and the columns of all entries."""

    __slots__ = ("counts", "entries")

    def __init__(self, counts: "array[int]", entries: Sequence[_Piece]) -> None:
        self.counts, self.entries = counts, entries

    def __len__(self) -> int:
        return len(self.counts)

    def take(self, rows: Sequence[int]) -> "_Lists":
        ends = [*accumulate(self.counts), 0]
        places = list(chain.from_iterable([range(ends[row - 1], ends[row]) for row in rows]))
        counts = array("I", [self.counts[row] for row in rows])
        return _Lists(counts, [piece.take(places) for piece in self.entries])

    @staticmethod
    def joined(pieces: Sequence["_Lists"]) -> list[bytes]:
        ends = array("Q", accumulate(chain.from_iterable(piece.counts for piece in pieces)))
        columns = zip(*[piece.entries for piece in pieces], strict=True)
        return [little(ends), *chain.from_iterable(column[0].joined(column) for column in columns)]


_Pack = Callable[[Sequence[Any]], _Piece]


def _fixed(column: Sequence[Any], kind: str) -> _Fixed:
    data = b"".join(encoder(kind)(column))
    return _Fixed(data, len(data) // max(1, len(column)) or 1)


def _texts(column: Sequence[str | bytes]) -> _Texts:
    sizes = list(map(len, column))
    short = _short_texts(column, sizes) if max(sizes, default=_SHORT) < _SHORT else None
    return _any_texts(column) if short is None else short


def _short_texts(column: Sequence[str | bytes], sizes: Sequence[int]) -> _Texts | None:
    """All at once, where they are ASCII; None where one is not, or is bytes."""
    both: list[Any] = [""] * (2 * len(sizes))
    both[::2], both[1::2] = map(chr, sizes), column
    try:
        text = "".join(both)
    except TypeError:
        return None
    return _Texts(text.encode(), array("I", [size + 1 for size in sizes])) if text.isascii() else None


def _any_texts(column: Sequence[str | bytes]) -> _Texts:
    """To find which of them are the same would cost more than to write each."""
    texts = list(map(plain, column))
    both = [b""] * (2 * len(texts))
    both[::2], both[1::2] = map(varint, map(len, texts)), texts
    return _Texts(b"".join(both), array("I", map(add, map(len, both[::2]), map(len, texts))))


def _large(column: Sequence[str | bytes]) -> _Large:
    return _Large(list(map(plain, column)))


def _few(column: Sequence[str | bytes]) -> _Few:
    values = list(dict.fromkeys(column))
    place_of = dict(zip(values, count()))
    places = list(map(place_of.__getitem__, column))
    return _Few(values, array("I", places) if width_of(values) else bytes(places))


def _lists(column: Sequence[Sequence[Any]], pack: _Pack) -> _Lists:
    return _Lists(array("I", map(len, column)), [pack(list(chain.from_iterable(column)))])


def _text_maps(column: Sequence[dict[str, str]]) -> _Lists:
    keys, values = chain.from_iterable(column), chain.from_iterable([row.values() for row in column])
    return _Lists(array("I", map(len, column)), [_texts(list(keys)), _texts(list(values))])


def _packer(kind: str) -> _Pack:
    wrapped = _ARRAY.fullmatch(kind)
    if wrapped:
        return partial(_lists, pack=_packer(wrapped[1]))
    known: dict[str, _Pack] = {"String": _texts, "LowCardinality(String)": _few, _TEXT_MAP: _text_maps}
    return known.get(kind) or partial(_fixed, kind=kind)


class _Column(Packed):
    def __init__(self, pieces: Sequence[_Piece]) -> None:
        self._pieces = pieces
        self._size = sum(map(len, pieces))

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, rows: slice) -> "_Column":
        return self.take(range(*rows.indices(self._size)))

    def take(self, rows: Sequence[int]) -> "_Column":
        """These rows alone; they ascend."""
        if len(rows) == self._size:
            return self
        kept: list[_Piece] = []
        base = at = 0
        for piece in self._pieces:
            end = bisect_left(rows, base + len(piece))
            if end - at == len(piece):
                kept.append(piece)
            elif end > at:
                kept.append(piece.take([row - base for row in rows[at:end]]))
            base, at = base + len(piece), end
        return _Column(kept)

    def encoded(self) -> list[bytes]:
        return self._pieces[0].joined(self._pieces) if self._pieces else []


class Slices:
    """Rows of some columns of a table, given and packed a slice at a time.

    `large` names a column of strings that are not worth copying.
    """

    def __init__(self, columns: Sequence[Column], *, large: str = "") -> None:
        assert not large or large in [column.name for column in columns], f"no column {large}"
        self._packers = [
            (column, _large if column.name == large else _packer(column.travels_as)) for column in columns
        ]
        self._slices: list[list[_Piece]] = []

    def add(self, columns: Sequence[Sequence[Any]]) -> None:
        """One more slice, at least one row. Raises `BadColumn`."""
        packers = zip(self._packers, columns, strict=True)
        self._slices.append([_packed(column, pack, values) for (column, pack), values in packers])

    def columns(self, rows: Sequence[int] | None = None) -> list[_Column]:
        """All columns with these rows, which ascend; with all there are where none are named."""
        columns = [_Column(pieces) for pieces in zip(*self._slices, strict=True)]
        return columns if rows is None else [column.take(rows) for column in columns]


def _packed(column: Column, pack: _Pack, values: Sequence[Any]) -> _Piece:
    try:
        return pack(values)
    except NOT_OF_TYPE as error:
        raise BadColumn(f"column {column.name} ({column.travels_as}): {error}") from error
