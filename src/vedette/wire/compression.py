"""Content encodings, undone within bounds.

Knows `gzip`, `x-gzip`, `deflate` (zlib-wrapped or raw), `br`, `zstd` and `identity`; one at a
time, as no client stacks them and each more would multiply what a bomb can do. Output is made
in pieces of bounded size, so that a bomb costs time up to its limit, and never memory.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import deflate
import zstandard
from isal import isal_zlib

PIECE_BYTES = 65_536  # at most so much is inflated at a time (zstd: at most 4 MiB, see below)
_ZSTD_STEP = 128  # input bytes a step: 4 bytes can make a block of 128 KiB, so a step makes 4 MiB at most
_MOST_INFLATED = 1032  # bytes that one byte of deflate can become
_GZIP = ("gzip", "x-gzip")
_ZSTD_WINDOW = 8 * 1024 * 1024  # the most that RFC 9659 lets a content encoding ask for


class CompressionError(ValueError):
    """A body that is not what its Content-Encoding says."""


class UnknownEncoding(CompressionError):
    """A Content-Encoding nobody here can undo."""


class InflatedTooLarge(CompressionError):
    """A body that inflates past its limit."""


class Inflater(Protocol):
    """One coding, undone step by step."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` inflates to, in pieces. Raises `CompressionError`."""
        ...

    def finish(self) -> None:
        """Raises `CompressionError` when the stream has not come to its end."""
        ...


def parse_coding(header: str) -> str:
    """The coding that a Content-Encoding header names, empty when there is none to undo.

    Raises `UnknownEncoding` for one not known here, and for several.
    """
    if header in _INFLATERS:
        return header
    names = [name for part in header.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if not names:
        return ""
    if len(names) > 1 or names[0] not in _INFLATERS:
        raise UnknownEncoding(f"unsupported content encoding: {header[:64]!r}")
    return names[0]


def inflate(body: bytes, content_encoding: str, limit: int) -> bytes:
    """The whole body without its coding, at most `limit` bytes.

    Raises `UnknownEncoding`, `InflatedTooLarge`, or `CompressionError` for a corrupt or
    unfinished stream.
    """
    coding = content_encoding if content_encoding in _GZIP else parse_coding(content_encoding)
    if coding in _GZIP:
        plain = _gzip_at_once(body, limit)
        if plain is not None:
            return plain
    if not coding:
        return _bounded(body, limit)
    return _join(inflate_pieces(body, coding), limit)


def inflate_pieces(body: bytes, coding: str) -> Iterator[bytes]:
    """The body without its coding, in pieces. Raises `CompressionError`."""
    inflater = new_inflater(coding)
    yield from inflater.feed(body)
    inflater.finish()


def new_inflater(coding: str) -> Inflater:
    """The inflater of a coding that `parse_coding` returned."""
    return _INFLATERS[coding]()


def _bounded(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise InflatedTooLarge(f"body is {len(body)} bytes, limit is {limit}")
    return body


def _join(pieces: Iterator[bytes], limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise InflatedTooLarge(f"body inflates past the limit of {limit} bytes")
        parts.append(piece)
    return b"".join(parts)


def _gzip_at_once(body: bytes, limit: int) -> bytes | None:
    """The main path, 18 µs for a 17 kB event; None for what is not plainly one whole member within the limit.

    A member ends with the size of what is in it, so the memory that is asked for is known before. One that fills it
    ends with the same four bytes as the body: where that has them nowhere else, the member ends where the body does.
    """
    end = body[-4:]
    size = int.from_bytes(end, "little")
    if not 0 < size <= limit or size > _MOST_INFLATED * len(body):
        return None
    try:
        plain = deflate.gzip_decompress(body, size)
    except (deflate.DeflateError, ValueError):
        return None
    return bytes(plain) if len(plain) == size and body.find(end) == len(body) - 4 else None


class _Identity:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        pass


class _Zlib:
    """gzip with any number of members, zlib, or raw deflate."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stream = isal_zlib.decompressobj(31) if name == "gzip" else None
        self._head: bytes = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return
            self._stream = isal_zlib.decompressobj(15 if _has_zlib_header(data) else -15)
        is_full = True  # the last piece was, so there may be output left although the input is used up
        while data or (is_full and not self._stream.eof):
            if self._stream.eof:
                self._stream = self._next_member()
            piece = self._step(data)
            is_full = len(piece) == PIECE_BYTES
            if piece:
                yield piece
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    def _next_member(self) -> isal_zlib.Decompress:
        if self._name != "gzip":
            raise CompressionError(f"data after the end of the {self._name} stream")
        return isal_zlib.decompressobj(31)

    def _step(self, data: bytes) -> bytes:
        assert self._stream is not None
        try:
            return self._stream.decompress(data, PIECE_BYTES)
        except isal_zlib.error as error:
            raise CompressionError(f"corrupt {self._name} stream: {error}") from error

    def finish(self) -> None:
        if self._stream is None or not self._stream.eof:
            raise CompressionError(f"{self._name} stream ends early")


def _has_zlib_header(data: bytes) -> bool:
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream.is_finished():
            raise CompressionError("data after the end of the br stream")
        while piece := self._step(data):  # it may take all input before it has made all output
            yield piece
            data = b""

    def _step(self, data: bytes) -> bytes:
        try:
            return self._stream.process(data, output_buffer_limit=PIECE_BYTES)
        except brotli.error as error:
            raise CompressionError("corrupt br stream") from error

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise CompressionError("br stream ends early")


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_STEP):
            if self._stream.eof:
                raise CompressionError("data after the end of the zstd frame")
            if piece := self._step(data[start : start + _ZSTD_STEP]):
                yield piece
        if self._stream.unused_data:
            raise CompressionError("data after the end of the zstd frame")

    def _step(self, data: bytes) -> bytes:
        try:
            return self._stream.decompress(data)
        except zstandard.ZstdError as error:
            raise CompressionError(f"corrupt zstd frame: {error}") from error

    def finish(self) -> None:
        if not self._stream.eof:
            raise CompressionError("zstd frame ends early")


_INFLATERS: dict[str, Callable[[], Inflater]] = {
    "": _Identity,
    "gzip": lambda: _Zlib("gzip"),
    "x-gzip": lambda: _Zlib("gzip"),
    "deflate": lambda: _Zlib("deflate"),
    "br": _Brotli,
    "zstd": _Zstd,
}
