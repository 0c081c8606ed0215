"""Forgetting what has served: claims of event ids, quota windows."""

from sqlalchemy import delete, func, select

from vedette.core.time import DAY_US, HOUR_US
from vedette.storage.records.database import Records
from vedette.storage.records.schema import EventSeen, QuotaFlag, QuotaUsage

EVENT_IDS_MOST = 10_000_000  # beyond that the oldest day goes early
_CHUNK = 5_000  # rows of one transaction: writers wait for it
_CHUNKS_A_RUN = 40


def forget_event_ids(records: Records, now_us: int) -> int:
    """Drop claims of days before yesterday, and of yesterday when there are too many; how many."""
    today = now_us // DAY_US
    with records.read() as session:
        counted = session.scalar(select(func.count()).select_from(EventSeen)) or 0
    keep_from = today if counted > EVENT_IDS_MOST else today - 1
    return sum(_forget_chunk(records, keep_from) for _ in range(_CHUNKS_A_RUN))


def _forget_chunk(records: Records, keep_from: int) -> int:
    with records.write() as session:
        old = select(EventSeen.project_id, EventSeen.event_id).where(EventSeen.day < keep_from).limit(_CHUNK)
        rows = session.execute(old).all()
        if rows:
            connection = session.connection()
            table = EventSeen.__table__
            for project_id in {row.project_id for row in rows}:
                ids = [row.event_id for row in rows if row.project_id == project_id]
                connection.execute(
                    delete(EventSeen).where(table.c.project_id == project_id, table.c.event_id.in_(ids))
                )
        return len(rows)


def forget_quota_windows(records: Records, now_us: int) -> None:
    """Drop usage of windows that ended long ago, and flags that have run out."""
    with records.write() as session:
        session.execute(delete(QuotaUsage).where(QuotaUsage.window_us < now_us - 31 * DAY_US))
        session.execute(delete(QuotaFlag).where(QuotaFlag.until_us < now_us - HOUR_US))
