"""Payloads to segments, durably. Knows files; knows nothing of tasks or threads."""

import os
import secrets
from pathlib import Path

import msgspec

from vedette.core.time import Clock
from vedette.spool.disk import Disk, DiskFile
from vedette.spool.folder import bodies_folder, body_path, segment_numbers, segment_path
from vedette.spool.record import Position
from vedette.spool.segment import FRAME_BYTES, HEAD_BYTES, frame, new_head

SEGMENT_BYTES = 64 * 1024 * 1024  # small enough to let go of disk soon, large enough to be few


class BodyFile:
    """A large body on its way to disk, in a file beside the segments.

    Holds no more in memory than is written at once. Goes with a record or is discarded.
    """

    def __init__(self, path: Path, file: DiskFile) -> None:
        self.path = path
        self.size_bytes = 0
        self._file: DiskFile | None = file
        self._is_ours = True

    def write(self, data: bytes) -> None:
        assert self._file is not None
        self._file.write(data)
        self.size_bytes += len(data)

    def finish(self) -> None:
        """Everything written is durable once this returns."""
        assert self._file is not None
        self._file.sync()
        self._close()

    def hand_over(self) -> Path:
        """The finished file, from now on the writer's: `discard` leaves it alone."""
        self._is_ours = False
        return self.path

    def discard(self) -> None:
        """Remove the file, unless it was handed over."""
        self._close()
        if self._is_ours:
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Payload(msgspec.Struct, frozen=True):
    """An encoded record and the finished body file that belongs to it, if any."""

    data: bytes
    body: Path | None = None


class Appender:
    """Appends to one writer's newest segment. For one thread at a time.

    A segment that once failed is never written again: what a reader may already have seen
    of it must not change. The next append begins a new one.
    """

    def __init__(self, folder: Path, *, clock: Clock, disk: Disk, segment_bytes: int) -> None:
        self._folder = folder
        self._clock = clock
        self._disk = disk
        self._segment_bytes = segment_bytes
        self._file: DiskFile | None = None
        self._marker = b""
        self._offset = 0
        bodies_folder(folder).mkdir(parents=True, exist_ok=True)
        for folder_with_news in (folder, folder.parent):
            disk.sync_folder(folder_with_news)
        for draft in bodies_folder(folder).glob("*.part"):
            draft.unlink()
        numbers = segment_numbers(folder)
        self._number = numbers[-1] if numbers else 0
        self._settle()

    def append(self, payloads: list[Payload]) -> list[Position]:
        """Positions of the payloads, all of them durable. Raises `OSError`, then none counts."""
        if self._file is None or self._offset >= self._segment_bytes:
            self._begin_segment()
        try:
            return self._write(payloads)
        except OSError:
            self._abandon()
            raise

    def new_body(self) -> BodyFile:
        """A file for one large body. Raises `OSError`."""
        path = bodies_folder(self._folder) / f"{secrets.token_hex(16)}.part"
        return BodyFile(path, self._disk.create(path))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, payloads: list[Payload]) -> list[Position]:
        assert self._file is not None
        positions: list[Position] = []
        parts: list[bytes] = []
        offset = self._offset
        for payload in payloads:
            positions.append(Position(self._number, offset))
            parts += (frame(self._marker, payload.data), payload.data)
            offset += FRAME_BYTES + len(payload.data)
        self._name_bodies(payloads, positions)
        self._file.write(b"".join(parts))
        self._file.sync()
        self._offset = offset
        return positions

    def _name_bodies(self, payloads: list[Payload], positions: list[Position]) -> None:
        named = False
        for payload, position in zip(payloads, positions, strict=True):
            if payload.body is not None:
                target = body_path(self._folder, position.segment, position.offset)
                self._disk.rename(payload.body, target)
                named = True
        if named:
            self._disk.sync_folder(bodies_folder(self._folder))

    def _begin_segment(self) -> None:
        self.close()
        self._number += 1
        head, data = new_head(self._clock())
        file = self._disk.create(segment_path(self._folder, self._number))
        try:
            file.write(data)
            file.sync()
            self._disk.sync_folder(self._folder)
        except OSError:
            file.close()
            raise
        self._file, self._marker, self._offset = file, head.marker, HEAD_BYTES

    def _abandon(self) -> None:
        self.close()
        self._settle()

    def _settle(self) -> None:
        """Make durable what a dead writer, or a failed write, left in the newest segment.

        A reader takes all of it once a newer one is there. Where that fails nothing is
        lost: what is not durable was not acknowledged.
        """
        path = segment_path(self._folder, self._number)
        if not path.exists():
            return
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(fd)
        except OSError:
            return
        finally:
            os.close(fd)
