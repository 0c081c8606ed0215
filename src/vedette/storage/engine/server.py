"""The engine process from start to stop: folder, chDB, lanes, sockets."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import structlog
import uvloop

from vedette.storage.engine.embedded import Embedded
from vedette.storage.engine.errors import EngineError
from vedette.storage.engine.idle_memory import give_back_library_pages
from vedette.storage.engine.lanes import Lanes
from vedette.storage.engine.protocol import Connection, Gate
from vedette.storage.engine.settings import EngineSettings, write_config

log = structlog.get_logger("engine")

_IDLE_CHECK_S = 15.0
_LAST_ANSWERS_S = 0.05  # for the answers of what was drained to leave


@dataclass(frozen=True)
class Listen:
    """Where the engine answers: a unix socket of mode 0600, a loopback port, or both."""

    unix: Path | None = None
    port: int | None = None


def run_engine(
    folder: Path,
    listen: Listen,
    secret: str,
    *,
    settings: EngineSettings | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve the telemetry in `folder` until SIGTERM, SIGINT or `stop`; returns when all is closed.

    The socket exists once chDB has opened its data, so `GET /ping` answers only when ready.
    To be called in a process of its own, before it has started threads: chDB hangs after a
    fork and wants its folder for itself. Raises `EngineError` when the folder is in use.
    """
    settings = settings or EngineSettings()
    os.environ["TZ"] = "UTC"
    time.tzset()
    with _locked(folder):
        config = _prepare(folder, settings)
        engine = Embedded(folder / "store", config)
        try:
            uvloop.run(_serve(folder, engine, listen, secret, settings, stop or threading.Event()))
        finally:
            engine.close()


@contextlib.contextmanager
def _locked(folder: Path) -> Generator[TextIO]:
    """Hold the folder's lock, which the kernel frees however this process ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "engine.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EngineError(76, f"{folder} is in use by another engine") from None
        yield lock


def _prepare(folder: Path, settings: EngineSettings) -> Path:
    """Fresh working folders: what a killed engine left in them is of no use to anybody."""
    for name in ("incoming", "spill"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(mode=0o700)
    return write_config(folder, settings)


async def _serve(
    folder: Path,
    engine: Embedded,
    listen: Listen,
    secret: str,
    settings: EngineSettings,
    stop: threading.Event,
) -> None:
    lanes = Lanes(engine, settings, time.monotonic)
    gate = Gate(lanes, secret, folder / "incoming", settings.max_body_mb)
    async with _listening(gate, listen):
        log.info("engine ready", folder=str(folder))
        idle = asyncio.create_task(_trim_when_idle(engine, gate))
        await _stopped(stop)
        idle.cancel()
    gate.closing = True
    finished = await asyncio.to_thread(lanes.drain, settings.drain_s)
    await asyncio.sleep(_LAST_ANSWERS_S)
    for connection in list(gate.connections):
        connection.close_when_idle()
    log.info("engine stopped", everything_finished=finished)


@contextlib.asynccontextmanager
async def _listening(gate: Gate, listen: Listen) -> AsyncGenerator[None]:
    loop = asyncio.get_running_loop()
    servers: list[asyncio.Server] = []
    if listen.unix:
        servers.append(
            await loop.create_unix_server(lambda: Connection(gate), sock=_unix_socket(listen.unix))
        )
    if listen.port is not None:
        servers.append(await loop.create_server(lambda: Connection(gate), "127.0.0.1", listen.port))
    try:
        yield
    finally:
        for server in servers:
            server.close()
        if listen.unix:
            listen.unix.unlink(missing_ok=True)


def _unix_socket(path: Path) -> socket.socket:
    """A bound socket that never was open to others: the mode is set before it listens."""
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        bound.bind(str(path))
    finally:
        os.umask(before)
    bound.setblocking(False)
    return bound


async def _stopped(stop: threading.Event) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked.set)
    while not (asked.is_set() or stop.is_set()):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), 0.5)


async def _trim_when_idle(engine: Embedded, gate: Gate) -> None:
    """Give memory back once after each stretch of work, and once after the start."""
    trimmed_at, seen = -1, 0
    while True:
        if gate.requests == seen and trimmed_at != seen:
            await asyncio.to_thread(_trim, engine)
            trimmed_at = seen
        seen = gate.requests
        await asyncio.sleep(_IDLE_CHECK_S)


def _trim(engine: Embedded) -> None:
    with contextlib.suppress(EngineError):
        engine.run_alone("SYSTEM JEMALLOC PURGE", "")
    give_back_library_pages()
