"""Rows as one block of ClickHouse's Native format, built column by column.

The time goes into short strings, so what repeats within a column is encoded once; LowCardinality travels
as its dictionary and numbers into it, which the store takes as they are. Pure: values in, bytes out.
"""

import re
import struct
import sys
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate, chain, count
from typing import Any, Literal

_Encoder = Callable[[Sequence[Any]], list[bytes]]  # Any: values are of the column's type

ARRAY_CODES = {
    "UInt8": "B", "UInt16": "H", "UInt32": "I", "UInt64": "Q",
    "Int8": "b", "Int16": "h", "Int32": "i", "Int64": "q", "Float32": "f", "Float64": "d",
    "Bool": "B", "DateTime": "I", "DateTime64": "q", "Date": "H",
}  # fmt: skip
_ARRAY = re.compile(r"Array\((.*)\)")
_MAP = re.compile(r"Map\(([\w()]+), (\w+)\)")
_FIXED = re.compile(r"FixedString\((\d+)\)")
_NIL_UUID = "0" * 32
_REMEMBERED = 20_000  # strings a cache holds: about 3 MB
_REMEMBERED_BYTES = 128
_DICTIONARY = struct.pack("<Q", 1)  # before a column with LowCardinality: the only version there is
_OWN_KEYS = 1 << 9  # the dictionary comes with the column
_CHUNK_BYTES = 262_144  # joined at a time: fits the processor's cache; 17 MB in one piece cost 8 µs a row


# What comes of a value that is not of its column's type.
NOT_OF_TYPE = (TypeError, AttributeError, OverflowError, ValueError, struct.error)


class BadColumn(ValueError):
    """A column's values are not of its type; the message names it."""


class Packed(ABC):
    """A column that is bytes already; a slice of it is one, too."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, rows: slice) -> "Packed": ...

    @abstractmethod
    def encoded(self) -> list[bytes]:
        """As it travels."""


Values = Sequence[Sequence[Any] | Packed]  # of the columns of a table, equally many in each


class Block:
    """The bytes of one block in pieces; iterating, any number of times, joins them into chunks."""

    def __init__(self, parts: list[bytes]) -> None:
        self.parts = parts
        self.size_bytes = sum(map(len, parts))

    def __iter__(self) -> Iterator[bytes]:
        start, size = 0, 0
        for index, part in enumerate(self.parts):
            size += len(part)
            if size >= _CHUNK_BYTES:
                yield b"".join(self.parts[start : index + 1])
                start, size = index + 1, 0
        yield b"".join(self.parts[start:])


def encode_block(columns: Sequence[tuple[str, str]], values: Values) -> Block:
    """One Native block: `columns` are names and types, `values` one sequence each, equally long.

    Times are integers in the unit of their type, UUIDs 32 hex digits (empty: nil), strings
    `str` or `bytes`. Raises `BadColumn`.
    """
    rows = len(values[0]) if values else 0
    parts = [varint(len(columns)), varint(rows)]
    for (name, kind), column in zip(columns, values, strict=True):
        if len(column) != rows:
            raise BadColumn(f"column {name} has {len(column)} values, the first has {rows}")
        parts += (sized(name), sized(kind), *_encode(name, kind, column))
    return Block(parts)


def _encode(name: str, kind: str, column: Sequence[Any] | Packed) -> list[bytes]:
    if not column:
        return []
    dictionaries = _DICTIONARY * kind.count("LowCardinality(")
    if isinstance(column, Packed):
        return [dictionaries, *column.encoded()]
    try:
        return [dictionaries, *encoder(kind)(column)]
    except NOT_OF_TYPE as error:
        raise BadColumn(f"column {name} ({kind}): {error}") from error


def encoder(kind: str) -> _Encoder:
    """The function that writes a column of this wire type."""
    found = _ENCODERS.get(kind)
    if found is None:
        found = _ENCODERS[kind] = _make(kind)
    return found


def _make(kind: str) -> _Encoder:
    wrapped = _ARRAY.fullmatch(kind)
    if wrapped:
        return _array(encoder(wrapped[1]))
    mapped = _MAP.fullmatch(kind)
    if mapped:
        return _maps(encoder(mapped[1]), _PACK_MAPS[mapped[2]])
    fixed = _FIXED.fullmatch(kind)
    if fixed:
        return _fixed(int(fixed[1]))
    code = ARRAY_CODES.get(kind.partition("(")[0])
    if code is None:
        raise BadColumn(f"no way to write type {kind}")
    return _numbers(code)


def varint(number: int) -> bytes:
    if number < 128:
        return _SHORT[number]
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


_SHORT = [bytes([number]) for number in range(128)]


def plain(value: str | bytes) -> bytes:
    """The value's bytes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")  # a lone surrogate has no bytes of its own
    return value


def sized(value: str | bytes) -> bytes:
    """The value's bytes with their number before them."""
    encoded = plain(value)
    return varint(len(encoded)) + encoded


def _few(column: Sequence[str | bytes]) -> list[bytes]:
    """LowCardinality(String): the values once, then which of them each row has."""
    if not column:
        return []
    values = list(dict.fromkeys(column))
    codes = dict(zip(values, count()))
    places = array("BHI"[width_of(values)], map(codes.__getitem__, column))
    return numbered(values, len(column), little(places))


def width_of(values: Sequence[str | bytes]) -> Literal[0, 1, 2]:
    """Of the numbers into so many different values: 1, 2 or 4 bytes."""
    return 0 if len(values) <= 1 << 8 else 1 if len(values) <= 1 << 16 else 2


def numbered(values: Sequence[str | bytes], rows: int, places: bytes) -> list[bytes]:
    """LowCardinality(String) from its different values, and each row's place among them in bytes of `width_of`."""
    head = struct.pack("<QQ", width_of(values) | _OWN_KEYS, len(values))
    return [head, b"".join(map(sized, values)), struct.pack("<Q", rows), places]


def _strings(column: Sequence[str | bytes]) -> list[bytes]:
    known = dict.fromkeys(column)
    if 2 * len(known) <= len(column):
        encoded = {value: sized(value) for value in known}
        parts = list(map(encoded.__getitem__, column))
    else:
        texts = list(map(plain, column))
        parts = [b""] * (2 * len(texts))
        parts[::2] = map(varint, map(len, texts))
        parts[1::2] = texts
    return parts if sum(map(len, parts)) > _CHUNK_BYTES else [b"".join(parts)]


def _numbers(code: str) -> _Encoder:
    def write(column: Sequence[int]) -> list[bytes]:
        return [little(array(code, column))]

    return write


def little(numbers: "array[Any]") -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _fixed(size: int) -> _Encoder:
    def write(column: Sequence[str | bytes]) -> list[bytes]:
        encoded = [plain(value).ljust(size, b"\0") for value in column]
        if any(len(value) != size for value in encoded):
            raise BadColumn(f"a value is longer than {size} bytes")
        return [b"".join(encoded)]

    return write


def _uuids(column: Sequence[str]) -> list[bytes]:
    digits = "".join([value or _NIL_UUID for value in column])
    halves = array("Q", bytes.fromhex(digits))
    if len(halves) != 2 * len(column):
        raise BadColumn("a value is not 32 hex digits")
    halves.byteswap()
    return [halves.tobytes()]


def _array(inner: _Encoder) -> _Encoder:
    def write(column: Sequence[Sequence[Any]]) -> list[bytes]:
        ends = array("Q", accumulate(map(len, column)))
        return [little(ends), *inner(list(chain.from_iterable(column)))]

    return write


def _maps(keys: _Encoder, pack: "_PackMap") -> _Encoder:
    def write(column: Sequence["Mapping[str, Any] | PackedMap"]) -> list[bytes]:
        cells = [cell if isinstance(cell, tuple) else pack(cell) for cell in column]
        ends = array("Q", accumulate([len(names) for names, _ in cells]))
        flat_keys = list(chain.from_iterable([names for names, _ in cells]))
        return [little(ends), *keys(flat_keys), *[values for _, values in cells]]

    return write


_ENCODERS: dict[str, _Encoder] = {"String": _strings, "LowCardinality(String)": _few, "UUID": _uuids}


# ── packing ─────────────────────────────────────────────────────────────────────────────────────


PackedMap = tuple[tuple[str, ...], bytes]  # as it travels: its keys, and the bytes of its values
_PackMap = Callable[[Mapping[str, Any]], PackedMap]
_Packer = Callable[[Sequence[Any]], Sequence[Any]]
_EMPTY: PackedMap = ((), b"")


class _Remembered(dict[str, bytes]):
    """Length and bytes of short strings seen before; forgets all when full."""

    def __missing__(self, value: str) -> bytes:
        encoded = sized(value)
        if len(encoded) <= _REMEMBERED_BYTES:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[value] = encoded
        return encoded


_remembered = _Remembered()
_keys_known: dict[tuple[str, ...], tuple[str, ...]] = {}


def _known(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The same keys, one tuple for all rows that have them."""
    if len(_keys_known) >= _REMEMBERED:
        _keys_known.clear()
    return _keys_known.setdefault(keys, keys)


def _pack_texts(row: Mapping[str, str]) -> PackedMap:
    if not row:
        return _EMPTY
    return _known(tuple(row)), b"".join(map(_remembered.__getitem__, row.values()))


def _pack_numbers(row: Mapping[str, float]) -> PackedMap:
    return (_known(tuple(row)), little(array("d", row.values()))) if row else _EMPTY


_PACK_MAPS: dict[str, _PackMap] = {"String": _pack_texts, "Float64": _pack_numbers}


def packer(kinds: Sequence[str]) -> Callable[[Sequence[Sequence[Any]]], list[Sequence[Any]]]:
    """Makes columns of these types small: numbers and maps become what they travel as, still one value a row.

    Done where values were just made, it costs a third of what it does when a whole range's values come by again.
    """
    packers = [_packer(kind) for kind in kinds]
    return lambda columns: [
        pack(column) if pack else column for pack, column in zip(packers, columns, strict=True)
    ]


def _packer(kind: str) -> _Packer | None:
    mapped = _MAP.fullmatch(kind)
    if mapped:
        pack = _PACK_MAPS[mapped[2]]
        return lambda column: [pack(row) for row in column]
    code = ARRAY_CODES.get(kind.partition("(")[0])
    return partial(array, code) if code else None
