"""What ends an archive: a time, so many events or users, or more events than forecast.

Counting is done only for archives that wait for it, in `archive_counts`. Slots and windows
are of received time, so that a sender's wrong clock neither hides nor feigns a storm.
"""

from collections.abc import Iterable, Sequence
from math import ceil, sqrt

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.engine import Connection

from vedette.core.time import HOUR_US, MINUTE_US, SECOND_US
from vedette.issues.details import Archive
from vedette.issues.lifecycle import State, Trigger
from vedette.issues.sightings import signed
from vedette.storage.records.portable import greatest, upsert
from vedette.storage.records.schema import ArchiveCount

LEAST_HOURLY = 10  # fewer events an hour never count as escalation
FORECAST_HOURS = 7 * 24
_SLOTS = 60  # of a window: its edge is right within 2 %


def hourly_limit(hours: Sequence[int]) -> int:
    """The number of events an hour above which an archived issue is escalating.

    `hours`: events in each of the last hours, silent ones as zero, at most `FORECAST_HOURS`
    of them. The limit is their mean and three standard deviations, at least `LEAST_HOURLY`:
    steady noise stays archived, and so does its daily rhythm; a storm as bad as the one in
    the forecast escalates.
    """
    if not hours:
        return LEAST_HOURLY
    mean = sum(hours) / len(hours)
    deviation = sqrt(sum((count - mean) ** 2 for count in hours) / len(hours))
    return max(LEAST_HOURLY, ceil(mean + 3 * deviation))


class Archived(msgspec.Struct, frozen=True):
    """An archived issue and what a batch brought of it."""

    issue_id: int
    state: State
    archive: Archive
    times_seen: int  # the batch included
    count: int
    users: frozenset[int]
    received_us: int


def ended_archives(connection: Connection, seen: Iterable[Archived]) -> dict[int, Trigger]:
    """Count what came, and say which issues it brings back, and how."""
    waiting = [one for one in seen if one.archive.is_conditional or one.archive.hour_limit is not None]
    _count(connection, waiting)
    ended = {one.issue_id: _end(connection, one) for one in waiting}
    return {issue_id: trigger for issue_id, trigger in ended.items() if trigger is not None}


def forget_counts(connection: Connection, issue_ids: Sequence[int]) -> None:
    connection.execute(delete(ArchiveCount).where(ArchiveCount.issue_id.in_(issue_ids)))


def _end(connection: Connection, one: Archived) -> Trigger | None:
    archive = one.archive
    if one.state is State.UNTIL_ESCALATING:
        return Trigger.ESCALATE if _is_escalating(connection, one) else None
    if archive.until_us is not None and one.received_us >= archive.until_us:
        return Trigger.EXPIRE
    if archive.count is not None and _events(connection, one) >= archive.count:
        return Trigger.REACH
    if archive.user_count is not None and _users(connection, one) >= archive.user_count:
        return Trigger.REACH
    return None


def _is_escalating(connection: Connection, one: Archived) -> bool:
    limit = one.archive.hour_limit
    hour = one.received_us // HOUR_US * HOUR_US
    return limit is not None and _sum(connection, one.issue_id, "hour", hour) > limit


def _events(connection: Connection, one: Archived) -> int:
    window_s = one.archive.window_s
    if window_s is None:
        return one.times_seen - one.archive.times_seen
    return _sum(connection, one.issue_id, "events", one.received_us - window_s * SECOND_US)


def _users(connection: Connection, one: Archived) -> int:
    window_s = one.archive.user_window_s
    since_us = 0 if window_s is None else one.received_us - window_s * SECOND_US
    found = connection.scalar(
        select(func.count())
        .select_from(ArchiveCount)
        .where(
            ArchiveCount.issue_id == one.issue_id,
            ArchiveCount.kind == "user",
            ArchiveCount.last_us > since_us,
        )
    )
    return found or 0


def _sum(connection: Connection, issue_id: int, kind: str, since_us: int) -> int:
    found = connection.scalar(
        select(func.sum(ArchiveCount.quantity)).where(
            ArchiveCount.issue_id == issue_id, ArchiveCount.kind == kind, ArchiveCount.slot >= since_us
        )
    )
    return int(found or 0)


def _count(connection: Connection, seen: Iterable[Archived]) -> None:
    rows = [row for one in seen for row in _rows(one)]
    if not rows:
        return
    statement = upsert(connection.dialect.name, ArchiveCount)
    known, new = ArchiveCount.__table__.c, statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["issue_id", "kind", "slot"],
        set_={
            "quantity": known.quantity + new.quantity,
            "last_us": greatest(known.last_us, new.last_us),
        },
    )
    connection.execute(statement, rows)


def _rows(one: Archived) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    archive = one.archive
    if archive.hour_limit is not None:
        rows.append(_row(one, "hour", one.received_us // HOUR_US * HOUR_US, one.count))
    if archive.count is not None and archive.window_s is not None:
        slot_us = max(MINUTE_US, archive.window_s * SECOND_US // _SLOTS)
        rows.append(_row(one, "events", one.received_us // slot_us * slot_us, one.count))
    if archive.user_count is not None:
        rows += [_row(one, "user", signed(user), 1) for user in sorted(one.users)]
    return rows


def _row(one: Archived, kind: str, slot: int, quantity: int) -> dict[str, object]:
    return {
        "issue_id": one.issue_id,
        "kind": kind,
        "slot": slot,
        "quantity": quantity,
        "last_us": one.received_us,
    }
