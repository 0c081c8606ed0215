"""Connections to the records store and the shape of its transactions.

SQLite: WAL, foreign keys on, `BEGIN IMMEDIATE` for writers so that a transaction never
fails halfway for a lock it could have waited for. No transaction spans other I/O.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_S = 10
_LOG_PAGES = 4000  # of 4 kB, before they go to the file: each range writes a thousand, mostly the same


class Records:
    """The records store of one process. Thread-safe; sessions and connections are not."""

    def __init__(self, url: str, *, durable: bool = False, pool_size: int = 8) -> None:
        """`url`: `sqlite:///path` or `postgresql+psycopg://…`.

        `durable`: on SQLite, fsync at each commit (`synchronous=FULL`). The pipeline needs
        it, because the spool forgets what T2 has committed.
        """
        self.url = url
        self.engine = _engine(url, durable=durable, pool_size=pool_size)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Generator[Session]:
        """A session for reading; nothing is written."""
        with self._sessions() as session:
            if self.is_sqlite:
                session.connection(execution_options={"vedette_read": True})
            yield session
            session.rollback()

    @contextmanager
    def write(self) -> Generator[Session]:
        """A session in one transaction, committed at the end, rolled back on error."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def connect(self) -> Generator[Connection]:
        """A Core connection in one write transaction, for batches."""
        with self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def _engine(url: str, *, durable: bool, pool_size: int) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(
            url, connect_args={"timeout": BUSY_TIMEOUT_S}, pool_size=pool_size, max_overflow=16
        )
        _prepare_sqlite(engine, durable=durable)
        return engine
    return create_engine(url, pool_size=pool_size, max_overflow=16, pool_pre_ping=True)


def make_private(path: Path) -> None:
    """An empty file that only its owner reads, unless there is one.

    SQLite would make it readable for all, and gives the files beside it the same mode.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _prepare_sqlite(engine: Engine, *, durable: bool) -> None:
    def before_connect(*_: object) -> None:
        if engine.url.database:
            make_private(Path(engine.url.database))

    def on_connect(connection: SQLiteConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # sqlite3 would open transactions by itself, and late
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
        connection.execute("PRAGMA cache_size=-8192")
        connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")

    def on_begin(connection: Connection) -> None:
        options: dict[str, Any] = dict(connection.get_execution_options())
        connection.exec_driver_sql("BEGIN" if options.get("vedette_read") else "BEGIN IMMEDIATE")

    event.listen(engine, "do_connect", before_connect)
    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
