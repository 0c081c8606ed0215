"""Letting go of segments that are done. Unprocessed ones are never removed: a full spool says so instead."""

from pathlib import Path

from vedette.core.time import SECOND_US, Clock
from vedette.spool.folder import bodies_folder, segment_numbers, segment_path
from vedette.spool.record import Position

KEEP_S = 600  # after T2: long enough to replay what a wrong deployment did to the last minutes


class Retention:
    """Removes one writer's segments some time after they were done.

    The newest segment stays, done or not: its number says where to go on counting.
    """

    def __init__(self, folder: Path, *, clock: Clock, keep_s: float = KEEP_S) -> None:
        self._folder = folder
        self._clock = clock
        self._keep_us = round(keep_s * SECOND_US)
        self._done_since: dict[int, int] = {}

    def clear(self, done: Position, *, at_once: bool = False) -> int:
        """Remove the segments wholly before `done` that have been done long enough; bytes freed.

        `done`: what T2 has durably committed, with its tables synced. `at_once`: remove
        them now, for a disk that runs full.
        """
        numbers = segment_numbers(self._folder)
        now = self._clock()
        freed = 0
        for number in numbers[:-1]:
            if number >= done.segment:
                break
            since = self._done_since.setdefault(number, now)
            if at_once or now - since >= self._keep_us:
                freed += self._remove(number)
        return freed

    def _remove(self, number: int) -> int:
        """Bodies first: a segment without its bodies is found again, bodies without a segment are not."""
        paths = [*bodies_folder(self._folder).glob(f"{number}-*.body"), segment_path(self._folder, number)]
        freed = 0
        for path in paths:
            freed += path.stat().st_size
            path.unlink()
        self._done_since.pop(number, None)
        return freed
