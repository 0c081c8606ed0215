"""Rows as one block of ClickHouse's Native format, built column by column.

The time goes into short strings, so the encoded form of repeated ones is remembered
(bench/telemetry.py, docs/adr/0005). Pure: values in, bytes out.
"""

import re
import struct
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any

_Encoder = Callable[[Sequence[Any]], list[bytes]]  # Any: values are of the column's type

_ARRAY_CODES = {
    "UInt8": "B", "UInt16": "H", "UInt32": "I", "UInt64": "Q",
    "Int8": "b", "Int16": "h", "Int32": "i", "Int64": "q", "Float32": "f", "Float64": "d",
    "Bool": "B", "DateTime": "I", "DateTime64": "q", "Date": "H",
}  # fmt: skip
_WRAPPED = re.compile(r"(Array|LowCardinality)\((.*)\)")
_FIXED = re.compile(r"FixedString\((\d+)\)")
_NIL_UUID = "0" * 32
_REMEMBERED = 20_000  # strings a cache holds: about 3 MB
_REMEMBERED_BYTES = 128
_CHUNK_BYTES = 262_144  # joined at a time: fits the processor's cache; 17 MB in one piece cost 8 µs a row


class BadColumn(ValueError):
    """A column's values are not of its type; the message names it."""


class Block:
    """The bytes of one block in pieces; iterating, any number of times, joins them into chunks."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts
        self.size_bytes = sum(map(len, parts))

    def __iter__(self) -> Iterator[bytes]:
        start, size = 0, 0
        for index, part in enumerate(self._parts):
            size += len(part)
            if size >= _CHUNK_BYTES:
                yield b"".join(self._parts[start : index + 1])
                start, size = index + 1, 0
        yield b"".join(self._parts[start:])


def encode_block(columns: Sequence[tuple[str, str]], values: Sequence[Sequence[Any]]) -> Block:
    """One Native block: `columns` are names and types, `values` one sequence each, equally long.

    Times are integers in the unit of their type, UUIDs 32 hex digits (empty: nil), strings
    `str` or `bytes`. Raises `BadColumn`.
    """
    rows = len(values[0]) if values else 0
    parts = [varint(len(columns)), varint(rows)]
    for (name, kind), column in zip(columns, values, strict=True):
        if len(column) != rows:
            raise BadColumn(f"column {name} has {len(column)} values, the first has {rows}")
        parts += (_text(name), _text(wire_type(kind)), *_encode(name, kind, column))
    return Block(parts)


def _encode(name: str, kind: str, column: Sequence[Any]) -> list[bytes]:
    try:
        return encoder(kind)(column)
    except (TypeError, AttributeError, OverflowError, ValueError, struct.error) as error:
        raise BadColumn(f"column {name} ({kind}): {error}") from error


def encoder(kind: str) -> _Encoder:
    """The function that writes a column of this wire type."""
    found = _ENCODERS.get(kind)
    if found is None:
        found = _ENCODERS[kind] = _make(kind)
    return found


def _make(kind: str) -> _Encoder:
    wrapped = _WRAPPED.fullmatch(kind)
    if wrapped:
        inner = encoder("remembered String" if wrapped[2] == "String" else wrapped[2])
        return _array(inner) if wrapped[1] == "Array" else inner
    if kind.startswith("Map(") and wire_type(kind) != kind:
        return encoder(wire_type(kind))
    fixed = _FIXED.fullmatch(kind)
    if fixed:
        return _fixed(int(fixed[1]))
    code = _ARRAY_CODES.get(kind.partition("(")[0])
    if code is None:
        raise BadColumn(f"no way to write type {kind}")
    return _numbers(code)


def wire_type(kind: str) -> str:
    """The type a column travels as: LowCardinality as what it holds; the server converts."""
    return re.sub(r"LowCardinality\((\w+)\)", r"\1", kind)


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


def _bytes(value: str | bytes) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")  # a lone surrogate has no bytes of its own
    return value


def _text(value: str | bytes) -> bytes:
    encoded = _bytes(value)
    return varint(len(encoded)) + encoded


class _Remembered(dict["str | bytes", bytes]):
    """Length and bytes of short strings seen before; forgets all when full."""

    def __missing__(self, value: str | bytes) -> bytes:
        encoded = _text(value)
        if len(encoded) <= _REMEMBERED_BYTES:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[value] = encoded
        return encoded


def _remembered() -> _Encoder:
    cache = _Remembered()
    return lambda column: [b"".join(map(cache.__getitem__, column))]


def _strings(column: Sequence[str | bytes]) -> list[bytes]:
    encoded = list(map(_bytes, column))
    parts: list[bytes] = [b""] * (2 * len(encoded))
    parts[::2] = map(varint, map(len, encoded))
    parts[1::2] = encoded
    return parts if sum(map(len, encoded)) > _CHUNK_BYTES else [b"".join(parts)]


def _numbers(code: str) -> _Encoder:
    def write(column: Sequence[int]) -> list[bytes]:
        return [_little(array(code, column))]

    return write


def _little(numbers: "array[Any]") -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _fixed(size: int) -> _Encoder:
    def write(column: Sequence[str | bytes]) -> list[bytes]:
        encoded = [_bytes(value).ljust(size, b"\0") for value in column]
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
        return [_little(ends), *inner(list(chain.from_iterable(column)))]

    return write


def _maps(values: _Encoder) -> _Encoder:
    keys = _remembered()

    def write(column: Sequence[Mapping[str, Any]]) -> list[bytes]:
        ends = array("Q", accumulate(map(len, column)))
        flat_values = list(chain.from_iterable([row.values() for row in column]))
        return [_little(ends), *keys(list(chain.from_iterable(column))), *values(flat_values)]

    return write


_ENCODERS: dict[str, _Encoder] = {
    "String": _strings,
    "remembered String": _remembered(),
    "UUID": _uuids,
    "Map(String, String)": _maps(_remembered()),
    "Map(String, Float64)": _maps(_numbers("d")),
}
