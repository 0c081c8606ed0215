"""The engine killed, frozen, full and stopped: what was acknowledged stays, the rest can be sent again."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.engine.rows import error_row
from tests.support.engine import EngineProcess
from vedette.storage.engine.errors import EngineError
from vedette.storage.engine.server import Listen, run_engine
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.connection import Address
from vedette.storage.telemetry.errors import TelemetryError, TelemetryUnavailable
from vedette.storage.telemetry.migrate import migrate
from vedette.storage.telemetry.tables import ERRORS

_BATCH = 200


def _rows(batch: int) -> list[tuple[object, ...]]:
    return [
        error_row(batch * _BATCH + number, batch=f"w/{batch}", payload=b"x" * 5000)
        for number in range(_BATCH)
    ]


def test_kill_9_during_inserts_loses_and_doubles_nothing(own_engine: EngineProcess):
    migrate(own_engine.telemetry, now_us=0)
    acknowledged: list[int] = []

    def write() -> None:
        for batch in range(1000):
            try:
                own_engine.telemetry.insert(
                    "errors", ERRORS.columns, _rows(batch), token=f"t{batch}", timeout_s=5
                )
            except TelemetryUnavailable:
                return
            acknowledged.append(batch)

    for pause_s in (0.25, 0.4, 0.55):
        acknowledged.clear()
        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(pause_s)
        own_engine.stop(signal.SIGKILL)
        writer.join()
        own_engine.start()
        for batch in range(len(acknowledged) + 1):
            own_engine.telemetry.insert("errors", ERRORS.columns, _rows(batch), token=f"t{batch}")
        stored = own_engine.telemetry.query("SELECT batch, count() AS n FROM errors GROUP BY batch")
        assert {row["n"] for row in stored} == {_BATCH}
        assert {f"w/{batch}" for batch in acknowledged} <= {row["batch"] for row in stored}


def test_a_frozen_engine_is_unavailable_and_wakes_up_whole(own_engine: EngineProcess):
    migrate(own_engine.telemetry, now_us=0)
    own_engine.send(signal.SIGSTOP)
    with pytest.raises(TelemetryUnavailable, match=r"no answer within 0\.5 s"):
        own_engine.telemetry.insert("errors", ERRORS.columns, _rows(1), token="frozen", timeout_s=0.5)
    own_engine.send(signal.SIGCONT)
    own_engine.telemetry.insert("errors", ERRORS.columns, _rows(1), token="frozen")
    time.sleep(0.3)  # the first request may still be running: the engine had taken it while frozen
    assert own_engine.telemetry.query_rows("SELECT count() FROM errors").rows == [[_BATCH]]


def test_sigterm_finishes_an_insert_and_stops_within_seconds(own_engine: EngineProcess):
    migrate(own_engine.telemetry, now_us=0)
    outcome: list[str] = []

    def write() -> None:
        try:
            own_engine.telemetry.insert(
                "errors", ERRORS.columns, [error_row(n) for n in range(5000)], token="last"
            )
            outcome.append("stored")
        except TelemetryError:
            outcome.append("failed")

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.12)
    assert own_engine.stop() < 5
    writer.join()
    own_engine.start()
    stored = own_engine.telemetry.query_rows("SELECT count() FROM errors").rows
    assert stored == [[5000]] if outcome == ["stored"] else stored in ([[0]], [[5000]])


def test_a_client_notices_a_restart_only_as_a_pause(own_engine: EngineProcess):
    telemetry = own_engine.telemetry
    assert telemetry.ping()
    own_engine.stop(signal.SIGKILL)
    with pytest.raises(TelemetryUnavailable):
        telemetry.query("SELECT 1")
    own_engine.start()
    assert telemetry.query("SELECT 1 AS one") == [{"one": 1}]


def test_a_second_engine_on_the_folder_is_refused(own_engine: EngineProcess, tmp_path: Path):
    with pytest.raises(EngineError, match="in use"):
        run_engine(own_engine.folder, Listen(unix=tmp_path / "second.sock"), "secret")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_unavailable_never_a_success(small_disk: Path):
    assert shutil.disk_usage(small_disk).total < 30 << 20
    engine = EngineProcess(small_disk / "engine")
    engine.start()
    try:
        migrate(engine.telemetry, now_us=0)
        stored = _fill(engine)
        assert engine.telemetry.query_rows("SELECT count() FROM errors").rows == [[stored * 100]]
    finally:
        engine.stop()


def _fill(engine: EngineProcess) -> int:
    """Insert incompressible rows until one fails; returns how many inserts were acknowledged."""
    for number in range(100):
        noise = [error_row(number * 100 + n, payload=os.urandom(20_000)) for n in range(100)]
        try:
            engine.telemetry.insert("errors", ERRORS.columns, noise, token=f"fill{number}")
        except TelemetryUnavailable:
            return number
    pytest.fail("24 MB held 200 MB")


def test_an_engine_can_answer_on_a_loopback_port(tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = (
        "import sys; from pathlib import Path; from vedette.storage.engine.server import Listen, run_engine;"
        "run_engine(Path(sys.argv[1]), Listen(port=int(sys.argv[2])), 'secret')"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "engine"), str(port)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": "src"}, stdout=subprocess.DEVNULL)
    telemetry = Telemetry(Address(host="127.0.0.1", port=port, password="secret"))
    deadline = time.monotonic() + 20
    while not telemetry.ping():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert telemetry.query("SELECT repeat('x', 300000) AS big") == [{"big": "x" * 300_000}]
    process.terminate()
    assert process.wait(10) == 0
