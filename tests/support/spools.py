"""Spools for tests: folders, writers and records in a few words."""

from pathlib import Path

from vedette.core.time import Clock
from vedette.spool.disk import Disk, OsDisk
from vedette.spool.folder import SpoolFolder, open_spool
from vedette.spool.reader import SpoolReader
from vedette.spool.record import Position, SpoolRecord
from vedette.spool.space import Space
from vedette.spool.writer import SpoolWriter

START_US = 1_767_323_045_000_000


def fixed_clock() -> int:
    return START_US


class TestSpool:
    """A spool below a temporary folder."""

    __test__ = False

    def __init__(self, root: Path, *, clock: Clock = fixed_clock, disk: Disk | None = None) -> None:
        self.root = root
        self.clock = clock
        self.disk = disk or OsDisk()
        self.folder: SpoolFolder = open_spool(root)

    def space(self, *, max_bytes: int = 1 << 40, min_free_bytes: int = 0) -> Space:
        return Space(
            self.folder,
            clock=self.clock,
            max_bytes=max_bytes,
            min_free_bytes=min_free_bytes,
            disk=self.disk,
        )

    def writer(self, *names: str, segment_bytes: int = 1 << 20, space: Space | None = None) -> SpoolWriter:
        return SpoolWriter(
            *map(self.folder.writer_folder, names or ("web-0",)),
            clock=self.clock,
            space=space or self.space(),
            disk=self.disk,
            segment_bytes=segment_bytes,
        )

    def reader(self, at: Position | None = None, name: str = "web-0") -> SpoolReader:
        return SpoolReader(self.folder.writer_folder(name), at or Position())

    def bodies(self, at: Position | None = None, name: str = "web-0") -> list[bytes]:
        """Bodies of all records from a position on."""
        reader = self.reader(at, name)
        found = [reader.body(spooled) for spooled in reader.records()]
        reader.close()
        return found


def record(body: bytes, *, project_id: int = 1) -> SpoolRecord:
    return SpoolRecord("envelope", START_US, project_id, 2, 3, body=body)
