"""Reading one writer's spool from a position on, also while it is being written."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.spool.folder import body_path, segment_numbers, segment_path
from vedette.spool.record import Damage, Position, Spooled, SpoolRecord, decode_record
from vedette.spool.segment import (
    FRAME_BYTES,
    HEAD_BYTES,
    MAX_RECORD_BYTES,
    SegmentHead,
    framed_bytes,
    payload_at,
    read_head,
)

MAX_RECORDS = 1000
MAX_BYTES = 8 * 1024 * 1024
LIST_EVERY_S = 1.0  # who waits for records asks 50 times a second, and newer segments come once in a while
_PIECE_BYTES = 256 * 1024  # read at a time, into the same memory: 8 MiB of new pages cost 5 µs a record
_SEARCH_BYTES = 1024 * 1024


class Batch(msgspec.Struct, frozen=True):
    """What came next: records in order, bytes that held none, and where to go on."""

    records: list[Spooled]
    damage: list[Damage]
    following: Position


class _Segment(msgspec.Struct):
    """An open segment. `is_final`: a newer one was there when we looked, so it grows no more."""

    number: int
    fd: int
    following: str  # where the next one will be
    head: SegmentHead | None = None
    is_final: bool = False


class SpoolReader:
    """Records of one writer, in order, from a position on.

    What it hands out is on disk after `sync`: the same range can be read again after a power loss.
    It stops before a record that is not complete, and goes on when it is, or when a newer
    segment shows that it never will be. Bytes that fail their check are stepped over and
    reported once.
    """

    def __init__(self, folder: Path, position: Position) -> None:
        """`folder`: `SpoolFolder.writer_folder(name)`; it may not be there yet."""
        self.position = position  # where the next read goes on
        self._folder = folder
        self._segment: _Segment | None = None
        self._listed_for = -1  # the segment after which a newer one was looked for
        self._list_at = 0.0  # when to look again
        self._is_synced = True  # what was handed out
        self._piece = memoryview(bytearray(_PIECE_BYTES))

    def read(
        self, *, max_records: int = MAX_RECORDS, max_bytes: int = MAX_BYTES, until: Position | None = None
    ) -> Batch:
        """The next records of one segment; none when there is nothing new.

        `until`: nothing that begins there or after. Raises `SegmentError`, `OSError`; then
        the position stays where it was.
        """
        at, damage = self.position, list[Damage]()
        while (segment := self._open_at(at)) is not None:
            if at.segment < segment.number or at.offset < HEAD_BYTES:
                at = Position(segment.number, HEAD_BYTES)
            records, following = self._read_segment(segment, at, max_records, max_bytes, until, damage)
            if records:
                self._is_synced = False
                at = following
                break
            if following == at:
                if until is not None and at >= until:
                    break
                if not segment.is_final:
                    if not self._has_newer(segment):
                        break
                    os.fdatasync(segment.fd)  # of a writer that failed the end may be on no disk
                    segment.is_final = True
                    continue  # what came while we looked
                following = Position(segment.number + 1, 0)
            at = following
        else:
            records = []
        if records or damage:
            self.position = at
        return Batch(records, damage, self.position)

    def sync(self) -> None:
        """All that was handed out is on disk once this returns. Raises `OSError`.

        The writer syncs before it acknowledges, so this waits only for what is newer. A segment that grows no more
        was synced before the next one was begun.
        """
        if not self._is_synced and self._segment is not None and not self._segment.is_final:
            os.fdatasync(self._segment.fd)
        self._is_synced = True

    def records(self, *, until: Position | None = None) -> Iterator[Spooled]:
        """All records there are now, one after another, on disk, stepping over damage."""
        while (batch := self.read(until=until)).records:
            self.sync()
            yield from batch.records

    def body(self, spooled: Spooled) -> bytes:
        """The request's body as received, wherever it lies. Raises `OSError`."""
        if not spooled.record.outside_bytes:
            return spooled.record.body
        return body_path(self._folder, spooled.position.segment, spooled.position.offset).read_bytes()

    def unread_bytes(self) -> int:
        """Bytes of segments that lie after the position."""
        at = self.position
        numbers = [number for number in segment_numbers(self._folder) if number >= at.segment]
        sizes = sum(segment_path(self._folder, number).stat().st_size for number in numbers)
        return max(0, sizes - (at.offset if at.segment in numbers else 0))

    def close(self) -> None:
        if self._segment is not None:
            os.close(self._segment.fd)
            self._segment = None

    def _open_at(self, at: Position) -> _Segment | None:
        """The segment of a position, or the first after it; None when there is none yet."""
        segment = self._segment
        if segment is None or segment.number != at.segment:
            number = self._first_from(at.segment)
            if number is None:
                return None
            if segment is None or segment.number != number:
                self.close()
                fd = os.open(segment_path(self._folder, number), os.O_RDONLY | os.O_CLOEXEC)
                segment = self._segment = _Segment(number, fd, str(segment_path(self._folder, number + 1)))
        if segment.head is None:
            segment.head = read_head(os.pread(segment.fd, HEAD_BYTES, 0))
        return segment

    def _has_newer(self, segment: _Segment) -> bool:
        """Whether there is a newer segment: nearly always the next number, so all are listed now and then only."""
        if os.access(segment.following, os.F_OK):
            return True
        if self._listed_for == segment.number and time.monotonic() < self._list_at:
            return False
        self._listed_for, self._list_at = segment.number, time.monotonic() + LIST_EVERY_S
        return self._first_from(segment.number + 1) is not None

    def _first_from(self, number: int) -> int | None:
        if segment_path(self._folder, number).exists():
            return number
        return min((found for found in segment_numbers(self._folder) if found >= number), default=None)

    def _read_segment(
        self,
        segment: _Segment,
        at: Position,
        max_records: int,
        max_bytes: int,
        until: Position | None,
        damage: list[Damage],
    ) -> tuple[list[Spooled], Position]:
        if segment.head is None:
            return [], at
        records: list[Spooled] = []
        end, is_all = at, False
        while not is_all and len(records) < max_records and (until is None or end < until):
            room = max(FRAME_BYTES, max_bytes - (end.offset - at.offset))
            asked = self._piece[:room]
            data = asked[: os.preadv(segment.fd, [asked], end.offset)]
            is_all = len(data) < _PIECE_BYTES
            following = _take(segment, data, end, max_records, until, records)
            size = framed_bytes(segment.head.marker, data)
            if following == end and size is not None and size > len(data) and (size <= room or not records):
                data = memoryview(os.pread(segment.fd, size, end.offset))  # it is larger than a piece
                following = _take(segment, data, end, len(records) + 1, until, records)
            if following == end:
                return (records, end) if records or not data else ([], self._step_over(segment, at, damage))
            end = following
        return records, end

    def _step_over(self, segment: _Segment, at: Position, damage: list[Damage]) -> Position:
        """Where damage at a position ends; the same position when more may come."""
        following = _find_record(segment, at.offset + 1)
        if _is_record(segment, at.offset):  # it was being written while we looked
            return at
        if following is not None:
            damage.append(Damage(at, following - at.offset, is_torn=False))
            return Position(at.segment, following)
        if not segment.is_final:
            return at
        size = os.fstat(segment.fd).st_size - at.offset
        damage.append(Damage(at, size, is_torn=True))
        return Position(at.segment, at.offset + size)


def _take(
    segment: _Segment,
    data: memoryview,
    at: Position,
    max_records: int,
    until: Position | None,
    records: list[Spooled],
) -> Position:
    """Add the whole records at the front of `data`, which lies at a position; where the next one begins."""
    assert segment.head is not None
    marker, number, base = segment.head.marker, segment.number, at.offset
    start = 0
    while len(records) < max_records and (until is None or at < until):
        payload = payload_at(marker, data, start)
        record = None if payload is None else _decode(payload)
        if payload is None or record is None:
            break
        start += FRAME_BYTES + len(payload)
        following = Position(number, base + start)
        records.append(Spooled(at, following, record))
        at = following
    return at


def _decode(payload: memoryview) -> SpoolRecord | None:
    try:
        return decode_record(payload)
    except msgspec.DecodeError:
        return None


def _find_record(segment: _Segment, offset: int) -> int | None:
    """Offset of the next whole record from `offset` on."""
    assert segment.head is not None
    marker = segment.head.marker
    while data := os.pread(segment.fd, _SEARCH_BYTES, offset):
        at = data.find(marker)
        while at >= 0:
            if _is_record(segment, offset + at):
                return offset + at
            at = data.find(marker, at + 1)
        if len(data) < len(marker):
            return None
        offset += len(data) - len(marker) + 1
    return None


def _is_record(segment: _Segment, offset: int) -> bool:
    assert segment.head is not None
    data = memoryview(os.pread(segment.fd, FRAME_BYTES + MAX_RECORD_BYTES, offset))
    payload = payload_at(segment.head.marker, data, 0)
    return payload is not None and _decode(payload) is not None
