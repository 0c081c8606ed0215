"""A private PostgreSQL 15 for one test session: on a unix socket, without durability.

`initdb` refuses root, so under root the server runs as `nobody`.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

BINARIES = Path("/usr/lib/postgresql/15/bin")
_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=60",
)
_SMALL = ("shared_buffers=32MB", "max_wal_senders=0", "wal_level=minimal", "autovacuum=off")


def is_available() -> bool:
    return (BINARIES / "initdb").exists()


class Cluster:
    """A running server. `new_database` copies the template that `make_template` was given."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vedette-pg-"))
        self._data = self.folder / "data"
        self._prefix: list[str] = []
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._prefix = [
                "setpriv",
                f"--reuid={nobody.pw_uid}",
                f"--regid={nobody.pw_gid}",
                "--clear-groups",
            ]
        self._run("initdb", "-D", str(self._data), "-U", "vedette", "-A", "trust", "--no-sync", "-E", "UTF8")
        self._options = " ".join(
            f"-c {option}" for option in (*_FAST, *_SMALL, f"unix_socket_directories={self.folder}")
        )
        self.start()

    def start(self) -> None:
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-l", log, "-w", "-o", self._options, "start")

    def halt(self) -> None:
        """Stop as a crash does; `start` brings it back with what was committed."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://vedette@/{database}?host={self.folder}"

    def new_database(self, template: str | None = None) -> str:
        name = f"t{secrets.token_hex(6)}"
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template or "template0")
            )
        )
        return name

    def drop(self, database: str) -> None:
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            f"host={self.folder} user=vedette dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self._prefix, str(BINARIES / program), *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
