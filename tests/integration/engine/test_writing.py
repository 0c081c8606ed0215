"""Inserts over HTTP: once per token, whole or not at all, never a lie."""

import http.client
import re
import socket
import time
from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import quote

import pytest

from tests.integration.engine.rows import START_US, WEEK_US, empty, error_row
from tests.support.engine import EngineProcess
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.columns import Column
from vedette.storage.telemetry.errors import TelemetryRefused, TelemetryUnavailable
from vedette.storage.telemetry.migrate import SchemaTooNew, migrate, migrations, schema_version
from vedette.storage.telemetry.tables import ERRORS, ISSUE_HOURS, OUTCOMES, SPANS, TABLES, TRACE_TIMES


def count(telemetry: Telemetry, table: str = "errors") -> object:
    return telemetry.query_rows(f"SELECT count() FROM {table}").rows[0][0]


@pytest.fixture(autouse=True)
def _empty_tables(telemetry: Telemetry) -> None:
    for table in TABLES:
        telemetry.command(f"TRUNCATE TABLE {table} SYNC")


def test_a_row_comes_back_as_it_was_written(telemetry: Telemetry):
    row = error_row(
        7, event_id="61f0c4045cb311e7907ba6006ad3dba0", title="a 'quoted' \\ \0 é \n title", span_id="ab"
    )
    telemetry.insert("errors", ERRORS.columns, [row], token="read-back")
    (found,) = telemetry.query("SELECT * FROM errors")
    expected = dict(zip((column.name for column in ERRORS.columns), row, strict=True))
    assert found == {**expected, "payload": '{"message":"x"}'}


def test_the_same_token_inserts_once(telemetry: Telemetry):
    rows = [error_row(number) for number in range(50)]
    for _ in range(3):
        telemetry.insert("errors", ERRORS.columns, rows, token="once")
    assert count(telemetry) == 50


def test_other_rows_under_the_same_token_are_dropped(telemetry: Telemetry):
    telemetry.insert("errors", ERRORS.columns, [error_row(1)], token="taken")
    telemetry.insert("errors", ERRORS.columns, [error_row(2)], token="taken")
    assert telemetry.query("SELECT title FROM errors") == [{"title": "ValueError: 1"}]


def test_identical_rows_under_two_tokens_are_both_stored(telemetry: Telemetry):
    for token in ("first", "second"):
        telemetry.insert("errors", ERRORS.columns, [error_row(1)], token=token)
    assert count(telemetry) == 2


def test_one_insert_is_one_block_per_partition(telemetry: Telemetry):
    rows = [error_row(number, ts=START_US + (number % 2) * WEEK_US) for number in range(5000)]
    telemetry.command("SYSTEM STOP MERGES errors")
    try:
        telemetry.insert("errors", ERRORS.columns, rows, token="block")
        parts = telemetry.query("SELECT rows FROM system.parts WHERE active AND table = 'errors'")
    finally:
        telemetry.command("SYSTEM START MERGES errors")
    assert parts == [{"rows": 2500}, {"rows": 2500}]


def test_issue_hours_merge_counts_and_users_once_per_token(telemetry: Telemetry):
    rows = [(90, 1, 5, "prod", 1_700_000_000, 3, [10, 11]), (90, 1, 5, "prod", 1_700_000_000, 2, [11, 12])]
    for token in ("a", "a", "b"):
        telemetry.insert("issue_hours", ISSUE_HOURS.columns, rows, token=token)
    found = telemetry.query(
        "SELECT sum(count) AS n, uniqMerge(users) AS users, any(hour) AS hour FROM issue_hours"
    )
    assert found == [{"n": 10, "users": 3, "hour": 1_700_000_000_000_000}]


def test_outcomes_sum_up(telemetry: Telemetry):
    row = (1, 2, "error", 0, "", 1_700_000_040, 7)
    for token in ("a", "b"):
        telemetry.insert("outcomes", OUTCOMES.columns, [row], token=token)
    assert telemetry.query("SELECT sum(quantity) AS n FROM outcomes WHERE outcome = 0") == [{"n": 14}]


def test_a_block_over_too_many_partitions_is_refused_and_nothing_stored(telemetry: Telemetry):
    rows = [error_row(number, ts=START_US + number * WEEK_US) for number in range(150)]
    with pytest.raises(TelemetryRefused, match="partitions"):
        telemetry.insert("errors", ERRORS.columns, rows, token="wide")
    assert count(telemetry) == 0


def test_a_failing_constraint_is_refused_and_nothing_stored(telemetry: Telemetry):
    telemetry.command(
        "CREATE TABLE checked (a UInt64, CONSTRAINT small CHECK a < 10) ENGINE = MergeTree ORDER BY a"
    )
    with pytest.raises(TelemetryRefused, match="small"):
        telemetry.insert("checked", [Column("a", "UInt64")], [(1,), (11,)], token="checked")
    assert count(telemetry, "checked") == 0
    telemetry.command("DROP TABLE checked SYNC")


def test_a_value_of_the_wrong_type_is_refused_with_its_column(telemetry: Telemetry):
    with pytest.raises(TelemetryRefused, match="group_hash"):
        telemetry.insert("errors", ERRORS.columns, [error_row(1, group_hash="x")], token="bad")


def test_a_body_cut_short_stores_nothing(engine: EngineProcess, telemetry: Telemetry):
    reply = _post(engine, "/?query=INSERT+INTO+outcomes+FORMAT+Native", b"\x07\x01\nproject_id\x06UInt64\x01")
    assert reply.status == 400 and reply.headers["X-ClickHouse-Exception-Code"] == "33"
    assert count(telemetry, "outcomes") == 0


def test_an_unknown_setting_is_refused_rather_than_ignored(engine: EngineProcess, telemetry: Telemetry):
    target = "/?query=INSERT+INTO+outcomes+FORMAT+JSONEachRow&insert_deduplication_tokn=x"
    reply = _post(engine, target, b'{"project_id":1,"quantity":1}')
    assert reply.status == 404 and reply.headers["X-ClickHouse-Exception-Code"] == "115"
    assert count(telemetry, "outcomes") == 0


@pytest.mark.parametrize("name", ["a b", "x=1,y", "max_threads'"])
def test_a_setting_name_cannot_carry_sql(engine: EngineProcess, name: str):
    reply = _post(engine, f"/?{name.replace(' ', '%20').replace('=', '%3D')}=1", b"SELECT 1")
    assert reply.status == 404


def test_a_body_over_the_limit_is_answered_413(engine: EngineProcess):
    connection = _connect(engine)
    connection.putrequest("POST", "/?query=INSERT+INTO+outcomes+FORMAT+Native")
    connection.putheader("X-ClickHouse-Key", engine.secret)
    connection.putheader("Content-Length", str((64 << 20) + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_without_the_secret_nothing_is_answered_but_ping(engine: EngineProcess, secret: str):
    connection = _connect(engine)
    connection.request("POST", "/", b"SELECT 1", {"X-ClickHouse-Key": secret})
    reply = connection.getresponse()
    assert reply.status == 403 and b"516" in reply.read()
    connection.request("GET", "/ping")
    assert connection.getresponse().read() == b"Ok.\n"


def test_the_socket_is_closed_to_other_users(engine: EngineProcess):
    assert engine.socket.stat().st_mode & 0o777 == 0o600


def test_the_migrated_schema_has_the_columns_that_writers_name(telemetry: Telemetry):
    sql = """
        SELECT name, type FROM system.columns
        WHERE database = currentDatabase() AND table = {table:String} ORDER BY position
    """
    for table in TABLES.values():
        found = [tuple(row) for row in telemetry.query_rows(sql, {"table": table.name})]
        assert found == [(column.name, column.type) for column in table.columns]


def test_migrating_again_changes_nothing(telemetry: Telemetry):
    assert migrate(telemetry, now_us=0) == 0
    assert schema_version(telemetry) == migrations()[-1].version


def test_a_newer_schema_is_refused(telemetry: Telemetry):
    telemetry.command("INSERT INTO schema_migrations SELECT 9999, 'future', now64(6)")
    try:
        with pytest.raises(SchemaTooNew, match="9999"):
            migrate(telemetry, now_us=0)
    finally:
        telemetry.command(
            "ALTER TABLE schema_migrations DELETE WHERE version = 9999", settings={"mutations_sync": 1}
        )


def test_where_nobody_listens_the_store_is_unavailable(engine: EngineProcess):
    nobody = Telemetry(type(engine.address)(unix=f"{engine.socket}.none"))
    with pytest.raises(TelemetryUnavailable):
        nobody.query("SELECT 1")
    assert not nobody.ping()


def _connect(engine: EngineProcess) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(engine.socket))
    return connection


def _post(engine: EngineProcess, target: str, body: bytes) -> http.client.HTTPResponse:
    connection = _connect(engine)
    connection.request("POST", target, body, {"X-ClickHouse-Key": engine.secret})
    return connection.getresponse()


def test_a_span_keeps_its_attributes_and_a_trace_its_times(telemetry: Telemetry) -> None:
    given = {"attributes": {"http.route": "/a"}, "numbers": {"n": 2.5}, "span_id": 2**64 - 1, "weight": 4.0}
    row = [given.get(column.name, empty(column.type)) for column in SPANS.columns]
    telemetry.insert("spans", SPANS.columns, [row], token="span")
    read = telemetry.query_rows(
        "SELECT attributes['http.route'], numbers['n'], toString(span_id), weight FROM spans"
    )
    assert list(read) == [["/a", 2.5, str(2**64 - 1), 4]]
    trace = "ab" * 16
    times = [(90, trace, 1_000_000, 5_000_000), (90, trace, 500_000, 2_000_000)]
    telemetry.insert("trace_times", TRACE_TIMES.columns, times, token="times")
    found = telemetry.query_rows(
        "SELECT toUnixTimestamp64Micro(min(first)), toUnixTimestamp64Micro(max(last)) FROM trace_times"
        " WHERE trace_id = {t:UUID}",
        {"t": trace},
    )
    assert [[int(str(value)) for value in row] for row in found] == [[500_000, 5_000_000]]


def test_tables_merge_as_the_engine_is_told(telemetry: Telemetry):
    rows = telemetry.query_rows(
        "SELECT value FROM system.merge_tree_settings"
        " WHERE name IN ('merge_selector_base', 'merge_max_block_size_bytes') ORDER BY name"
    )
    assert [float(value) for (value,) in rows] == [8 << 20, 16.0]


def test_a_large_insert_after_a_larger_one_stores_its_own_rows_alone(telemetry: Telemetry):
    for number, rows in enumerate((400, 300, 350)):
        made = [error_row(row, message=f"{number}{'x' * 8000}") for row in range(rows)]
        telemetry.insert("errors", ERRORS.columns, made, token=f"large-{number}")
    stored = telemetry.query_rows(
        "SELECT substring(message, 1, 1) AS number, count() FROM errors GROUP BY number ORDER BY number"
    )
    assert [[str(number), int(str(rows))] for number, rows in stored] == [["0", 400], ["1", 300], ["2", 350]]


def test_the_allocator_and_what_it_may_keep_are_as_the_engine_asks(telemetry: Telemetry):
    (stats,) = telemetry.query_rows("SELECT * FROM system.jemalloc_stats").rows[0]
    options = dict(re.findall(r"opt\.(\w+): (\S+)", str(stats)))
    assert (options["percpu_arena"], options["narenas"]) == ('"disabled"', "1")
    assert (options["dirty_decay_ms"], options["oversize_threshold"]) == ("30000", "0")
    (share,) = telemetry.query_rows(
        "SELECT value FROM system.server_settings WHERE name = 'memory_worker_purge_dirty_pages_threshold_ratio'"
    ).rows[0]
    assert float(str(share)) == 0.4


@pytest.mark.parametrize(
    ("place", "body", "status"),
    [
        ("1/1/vedette-00000000000000000000000000000000", b"", 409),
        ("1/1/other", b"", 400),
        ("1/1/vedette-00000000000000000000000000000000", b"rows", 400),
    ],
)
def test_rows_that_are_not_where_a_client_says_are_not_stored(
    engine: EngineProcess, telemetry: Telemetry, place: str, body: bytes, status: int
):
    target = f"/?query=INSERT+INTO+outcomes+FORMAT+Native&rows_at={place}"
    assert _post(engine, target, body).status == status
    assert count(telemetry, "outcomes") == 0


@pytest.mark.parametrize("is_chunked", [False, True], ids=["of a declared length", "in chunks"])
@pytest.mark.parametrize(("table", "status"), [("outcomes", 200), ("nowhere", 404)])
def test_rows_may_come_in_any_pieces(
    engine: EngineProcess, telemetry: Telemetry, table: str, status: int, *, is_chunked: bool
):
    rows = b"".join(b"%d\terror\t5\n" % number for number in range(40_000))
    query = quote(f"INSERT INTO {table} (project_id, category, quantity) FORMAT TabSeparated")
    framed = b"%x\r\n%b\r\n0\r\n\r\n" % (len(rows), rows) if is_chunked else rows
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(rows)}"
    head = f"POST /?query={query} HTTP/1.1\r\nX-ClickHouse-Key: {engine.secret}\r\n{length}\r\n\r\n".encode()
    message, following = head + framed, b"GET /ping HTTP/1.1\r\n\r\n"
    cuts = [0, 9, len(head), len(head) + 1, len(head) + 300_000, len(message) - 8]
    pieces = [message[start:end] for start, end in pairwise(cuts)]
    last = [message[-8:], following] if is_chunked else [message[-8:] + following]
    answers = _answers_to(engine, [*pieces, *last])
    assert answers.startswith(b"HTTP/1.1 %d" % status) and answers.count(b"HTTP/1.1") == 2
    stored = telemetry.query_rows("SELECT count(), sum(project_id), sum(quantity) FROM outcomes").rows[0]
    assert stored == ([40_000, 20_000 * 39_999, 200_000] if status == 200 else [0, 0, 0])


def _answers_to(engine: EngineProcess, pieces: Sequence[bytes]) -> bytes:
    """All that comes back on one connection up to the answer of a ping, each piece sent by itself."""
    answers = b""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(engine.socket))
        client.settimeout(20)
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.02)
        while not answers.endswith(b"Ok.\n"):
            answers += client.recv(65_536)
    return answers
