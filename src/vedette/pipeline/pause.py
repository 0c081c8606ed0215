"""Pausing all pipelines of all nodes, by a note in the records: for a backup that fits together."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event, Thread

from sqlalchemy import func, select

from vedette.core.time import MINUTE_US, Clock
from vedette.storage.records.database import Records
from vedette.storage.records.notes import PAUSED, drop_note, read_note, write_note
from vedette.storage.records.schema import SpoolCursor

LOOK_EVERY_S = 0.5
_LASTS_US = 2 * MINUTE_US  # renewed while it is held: whoever dies holding it stops nobody for longer
_SILENT_US = 15 * MINUTE_US


class Pause:
    """Whether pipelines are to begin nothing. Looked up at most twice a second."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._looked_at = 0.0
        self._is_on = False

    def is_on(self) -> bool:
        now = time.monotonic()
        if now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            self._is_on = int(read_note(self._records, PAUSED).get("until_us", 0)) > self._clock()
        return self._is_on


@contextmanager
def paused(records: Records, clock: Clock, *, wait_s: float = 60.0) -> Generator[None]:
    """Hold all pipelines; entered once nothing is in flight any more.

    Raises `TimeoutError` when a range stays open for `wait_s`: a store that does not answer.
    """
    over = Event()

    def hold() -> None:
        while not over.wait(30):
            write_note(records, PAUSED, {"until_us": clock() + _LASTS_US}, clock())

    write_note(records, PAUSED, {"until_us": clock() + _LASTS_US}, clock())
    holder = Thread(target=hold, name="pause", daemon=True)
    holder.start()
    try:
        _wait_until_idle(records, clock, wait_s)
        yield
    finally:
        over.set()
        holder.join()
        drop_note(records, PAUSED)


def _wait_until_idle(records: Records, clock: Clock, wait_s: float) -> None:
    ends_at = time.monotonic() + wait_s
    time.sleep(3 * LOOK_EVERY_S)  # until every pipeline has seen the note
    while _open_ranges(records, clock()):
        if time.monotonic() > ends_at:
            raise TimeoutError("a batch is still in flight: does the telemetry store answer?")
        time.sleep(0.1)


def _open_ranges(records: Records, now_us: int) -> int:
    table = SpoolCursor
    with records.read() as session:
        found = select(func.count()).where(
            table.range_opened_us.is_not(None), table.updated_us > now_us - _SILENT_US
        )
        return session.scalar(found.select_from(table)) or 0
