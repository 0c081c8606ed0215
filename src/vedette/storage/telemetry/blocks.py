"""Answers of large reads: blocks of ClickHouse's Native format to columns. Pure: bytes in, values out.

Read by columns an answer costs what its numbers cost to copy, and a text what its distinct values cost: of the 10,000
spans of a trace a tenth of what JSON's rows took. Knows the types that such reads select: numbers, and texts as
`LowCardinality(String)`. What writes blocks is `native.py`.
"""

import struct
import sys
from array import array
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from vedette.storage.telemetry.native import ARRAY_CODES

_TEXTS = "LowCardinality(String)"
_WIDTHS = "BHIQ"
_HEAD = struct.Struct("<QQ")
_COUNT = struct.Struct("<Q")


class CutShort(ValueError):
    """An answer ends within a block, or is none."""


class Coded(NamedTuple):
    """A column of texts: each of them once, and of each row the number of its text. Some texts may be no row's."""

    texts: list[str]
    codes: list[int]

    def spelt(self) -> list[str]:
        """The text of each row."""
        return list(map(self.texts.__getitem__, self.codes))


class Columns:
    """The columns of an answer by name, one value a row; empty ones where nothing was found."""

    def __init__(self) -> None:
        self.count = 0  # rows
        self._numbers: dict[str, list[int]] = {}
        self._texts: dict[str, Coded] = {}
        self._known: dict[str, dict[str, int]] = {}  # by column: the number of each text

    def numbers(self, name: str) -> list[int]:
        return self._numbers.setdefault(name, [])

    def texts(self, name: str) -> Coded:
        return self._texts.setdefault(name, Coded([], []))

    def add_texts(self, name: str, texts: list[str], codes: list[int]) -> None:
        """What one block says: its numbers become those of the whole answer."""
        column, known = self.texts(name), self._known.setdefault(name, {})
        for text in texts:
            if text not in known:
                known[text] = len(known)
                column.texts.append(text)
        if column.codes or len(known) != len(texts):
            codes = list(map([known[text] for text in texts].__getitem__, codes))
        column.codes.extend(codes)


def decode_blocks(body: bytes) -> Columns:
    """The columns of all blocks; raises `CutShort`, and `TypeError` for a type that such reads do not select."""
    found, reader = Columns(), _Reader(body)
    try:
        while not reader.is_at_end:
            _block(reader, found)
    except (IndexError, struct.error, ValueError, EOFError) as error:
        raise CutShort(str(error)) from error
    return found


def _block(reader: "_Reader", found: Columns) -> None:
    columns, rows = reader.varint(), reader.varint()
    for _ in range(columns):
        name, kind = reader.text(), reader.text()
        if not rows:
            continue
        if kind == _TEXTS:
            reader.skip(_COUNT.size)  # the version of dictionaries, which is 1
            for texts, codes in _coded(reader, rows):
                found.add_texts(name, texts, codes)
        else:
            found.numbers(name).extend(reader.numbers(_code(name, kind), rows))
    found.count += rows


def _coded(reader: "_Reader", rows: int) -> Iterator[tuple[list[str], list[int]]]:
    """Dictionaries, each with the rows that it is for."""
    while rows > 0:
        flags, keys = reader.take(_HEAD)
        texts = [reader.text() for _ in range(keys)]
        (count,) = reader.take(_COUNT)
        yield texts, reader.numbers(_WIDTHS[flags & 3], count)
        rows -= count


def _code(name: str, kind: str) -> str:
    return ARRAY_CODES.get(kind.partition("(")[0]) or _unread(name, kind)


def _unread(name: str, kind: str) -> NoReturn:
    raise TypeError(f"column {name}: no way to read type {kind}")


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._body)

    def varint(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self._body[self._at]
            self._at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def text(self) -> str:
        return self._bytes(self.varint()).decode("utf-8", "replace")

    def take(self, shape: struct.Struct) -> tuple[int, ...]:
        return shape.unpack(self._bytes(shape.size))

    def numbers(self, code: str, count: int) -> list[int]:
        values: array[int] = array(code, b"")
        values.frombytes(self._bytes(count * values.itemsize))
        if sys.byteorder == "big":
            values.byteswap()
        return values.tolist()

    def skip(self, size: int) -> None:
        self._bytes(size)

    def _bytes(self, size: int) -> bytes:
        start, self._at = self._at, self._at + size
        if self._at > len(self._body):
            raise EOFError(f"{len(self._body)} bytes end before {self._at}")
        return self._body[start : self._at]
