"""Reading one writer's spool from a position on, also while it is being written."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.spool.folder import body_path, segment_numbers, segment_path
from vedette.spool.record import Damage, Position, Spooled, SpoolRecord, decode_record
from vedette.spool.segment import (
    FRAME_BYTES,
    HEAD_BYTES,
    MAX_RECORD_BYTES,
    Found,
    SegmentHead,
    look,
    read_head,
)

MAX_RECORDS = 1000
MAX_BYTES = 8 * 1024 * 1024
_SEARCH_BYTES = 1024 * 1024


class Batch(msgspec.Struct, frozen=True):
    """What came next: records in order, and bytes that held none.

    `following` is where to go on; it may be past the last record.
    """

    records: list[Spooled]
    damage: list[Damage]
    following: Position


class _Segment(msgspec.Struct):
    """An open segment. `is_final`: a newer one was there when we looked, so it grows no more."""

    number: int
    fd: int
    head: SegmentHead | None = None
    is_final: bool = False


class SpoolReader:
    """Records of one writer, in order, from a position on.

    What it hands out is on disk: the same range can be read again after a power loss. It
    stops before a record that is not complete, and goes on when it is, or when a newer
    segment shows that it never will be. Bytes that fail their check are stepped over and
    reported once.
    """

    def __init__(self, folder: Path, position: Position) -> None:
        """`folder`: `SpoolFolder.writer_folder(name)`; it may not be there yet."""
        self._folder = folder
        self.position = position
        self._segment: _Segment | None = None

    def read(
        self, *, max_records: int = MAX_RECORDS, max_bytes: int = MAX_BYTES, until: Position | None = None
    ) -> Batch:
        """The next records of one segment; an empty batch when there is nothing new.

        `until`: read nothing that begins there or after. Raises `SegmentError`, `OSError`.
        """
        while (segment := self._current()) is not None:
            batch = self._read_segment(segment, max_records, max_bytes, until)
            if batch.records or batch.damage:
                self._make_durable(segment)
                self.position = batch.following
                return batch
            if not segment.is_final or (until is not None and self.position >= until):
                return batch
            self._leave(segment)
        return Batch([], [], self.position)

    def records(self, *, until: Position | None = None) -> Iterator[Spooled]:
        """All records there are now, one after another, stepping over damage."""
        while True:
            batch = self.read(until=until)
            if not batch.records and not batch.damage:
                return
            yield from batch.records

    def body(self, spooled: Spooled) -> bytes:
        """The request's body as received, wherever it lies. Raises `OSError`."""
        if not spooled.record.outside_bytes:
            return spooled.record.body
        return body_path(self._folder, spooled.position.segment, spooled.position.offset).read_bytes()

    def unread_bytes(self) -> int:
        """Bytes of segments that lie after the position."""
        numbers = [number for number in segment_numbers(self._folder) if number >= self.position.segment]
        sizes = sum(segment_path(self._folder, number).stat().st_size for number in numbers)
        passed = self.position.offset if self.position.segment in numbers else 0
        return max(0, sizes - passed)

    def close(self) -> None:
        if self._segment is not None:
            os.close(self._segment.fd)
            self._segment = None

    def _current(self) -> _Segment | None:
        """The segment of the position, or the first after it; None when there is none yet."""
        segment = self._segment
        if segment is None:
            numbers = [number for number in segment_numbers(self._folder) if number >= self.position.segment]
            if not numbers:
                return None
            segment = self._segment = self._open(numbers[0])
        if not segment.is_final:
            segment.is_final = self._has_newer(segment.number)
        if segment.head is None:
            segment.head = read_head(os.pread(segment.fd, HEAD_BYTES, 0))
        return segment

    def _open(self, number: int) -> _Segment:
        if number != self.position.segment:
            self.position = Position(number, 0)
        return _Segment(number, os.open(segment_path(self._folder, number), os.O_RDONLY | os.O_CLOEXEC))

    def _has_newer(self, number: int) -> bool:
        if segment_path(self._folder, number + 1).exists():
            return True
        return segment_numbers(self._folder)[-1:] > [number]

    def _leave(self, segment: _Segment) -> None:
        self.close()
        self.position = Position(segment.number + 1, 0)

    def _read_segment(
        self, segment: _Segment, max_records: int, max_bytes: int, until: Position | None
    ) -> Batch:
        if segment.head is None:
            return Batch([], [], self.position)
        offset = max(self.position.offset, HEAD_BYTES)
        data = os.pread(segment.fd, max_bytes, offset)
        if len(data) == max_bytes and not isinstance(look(segment.head.marker, data, 0), Found):
            data = os.pread(segment.fd, FRAME_BYTES + MAX_RECORD_BYTES, offset)
        records, end, is_broken = _take(segment, data, offset, max_records, until)
        damage: list[Damage] = []
        if is_broken and not records and data:
            damage, end = self._step_over(segment, offset)
        return Batch(records, damage, Position(segment.number, end))

    def _step_over(self, segment: _Segment, offset: int) -> tuple[list[Damage], int]:
        """Damage at `offset` and where it ends; none, and the same offset, when more may come."""
        position = Position(segment.number, offset)
        following = _find_record(segment, offset + 1)
        if _is_record(segment, offset):  # it was being written while we looked
            return [], offset
        if following is not None:
            return [Damage(position, following - offset, is_torn=False)], following
        if not segment.is_final:
            return [], offset
        size = os.fstat(segment.fd).st_size - offset
        return [Damage(position, size, is_torn=True)], offset + size

    def _make_durable(self, segment: _Segment) -> None:
        """The writer syncs before it acknowledges, so this waits only for what is newer."""
        if not segment.is_final:
            os.fdatasync(segment.fd)


def _take(
    segment: _Segment, data: bytes, base: int, max_records: int, until: Position | None
) -> tuple[list[Spooled], int, bool]:
    """Records at the front of `data`, the offset after them, and whether no whole record followed."""
    assert segment.head is not None
    records: list[Spooled] = []
    at = 0
    while len(records) < max_records:
        position = Position(segment.number, base + at)
        if until is not None and position >= until:
            break
        found = look(segment.head.marker, data, at)
        record = _decode(data, found) if isinstance(found, Found) else None
        if record is None or not isinstance(found, Found):
            return records, base + at, True
        at = found.start + found.size
        records.append(Spooled(position, Position(segment.number, base + at), record))
    return records, base + at, False


def _decode(data: bytes, found: Found) -> SpoolRecord | None:
    try:
        return decode_record(memoryview(data)[found.start : found.start + found.size])
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
    data = os.pread(segment.fd, FRAME_BYTES + MAX_RECORD_BYTES, offset)
    found = look(segment.head.marker, data, 0)
    return isinstance(found, Found) and _decode(data, found) is not None
