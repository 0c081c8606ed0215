"""Blocks, parameters, answers, addresses and statement files: values in, values out."""

from pathlib import Path

import pytest

from vedette.storage.telemetry.connection import parse_address
from vedette.storage.telemetry.errors import (
    TelemetryLimit,
    TelemetryMismatch,
    TelemetryRefused,
    TelemetryUnavailable,
    error_for,
)
from vedette.storage.telemetry.native import BadColumn, encode_block, packer
from vedette.storage.telemetry.parameters import to_parameter
from vedette.storage.telemetry.rows import parse_rows
from vedette.storage.telemetry.statements import StatementError, load_statements
from vedette.storage.telemetry.tables import tag_hash

ONE = b"\x01" + bytes(7)
NO_PAIRS: dict[str, str] = {}


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("UInt16", [1, 258], b"\x06UInt16\x01\x00\x02\x01"),
        ("Int8", [-1], b"\x04Int8\xff"),
        ("DateTime64(6, 'UTC')", [1], b"\x14DateTime64(6, 'UTC')" + b"\x01" + bytes(7)),
        ("String", ["é", b"\xff"], b"\x06String\x02\xc3\xa9\x01\xff"),
        ("String", ["\ud800"], b"\x06String\x01?"),
        ("String", ["x" * 200], b"\x06String\xc8\x01" + b"x" * 200),
        ("LowCardinality(String)", ["a", "b", "a"], b"\x16LowCardinality(String)" + ONE + b"\x00\x02" + bytes(6) + b"\x02" + bytes(7) + b"\x01a\x01b\x03" + bytes(7) + b"\0\1\0"),
        ("FixedString(2)", ["a"], b"\x0eFixedString(2)a\x00"),
        ("UUID", ["0011223344556677" + "8" * 16], b"\x04UUID\x77\x66\x55\x44\x33\x22\x11\x00" + b"\x88" * 8),
        ("UUID", [""], b"\x04UUID" + bytes(16)),
        ("Array(LowCardinality(String))", [["a"]], b"\x1dArray(LowCardinality(String))" + ONE + ONE + b"\x00\x02" + bytes(6) + ONE + b"\x01a" + ONE + b"\0"),
        ("Map(String, String)", [{"k": "v"}], b"\x13Map(String, String)\x01" + bytes(7) + b"\x01k\x01v"),
        ("Map(LowCardinality(String), Float64)", [{"k": 1.0}], b"\x24Map(LowCardinality(String), Float64)" + ONE + ONE + b"\x00\x02" + bytes(6) + ONE + b"\x01k" + ONE + b"\0" + bytes(6) + b"\xf0\x3f"),
        ("Map(LowCardinality(String), String)", [NO_PAIRS], b"\x23Map(LowCardinality(String), String)" + ONE + bytes(8)),
    ],
)  # fmt: skip
def test_a_column_is_written_as_the_native_format_has_it(kind: str, values: list[object], expected: bytes):
    block = encode_block([("c", kind)], [values])
    assert b"".join(block) == bytes([1, len(values)]) + b"\x01c" + expected
    assert block.size_bytes == len(b"".join(block))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("UInt8", 256),
        ("UInt8", "1"),
        ("String", 5),
        ("UUID", "12"),
        ("UUID", "z" * 32),
        ("FixedString(1)", "ab"),
        ("Array(String)", 1),
        ("Decimal(9)", 1),
    ],
)
def test_a_value_not_of_its_type_names_the_column(kind: str, value: object):
    with pytest.raises(BadColumn, match=r"c|type"):
        encode_block([("c", kind)], [[value]])


def test_many_values_of_few_are_numbered_in_two_bytes_and_in_four():
    for count, width in ((256, 1), (257, 2), (65_537, 4)):
        plain = b"".join(encode_block([("c", "LowCardinality(String)")], [list(map(str, range(count)))]))
        assert plain.endswith((count - 1).to_bytes(width, "little"))
        assert plain[-count * width - 8 : -count * width] == count.to_bytes(8, "little")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("UInt16", [1, 258]),
        ("Float32", [0.5]),
        ("DateTime64(6, 'UTC')", [1]),
        ("String", ["a", b"b"]),
        ("LowCardinality(String)", ["a"]),
        ("UUID", ["0" * 32]),
        ("Map(LowCardinality(String), String)", [{"k": "v", "l": "x" * 200}, {}, {"k": "\ud800"}]),
        ("Map(LowCardinality(String), Float64)", [{"k": 1.0}, {}]),
    ],
)
def test_a_packed_column_travels_as_it_would_have_otherwise(kind: str, values: list[object]):
    (packed,) = packer([kind])([values])
    assert len(packed) == len(values)
    assert b"".join(encode_block([("c", kind)], [packed])) == b"".join(encode_block([("c", kind)], [values]))


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(BadColumn, match="column b has 1 values"):
        encode_block([("a", "UInt8"), ("b", "UInt8")], [[1, 2], [1]])


def test_a_big_block_is_handed_out_in_chunks_that_make_the_whole():
    block = encode_block([("c", "String")], [[b"x" * 10_000] * 200])
    chunks = list(block)
    assert len(chunks) > 5 and sum(map(len, chunks)) == block.size_bytes and list(block) == chunks


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\tb\\", rb"a\tb\\"),
        (b"\xff'", rb"\xFF\x27"),
        (None, rb"\N"),
        (True, b"true"),
        (-5, b"-5"),
        (["it's", "\n"], rb"['it\'s','\n']"),
        ({"a": ["b"]}, b"{'a':['b']}"),
        ((1, None), b"(1,NULL)"),
    ],
)
def test_a_parameter_is_written_in_the_escaped_form(value: object, expected: bytes):
    assert to_parameter(value) == expected


def test_an_answer_has_times_in_microseconds_and_ids_in_hex():
    body = b"""{"meta":[{"name":"t","type":"DateTime64(6, 'UTC')"},{"name":"h","type":"DateTime('UTC')"},
        {"name":"i","type":"UUID"},{"name":"n","type":"Nullable(DateTime64(3))"}],
        "data":[["1700000000.000001",1700000000,"61f0c404-5cb3-11e7-907b-a6006ad3dba0",null],
        ["0.000000","5","00000000-0000-0000-0000-000000000000","2.500"]],"rows":2}"""
    rows = parse_rows(body)
    assert rows.names == ("t", "h", "i", "n")
    assert list(rows) == [
        [1_700_000_000_000_001, 1_700_000_000_000_000, "61f0c4045cb311e7907ba6006ad3dba0", None],
        [0, 5_000_000, "", 2_500_000],
    ]


@pytest.mark.parametrize(
    ("status", "code", "message", "reading", "kind"),
    [
        (408, 159, "timeout", True, TelemetryLimit),
        (500, 241, "memory", True, TelemetryLimit),
        (500, 241, "memory", False, TelemetryUnavailable),
        (400, 62, "syntax", True, TelemetryRefused),
        (400, 53, "type mismatch", True, TelemetryMismatch),
        (500, 6, "cannot parse text", True, TelemetryMismatch),
        (500, 6, "cannot parse text", False, TelemetryRefused),
        (500, 469, "constraint", False, TelemetryRefused),
        (400, 252, "Too many partitions for single INSERT block", False, TelemetryRefused),
        (400, 252, "Too many parts", False, TelemetryUnavailable),
        (500, 243, "not enough space", False, TelemetryUnavailable),
        (403, 516, "authentication", False, TelemetryUnavailable),
        (503, 202, "too many", True, TelemetryUnavailable),
    ],
)
def test_an_answer_tells_whether_trying_again_helps(
    status: int, code: int, message: str, reading: bool, kind: type[Exception]
):
    assert type(error_for(status, code, message, reading=reading)) is kind


def test_an_address_is_read_from_its_url():
    address = parse_address("https://me:p%40ss@ch.example:9443/metrics")
    assert (address.host, address.port, address.tls, address.user, address.password, address.database) == (
        "ch.example", 9443, True, "me", "p@ss", "metrics",
    )  # fmt: skip
    assert parse_address("http://ch").port == 8123


@pytest.mark.parametrize("url", ["clickhouse://ch", "ch:8123", "", "http://"])
def test_a_url_of_another_kind_is_refused(url: str):
    with pytest.raises(ValueError, match="ClickHouse URL"):
        parse_address(url)


def test_the_hash_of_a_tag_is_stable_and_keeps_key_and_value_apart():
    assert tag_hash("runtime", "CPython") == 4045838269521048783
    assert tag_hash("a", "bc") != tag_hash("ab", "c")


def test_statements_are_found_by_name(tmp_path: Path):
    file = tmp_path / "queries.sql"
    first = "-- name: one\n-- The first,\n-- in two lines.\nSELECT 1\n\n"
    file.write_text(f"-- Reads.\n\n{first}-- name: two\n-- Second.\nSELECT 2\n")
    statements = load_statements(file)
    assert statements["one"].description == "The first, in two lines."
    assert statements["two"].sql == "SELECT 2"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT 1", "needs a line"),
        ("-- name: a\nSELECT 1", "no description"),
        ("-- name: a\n-- Why.\n", "no SQL"),
        ("-- name: a\n-- Why.\nSELECT 1;", "semicolon"),
        ("-- name: a\n-- Why.\nSELECT 1 SETTINGS x=1", "SETTINGS"),
        ("-- name: a\n-- Why.\nSELECT 1\n-- name: a\n-- Why.\nSELECT 1", "twice"),
    ],
)
def test_a_file_with_an_unusable_statement_is_refused_with_its_line(tmp_path: Path, text: str, reason: str):
    file = tmp_path / "queries.sql"
    file.write_text(text)
    with pytest.raises(StatementError, match=reason):
        load_statements(file)
