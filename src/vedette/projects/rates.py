"""The rate limit of a key, held over all processes together.

A process takes shares of the window's count from the records store and lets events through
until its share is used up. So the limit is never passed; what is left of the shares when the
window ends, at most a twentieth of the limit over all processes, goes unused.
"""

import asyncio
from concurrent.futures import Executor

import msgspec
import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from vedette.core.time import SECOND_US, Clock
from vedette.storage.records.database import Records
from vedette.storage.records.schema import QuotaUsage
from vedette.wire.rate_limits import RateLimit

RATED_CATEGORIES = ("default", "error", "security")  # what a key's own rate counts and stops
REASON = "key_rate"
_SHARES = 20  # into which a window's count is divided, times the number of processes
_SCOPE = "key"
_MAX_WINDOWS = 10_000
_log = structlog.get_logger(__name__)


class KeyRate(msgspec.Struct, frozen=True):
    """At most `count` events in each window of `window_s` seconds."""

    count: int
    window_s: int


class _Window(msgspec.Struct):
    """This process's part of one key's window."""

    start_us: int
    lock: asyncio.Lock
    left: int = 0
    is_used_up: bool = False


class KeyRates:
    """Counts events of keys with a rate. Belongs to one event loop.

    When the store is away each process lets its part of the limit through by itself.
    """

    def __init__(self, records: Records, *, clock: Clock, processes: int, threads: Executor) -> None:
        self._records = records
        self._clock = clock
        self._processes = max(1, processes)
        self._threads = threads
        self._windows: dict[int, _Window] = {}

    async def take(self, key_id: int, rate: KeyRate, events: int) -> RateLimit | None:
        """Let so many events of a key through; the limit when the window's count is used up."""
        now = self._clock()
        window = self._window(key_id, now - now % (rate.window_s * SECOND_US))
        if window.left < events and not window.is_used_up:
            async with window.lock:
                await self._fill(key_id, rate, window, events)
        if window.left >= events:
            window.left -= events
            return None
        ends_us = window.start_us + rate.window_s * SECOND_US
        seconds = max(1, -(-(ends_us - self._clock()) // SECOND_US))
        return RateLimit(seconds, RATED_CATEGORIES, "key", REASON)

    def _window(self, key_id: int, start_us: int) -> _Window:
        window = self._windows.get(key_id)
        if window is None or window.start_us != start_us:
            if len(self._windows) >= _MAX_WINDOWS:
                self._windows.clear()
            window = self._windows[key_id] = _Window(start_us, asyncio.Lock())
        return window

    async def _fill(self, key_id: int, rate: KeyRate, window: _Window, events: int) -> None:
        """Take a share, unless somebody did while we waited for the lock."""
        if window.left >= events or window.is_used_up:
            return
        wanted = max(events - window.left, rate.count // (_SHARES * self._processes), 1)
        loop = asyncio.get_running_loop()
        try:
            granted = await loop.run_in_executor(
                self._threads, self._reserve, key_id, window.start_us, rate.count, wanted
            )
        except SQLAlchemyError as error:
            _log.warning("rates_unavailable", error=str(error)[:200])
            granted, window.is_used_up = max(1, rate.count // self._processes), True
        else:
            window.is_used_up = granted < wanted
        window.left += granted

    def _reserve(self, key_id: int, start_us: int, count: int, wanted: int) -> int:
        """Add to the window's quantity what is wanted and still free; what was added."""
        with self._records.connect() as connection:
            mine = (QuotaUsage.scope == _SCOPE, QuotaUsage.scope_id == key_id, QuotaUsage.category == "")
            self._begin_window(connection, key_id, start_us)
            here = (*mine, QuotaUsage.window_us == start_us)
            used = connection.scalars(select(QuotaUsage.quantity).where(*here).with_for_update()).one()
            granted = max(0, min(wanted, count - used))
            if granted:
                connection.execute(update(QuotaUsage).where(*here).values(quantity=used + granted))
            return granted

    def _begin_window(self, connection: Connection, key_id: int, start_us: int) -> None:
        values = {
            "scope": _SCOPE,
            "scope_id": key_id,
            "category": "",
            "window_us": start_us,
            "quantity": 0,
        }
        insert = sqlite.insert if self._records.is_sqlite else postgresql.insert
        begin = insert(QuotaUsage).values(**values).on_conflict_do_nothing().returning(QuotaUsage.scope_id)
        if connection.scalar(begin) is not None:  # ours is the first: earlier windows are over
            before = (QuotaUsage.scope == _SCOPE, QuotaUsage.scope_id == key_id)
            connection.execute(delete(QuotaUsage).where(*before, QuotaUsage.window_us < start_us))
