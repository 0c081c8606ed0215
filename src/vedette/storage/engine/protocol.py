"""One connection of the engine: HTTP in, jobs to the lanes, answers out.

An insert's rows go to their file as they arrive, without the parser once it has seen the head, for it would copy
them twice; many of them are in the memory of a client on this machine, which says where; headers and body of an
answer leave in one segment (46 ms → 1.8 ms a round trip); a client that hangs up ends its read.
"""

import asyncio
import json
import uuid
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Protocol, cast

import httptools
import structlog

from vedette.storage.engine.bodies import BodyFile, ClientsRows
from vedette.storage.engine.embedded import Answer
from vedette.storage.engine.errors import BAD_REQUEST, INTERNAL, TOO_LARGE, TOO_MANY_QUERIES, EngineError
from vedette.storage.engine.lanes import Job, Lanes
from vedette.storage.engine.requests import Request, authorized, parse_target, statement
from vedette.storage.engine.settings import MEBIBYTE
from vedette.storage.engine.statements import split_inline

log = structlog.get_logger("engine")

MAX_TARGET_BYTES = 1 * MEBIBYTE  # of the URL: as ClickHouse's http_max_uri_size
MAX_SQL_BYTES = 4 * MEBIBYTE
MAX_HEADERS = 100
MAX_PIPELINED_BYTES = 65_536
_ONE_PIECE_BYTES = 65_536  # larger answers are not copied for the sake of one segment
_READ_BYTES = 262_144  # at a time, of all connections in turn: fits the processor's cache
_LINGER_S = 2.0  # how long the rest of a refused body is read, so that its sender sees the answer
_REASONS = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 408: "Request Timeout",
    413: "Content Too Large", 500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip


class Gate:
    """What all connections share: the lanes, the secret, and the room there is for bodies."""

    def __init__(self, lanes: Lanes, secret: str, folder: Path, max_body_mb: int) -> None:
        self.lanes = lanes
        self.secret = secret
        self.folder = folder
        self.max_body_bytes = max_body_mb * MEBIBYTE
        self.max_held_bytes = 4 * self.max_body_bytes
        self.held_bytes = 0
        self.requests = 0
        self.closing = False
        self.buffer = bytearray(_READ_BYTES)  # used up before the next connection reads
        self.connections: set[Connection] = set()

    def hold(self, size: int) -> None:
        """Reserve memory for a piece of a body; raises `EngineError` when there is none left."""
        if self.held_bytes + size > self.max_held_bytes:
            raise EngineError(TOO_MANY_QUERIES, "too many inserts are being received")
        self.held_bytes += size

    def release(self, size: int) -> None:
        self.held_bytes -= size


class _Parser(Protocol):
    def feed_data(self, data: bytes | memoryview) -> None: ...
    def get_method(self) -> bytes: ...
    def should_keep_alive(self) -> bool: ...


class Connection(asyncio.BufferedProtocol):
    """HTTP/1.1 with keep-alive; one request at a time."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser: _Parser = httptools.HttpRequestParser(self)
        self._view = memoryview(gate.buffer)
        self._job: Job | None = None
        self._pending = b""
        self._refused = False
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._method = b""
        self._headers: dict[str, str] = {}
        self._request: Request | None = None
        self._sql = bytearray()
        self._rows: BodyFile | None = None
        self._shared: ClientsRows | None = None  # in place of these
        self._held = 0
        self._missing = 0  # bytes of rows that are still to come, of a length that was declared
        self._failed: EngineError | None = None
        self._keep_alive = True
        self._busy = False

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without saying so
        self._gate.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._gate.connections.discard(self)
        if self._job:
            self._gate.lanes.cancel(self._job)
        else:
            self._drop_body()

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._gate.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._read(self._view[:nbytes])

    def _read(self, data: memoryview | bytes) -> None:
        if self._refused:
            return
        if self._missing:
            rest = data[self._missing :]
            self._take_rows(data[: self._missing])
            if not rest:
                return
            data = rest
        if self._busy:
            self._pending += data
            if len(self._pending) > MAX_PIPELINED_BYTES:
                self._close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(EngineError(BAD_REQUEST, "this is not HTTP"))

    def _take_rows(self, data: memoryview | bytes) -> None:
        """Rows after the piece that their head came in."""
        self.on_body(data)
        if not self._missing:
            self._parser = httptools.HttpRequestParser(self)  # the last one still waits for them
            self._complete()

    def close_when_idle(self) -> None:
        """Close now, or after the answer that is being made."""
        if self._busy:
            self._keep_alive = False
        else:
            self._close()

    # httptools' side

    def on_url(self, url: bytes) -> None:
        self._target += url
        if len(self._target) > MAX_TARGET_BYTES:
            self._fail(EngineError(TOO_LARGE, f"the URL is over {MAX_TARGET_BYTES} bytes"))
            self._target = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self._headers) < MAX_HEADERS:
            self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._method = self._parser.get_method()
        self._keep_alive = self._parser.should_keep_alive()
        if self._failed:
            return
        try:
            self._open()
        except EngineError as error:
            self._fail(error)
            return
        if self._headers.get("expect", "").lower() == "100-continue" and self._transport:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, chunk: bytes | memoryview) -> None:
        if self._missing:
            self._missing -= len(chunk)
        if self._failed:
            return
        try:
            self._take(chunk)
        except EngineError as error:
            self._fail(error)

    def on_message_complete(self) -> None:
        self._complete()

    def _complete(self) -> None:
        self._keep_alive &= not self._gate.closing
        if self._refused:
            return
        self._busy = True
        if self._failed:
            self._answer_error(self._failed)
            return
        try:
            self._start()
        except EngineError as error:
            self._answer_error(error)

    # a request's way

    def _open(self) -> None:
        path = self._target.partition(b"?")[0]
        if path == b"/ping":
            return
        authorized(self._headers, self._gate.secret)
        if path != b"/":
            raise EngineError(BAD_REQUEST, "there is / and /ping", status=404)
        self._request = parse_target(self._target)
        length = self._headers.get("content-length", "0")
        if int(length) > self._gate.max_body_bytes:
            raise EngineError(TOO_LARGE, f"body is {length} bytes, limit is {self._gate.max_body_bytes}")
        if self._request.rows_at:
            if not self._request.query or length != "0" or "transfer-encoding" in self._headers:
                raise EngineError(BAD_REQUEST, "rows_at needs the statement in the URL and no body")
            self._shared = self._opened(self._request.rows_at)
        elif self._request.query:
            self._rows = BodyFile(self._gate.folder)
            self._missing = 0 if "transfer-encoding" in self._headers else int(length)

    def _opened(self, place: str) -> ClientsRows:
        """The rows that the client has in memory. Raises `EngineError`."""
        rows = ClientsRows(place)
        if rows.size > self._gate.max_body_bytes:
            rows.close()
            raise EngineError(TOO_LARGE, f"there are {rows.size} bytes, limit is {self._gate.max_body_bytes}")
        return rows

    def _take(self, chunk: bytes | memoryview) -> None:
        if self._rows is None:
            self._sql += chunk
            if len(self._sql) > MAX_SQL_BYTES:
                raise EngineError(TOO_LARGE, f"the statement is over {MAX_SQL_BYTES} bytes")
            return
        if self._rows.size + len(chunk) > self._gate.max_body_bytes:
            raise EngineError(TOO_LARGE, f"body is over {self._gate.max_body_bytes} bytes")
        self._gate.hold(len(chunk))
        self._held += len(chunk)
        self._write(self._rows, chunk)

    def _write(self, rows: BodyFile, chunk: bytes | memoryview) -> None:
        try:
            rows.write(chunk)
        except OSError as error:
            raise EngineError(INTERNAL, f"the body cannot be kept: {error}") from error

    def _start(self) -> None:
        if self._request is None:
            self._answer(200, b"Ok.\n", {})
            return
        request = self._request
        sql = request.query or self._inline_sql()
        if not sql and not self._rows:
            self._answer(200, b"Ok.\n", {})  # as ClickHouse answers GET /
            return
        kind, text = statement(request, self._method.decode(), sql)
        if kind != "insert" and (self._shared or (self._rows and self._rows.size)):
            raise EngineError(BAD_REQUEST, "the statement is in the URL, so only an INSERT has a body")
        self._job = Job(uuid.uuid4().hex, kind, text, sql, request.settings, request.format)
        if kind == "insert":
            self._job.body = self._shared or self._rows
            self._job.encoding = self._headers.get("content-encoding", "")
        self._gate.requests += 1
        future = self._gate.lanes.submit(self._job)
        if kind == "insert":
            self._rows = self._shared = None  # the lane's to close, now that it has taken the job
        future.add_done_callback(self._done_in_thread)

    def _inline_sql(self) -> str:
        """The statement of a request that has it in its body; an INSERT's rows go to a file."""
        body = bytes(self._sql)
        try:
            if body.lstrip()[:6].lower() != b"insert":
                return body.decode()
            sql, rows = split_inline(body)
        except UnicodeDecodeError:
            raise EngineError(BAD_REQUEST, "the statement is not UTF-8") from None
        self._rows = BodyFile(self._gate.folder)
        self._write(self._rows, rows)
        return sql

    def _done_in_thread(self, future: Future[Answer]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._done, future)

    def _done(self, future: Future[Answer]) -> None:
        job, self._job = self._job, None
        if self._transport is None or job is None:
            self._drop_body()
            return
        try:
            answer = future.result()
        except EngineError as error:
            self._answer_error(error)
        except CancelledError:
            self._answer_error(EngineError(TOO_MANY_QUERIES, "the engine is stopping"))
        except Exception as error:
            # The edge of the process: whatever a lane raised becomes an answer and a log line.
            log.exception("statement failed", id=job.id)
            self._answer_error(EngineError(INTERNAL, repr(error)))
        else:
            summary = json.dumps({"read_rows": str(answer.rows_read), "read_bytes": str(answer.bytes_read)})
            self._answer(200, answer.body, {"X-ClickHouse-Summary": summary, "X-ClickHouse-Query-Id": job.id})

    # answers

    def _fail(self, error: EngineError) -> None:
        """Answer `error` when the request is read; at once when what follows is too much to read."""
        self._failed = error
        self._drop_body()
        if error.code == TOO_LARGE:
            self._refuse(error)

    def _refuse(self, error: EngineError) -> None:
        """Answer and read no more, but let the sender finish its sentence."""
        self._refused, self._keep_alive = True, False
        self._drop_body()
        self._send(error.status, *_error_answer(error))
        self._loop.call_later(_LINGER_S, self._close)

    def _answer_error(self, error: EngineError) -> None:
        self._answer(error.status, *_error_answer(error))

    def _answer(self, status: int, body: bytes, extra: dict[str, str]) -> None:
        if self._transport is None:
            self._drop_body()
            return
        self._send(status, body, extra)
        self._drop_body()
        keep_alive = self._keep_alive
        self._reset()
        if not keep_alive:
            self._close()
        elif self._pending:
            data, self._pending = self._pending, b""
            self._read(data)

    def _send(self, status: int, body: bytes, extra: dict[str, str]) -> None:
        lines = [
            f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}",
            "Content-Type: text/plain; charset=UTF-8",
            f"Content-Length: {len(body)}",
            "X-ClickHouse-Timezone: UTC",
            f"Connection: {'keep-alive' if self._keep_alive else 'close'}",
            *(f"{name}: {value}" for name, value in extra.items()),
        ]
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        assert self._transport
        if len(body) <= _ONE_PIECE_BYTES:
            self._transport.write(head + body)
            return
        self._transport.write(head)
        self._transport.write(body)

    def _drop_body(self) -> None:
        if self._rows:
            self._rows.close()
            self._rows = None
        if self._shared:
            self._shared.close()
            self._shared = None
        if self._held:
            self._gate.release(self._held)
            self._held = 0

    def _close(self) -> None:
        if self._transport:
            self._transport.close()


def _error_answer(error: EngineError) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an error, in ClickHouse's form."""
    text = str(error)
    if not text.startswith("Code: "):
        text = f"Code: {error.code}. DB::Exception: {text}"
    return f"{text}\n".encode(), {"X-ClickHouse-Exception-Code": str(error.code)}
