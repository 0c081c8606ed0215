"""A receiving server on a real port, spoken to in raw HTTP as clients wrote it."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
import uvicorn

from tests.support.keys import KeysInMemory
from tests.support.spools import TestSpool
from vedette.core.outcomes import OutcomeCount
from vedette.projects.keys import KeyInfo
from vedette.receive.app import Receiver, create_receive
from vedette.receive.protocol import IngestProtocol
from vedette.spool.reader import SpoolReader
from vedette.spool.record import Position, SpoolRecord
from vedette.wire.origins import parse_origins

KEY = "0123456789abcdef0123456789abcdef"
REVOKED = "1" * 32
GONE = "2" * 32
FENCED = "3" * 32  # allows example.com and *.example.org
OTHER = "4" * 32  # of project 8
UNKNOWN = "f" * 32
_T = TypeVar("_T")


def now_us() -> int:
    return time.time_ns() // 1000


def known_keys() -> KeysInMemory:
    return KeysInMemory(
        KeyInfo(11, KEY, 7, 3),
        KeyInfo(12, REVOKED, 7, 3, is_active=False),
        KeyInfo(13, GONE, 9, 3, is_project_active=False),
        KeyInfo(14, FENCED, 7, 3, origins=parse_origins(["example.com", "*.example.org"])),
        KeyInfo(15, OTHER, 8, 3),
    )


class Response(msgspec.Struct):
    """Header names in lower case; a repeated one is joined by a comma."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        return msgspec.json.decode(self.body, type=dict[str, object])

    @property
    def detail(self) -> str:
        return str(self.json()["detail"])

    @property
    def causes(self) -> str:
        return json.dumps(self.json()["causes"])


class IngestServer:
    """A receiver behind uvicorn, in a thread of its own."""

    def __init__(
        self,
        root: Path,
        *,
        prefix: str = "",
        trusted_proxies: tuple[str, ...] = (),
        timeout_keep_alive_s: int = 5,
    ) -> None:
        self.keys = known_keys()
        self.spool = TestSpool(root, clock=now_us)
        self.space = self.spool.space()
        self.rejected: list[tuple[int, str, str]] = []
        self._loop = asyncio.new_event_loop()
        self.writer = self.spool.writer(space=self.space, segment_bytes=64 << 20)
        self.app: Receiver = create_receive(
            self.keys,
            self.writer,
            clock=now_us,
            prefix=prefix,
            trusted_proxies=trusted_proxies,
            on_reject=lambda project, reason, detail: self.rejected.append((project, reason, detail)),
        )
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                self.app,
                http=IngestProtocol,
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                timeout_keep_alive=timeout_keep_alive_s,
            )
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        self._reader = SpoolReader(self.spool.folder.writer_folder("web-0"), Position())

    def send(self, data: bytes, *, rest: bytes = b"", timeout_s: float = 20) -> Response:
        """The answer to one raw request; `rest` follows after a moment."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout_s) as connection:
            connection.sendall(data)
            if rest:
                time.sleep(0.05)
                connection.sendall(rest)
            return _read_response(connection)

    def post(
        self,
        path: str,
        body: bytes = b"",
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        return self.send(request(path, body, method=method, headers=headers))

    def records(self) -> list[SpoolRecord]:
        """Envelope and store records since the last call, bodies in place."""
        return [
            msgspec.structs.replace(spooled.record, body=self._reader.body(spooled))
            for spooled in self._reader.records()
            if spooled.record.kind != "outcomes"
        ]

    def outcomes(self) -> list[tuple[int, int | None, str, str, str, int]]:
        """What was refused since the last call: project, key, category, outcome, reason, quantity."""
        counts: list[OutcomeCount] = self.call(self.app.rejections.take)
        return [
            (one.project_id, one.key_id, one.category, one.outcome.name.lower(), one.reason, one.quantity)
            for one in counts
        ]

    def call(self, function: Callable[[], _T]) -> _T:
        """Run on the server's loop."""

        async def run() -> _T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def begin_stop(self) -> None:
        self._server.should_exit = True

    def stop(self) -> None:
        self.begin_stop()
        self._thread.join(10)
        self._reader.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve([self._socket]))
        self._loop.run_until_complete(self.writer.close())
        self._loop.close()


def request(
    path: str, body: bytes = b"", *, method: str = "POST", headers: Mapping[str, str] | None = None
) -> bytes:
    """Raw HTTP/1.1 with Content-Length, then the connection is closed."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(path: str, chunks: list[bytes], *, headers: Mapping[str, str] | None = None) -> bytes:
    """The same with chunks and no Content-Length, as Node, .NET and Java send."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    framed = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + framed + b"0\r\n\r\n"


def _read_response(connection: socket.socket) -> Response:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65_536)
        if not more:
            raise ConnectionResetError(f"closed after {data!r}")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65_536)
    return Response(int(lines[0].split()[1]), headers, body)
