"""The supervisor as a process of its own, with roles that write what happens to them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from vedette.supervisor import Role, Supervisor

folder = Path(sys.argv[1])

def role(name):
    def run():
        ended = []
        signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
        with (folder / name).open("a") as file:
            print(os.getpid(), file=file, flush=True)
            while not ended:
                time.sleep(0.01)
            print("stopped", time.monotonic_ns(), file=file, flush=True)
    return run

Supervisor([Role("first", role("first"), 1), Role("last", role("last"), 2)], status_file=folder / "roles.json").run()
"""


def start(folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": "src"}
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], env=environment)


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def lines(path: Path) -> list[str]:
    return path.read_text().split("\n")[:-1] if path.exists() else []


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_role_that_is_killed_is_started_again(tmp_path: Path) -> None:
    supervisor = start(tmp_path)
    try:
        until(lambda: len(lines(tmp_path / "first")) == 1)
        os.kill(int(lines(tmp_path / "first")[0]), signal.SIGKILL)
        until(lambda: len(lines(tmp_path / "first")) == 2)
        assert len(lines(tmp_path / "last")) == 1
        status = {role["name"]: role for role in json.loads((tmp_path / "roles.json").read_text())}
        assert (status["first"]["restarts"], status["last"]["restarts"]) == (1, 0)
        assert status["first"]["pid"] == int(lines(tmp_path / "first")[1])
    finally:
        supervisor.terminate()
        assert supervisor.wait(10) == 0


def test_sigterm_stops_the_roles_in_order(tmp_path: Path) -> None:
    supervisor = start(tmp_path)
    until(lambda: bool(lines(tmp_path / "first") and lines(tmp_path / "last")))
    supervisor.terminate()
    assert supervisor.wait(10) == 0
    stopped = {name: int(lines(tmp_path / name)[-1].split()[1]) for name in ("first", "last")}
    assert stopped["first"] < stopped["last"]


def test_no_role_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    supervisor = start(tmp_path)
    until(lambda: bool(lines(tmp_path / "first") and lines(tmp_path / "last")))
    pids = [int(lines(tmp_path / name)[0]) for name in ("first", "last")]
    supervisor.kill()
    supervisor.wait(10)
    until(lambda: not any(alive(pid) for pid in pids))
