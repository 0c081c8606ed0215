"""What was refused, counted in memory and spooled every second as outcomes."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable

import msgspec
import structlog

from vedette.core.outcomes import Outcome, OutcomeCount
from vedette.core.time import Clock
from vedette.receive.refusal import Refusal
from vedette.spool.record import SpoolRecord
from vedette.spool.space import SpoolFull
from vedette.spool.writer import SpoolFailed, SpoolWriter

OnReject = Callable[[int, str, str], None]  # project id (0: none known), reason, detail

SPOOL_EVERY_S = 1.0
MAX_ROWS = 2000  # of one second; what is more is counted without project and key
MAX_STRANGERS = 100  # once there are so many rows, whoever has no key is counted without project
_Key = tuple[int, int | None, str, int, str]
_log = structlog.get_logger(__name__)


class Rejections:
    """Counts of refused items. Exact while the process lives; a crash loses the last second."""

    def __init__(self, spool: SpoolWriter, *, clock: Clock, on_reject: OnReject | None = None) -> None:
        self._spool = spool
        self._clock = clock
        self._on_reject = on_reject
        self._counts: Counter[_Key] = Counter()
        self._task: asyncio.Task[None] | None = None

    def add(self, refusal: Refusal, project_id: int, key_id: int | None) -> None:
        """Count a refusal, and tell whoever watches. Without a key the project is only claimed."""
        most = MAX_STRANGERS if key_id is None else MAX_ROWS
        for item in refusal.items:
            key = (project_id, key_id, item.category, int(refusal.outcome), refusal.reason)
            if key not in self._counts and len(self._counts) >= most:
                key = (0, None, item.category, int(refusal.outcome), refusal.reason)
            self._counts[key] += item.quantity
        if self._on_reject is not None:
            self._on_reject(project_id, refusal.reason, refusal.detail)

    def take(self) -> list[OutcomeCount]:
        """Everything counted since the last call."""
        counts, self._counts = self._counts, Counter()
        return [
            OutcomeCount(project, key, category, Outcome(outcome), reason, quantity)
            for (project, key, category, outcome, reason), quantity in counts.items()
        ]

    async def flush(self) -> None:
        """Spool what was counted; when the spool is full it is kept for the next time."""
        counts = self.take()
        if not counts:
            return
        record = SpoolRecord("outcomes", self._clock(), 0, body=msgspec.msgpack.encode(counts))
        try:
            await self._spool.append(record, urgent=True)
        except (SpoolFull, SpoolFailed):
            for count in counts:
                key = (count.project_id, count.key_id, count.category, int(count.outcome), count.reason)
                self._counts[key] += count.quantity

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self.flush()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(SPOOL_EVERY_S)
            try:
                await self.flush()
            except Exception:  # counting must not stop for one failure
                _log.exception("rejections were not spooled")
