"""The pipeline's process: finds writers to work for, works, clears what is done."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from vedette.pipeline.memory import give_back, keep_freed
from vedette.pipeline.presence import BEAT_EVERY_S
from vedette.pipeline.worker import Worker
from vedette.spool.folder import FolderLock, SpoolFolder, lock_folder

log = structlog.get_logger("vedette.pipeline")

FOREIGN_AFTER_S = 5.0  # how long another pipeline's writer stays free before this one takes it
_LOOK_EVERY_S = 1.0
_CLEAR_EVERY_S = 30.0
_IDLE_S = 0.02


@dataclass
class Writers:
    """Which writers of this node this process works for.

    A writer whose name ends in n is meant for pipeline n modulo their count, so that each has its
    share; one whose pipeline does not come back is taken by another.
    """

    worker: Worker
    spool: SpoolFolder
    number: int
    count: int
    _locks: dict[str, FolderLock] = field(default_factory=dict[str, FolderLock])
    _free_since: dict[str, float] = field(default_factory=dict[str, float])

    def look(self) -> None:
        owned = {work.claim.writer for work in self.worker.works}
        for lost in self._locks.keys() - owned:
            self._locks.pop(lost).release()
        for index, writer in enumerate(self.spool.writers()):
            if writer not in self._locks:
                self._look_at(writer, is_mine=share_of(writer, index) % self.count == self.number)

    def _look_at(self, writer: str, *, is_mine: bool) -> None:
        lock = lock_folder(self.spool.writer_folder(writer), "owner")
        if lock is None:
            self._free_since.pop(writer, None)
            return
        free_since = self._free_since.setdefault(writer, time.monotonic())
        if not is_mine and time.monotonic() - free_since < FOREIGN_AFTER_S:
            lock.release()
            return
        try:
            self.worker.take(self.spool.uuid, writer, self.spool.writer_folder(writer))
        except Exception as error:  # the records store is away: try again at the next look
            lock.release()
            log.warning("writer_not_taken", writer=writer, error=str(error)[:200])
            return
        self._locks[writer] = lock


def share_of(writer: str, index: int) -> int:
    """The number at the end of the name, else the writer's place among all."""
    number = writer.rpartition("-")[2]
    return int(number) if number.isdigit() else index


def run_worker(
    writers: Writers, stop: threading.Event, *, low_disk: Callable[[], bool] = lambda: False
) -> None:
    """Work until `stop`; what is in flight then is finished, nothing new is begun.

    `low_disk`: whether segments that are done must go at once.
    """
    keep_freed()
    look_at = clear_at = beat_at = 0.0
    while not stop.is_set():
        now = time.monotonic()
        if now >= look_at:
            writers.look()
            look_at = now + _LOOK_EVERY_S
        if now >= beat_at:
            writers.worker.beat()
            beat_at = now + BEAT_EVERY_S
        if now >= clear_at:
            writers.worker.clear(at_once=low_disk())
            clear_at = now + _CLEAR_EVERY_S
            writers.worker.telemetry.give_back()
            give_back()
        if not writers.worker.step():
            stop.wait(_IDLE_S)
