"""Reading one writer's spool from a position on, also while it is being written."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

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


class _Segment(msgspec.Struct):
    """An open segment. `is_final`: a newer one was there when we looked, so it grows no more."""

    number: int
    fd: int
    head: SegmentHead | None = None
    is_final: bool = False


OnDamage = Callable[[Damage], None]


class SpoolReader:
    """Records of one writer, in order, from any position on.

    What it hands out is on disk: the same range can be read again after a power loss. It
    stops before a record that is not complete, and goes on when it is, or when a newer
    segment shows that it never will be. Bytes that fail their check are stepped over.
    """

    def __init__(self, folder: Path, *, on_damage: OnDamage | None = None) -> None:
        """`folder`: `SpoolFolder.writer_folder(name)`; it may not be there yet.

        `on_damage` is told once of each place that holds no readable record.
        """
        self._folder = folder
        self._on_damage = on_damage
        self._reported: set[Position] = set()
        self._segment: _Segment | None = None

    def read(
        self,
        at: Position,
        *,
        max_records: int = MAX_RECORDS,
        max_bytes: int = MAX_BYTES,
        until: Position | None = None,
    ) -> list[Spooled]:
        """The next records from a position on, of one segment; none when there is nothing new.

        Go on at the last one's `following`. A record's body is there wherever it lies on
        disk; one that is larger than `max_bytes` comes alone. `until`: nothing that begins
        there or after. Raises `SegmentError`, `OSError`.
        """
        while (segment := self._open_at(at)) is not None:
            at = max(at, Position(segment.number, HEAD_BYTES))
            records, following = self._read_segment(segment, at, max_records, max_bytes, until)
            if records:
                self._make_durable(segment)
                return records
            if following == at:
                if not segment.is_final or (until is not None and at >= until):
                    return []
                following = Position(segment.number + 1, 0)
            at = following
        return []

    def read_range(self, first: Position, end: Position) -> list[Spooled]:
        """All records that begin at `first` or after, and before `end`."""
        records: list[Spooled] = []
        while more := self.read(records[-1].following if records else first, until=end):
            records += more
        return records

    def unread_bytes(self, at: Position) -> int:
        """Bytes of segments that lie after a position."""
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
                segment = self._segment = _Segment(number, fd)
        if not segment.is_final:
            segment.is_final = self._first_from(segment.number + 1) is not None
        if segment.head is None:
            segment.head = read_head(os.pread(segment.fd, HEAD_BYTES, 0))
        return segment

    def _first_from(self, number: int) -> int | None:
        if segment_path(self._folder, number).exists():
            return number
        return min((found for found in segment_numbers(self._folder) if found >= number), default=None)

    def _read_segment(
        self, segment: _Segment, at: Position, max_records: int, max_bytes: int, until: Position | None
    ) -> tuple[list[Spooled], Position]:
        if segment.head is None:
            return [], at
        data = os.pread(segment.fd, max_bytes, at.offset)
        if len(data) == max_bytes and not isinstance(look(segment.head.marker, data, 0), Found):
            data = os.pread(segment.fd, FRAME_BYTES + MAX_RECORD_BYTES, at.offset)
        records, end, is_broken = _take(segment, data, at.offset, max_records, until)
        if is_broken and not records and data:
            return [], self._step_over(segment, at)
        return self._with_bodies(records, max_bytes), Position(segment.number, end)

    def _with_bodies(self, records: list[Spooled], max_bytes: int) -> list[Spooled]:
        """The records with the bodies that lie outside, as many as come to `max_bytes`."""
        if not any(spooled.record.outside_bytes for spooled in records):
            return records
        taken: list[Spooled] = []
        size = 0
        for spooled in records:
            size += spooled.record.outside_bytes + spooled.following.offset - spooled.position.offset
            if taken and size > max_bytes:
                break
            taken.append(self._with_body(spooled))
        return taken

    def _with_body(self, spooled: Spooled) -> Spooled:
        if not spooled.record.outside_bytes:
            return spooled
        path = body_path(self._folder, spooled.position.segment, spooled.position.offset)
        try:
            body = path.read_bytes()
        except FileNotFoundError:
            body = b""  # the record stays, its body is reported, and no item of it decodes
            self._report(Damage(spooled.position, spooled.record.outside_bytes, is_torn=False))
        return replace(spooled, record=replace(spooled.record, body=body))

    def _step_over(self, segment: _Segment, at: Position) -> Position:
        """Where damage at a position ends; the same position when more may come."""
        following = _find_record(segment, at.offset + 1)
        if _is_record(segment, at.offset):  # it was being written while we looked
            return at
        if following is not None:
            self._report(Damage(at, following - at.offset, is_torn=False))
            return Position(at.segment, following)
        if not segment.is_final:
            return at
        size = os.fstat(segment.fd).st_size - at.offset
        self._report(Damage(at, size, is_torn=True))
        return Position(at.segment, at.offset + size)

    def _report(self, damage: Damage) -> None:
        if damage.position not in self._reported:
            self._reported.add(damage.position)
            if self._on_damage is not None:
                self._on_damage(damage)

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
