"""Answers by columns: what `native.py` writes is read back, whatever it is cut into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.storage.telemetry.blocks import CutShort, decode_blocks
from vedette.storage.telemetry.native import encode_block

TYPES = [("id", "UInt64"), ("at", "DateTime64(6, 'UTC')"), ("op", "LowCardinality(String)")]
ROW = st.tuples(st.integers(0, 2**64 - 1), st.integers(-(2**63), 2**63 - 1), st.text(max_size=300))


def block(rows: list[tuple[int, int, str]]) -> bytes:
    return b"".join(encode_block(TYPES, list(zip(*rows, strict=True)) or [[], [], []]))


@given(st.lists(st.lists(ROW, max_size=8), max_size=4))
def test_the_rows_of_all_blocks_are_read_in_order(blocks: list[list[tuple[int, int, str]]]):
    found = decode_blocks(b"".join(map(block, blocks)))
    rows = [row for one in blocks for row in one]
    texts, codes = found.texts("op")
    assert found.count == len(rows)
    assert found.numbers("id") == [row[0] for row in rows]
    assert found.numbers("at") == [row[1] for row in rows]
    assert [texts[code] for code in codes] == [row[2].encode(errors="replace").decode() for row in rows]
    assert len(set(texts)) == len(texts)


@pytest.mark.thorough
def test_more_texts_than_a_byte_can_number_are_read():
    rows = [(number, 0, f"op{number % 70_000}") for number in range(70_100)]
    texts, codes = decode_blocks(block(rows)).texts("op")
    assert [texts[code] for code in codes] == [op for _, _, op in rows]


@given(st.lists(ROW, min_size=1, max_size=8), st.data())
def test_an_answer_that_was_cut_is_noticed(rows: list[tuple[int, int, str]], data: st.DataObject):
    whole = block(rows)
    with pytest.raises(CutShort):
        decode_blocks(whole[: data.draw(st.integers(1, len(whole) - 1))])


def test_a_type_that_is_not_read_says_so():
    with pytest.raises(TypeError, match="column c: no way to read type String"):
        decode_blocks(b"".join(encode_block([("c", "String")], [["x"]])))


def test_nothing_is_no_rows():
    assert decode_blocks(b"").count == 0
