"""The bytes of a segment file: a head, then framed records.

    head:   "VEDSPOOL" · version u32 · unused u32 · marker 8 bytes · created_at_us u64
    record: marker 8 bytes · length u32 · crc u32 · length bytes

The marker is random and never leaves the disk: after damage the next record is found by it,
and no body a stranger sends can pose as one. The crc covers length and bytes.
"""

import secrets
import struct

import msgspec
from isal.isal_zlib import crc32

MAGIC = b"VEDSPOOL"
VERSION = 1
HEAD_BYTES = 32
FRAME_BYTES = 16
MAX_RECORD_BYTES = 16 * 1024 * 1024  # bodies above 512 KiB lie outside; headers add little

_HEAD = struct.Struct("<8sII8sQ")
_FRAME = struct.Struct("<8sII")
_LENGTH = struct.Struct("<I")
SUFFIX = ".seg"


class SegmentError(Exception):
    """A file that is no segment, or one of a newer version."""


class SegmentHead(msgspec.Struct, frozen=True):
    marker: bytes
    created_at_us: int


def file_name(number: int) -> str:
    return f"{number:016d}{SUFFIX}"


def new_head(created_at_us: int) -> tuple[SegmentHead, bytes]:
    """A head with a fresh marker, and its bytes."""
    marker = secrets.token_bytes(8)
    head = SegmentHead(marker, created_at_us)
    return head, _HEAD.pack(MAGIC, VERSION, 0, marker, created_at_us)


def read_head(data: bytes) -> SegmentHead | None:
    """The head, None while it is not all there. Raises `SegmentError`."""
    if len(data) < HEAD_BYTES:
        return None
    magic, version, _, marker, created_at_us = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise SegmentError("not a segment of a spool")
    if version > VERSION:
        raise SegmentError(f"segment of version {version}, this program reads {VERSION}")
    return SegmentHead(marker, created_at_us)


def frame(marker: bytes, payload: bytes) -> bytes:
    """What stands before a payload."""
    size = len(payload)
    return _FRAME.pack(marker, size, crc32(payload, crc32(_LENGTH.pack(size))))


def framed_bytes(marker: bytes, data: memoryview) -> int | None:
    """The size with its frame of the record that begins `data`, whole or not; None where none does."""
    if len(data) < FRAME_BYTES:
        return None
    found, size, _ = _FRAME.unpack_from(data)
    return FRAME_BYTES + size if found == marker and size <= MAX_RECORD_BYTES else None


def payload_at(marker: bytes, data: memoryview, offset: int) -> memoryview | None:
    """The payload of the record that begins at `offset`; None where no whole one does."""
    if len(data) - offset < FRAME_BYTES:
        return None
    found, size, crc = _FRAME.unpack_from(data, offset)
    start = offset + FRAME_BYTES
    if found != marker or size > MAX_RECORD_BYTES or start + size > len(data):
        return None
    payload = data[start : start + size]
    return payload if crc32(payload, crc32(_LENGTH.pack(size))) == crc else None
