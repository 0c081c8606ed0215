"""What the engine makes of SQL and URLs."""

import pytest

from vedette.storage.engine.errors import EngineError
from vedette.storage.engine.requests import authorized, parse_target, statement
from vedette.storage.engine.statements import insert_text, kind_of, parse_insert, read_text, split_inline


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", "read"),
        ("  -- why\n (select 1)", "read"),
        ("WITH 1 AS x SELECT x;", "read"),
        ("INSERT INTO t VALUES (1)", "insert"),
        ("ALTER TABLE t DELETE WHERE 1", "command"),
        ("SELECT ';'", "read"),
    ],
)
def test_the_first_word_tells_the_kind(sql: str, kind: str):
    assert kind_of(sql) == kind


@pytest.mark.parametrize("sql", ["", " -- only a comment", "SELECT 1; SELECT 2", "1"])
def test_none_and_two_statements_are_refused(sql: str):
    with pytest.raises(EngineError):
        kind_of(sql)


def test_a_read_ends_with_its_settings():
    assert read_text("SELECT 1 -- all;", {"max_threads": "2"}).endswith(
        "\nSETTINGS max_threads='2', readonly='1'"
    )


def test_an_insert_reads_its_rows_from_the_file():
    insert = parse_insert("INSERT INTO t (a, `b`) FORMAT Native")
    assert insert
    text = insert_text(insert, "/f", "", {"insert_deduplication_token": "x'y"})
    assert text == (
        "INSERT INTO t (a, `b`) SETTINGS insert_deduplicate='1', insert_deduplication_token='x\\x27y',"
        " max_threads='1', max_insert_threads='1' SELECT * FROM file('/f', 'Native', 'auto', 'none')"
    )


def test_input_becomes_the_file_with_its_structure():
    insert = parse_insert("INSERT INTO t SELECT f(a) FROM input('a Array(UInt64)') FORMAT RowBinary")
    assert insert
    text = insert_text(insert, "/f", "zstd", {})
    assert text.endswith("SELECT f(a) FROM file('/f', 'RowBinary', 'a Array(UInt64)', 'zstd')")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"INSERT INTO t VALUES (1),(2)", ("INSERT INTO t  FORMAT Values", b" (1),(2)")),
        (b"INSERT INTO t FORMAT CSV\n1\n", ("INSERT INTO t  FORMAT CSV", b"1\n")),
        (b"INSERT INTO t FORMAT RowBinary \xff", ("INSERT INTO t  FORMAT RowBinary", b"\xff")),
        (b"INSERT INTO t SELECT 1", ("INSERT INTO t SELECT 1", b"")),
    ],
)
def test_an_inline_insert_is_split_into_statement_and_rows(body: bytes, expected: tuple[str, bytes]):
    assert split_inline(body) == expected


def test_a_url_is_taken_apart():
    request = parse_target(b"/?query=SELECT+1&param_a=%27%FF&max_threads=2&readonly=1&default_format=CSV")
    assert request.query == "SELECT 1" and request.parameters == {"a": b"'\xff"}
    assert request.settings == {"max_threads": "2"} and request.readonly and request.format == "CSV"


@pytest.mark.parametrize("target", [b"/?session_id=x", b"/?compress=1", b"/?query_id=a%27b", b"/?query=%FF"])
def test_what_the_engine_does_not_speak_is_refused_not_ignored(target: bytes):
    with pytest.raises(EngineError):
        parse_target(target)


@pytest.mark.parametrize(("method", "target"), [("GET", b"/"), ("POST", b"/?readonly=1")])
def test_a_readonly_request_may_only_read(method: str, target: bytes):
    with pytest.raises(EngineError, match="readonly"):
        statement(parse_target(target), method, "DROP TABLE t")


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"x-clickhouse-key": "s3"}, True),
        ({"authorization": "Basic dXNlcjpzMw=="}, True),
        ({"authorization": "Basic dXNlcjpubw=="}, False),
        ({"authorization": "Basic ???"}, False),
        ({"x-clickhouse-key": "é"}, False),
        ({}, False),
    ],
)
def test_the_secret_opens_and_nothing_else_does(headers: dict[str, str], allowed: bool):
    if allowed:
        authorized(headers, "s3")
        return
    with pytest.raises(EngineError):
        authorized(headers, "s3")
