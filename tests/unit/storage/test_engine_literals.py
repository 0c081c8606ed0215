"""Parameters become literals: as a table, and by brute force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.engine_literals import check
from vedette.storage.engine.errors import EngineError
from vedette.storage.engine.literals import literal, parse_type, quote, skeleton, substitute


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("String", b"plain text", "'plain text'"),
        ("String", b"it's", r"'it\x27s'"),
        ("String", rb"tab\tand\\backslash", r"'tab\x09and\x5Cbackslash'"),
        ("String", "é\0".encode(), r"'\xC3\xA9\x00'"),
        ("UInt64", b"18446744073709551615", "CAST(18446744073709551615, 'UInt64')"),
        ("Int8", b"-128", "CAST(-128, 'Int8')"),
        ("Bool", b"true", "CAST(true, 'Bool')"),
        ("Float64", b"1e3", "CAST('1000.0', 'Float64')"),
        ("UUID", b"61F0C4045CB311E7907BA6006AD3DBA0", "CAST('61F0C404-5CB3-11E7-907B-A6006AD3DBA0', 'UUID')"),
        ("DateTime64(6, 'UTC')", b"1.5", r"CAST('1.5', 'DateTime64(6, \x27UTC\x27)')"),
        ("Nullable(String)", rb"\N", "CAST(NULL, 'Nullable(String)')"),
        ("LowCardinality(String)", b"x", "'x'"),
        ("Identifier", b"errors", "`errors`"),
        ("Array(String)", b"[]", "CAST([], 'Array(String)')"),
        ("Array(String)", rb"['a', 'b\'c']", r"CAST(['a', 'b\x27c'], 'Array(String)')"),
        ("Array(UInt8)", b"[1,2]", "CAST([1, 2], 'Array(UInt8)')"),
        ("Map(String,UInt8)", b"{'k':1}", "CAST(map('k', 1), 'Map(String, UInt8)')"),
        (
            "Tuple(String, Nullable(UInt8))",
            b"('a',NULL)",
            "CAST(tuple('a', NULL), 'Tuple(String, Nullable(UInt8))')",
        ),
    ],
)
def test_a_value_is_written_as_its_type(kind: str, value: bytes, expected: str):
    assert literal(parse_type(kind), value) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("UInt8", b"256"),
        ("UInt8", b"-1"),
        ("UInt64", b"1 OR 1=1"),
        ("Float64", b"1); DROP TABLE errors"),
        ("UUID", b"61f0c404"),
        ("DateTime('UTC')", b"2023-11-14' OR '1'='1"),
        ("Date", b"now()"),
        ("Bool", b"yes"),
        ("Identifier", b"a` UNION"),
        ("Array(String)", b"['a'] OR 1"),
        ("Array(String)", b"['a"),
        ("Array(String)", b"[a]"),
        ("Array(UInt64)", b"[1,,2]"),
        ("Map(String, String)", b"{'a'}"),
        ("Map(String, String)", b"{'a','b'}"),
        ("Tuple(String, UInt8)", b"('a')"),
        ("Enum8('a' = 1)", b"a"),
        ("Array()", b"[]"),
        ("Map(String)", b"{}"),
        ("String) OR (1", b"a"),
        ("Array(Array(Array(Array(Array(Array(String))))))", b"[]"),
    ],
)
def test_what_is_not_a_value_of_its_type_is_refused(kind: str, value: bytes):
    with pytest.raises(EngineError):
        literal(parse_type(kind), value)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT {a:String}", "SELECT 'x'"),
        ("SELECT { a : String } + {a:String}", "SELECT 'x' + 'x'"),
        (
            "SELECT '{a:String}', `{a:String}`, \"{a:String}\"",
            "SELECT '{a:String}', `{a:String}`, \"{a:String}\"",
        ),
        ("SELECT 1 -- {a:String}\n, {a:String}", "SELECT 1 -- {a:String}\n, 'x'"),
        ("SELECT /* {a:String} */ 1", "SELECT /* {a:String} */ 1"),
        (r"SELECT 'it\'s {a:String}'", r"SELECT 'it\'s {a:String}'"),
        ("SELECT 'it''s {a:String}'", "SELECT 'it''s {a:String}'"),
        ("SELECT map('a', 1)", "SELECT map('a', 1)"),
    ],
)
def test_placeholders_stand_outside_of_quotes_and_comments_only(sql: str, expected: str):
    assert substitute(sql, {"a": b"x"}) == expected


def test_a_value_is_not_searched_for_placeholders():
    assert substitute("SELECT {a:String}", {"a": b"{b:String}", "b": b"y"}) == "SELECT '{b:String}'"


def test_a_missing_parameter_is_named():
    with pytest.raises(EngineError, match="`who` is not set"):
        substitute("SELECT {who:String}", {})


def test_the_skeleton_has_no_text_of_strings_and_comments():
    assert skeleton("SELECT 'a;b' /* ; */ -- ;\n, `file`(1)").split() == ["SELECT", "''", ",", "file(1)"]


@given(st.binary())
def test_a_quoted_string_is_printable_ascii_without_inner_quotes(value: bytes):
    text = quote(value)
    assert text.isascii() and text.isprintable() and text[1:-1].count("'") == 0
    plain = text[1:-1].encode().decode("unicode_escape").encode("latin-1")  # \xHH is all it escapes
    assert plain == value


@given(
    st.sampled_from(
        ["String", "Array(String)", "Map(String, String)", "UUID", "DateTime64(6, 'UTC')", "Identifier"]
    ),
    st.binary(max_size=30) | st.text(max_size=30).map(lambda text: f"['{text}']".encode("utf-8", "replace")),
)
def test_no_value_breaks_out_of_its_place(kind: str, value: bytes):
    check(kind, value)
