"""Dead letters: records that broke the program, kept with the reason until somebody retries them.

Also the way back: letters, or any range still in the spool, are appended again.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from vedette.core.time import Clock
from vedette.spool.disk import Disk, OsDisk
from vedette.spool.folder import SpoolFolder
from vedette.spool.reader import SpoolReader
from vedette.spool.record import Position, SpoolRecord, position_text
from vedette.spool.writer import SpoolWriter

_SUFFIX = ".letter"
_REASON_CHARS = 2000


class DeadLetter(msgspec.Struct, frozen=True):
    """A record with its body, where it lay, and what went wrong."""

    position: str  # `position_text` of the first try
    reason: str
    at_us: int
    record: SpoolRecord

    @property
    def name(self) -> str:
        return self.position.replace("/", "-")


class DeadLetters:
    """A folder of letters, one file each, named by position: putting one twice keeps one."""

    def __init__(self, folder: Path, *, clock: Clock, disk: Disk | None = None) -> None:
        self._folder = folder
        self._disk = disk or OsDisk()
        self._clock = clock
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, position: str, record: SpoolRecord, body: bytes, reason: str) -> None:
        """Keep a record, durably. `position`: its `replay_of`, else its own text. Raises `OSError`."""
        whole = replace(record, body=body, outside_bytes=0)
        letter = DeadLetter(position, reason[:_REASON_CHARS], self._clock(), whole)
        path = self._path(letter.name)
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(msgspec.msgpack.encode(letter))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        self._disk.sync_folder(self._folder)  # the cursor moves on: the name must outlive a power loss, too

    def all(self) -> Iterator[DeadLetter]:
        """All letters, in order of their names; files that cannot be read are left out."""
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            try:
                yield msgspec.msgpack.decode(path.read_bytes(), type=DeadLetter)
            except (msgspec.DecodeError, FileNotFoundError):
                continue

    def count(self) -> int:
        return count_letters(self._folder)

    def retry(self, writer: SpoolWriter, *, name: str | None = None) -> int:
        """Append letters (all, or the one named) to the spool again; how many.

        A letter is removed once it is durably back; after a crash it may come back twice,
        under the same position, and so counts once. Raises as `SpoolWriter.append_now`.
        """
        done = 0
        for letter in self.all():
            if name is None or letter.name == name:
                writer.append_now([replace(letter.record, replay_of=letter.position)])
                self.remove(letter.name)
                done += 1
        return done

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if "/" in name or name.startswith("."):
            raise ValueError(f"not a letter's name: {name!r}")
        return self._folder / f"{name}{_SUFFIX}"


def count_letters(folder: Path) -> int:
    """How many letters lie in a folder, which need not be there."""
    return sum(1 for _ in folder.glob(f"*{_SUFFIX}"))


def replay(spool: SpoolFolder, name: str, first: Position, end: Position, into: SpoolWriter) -> int:
    """Append the records of a writer's range again; how many.

    They keep the position of their first try, so that what was claimed for it stays theirs.
    Raises as `SpoolReader.read` and `SpoolWriter.append_now` do.
    """
    reader = SpoolReader(spool.writer_folder(name), first)
    done = 0
    try:
        for spooled in reader.records(until=end):
            position = spooled.record.replay_of or position_text(spool.uuid, name, spooled.position)
            body = reader.body(spooled)
            into.append_now([replace(spooled.record, replay_of=position, body=body, outside_bytes=0)])
            done += 1
    finally:
        reader.close()
    return done
