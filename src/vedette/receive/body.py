"""Reading bodies: small ones into memory, large ones to a file, bombs nowhere."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import msgspec

from vedette.core.outcomes import Category, Outcome
from vedette.receive.answers import Message
from vedette.receive.refusal import ClientGone, Counted, Refusal
from vedette.receive.request import Request
from vedette.spool.appender import BodyFile
from vedette.spool.space import SpoolFull
from vedette.spool.writer import INLINE_BYTES, SpoolFailed, SpoolWriter
from vedette.wire.compression import (
    CompressionError,
    InflatedTooLarge,
    UnknownEncoding,
    inflate,
    inflate_pieces,
    new_inflater,
    parse_coding,
)
from vedette.wire.envelope import EnvelopeError, EnvelopeHeader, EnvelopeScan, EnvelopeScanner
from vedette.wire.limits import Limits, TooLarge

AT_ONCE_BYTES = 1024 * 1024  # what the event loop inflates itself, ≤ 2 ms; more goes to a thread
_STEP_BYTES = 256 * 1024  # of a large body a thread takes at a time

_Result = TypeVar("_Result")
OnHeader = Callable[[EnvelopeHeader], Awaitable[None]]  # may refuse; called once the first line is read


class Received(msgspec.Struct):
    """A scanned envelope and its body as received: `inline`, or in a finished file."""

    scan: EnvelopeScan
    inline: bytes
    file: BodyFile | None = None


class BodyReader:
    """Reads and scans bodies within the limits. Memory per request stays under 4 MiB."""

    def __init__(self, spool: SpoolWriter, limits: Limits) -> None:
        self._spool = spool
        self._limits = limits
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="inflate")

    async def read(
        self, request: Request, limit: int, *, keep_bytes: int = INLINE_BYTES
    ) -> tuple[bytes, bool]:
        """The body as received, and whether it is complete: it stops once past `keep_bytes`.

        Raises `Refusal` past `limit` or when it is empty, `ClientGone`.
        """
        if request.declared_bytes > limit:
            raise _too_large("envelope", f"body is {request.declared_bytes} bytes, limit is {limit}")
        body, more = _chunk(await request.receive())
        if more:
            parts, size = [body], len(body)
            while more and size <= keep_bytes:
                body, more = _chunk(await request.receive())
                parts.append(body)
                size += len(body)
            body = b"".join(parts)
        if len(body) > limit:
            raise _too_large("envelope", f"body is over {limit} bytes")
        if not body and not more:
            raise Refusal(400, "empty body", "no_data")
        return body, not more

    async def read_envelope(self, request: Request, on_header: OnHeader) -> Received:
        """The envelope of a request. Raises `Refusal`, `ClientGone`, and what `on_header` raises."""
        coding = _coding(request)
        body, is_complete = await self.read(request, self._limits.envelope_bytes)
        scanner = EnvelopeScanner(self._limits)
        if not is_complete or len(body) > INLINE_BYTES:
            return await _Large(self, request, coding, scanner, on_header).read(body, is_complete=is_complete)
        try:
            scan = await self._scan(body, coding, scanner)
        except (CompressionError, EnvelopeError, TooLarge) as error:
            await _ask(scanner, on_header)
            raise as_refusal(error) from error
        await on_header(scan.header)
        return Received(scan, body)

    async def _scan(self, body: bytes, coding: str, scanner: EnvelopeScanner) -> EnvelopeScan:
        try:
            plain = inflate(body, coding, AT_ONCE_BYTES)
        except InflatedTooLarge:
            return await self.in_thread(partial(_scan_inflated, body, coding, scanner))
        scanner.feed(plain)
        return scanner.finish()

    def new_file(self) -> BodyFile:
        try:
            return self._spool.new_body()
        except (SpoolFull, SpoolFailed) as error:
            raise no_room(error) from error

    async def in_thread(self, function: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)


class _Large:
    """One large envelope on its way to a file, inflated and scanned as it comes."""

    def __init__(
        self, reader: BodyReader, request: Request, coding: str, scanner: EnvelopeScanner, on_header: OnHeader
    ) -> None:
        self._reader = reader
        self._request = request
        self._inflater = new_inflater(coding)
        self._scanner = scanner
        self._on_header = on_header
        self._is_admitted = False
        self._size = 0

    async def read(self, body: bytes, *, is_complete: bool) -> Received:
        file = self._reader.new_file()
        try:
            await self._take_all(file, body, is_complete=is_complete)
            scan = await self._reader.in_thread(partial(self._finish, file))
        except BaseException as error:
            file.discard()
            if isinstance(error, CompressionError | EnvelopeError | TooLarge):
                raise as_refusal(error) from error
            if isinstance(error, OSError):
                raise no_room(error) from error
            raise
        return Received(scan, b"", file)

    async def _take_all(self, file: BodyFile, body: bytes, *, is_complete: bool) -> None:
        await self._take(file, body)
        parts: list[bytes] = []
        size, more = 0, not is_complete
        while more:
            part, more = _chunk(await self._request.receive())
            parts.append(part)
            size += len(part)
            if not more or size >= _STEP_BYTES:
                await self._take(file, b"".join(parts))
                parts, size = [], 0

    async def _take(self, file: BodyFile, data: bytes) -> None:
        try:
            await self._reader.in_thread(partial(self._step, file, data))
        except (CompressionError, EnvelopeError, TooLarge):
            await self._admit()
            raise
        await self._admit()

    async def _admit(self) -> None:
        if not self._is_admitted:
            self._is_admitted = await _ask(self._scanner, self._on_header)

    def _step(self, file: BodyFile, data: bytes) -> None:
        file.write(data)
        for piece in self._inflater.feed(data):
            self._scanner.feed(piece)

    def _finish(self, file: BodyFile) -> EnvelopeScan:
        self._inflater.finish()
        scan = self._scanner.finish()
        file.finish()
        return scan


async def _ask(scanner: EnvelopeScanner, on_header: OnHeader) -> bool:
    """Who the sender is comes before what is wrong with the rest of the body."""
    if scanner.header is None:
        return False
    await on_header(scanner.header)
    return True


def _scan_inflated(body: bytes, coding: str, scanner: EnvelopeScanner) -> EnvelopeScan:
    for piece in inflate_pieces(body, coding):
        scanner.feed(piece)
    return scanner.finish()


def _chunk(message: Message) -> tuple[bytes, bool]:
    if message["type"] != "http.request":
        raise ClientGone
    return message.get("body", b""), message.get("more_body", False)


def _coding(request: Request) -> str:
    header = request.said.content_encoding
    if not header or header == "gzip":
        return header
    try:
        return parse_coding(header)
    except UnknownEncoding as error:
        raise as_refusal(error) from error


def as_refusal(error: CompressionError | EnvelopeError | TooLarge) -> Refusal:
    """The status and reason for a body that cannot be taken."""
    match error:
        case UnknownEncoding():
            return Refusal(415, str(error), "content_encoding")
        case InflatedTooLarge():
            return _too_large("envelope", str(error))
        case CompressionError():
            return Refusal(400, "body cannot be decompressed", "invalid_compression", causes=(str(error),))
        case TooLarge():
            return _too_large(error.what, str(error))
        case EnvelopeError():
            return Refusal(400, "invalid envelope", "invalid_envelope", causes=(str(error),))


def _too_large(what: str, detail: str) -> Refusal:
    return Refusal(413, detail, f"too_large:{what}")


def no_room(error: Exception, items: Sequence[Counted] = (Counted(Category.DEFAULT),)) -> Refusal:
    """The refusal for a spool that takes nothing now: 429 when it is full, 503 when its disk fails."""
    return Refusal(
        429 if isinstance(error, SpoolFull) else 503,
        "overloaded: try again later",
        "overloaded",
        outcome=Outcome.RATE_LIMITED,
        retry_after_s=SpoolFull.retry_after_s,
        items=tuple(items),
    )
