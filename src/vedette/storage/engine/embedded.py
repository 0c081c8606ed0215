"""chDB itself: loading it, one session a thread, errors with their codes.

The only module that touches the extension. It loads the extension's file directly: the
`chdb` package would run a throw-away server on import (0.7 s against 0.1 s here).
"""

import contextlib
import importlib.util
import os
import threading
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, Protocol, cast

from vedette.storage.engine.errors import EngineError, from_chdb

# The options of chDB's allocator, jemalloc. An insert or a merge takes and frees some 100 MB, and what went back to the
# system meanwhile comes page by page: with an arena a core, five seconds until free pages go, and none for what is
# 64 MiB or more, that was a tenth of the engine's CPU. Sampling of allocations is off. `server.py` purges when idle.
_ALLOCATOR = "percpu_arena:disabled,narenas:1,oversize_threshold:0,dirty_decay_ms:30000,prof:false"


class Result(Protocol):
    """An answer of the extension."""

    def bytes(self) -> bytes: ...
    def rows_read(self) -> int: ...
    def bytes_read(self) -> int: ...


class Session(Protocol):
    """A connection of the extension; used by one thread only."""

    def query(self, sql: str, fmt: str) -> Result: ...
    def close(self) -> None: ...


class Answer(NamedTuple):
    body: bytes
    rows_read: int
    bytes_read: int


class Embedded:
    """chDB on one folder, from `open` to `close`; one per process, as chDB demands."""

    def __init__(self, data: Path, config: Path) -> None:
        self._address = f"{data}?config-file={config}"
        self._extension = load_extension()
        self._lock = threading.Lock()
        self._own = threading.local()
        self._sessions: list[Session] = []
        self._keeper = self._connect()  # the server inside chDB stops with its last session

    def run(self, sql: str, fmt: str = "TabSeparated") -> Answer:
        """Run one statement in this thread's session; raises `EngineError`.

        A session is given up after an error: what a failed statement had written already would
        stand in front of the next one's answer (seen with max_result_bytes).
        """
        session = self._session()
        try:
            result = session.query(sql, fmt)
        except RuntimeError as error:
            del self._own.session
            self._disconnect(session)
            raise from_chdb(error) from None
        return Answer(result.bytes(), result.rows_read(), result.bytes_read())

    def run_alone(self, sql: str, settings: str) -> Answer:
        """Run one command in a session of its own, after `SET settings`; nothing of them stays."""
        session = self._connect()
        try:
            if settings:
                session.query(f"SET {settings}", "Null")
            result = session.query(sql, "TabSeparated")
            return Answer(result.bytes(), 0, 0)
        except RuntimeError as error:
            raise from_chdb(error) from None
        finally:
            self._disconnect(session)

    def close(self) -> None:
        """Close every session: chDB finishes its merges' current step and stops."""
        with self._lock:
            sessions, self._sessions = self._sessions, []
        for session in reversed(sessions):
            session.close()

    def _disconnect(self, session: Session) -> None:
        with self._lock:
            self._sessions.remove(session)
        session.close()

    def _session(self) -> Session:
        session: Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = self._connect()
        return session

    def _connect(self) -> Session:
        try:
            session = cast("Session", self._extension.connect(self._address))
        except RuntimeError as error:
            raise from_chdb(error) from None
        with self._lock:
            self._sessions.append(session)
        return session


def load_extension() -> ModuleType:
    """The `_chdb` extension module, without its package. Raises `EngineError` where it is missing."""
    os.environ.setdefault("JE_MALLOC_CONF", _ALLOCATOR)  # read while it loads
    package = importlib.util.find_spec("chdb")
    for folder in (package.submodule_search_locations or []) if package else []:
        path = Path(folder) / "_chdb.abi3.so"
        if path.exists():
            return _load(path)
    raise EngineError(1002, "chdb-core is not installed: pip install chdb-core")


def _load(path: Path) -> ModuleType:
    loader = ExtensionFileLoader("_chdb", str(path))
    spec = importlib.util.spec_from_file_location("_chdb", path, loader=loader)
    if spec is None:
        raise EngineError(1002, f"{path} cannot be loaded")
    with contextlib.chdir(path.parent):  # it looks for its helper library in the working folder
        extension = importlib.util.module_from_spec(spec)
        loader.exec_module(extension)
    return extension
