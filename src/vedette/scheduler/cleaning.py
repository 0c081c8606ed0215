"""Forgetting what has served: claims of event ids, quota windows."""

from sqlalchemy import delete, func, select, tuple_

from vedette.core.time import DAY_US, HOUR_US
from vedette.storage.records.database import Records
from vedette.storage.records.schema import EventSeen, QuotaFlag, QuotaUsage

EVENT_IDS_MOST = (
    10_000_000  # beyond that the oldest day goes early, once a walk has counted them: an hour late at most
)
_CHUNK = 5_000  # rows of one transaction: writers wait for it
_CHUNKS_A_RUN = 100
_KEY = (EventSeen.project_id, EventSeen.event_id)
_FIRST = (0, b"")


class EventIds:
    """Claims of event ids, walked through in the order of their key, some at each run.

    No index leads to those of one day: to keep it cost each claim as much as the claim itself (ADR 4).
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._after = _FIRST
        self._kept = 0  # of this walk so far
        self._counted = 0  # by the last walk that came to the end
        self._keep_from = 0  # day from which on claims were kept when the walk began
        self._rests_until = 0  # µs

    def forget(self, now_us: int) -> int:
        """Drop claims of days before yesterday, and of yesterday when there are too many; how many."""
        today = now_us // DAY_US
        keep_from = today if self._counted > EVENT_IDS_MOST else today - 1
        if self._after == _FIRST:
            if keep_from == self._keep_from and now_us < self._rests_until:
                return 0  # nothing has aged since the last walk, which is needed only to count
            self._keep_from = keep_from
        dropped = 0
        for _ in range(_CHUNKS_A_RUN):
            dropped += self._forget_chunk(keep_from)
            if self._after == _FIRST:
                self._rests_until = now_us + HOUR_US
                break
        return dropped

    def _forget_chunk(self, keep_from: int) -> int:
        key, is_old = tuple_(*_KEY), EventSeen.day < keep_from
        here = key > self._after
        with self._records.read() as session:
            row = session.execute(
                select(*_KEY).where(here).order_by(*_KEY).offset(_CHUNK - 1).limit(1)
            ).first()
            if row is not None:
                here &= key <= (row.project_id, row.event_id)
            seen, old = session.execute(select(func.count(), func.count().filter(is_old)).where(here)).one()
        if old:
            with self._records.connect() as connection:
                connection.execute(delete(EventSeen).where(here, is_old))
        self._kept += seen - old
        if row is None:
            self._after, self._counted, self._kept = _FIRST, self._kept, 0
        else:
            self._after = (row.project_id, row.event_id)
        return old


def forget_quota_windows(records: Records, now_us: int) -> None:
    """Drop usage of windows that ended long ago, and flags that have run out."""
    with records.write() as session:
        session.execute(delete(QuotaUsage).where(QuotaUsage.window_us < now_us - 31 * DAY_US))
        session.execute(delete(QuotaFlag).where(QuotaFlag.until_us < now_us - HOUR_US))
