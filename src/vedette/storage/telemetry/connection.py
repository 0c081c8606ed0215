"""HTTP to the store: addresses, kept-alive connections, bytes out and bytes in.

The standard library's client, because it costs a process 2 MB where clickhouse-connect
costs 40, and because the engine is reached over a unix socket.
"""

import http.client
import socket
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from vedette.storage.telemetry.errors import TelemetryUnavailable
from vedette.storage.telemetry.native import Block

_CONNECT_S = 3.0
_KEPT = 8  # idle connections kept open


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
        self._headers = {"X-ClickHouse-User": address.user, "X-ClickHouse-Key": address.password}

    def post(self, target: str, body: bytes | Block, *, timeout_s: float, repeatable: bool) -> Reply:
        """One request and its whole answer.

        A kept connection may have been closed by the other side meanwhile: then `repeatable`
        requests are sent once more on a fresh one. Raises `TelemetryUnavailable`.
        """
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

    def close(self) -> None:
        while kept := self._take():
            kept.close()

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
