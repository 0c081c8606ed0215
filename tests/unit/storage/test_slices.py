"""Rows packed slice by slice: as if they had been one block from the start."""

import pytest

from vedette.storage.telemetry.columns import Column
from vedette.storage.telemetry.native import BadColumn, encode_block
from vedette.storage.telemetry.slices import Slices

KINDS = (
    "UInt16",
    "DateTime64(6, 'UTC')",
    "UUID",
    "String",
    "LowCardinality(String)",
    "Array(String)",
    "Array(LowCardinality(String))",
    "Array(UInt64)",
    "Map(String, String)",
    "String",
)
COLUMNS = [Column(f"c{number}", kind) for number, kind in enumerate(KINDS)]
NAMES = [(f"c{number}", kind) for number, kind in enumerate(KINDS)]
ROWS = [
    (
        n,
        n * 10**6,
        f"{n:032x}" if n % 3 else "",
        f"é{n}" if n % 4 else "\ud800",
        f"few {n * n % 7}",
        [f"a{n}", ""][: n % 3],
        [f"file {k % 5}" for k in range(n % 6)],
        [2**64 - 1 - n] * (n % 2),
        {f"k{k}": f"v{n}" for k in range(n % 4)},
        b"{%d}" % n * 100,
    )
    for n in range(60)
]


def sliced(*sizes: int) -> Slices:
    slices, start = Slices(COLUMNS, large="c9"), 0
    for size in sizes:
        slices.add(list(zip(*ROWS[start : start + size], strict=True)))
        start += size
    return slices


def whole(rows: list[int]) -> bytes:
    return b"".join(encode_block(NAMES, list(zip(*[ROWS[row] for row in rows], strict=True))))


@pytest.mark.parametrize("sizes", [(60,), (20, 20, 20), (1, 58, 1), (7,) * 8 + (4,)])
def test_slices_travel_as_one_block_of_all_rows(sizes: tuple[int, ...]):
    assert b"".join(encode_block(NAMES, sliced(*sizes).columns())) == whole(list(range(60)))


@pytest.mark.parametrize(
    "rows",
    [
        [0],
        [59],
        list(range(1, 60)),
        [row for row in range(60) if row % 3],
        [row for row in range(60) if row not in range(20, 40)],
        list(range(19, 21)),
    ],
)
def test_rows_are_left_out_across_slices(rows: list[int]):
    columns = sliced(20, 20, 20).columns(rows)
    assert b"".join(encode_block(NAMES, columns)) == whole(rows)


@pytest.mark.parametrize(
    "texts",
    [
        ["", "a", "b" * 127],
        ["a", "b" * 128, "a"],
        ["a", "\x7f", "\x80"],
        ["a", "é", "日本"],
        ["a", "\ud800"],
        [b"a", b""],
        ["a", b"a", b"\xff"],
        ["long" * 200, "long" * 200, "a"],
    ],
)
def test_texts_short_and_long_plain_and_not_travel_as_in_one_block(texts: list[str | bytes]):
    column = Column("c", "String")
    slices = Slices([column])
    slices.add([texts])
    assert b"".join(encode_block([("c", "String")], slices.columns())) == b"".join(
        encode_block([("c", "String")], [texts])
    )
    for kept in ([0], [len(texts) - 1]):
        assert b"".join(encode_block([("c", "String")], slices.columns(kept))) == b"".join(
            encode_block([("c", "String")], [[texts[row] for row in kept]])
        )


@pytest.mark.parametrize("value", [None, 5, ["a"]])
def test_what_is_no_text_is_refused(value: object):
    with pytest.raises(BadColumn, match="column c"):
        Slices([Column("c", "String")]).add([["a", value]])


def test_without_any_row_left_there_is_an_empty_block():
    assert all(len(column) == 0 for column in sliced(30, 30).columns([]))
    assert Slices(COLUMNS, large="c9").columns() == []


@pytest.mark.parametrize(("start", "stop"), [(0, 30), (30, 60), (5, 7), (19, 41), (0, 60)])
def test_a_cut_through_slices_is_a_block_of_its_rows(start: int, stop: int):
    columns = [column[start:stop] for column in sliced(20, 20, 20).columns()]
    assert b"".join(encode_block(NAMES, columns)) == whole(list(range(start, stop)))


@pytest.mark.parametrize(
    ("count", "size"),
    [(250, 200), (1000, 200), (1000, 999), pytest.param(70_000, 69_000, marks=pytest.mark.thorough)],
)
def test_different_values_are_told_apart_however_many_there_are(count: int, size: int):
    slices = Slices([Column("c", "LowCardinality(String)")])
    values = [str(number % (count - 3)) for number in range(count)]
    for start in range(0, count, size):
        slices.add([values[start : start + size]])
    name = [("c", "LowCardinality(String)")]
    assert b"".join(encode_block(name, slices.columns())) == b"".join(encode_block(name, [values]))


@pytest.mark.parametrize(
    ("kind", "value"), [("UInt16", 65_536), ("String", 5), ("UUID", "12"), ("Array(String)", 1)]
)
def test_a_value_not_of_its_type_is_refused(kind: str, value: object):
    with pytest.raises(BadColumn, match="column c"):
        Slices([Column("c", kind)]).add([[value]])
