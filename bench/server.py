"""A server to measure: started as a user would start it, looked at through its stores."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load import sample
from tests.e2e.server import Server
from vedette.config import Settings
from vedette.roles import Home

ROOT = Path(__file__).parents[1]


@contextmanager
def running(folder: Path, settings: dict[str, str] | None = None) -> Iterator[Server]:
    server = Server(folder, settings or {}).start()
    try:
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.stop()


def roles(server: Server) -> dict[str, int]:
    """Pid by name of the roles that run: those that the supervisor has written down and that are its children."""
    assert server.process
    try:
        written = json.loads((server.folder / "run" / "roles.json").read_text())
    except OSError:
        return {}
    return {role["name"]: role["pid"] for role in written if is_child(role["pid"], server.process.pid)}


def is_child(pid: int, parent: int) -> bool:
    """Whether a process runs, no zombie, as the child of another."""
    try:
        state, found = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:2]
    except OSError:
        return False
    return int(found) == parent and state != "Z"


def counted(server: Server) -> int:
    """How often issues were seen, as committed by T2."""
    with sqlite3.connect(server.folder / "records.sqlite3", timeout=10) as records:
        return int(records.execute("SELECT coalesce(sum(times_seen), 0) FROM issues").fetchone()[0])


def stored_ids(server: Server) -> list[str]:
    """Ids of the events in telemetry, each as often as it is there."""
    telemetry = Home.of(Settings(data=server.folder)).telemetry()
    rows = telemetry.query_rows(
        "SELECT event_id FROM errors", max_seconds=120, settings={"max_result_bytes": "1000000000"}
    )
    telemetry.close()
    return [str(row[0]) for row in rows]


def send_command(server: Server, *arguments: str) -> list[str]:
    """The load generator against this server."""
    return [sys.executable, str(ROOT / "bench/load.py"), "send", "--dsn", server.dsn(), *arguments]


def poll_command(server: Server) -> str:
    """Prints how many events are stored and counted."""
    return (
        f"{sys.executable} -c \"import sqlite3; c = sqlite3.connect('{server.folder}/records.sqlite3', timeout=10); "
        "print(c.execute('SELECT coalesce(sum(times_seen), 0) FROM issues').fetchone()[0])\""
    )


def until_settled(server: Server, expected: int, *, seconds: float) -> int:
    """Wait until so many events are counted, or the count stands still for 15 s; the count."""
    deadline = time.monotonic() + seconds
    last, since = -1, time.monotonic()
    while time.monotonic() < deadline:
        now = counted(server)
        if now >= expected:
            return now
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > 15:
            break
        time.sleep(0.2)
    return counted(server)


def kill_everything(server: Server) -> None:
    """kill -9 of the supervisor and all its children at once."""
    assert server.process
    for pid in (server.process.pid, *roles(server).values()):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    server.process.wait()


def memory(server: Server) -> dict[str, float]:
    """RSS, PSS (MB) and CPU seconds of the whole process tree."""
    assert server.process
    return sample([server.process.pid])


def disk_bytes(folder: Path) -> int:
    """What the folder takes on disk, in blocks."""
    done = subprocess.run(["du", "-sk", str(folder)], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0]) * 1024
