"""Reads: parameters stay values, limits hold, only tables are reachable, answers are one's own."""

import random
import socket
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.engine import EngineProcess
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.errors import TelemetryError, TelemetryLimit, TelemetryRefused

_FOREVER = "SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))"
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_ECHO = """
SELECT {s:String} AS s, {a:Array(String)} AS a, {m:Map(String, String)} AS m, {u:UInt64} AS u,
    {n:Array(Int64)} AS n
"""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    s=_TEXT,
    a=st.lists(_TEXT, max_size=5),
    m=st.dictionaries(_TEXT, _TEXT, max_size=4),
    u=st.integers(0, 2**64 - 1),
    n=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4),
)
def test_parameters_come_back_as_they_were_given(
    telemetry: Telemetry, s: str, a: list[str], m: dict[str, str], u: int, n: list[int]
):
    given_values: dict[str, object] = {"s": s, "a": a, "m": m, "u": u, "n": n}
    assert telemetry.query(_ECHO, given_values) == [given_values]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.binary(max_size=60))
def test_bytes_of_any_kind_come_back(telemetry: Telemetry, value: bytes):
    sql = "SELECT hex({v:String}) AS one, hex({a:Array(String)}[1]) AS nested"
    expected = value.hex().upper()
    assert telemetry.query(sql, {"v": value, "a": [value]}) == [{"one": expected, "nested": expected}]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("UUID", "61f0c4045cb311e7907ba6006ad3dba0", "61f0c4045cb311e7907ba6006ad3dba0"),
        ("DateTime64(6, 'UTC')", "2023-11-14 22:13:20.123456", 1_700_000_000_123_456),
        ("DateTime('UTC')", "1700000000", 1_700_000_000_000_000),
        ("Nullable(String)", None, None),
        ("Nullable(UInt8)", 3, 3),
        ("FixedString(3)", "a'b", "a'b"),
        ("Float64", -1.5, -1.5),
        ("Bool", True, True),
        ("Array(Array(String))", [["'"], []], [["'"], []]),
        ("Tuple(String, UInt8)", ("x')", 1), ["x')", 1]),
        ("Array(Tuple(UInt64, Nullable(String)))", [(1, None), (2, "]")], [[1, None], [2, "]"]]),
        ("LowCardinality(String)", "\\", "\\"),
    ],
)
def test_every_type_we_use_can_be_a_parameter(
    telemetry: Telemetry, kind: str, value: object, expected: object
):
    assert telemetry.query_rows(f"SELECT {{v:{kind}}}", {"v": value}).rows == [[expected]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT file('/etc/passwd')",
        "SELECT `file`('/etc/passwd')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT * FROM urlCluster('c', 'http://127.0.0.1:1/')",
        "SELECT * FROM s3('http://127.0.0.1:1/bucket/a', 'TSV', 'a String')",
        "SELECT * FROM executable('id', 'TSV', 'a String')",
        "SELECT * FROM remote('127.0.0.1:9', 'a', 'b')",
        "SELECT * FROM sqlite('/tmp/x', 'y')",
        "SELECT * FROM Python(os)",
        "SELECT 1 INTO OUTFILE '/tmp/vedette-outfile'",
        "SELECT 1; SELECT 2",
        "SELECT 1 SETTINGS readonly = 0",
        "CREATE TABLE t (a UInt8) ENGINE = Memory",
        "INSERT INTO errors (project_id) SELECT 1",
        "DROP TABLE errors",
        "SYSTEM STOP MERGES",
    ],
)
def test_a_read_reaches_nothing_but_tables(telemetry: Telemetry, sql: str):
    with pytest.raises(TelemetryRefused):
        telemetry.query_rows(sql)


@pytest.mark.parametrize(
    ("sql", "given_settings"),
    [
        (_FOREVER, {}),
        ("SELECT number FROM numbers(10000000)", {"max_result_bytes": 1000}),
        ("SELECT groupArray(number) FROM numbers(100000000)", {"max_memory_usage": 20_000_000}),
    ],
)
def test_a_read_that_needs_too_much_ends_with_a_limit(
    telemetry: Telemetry, sql: str, given_settings: dict[str, int]
):
    with pytest.raises(TelemetryLimit):
        telemetry.query_rows(sql, max_seconds=1, settings=given_settings)


def test_a_request_cannot_raise_a_limit(telemetry: Telemetry):
    sql = "SELECT getSetting('max_memory_usage'), getSetting('max_result_bytes')"
    (row,) = telemetry.query_rows(sql, settings={"max_memory_usage": 1 << 50, "max_result_bytes": 0})
    assert row == [500 << 20, 64 << 20]


def test_hanging_up_ends_the_query(engine: EngineProcess, telemetry: Telemetry):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(engine.socket))
        head = (
            f"POST / HTTP/1.1\r\nX-ClickHouse-Key: {engine.secret}\r\nContent-Length: {len(_FOREVER)}\r\n\r\n"
        )
        client.sendall(head.encode() + _FOREVER.encode())
        _wait_for(telemetry, running=1)
    _wait_for(telemetry, running=0)


def _wait_for(telemetry: Telemetry, running: int) -> None:
    sql = (
        "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'"
    )
    deadline = time.monotonic() + 5
    while telemetry.query_rows(sql).rows != [[running]]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_eight_threads_get_their_own_answers_also_after_errors(telemetry: Telemetry):
    wrong: list[object] = []

    def ask(seed: int) -> None:
        rnd = random.Random(seed)
        for _ in range(60):
            mark, length = rnd.randrange(10**9), rnd.choice((1, 3, 2000))
            if rnd.random() < 0.2:
                _fail(telemetry, mark)
                continue
            rows = telemetry.query_rows(
                "SELECT {mark:UInt64}, number FROM numbers({length:UInt64})", {"mark": mark, "length": length}
            ).rows
            if rows != [[mark, number] for number in range(length)]:
                wrong.append((mark, length, rows[:2]))

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def _fail(telemetry: Telemetry, mark: int) -> None:
    """A query that writes a part of its answer before it fails."""
    with pytest.raises(TelemetryError):
        telemetry.query_rows(
            "SELECT {mark:UInt64}, number FROM numbers(200000)",
            {"mark": mark},
            settings={"max_result_bytes": 100_000},
        )


def test_reads_do_not_make_an_insert_wait(telemetry: Telemetry):
    slow = [threading.Thread(target=_until_limit, args=(telemetry,)) for _ in range(8)]
    for thread in slow:
        thread.start()
    time.sleep(0.3)
    began = time.monotonic()
    telemetry.command("CREATE TABLE lane (a UInt8) ENGINE = MergeTree ORDER BY a")
    telemetry.command("INSERT INTO lane SELECT 1")
    took_s = time.monotonic() - began
    for thread in slow:
        thread.join()
    telemetry.command("DROP TABLE lane SYNC")
    assert took_s < 0.9


def _until_limit(telemetry: Telemetry) -> None:
    with pytest.raises(TelemetryLimit):
        telemetry.query_rows(_FOREVER, max_seconds=1)


def test_a_read_runs_on_several_threads(telemetry: Telemetry):
    steps = telemetry.query_rows("EXPLAIN PIPELINE SELECT sum(number) FROM numbers_mt(100000000)").rows
    assert any("NumbersRange × 2" in step for (step,) in steps), steps
