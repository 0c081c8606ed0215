"""Spool records as items."""

import gzip
import tracemalloc
from collections.abc import Callable

import brotli
import pytest
import zstandard

from vedette.pipeline.items import RawItem, Unreadable, cut, items_of
from vedette.spool.record import SpoolRecord

MIB = 1 << 20
EVENT = b'{"message":"x"}'
HEADER = b'{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}\n'
WITH_LARGE_ATTACHMENTS = (
    HEADER
    + b'{"type":"attachment","length":%d}\n' % (40 * MIB)
    + bytes(40 * MIB)
    + b'\n{"type":"event","length":15}\n'
    + EVENT
    + b'\n{"type":"event","length":2}\n{}\n{"type":"attachment","length":%d}\n' % (20 * MIB)
    + bytes(20 * MIB)
    + b'\n{"type":"client_report"}\n{}'
)


def read(body: bytes, encoding: str = "") -> list[RawItem]:
    return items_of(SpoolRecord("envelope", 0, 1, content_encoding=encoding), body)


def seen(items: list[RawItem]) -> list[tuple[str, bytes, int, str]]:
    """Type, payload of what is read, quantity, refusal."""
    return [
        (
            item.type,
            b"" if item.type == "attachment" or item.refused else item.payload,
            item.quantity,
            item.refused,
        )
        for item in items
    ]


def brotli_packed(body: bytes) -> bytes:
    return brotli.compress(body, quality=1)


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "br": brotli_packed,
    "zstd": zstandard.compress,
}


@pytest.mark.thorough
@pytest.mark.parametrize("encoding", PACKED)
def test_beside_large_attachments_the_same_is_read(encoding: str) -> None:
    assert seen(read(PACKED[encoding](WITH_LARGE_ATTACHMENTS), encoding)) == [
        ("attachment", b"", 40 * MIB, ""),
        ("event", EVENT, 1, ""),
        ("event", b"", 1, "duplicate_item"),
        ("attachment", b"", 20 * MIB, ""),
        ("client_report", b"{}", 1, ""),
    ]


@pytest.mark.thorough
def test_large_attachments_are_not_held_in_memory() -> None:
    body = gzip.compress(WITH_LARGE_ATTACHMENTS)
    tracemalloc.start()
    read(body, "gzip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MIB


@pytest.mark.thorough
def test_a_bomb_beyond_the_limit_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="too_large:envelope"):
        read(gzip.compress(HEADER + b'{"type":"attachment"}\n' + bytes(201 * MIB)), "gzip")


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100])
def test_spans_are_cut_from_pieces_of_any_size(step: int) -> None:
    text = bytes(range(50))
    spans = [(0, 3), (3, 0), (4, 1), (10, 25), (35, 15)]
    pieces = [text[start : start + step] for start in range(0, len(text), step)]
    assert cut(pieces, spans) == [text[start : start + size] for start, size in spans]
