"""Content encodings, undone within bounds.

Knows `gzip`, `x-gzip`, `deflate` (zlib-wrapped or raw), `br`, `zstd` and `identity`, also
several after another. Output is made in pieces of bounded size, so that a bomb costs time
up to its limit, and never memory.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import brotli
import zstandard
from isal import isal_zlib

PIECE_BYTES = 65_536  # at most so much is inflated at a time (zstd: at most 4 MiB, see below)
MAX_CODINGS = 3  # nobody sends more than one; each one more multiplies what a bomb can do
_ZSTD_STEP = 128  # input bytes a step: 4 bytes can make a block of 128 KiB, so a step makes 4 MiB at most
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


def parse_codings(header: str) -> tuple[str, ...]:
    """Codings of a Content-Encoding header in the order they were applied, `identity` left out.

    Raises `UnknownEncoding` for one not known here, or for more than three.
    """
    names = tuple(
        name for part in header.split(",") if (name := part.strip().lower()) not in ("", "identity")
    )
    for name in names:
        if name not in _INFLATERS:
            raise UnknownEncoding(f"unsupported content encoding: {name[:32]!r}")
    if len(names) > MAX_CODINGS:
        raise UnknownEncoding(f"{len(names)} content encodings, limit is {MAX_CODINGS}")
    return names


def inflate(body: bytes, content_encoding: str, limit: int) -> bytes:
    """The whole body without its codings, at most `limit` bytes.

    Raises `UnknownEncoding`, `InflatedTooLarge`, or `CompressionError` for a corrupt or
    unfinished stream.
    """
    codings = parse_codings(content_encoding)
    if not codings:
        return _bounded(body, limit)
    if len(codings) == 1 and codings[0] in ("gzip", "x-gzip"):
        plain = _gzip_at_once(body, limit)
        if plain is not None:
            return plain
    return _join(inflate_pieces((body,), codings), limit)


def inflate_pieces(chunks: Iterable[bytes], codings: tuple[str, ...]) -> Iterator[bytes]:
    """The body that arrives in `chunks`, without its codings, in pieces."""
    inflaters = inflater_chain(codings)
    for chunk in chunks:
        yield from feed_chain(inflaters, chunk)
    for inflater in inflaters:
        inflater.finish()


def inflater_chain(codings: tuple[str, ...]) -> list[Inflater]:
    """One inflater for each coding, the last applied first."""
    return [_INFLATERS[name]() for name in reversed(codings)]


def feed_chain(inflaters: list[Inflater], data: bytes) -> Iterator[bytes]:
    """What `data` becomes after all inflaters, in pieces."""
    if not inflaters:
        yield data
        return
    for piece in inflaters[0].feed(data):
        yield from feed_chain(inflaters[1:], piece)


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
    """The main path, 20 µs for a 17 kB event; None when it is not one whole member."""
    stream = isal_zlib.decompressobj(31)
    try:
        plain = stream.decompress(body, limit + 1)
    except isal_zlib.error as error:
        raise CompressionError(f"corrupt gzip stream: {error}") from error
    if len(plain) > limit:
        raise InflatedTooLarge(f"body inflates past the limit of {limit} bytes")
    return plain if stream.eof and not stream.unused_data else None


class _Zlib:
    """gzip with any number of members, zlib, or raw deflate."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stream = isal_zlib.decompressobj(31) if name == "gzip" else None
        self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return
            self._stream = isal_zlib.decompressobj(15 if _has_zlib_header(data) else -15)
        while data:
            data = self._next_member(data)
            piece = self._step(data)
            if piece:
                yield piece
            elif not self._stream.eof:
                return
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    def _next_member(self, data: bytes) -> bytes:
        if self._stream is not None and self._stream.eof:
            if self._name != "gzip":
                raise CompressionError(f"data after the end of the {self._name} stream")
            self._stream = isal_zlib.decompressobj(31)
        return data

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
        while True:
            piece = self._step(data)
            if piece:
                yield piece
            if self._stream.is_finished() or self._stream.can_accept_more_data():
                return
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
    "gzip": lambda: _Zlib("gzip"),
    "x-gzip": lambda: _Zlib("gzip"),
    "deflate": lambda: _Zlib("deflate"),
    "br": _Brotli,
    "zstd": _Zstd,
}
