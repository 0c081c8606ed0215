"""The supervisor: starts the roles as child processes, restarts one that dies, stops them in order.

Roles are forked from this process, which has loaded their code already: what they share
stays shared in memory. It has no threads, opens no store and never loads chDB (a forked
child of a process with chDB hangs). A child that loses its supervisor dies at once, so that
no orphan holds the port or the data.
"""

import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger("vedette.supervisor")

BACKOFF_FIRST_S = 0.1
BACKOFF_MOST_S = 10.0
HEALTHY_AFTER_S = 30.0
STOP_WITHIN_S = 9.0  # SIGTERM to the end; what is left then is killed (kill -9 loses nothing)
_POLL_S = 0.05
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15


@dataclass(frozen=True)
class Role:
    """One kind of child. `run` returns when its process got SIGTERM and has finished."""

    name: str
    run: Callable[[], None]
    stop_order: int  # lower stops first; the next order waits for it


@dataclass
class _Child:
    role: Role
    pid: int = 0
    lifeline: int = -1  # write end of a pipe that only the supervisor holds
    started_at: float = 0.0
    failures: int = 0
    restarts: int = 0
    start_at: float = 0.0
    started_us: int = 0


@dataclass
class Supervisor:
    """Runs `roles` until SIGTERM or SIGINT."""

    roles: Sequence[Role]
    on_ready: Callable[[], None] = lambda: None
    status_file: Path | None = None  # told of each start and end: what the health page reads
    _children: list[_Child] = field(default_factory=list[_Child])
    _stopping: bool = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        gc.collect()
        gc.freeze()  # children would otherwise copy every page the collector touches
        self._children = [_Child(role) for role in self.roles]
        ready = False
        while not self._stopping:
            self._start_due()
            self._reap()
            if not ready:
                self.on_ready()
                ready = True
            time.sleep(_POLL_S)
        self._stop_all()

    def _on_stop(self, number: int, _: object) -> None:
        self._stopping = True

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if not child.pid and child.start_at <= now:
                child.pid, child.lifeline = _fork(child.role, [c.lifeline for c in self._children if c.pid])
                child.started_at, child.started_us = now, time.time_ns() // 1000
                self._write_status()

    def _reap(self) -> None:
        for child in self._children:
            if child.pid and (status := _ended(child.pid)) is not None:
                self._plan_restart(child, status)

    def _plan_restart(self, child: _Child, status: int) -> None:
        now = time.monotonic()
        child.failures = 0 if now - child.started_at > HEALTHY_AFTER_S else child.failures + 1
        wait_s = min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2 ** max(0, child.failures - 1))
        log.warning("role_ended", role=child.role.name, pid=child.pid, status=status, restart_in_s=wait_s)
        os.close(child.lifeline)
        child.pid, child.start_at, child.restarts = 0, now + wait_s, child.restarts + 1
        self._write_status()

    def _write_status(self) -> None:
        """`[{name, pid, started_us, restarts}]`; pid 0 while a role waits to be started again."""
        if self.status_file is None:
            return
        roles = [
            {"name": c.role.name, "pid": c.pid, "started_us": c.started_us, "restarts": c.restarts}
            for c in self._children
        ]
        draft = self.status_file.with_suffix(".draft")
        try:
            draft.write_text(json.dumps(roles))
            draft.replace(self.status_file)
        except OSError as error:  # a full disk must not stop the roles
            log.warning("status_not_written", error=str(error))

    def _stop_all(self) -> None:
        deadline = time.monotonic() + STOP_WITHIN_S
        for order in sorted({child.role.stop_order for child in self._children}):
            group = [c for c in self._children if c.role.stop_order == order and c.pid]
            for child in group:
                _send(child.pid, signal.SIGTERM)
            _wait(group, deadline)
        for child in self._children:
            if child.pid:
                log.warning("role_killed", role=child.role.name, pid=child.pid)
                _send(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)


def _wait(group: Sequence[_Child], deadline: float) -> None:
    while any(child.pid for child in group) and time.monotonic() < deadline:
        for child in group:
            if child.pid and _ended(child.pid) is not None:
                child.pid = 0
        time.sleep(0.01)


def _ended(pid: int) -> int | None:
    """Exit status of a child that has ended (negative: the signal that ended it), else None."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _fork(role: Role, others: Sequence[int]) -> tuple[int, int]:
    """Start a role; its pid and the lifeline that ends it when this process is gone."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(reader)
        return pid, writer
    status = 1
    try:
        for lifeline in (*others, writer):
            os.close(lifeline)
        _die_with_parent(reader)
        _name_process(role.name)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the group; the supervisor decides
        role.run()
        status = 0
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        log.exception("role_failed", role=role.name)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _die_with_parent(reader: int) -> None:
    """End this process when its supervisor is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        os.read(reader, 1)  # returns at end of file: nobody ever writes
        os._exit(1)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def _name_process(name: str) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, f"vedette-{name}".encode()[:15])
