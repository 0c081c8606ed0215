"""Answers of reads: JSONCompact text to typed rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

_NIL_UUID = "00000000-0000-0000-0000-000000000000"

# With these a row is JSON that one pass reads: integers as numbers, times as seconds since the epoch.
JSON_SETTINGS = {
    "output_format_json_quote_64bit_integers": "0",
    "output_format_json_escape_forward_slashes": "0",
    "output_format_json_validate_utf8": "1",
    "date_time_output_format": "unix_timestamp",
}


@dataclass(frozen=True)
class Rows:
    """A read's answer: column names, ClickHouse types, and one list per row.

    DateTime and DateTime64 come as integer microseconds since the epoch, UUIDs as 32 hex digits
    (the nil UUID as an empty string), NaN as None, everything else as JSON has it.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: Sequence[list[Any]]  # of the types that the statement selects

    def dicts(self) -> list[dict[str, object]]:
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]

    def __iter__(self) -> Iterator[list[Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class _Meta(msgspec.Struct):
    name: str
    type: str


class _Answer(msgspec.Struct):
    meta: list[_Meta]
    data: list[list[Any]]


_decoder = msgspec.json.Decoder(_Answer)


def parse_rows(body: bytes) -> Rows:
    """The rows of a JSONCompact answer; raises `msgspec.DecodeError` when it was cut short."""
    answer = _decoder.decode(body) if body else _Answer([], [])
    for index, meta in enumerate(answer.meta):
        convert = _converter(meta.type)
        if convert:
            for row in answer.data:
                row[index] = convert(row[index])
    return Rows(
        tuple(meta.name for meta in answer.meta), tuple(meta.type for meta in answer.meta), answer.data
    )


def _converter(kind: str) -> Callable[[object], object] | None:
    kind = kind.removeprefix("Nullable(").removeprefix("LowCardinality(")
    if kind.startswith("DateTime"):
        return _microseconds
    return _hex if kind.startswith("UUID") else None


def _microseconds(value: object) -> object:
    if value is None:
        return None
    seconds, _, fraction = str(value).partition(".")
    return int(seconds + fraction[:6].ljust(6, "0"))


def _hex(value: object) -> object:
    return "" if value == _NIL_UUID else value.replace("-", "") if isinstance(value, str) else value
