"""Content encodings, and bombs in each."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from vedette.wire.compression import (
    CompressionError,
    InflatedTooLarge,
    UnknownEncoding,
    inflate,
    inflate_pieces,
    parse_coding,
)

PLAIN = b'{"message":"hello"}' * 500
MIB = 1024 * 1024


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", lambda data: brotli.compress(data, quality=4)),
    "zstd": ("zstd", zstandard.compress),
    "capitals": (" GZIP ", gzip.compress),
    "with identity": ("identity, gzip", gzip.compress),
    "none": ("", bytes),
    "identity": ("identity", bytes),
}


@pytest.mark.parametrize("name", CODINGS)
def test_each_coding_is_undone(name: str) -> None:
    header, compress = CODINGS[name]
    assert inflate(compress(PLAIN), header, MIB) == PLAIN
    assert inflate(compress(b""), header, MIB) == b""


@pytest.mark.parametrize("name", CODINGS)
@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 131_072, 600_000])
def test_no_output_is_left_behind_at_the_end_of_a_piece(name: str, size: int) -> None:
    header, compress = CODINGS[name]
    plain = bytes(size)
    assert b"".join(inflate_pieces(compress(plain), parse_coding(header))) == plain


@pytest.mark.parametrize("name", CODINGS)
def test_a_body_past_its_limit_is_refused(name: str) -> None:
    header, compress = CODINGS[name]
    assert inflate(compress(PLAIN), header, len(PLAIN)) == PLAIN
    with pytest.raises(InflatedTooLarge):
        inflate(compress(PLAIN), header, len(PLAIN) - 1)


@pytest.mark.parametrize("name", [name for name in CODINGS if name not in ("none", "identity")])
def test_a_corrupt_or_unfinished_stream_is_refused(name: str) -> None:
    header, compress = CODINGS[name]
    whole = compress(PLAIN)
    for broken in (whole[:-3], whole[:5], b"", b"\x00nonsense" * 5, whole + b"more"):
        with pytest.raises(CompressionError):
            inflate(broken, header, MIB)


def test_a_gzip_body_may_have_several_members() -> None:
    assert inflate(gzip.compress(b"a" * 99_999) + gzip.compress(b"b"), "gzip", MIB) == b"a" * 99_999 + b"b"
    assert inflate(gzip.compress(b"ab") * 3, "gzip", MIB) == b"ababab"  # each ends with the size of the first


@pytest.mark.parametrize("told", [0, 1, 99, 101, 2**32 - 1])
def test_a_gzip_member_that_lies_about_its_size_is_refused(told: int) -> None:
    with pytest.raises(CompressionError):
        inflate(gzip.compress(b"x" * 100)[:-4] + told.to_bytes(4, "little"), "gzip", MIB)


@pytest.mark.parametrize("count", range(1, 20))
def test_a_gzip_body_that_repeats_its_end_is_refused(count: int) -> None:
    body = gzip.compress(b"x" * 100)
    for end in (body[-count:], body[-count:] * 2, b"\0" * count, body[:count]):
        with pytest.raises(CompressionError):
            inflate(body + end, "gzip", MIB)


def test_a_gzip_body_may_hold_its_own_end() -> None:
    plain = b"any"
    for _ in range(3):
        plain += gzip.compress(plain)[-8:]
        assert inflate(gzip.compress(plain, 0), "gzip", MIB) == plain


def test_a_gzip_body_may_hold_its_own_size() -> None:
    plain = (20).to_bytes(4, "little").ljust(20)
    assert inflate(gzip.compress(plain, 0), "gzip", MIB) == plain


def test_what_follows_a_gzip_member_is_refused_though_it_ends_alike() -> None:
    body = gzip.compress(b"x" * 100)
    with pytest.raises(CompressionError):
        inflate(body + b"more" + body[-4:], "gzip", MIB)


@pytest.mark.parametrize("header", ["lzma", "gzip, br", "gzip, gzip", "x" * 500])
def test_other_encodings_are_unknown(header: str) -> None:
    with pytest.raises(UnknownEncoding):
        inflate(b"", header, MIB)


def bomb_zstd(plain: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1, write_content_size=False).compress(plain)


BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda plain: gzip.compress(plain, 1),
    "deflate": lambda plain: zlib.compress(plain, 1),
    "br": lambda plain: brotli.compress(plain, quality=1),
    "zstd": bomb_zstd,
}


@pytest.mark.thorough
@pytest.mark.parametrize("header", BOMBS)
def test_a_bomb_is_inflated_in_pieces_of_bounded_memory(header: str) -> None:
    size = 128 * MIB
    bomb = BOMBS[header](bytes(size))
    tracemalloc.start()
    total = sum(len(piece) for piece in inflate_pieces(bomb, parse_coding(header)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == size
    assert peak < 32 * MIB


def test_a_zstd_window_past_eight_mebibytes_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    body = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = body.compress(bytes(MIB)) + body.flush()
    with pytest.raises(CompressionError):
        inflate(data, "zstd", 300 * MIB)
