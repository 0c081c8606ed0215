"""HTTP to the store: addresses, kept-alive connections, bytes out and bytes in.

The standard library's client, because it costs a process 2 MB where clickhouse-connect
costs 40, and because the engine is reached over a unix socket.
"""

import contextlib
import http.client
import os
import socket
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import structlog

from vedette.storage.telemetry.errors import OUT_OF_REACH, UNKNOWN_SETTING, TelemetryUnavailable
from vedette.storage.telemetry.native import Block
from vedette.storage.telemetry.shared_rows import WORTH_SHARING_BYTES, SharedRows

log = structlog.get_logger("vedette.telemetry")

_CONNECT_S = 3.0
_KEPT = 8  # idle connections kept open
_KEPT_ROWS = 1  # an insert's memory for the next one
_NOT_TAKEN = (OUT_OF_REACH, UNKNOWN_SETTING)
_REFUSALS = 3  # one after the other: one alone may be the engine's own trouble with a file


@dataclass(frozen=True)
class Address:
    """Where the store answers: a unix socket (the engine), or host and port."""

    unix: Path | str = ""
    host: str = "127.0.0.1"
    port: int = 8123
    tls: bool = False
    user: str = "default"
    password: str = ""
    database: str = ""


def parse_address(url: str) -> Address:
    """The address in a `VEDETTE_CLICKHOUSE_URL`: `https://user:password@host:8443/database`.

    Raises `ValueError` with what is wrong about it, never with the password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a ClickHouse URL reads http(s)://user:password@host:port/database")
    tls = parts.scheme == "https"
    return Address(
        host=parts.hostname,
        port=parts.port or (8443 if tls else 8123),
        tls=tls,
        user=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        database=parts.path.strip("/"),
    )


class Reply(NamedTuple):
    status: int
    code: int  # ClickHouse's exception code, 0 when there is none
    body: bytes


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_CONNECT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_CONNECT_S)
        self.sock.connect(self._path)


class Connections:
    """Connections to one address, kept alive; any number of threads."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._idle: deque[http.client.HTTPConnection] = deque(maxlen=_KEPT)
        self._shares = bool(address.unix) and hasattr(os, "memfd_create")
        self._refusals = 0  # of rows left in memory, since some were last taken
        self._rows: deque[SharedRows] = deque()
        self._headers = {"X-ClickHouse-User": address.user, "X-ClickHouse-Key": address.password}

    def post(self, target: str, body: bytes | Block, *, timeout_s: float, repeatable: bool) -> Reply:
        """One request and its whole answer. Many rows for an engine on this machine are left where it finds them.

        A kept connection may have been closed by the other side meanwhile: then `repeatable`
        requests are sent once more on a fresh one. Raises `TelemetryUnavailable`.
        """
        rows = self._filled(body)
        if rows is None:
            return self._post(target, body, timeout_s, repeatable)
        try:
            # on a fresh connection and once: of a first try that broke the engine might still be reading
            reply = self._post(f"{target}&rows_at={rows.place}", b"", timeout_s, repeatable=False)
        except BaseException:
            rows.close()
            raise
        self._leave(rows, reply)
        if reply.code not in _NOT_TAKEN:
            self._refusals = 0
            return reply
        self._refusals += 1
        if self._shares and (reply.code == UNKNOWN_SETTING or self._refusals >= _REFUSALS):
            self._shares = False
            log.info("rows_are_sent", code=reply.code)  # and from now on
        return self._post(target, body, timeout_s, repeatable)

    def give_back(self) -> None:
        """Free the memory that waits for the next rows."""
        with contextlib.suppress(IndexError):
            while True:
                self._rows.pop().close()

    def close(self) -> None:
        self.give_back()
        while kept := self._take():
            kept.close()

    def _filled(self, body: bytes | Block) -> SharedRows | None:
        """The rows in memory for the engine to open; None where they are few, are to be sent, or there is no memory."""
        if not self._shares or not isinstance(body, Block) or body.size_bytes < WORTH_SHARING_BYTES:
            return None
        rows: SharedRows | None = None
        try:
            rows = self._rows.pop() if self._rows else SharedRows()
            rows.fill(body)
        except (IndexError, OSError):
            if rows:
                rows.close()
            return None
        return rows

    def _leave(self, rows: SharedRows, reply: Reply) -> None:
        """Only what was answered as done is written anew: of anything else an engine may still be reading."""
        if reply.status == 200 and len(self._rows) < _KEPT_ROWS:
            self._rows.append(rows)
        else:
            rows.close()

    def _post(self, target: str, body: bytes | Block, timeout_s: float, repeatable: bool) -> Reply:
        kept = self._take() if repeatable else None
        if kept:
            try:
                return self._send(kept, target, body, timeout_s)
            except TimeoutError as error:
                raise TelemetryUnavailable(f"no answer within {timeout_s:g} s") from error
            except (OSError, http.client.HTTPException):
                pass  # it was closed while idle, or its server has been restarted
        try:
            return self._send(self._new(), target, body, timeout_s)
        except TimeoutError as error:
            raise TelemetryUnavailable(f"no answer within {timeout_s:g} s") from error
        except (OSError, http.client.HTTPException) as error:
            raise TelemetryUnavailable(f"the telemetry store cannot be reached: {error!r}") from error

    def _take(self) -> http.client.HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _new(self) -> http.client.HTTPConnection:
        address = self._address
        if address.unix:
            return _UnixConnection(str(address.unix))
        kind = http.client.HTTPSConnection if address.tls else http.client.HTTPConnection
        return kind(address.host, address.port, timeout=_CONNECT_S)

    def _send(
        self, connection: http.client.HTTPConnection, target: str, body: bytes | Block, timeout_s: float
    ) -> Reply:
        try:
            _connected(connection).settimeout(timeout_s)
            connection.request("POST", target, body, {**self._headers, "Content-Length": str(_size(body))})
            response = connection.getresponse()
            reply = Reply(
                response.status,
                _code(response.headers.get("X-ClickHouse-Exception-Code", "0")),
                response.read(),
            )
        except BaseException:
            connection.close()
            raise
        if response.will_close or len(self._idle) >= _KEPT:
            connection.close()
        else:
            self._idle.append(connection)
        return reply


def _size(body: bytes | Block) -> int:
    return body.size_bytes if isinstance(body, Block) else len(body)


def _connected(connection: http.client.HTTPConnection) -> socket.socket:
    if connection.sock is None:
        connection.connect()
    assert connection.sock
    return connection.sock


def _code(value: str) -> int:
    return int(value) if value.isdigit() else 0
