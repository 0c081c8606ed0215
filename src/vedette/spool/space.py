"""How much more the spool may take, so that neither it nor the disk is ever full."""

from enum import IntEnum
from pathlib import Path

from vedette.core.time import SECOND_US, Clock
from vedette.spool.disk import Disk, OsDisk
from vedette.spool.folder import SpoolFolder

LOOK_EVERY_US = SECOND_US // 2  # a look costs some 50 µs; a core writes 30 MB between two
RESERVE = 0.05  # of both marks, for crash reports and check-ins that must not be answered 429
RETRY_AFTER_S = 30


class Room(IntEnum):
    """Who may still append: everybody, those with a claim to the reserve, nobody."""

    FULL = 0
    RESERVE = 1
    OPEN = 2


class SpoolFull(Exception):
    """Nothing was appended, for want of room. Worth trying again in `retry_after_s`."""

    retry_after_s = RETRY_AFTER_S


class Space:
    """The room left below two marks: bytes of the spool, and free bytes of its disk."""

    def __init__(
        self,
        folder: SpoolFolder,
        *,
        clock: Clock,
        max_bytes: int,
        min_free_bytes: int,
        disk: Disk | None = None,
    ) -> None:
        self.spool_bytes = 0
        self.free_bytes = 0
        self._folder = folder
        self._clock = clock
        self._max_bytes = max_bytes
        self._min_free_bytes = min_free_bytes
        self._disk = disk or OsDisk()
        self._looked_us = -LOOK_EVERY_US
        self._closed_until_us = 0
        self._room = Room.FULL

    @property
    def path(self) -> Path:
        return self._folder.path

    def room(self) -> Room:
        """The room there is, as of the last half second."""
        now = self._clock()
        if now - self._looked_us >= LOOK_EVERY_US or now < self._looked_us:
            self._looked_us = now
            self._room = self._look()
        return Room.FULL if now < self._closed_until_us else self._room

    def require(self, *, urgent: bool = False) -> None:
        """Raises `SpoolFull` when there is no room. `urgent`: may use the reserve."""
        if self.room() < (Room.RESERVE if urgent else Room.OPEN):
            raise SpoolFull("the spool is full")

    def write_failed(self) -> None:
        """Take nothing for a second: a disk that refused one write refuses the next."""
        self._closed_until_us = self._clock() + SECOND_US

    def _look(self) -> Room:
        self.spool_bytes = self._folder.size_bytes()
        self.free_bytes = self._disk.free_bytes(self._folder.path)
        if self.spool_bytes < self._max_bytes and self.free_bytes >= self._min_free_bytes:
            return Room.OPEN
        most, least = self._max_bytes * (1 + RESERVE), self._min_free_bytes * (1 - RESERVE)
        return Room.RESERVE if self.spool_bytes < most and self.free_bytes >= least else Room.FULL
