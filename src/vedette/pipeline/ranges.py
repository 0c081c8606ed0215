"""Ranges: the unit in which a writer's spool becomes effects, once.

T1 (`open_range`) fixes what is processed and how it is split; T2 (`close_range`) moves the
cursor. Between them telemetry is written under a token made from the range. A process that
dies in between leaves the open range for the next one, which makes the same rows of it.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from vedette.spool.record import Position
from vedette.storage.records.schema import SpoolCursor


class RangeLost(Exception):
    """Another process has taken the writer over: nothing of this range may be committed."""


class Drop(msgspec.Struct, frozen=True, array_like=True):
    """A unit, by its number in the range, and why it is not stored."""

    number: int
    why: Literal["duplicate", "discarded", "quota"]


class Range(msgspec.Struct, frozen=True):
    """Everything a retry needs to make the same rows in the same blocks."""

    first: Position
    end: Position
    epoch: int  # of the projects' configuration
    blocks: dict[str, tuple[int, ...]] = {}  # table → rows per insert, in order
    dropped: tuple[Drop, ...] = ()  # units that T1 found are not to be stored

    def token(self, spool: str, writer: str, table: str, block: int) -> str:
        """The insert's deduplication token: the same for each try, for no other data."""
        first, end = self.first, self.end
        place = f"{first.segment}.{first.offset}-{end.segment}.{end.offset}"
        return f"{spool}/{writer}/{place}/{table}/{block}"


class Cursor(msgspec.Struct, frozen=True):
    """Where one writer's spool stands: done up to `at`, perhaps with a range in flight."""

    at: Position
    open: Range | None


class Claim(msgspec.Struct, frozen=True):
    """One writer's folder, and the process that may commit for it."""

    spool: str
    writer: str
    owner: str


def take_over(connection: Connection, claim: Claim) -> Cursor:
    """Make the claim's owner the one who may commit. The caller holds the folder's flock."""
    where = (SpoolCursor.spool == claim.spool, SpoolCursor.writer == claim.writer)
    try:
        with connection.begin_nested():
            connection.execute(insert(SpoolCursor).values(**msgspec.to_builtins(claim)))
    except IntegrityError:
        connection.execute(update(SpoolCursor).where(*where).values(owner=claim.owner))
    row = connection.execute(select(SpoolCursor.__table__).where(*where)).one()
    opened = None if row.range is None else msgspec.convert(row.range, Range)
    return Cursor(Position(row.segment, row.offset), opened)


def open_range(connection: Connection, claim: Claim, opened: Range, *, now_us: int) -> None:
    """T1's own part: record the range. Raises `RangeLost` unless the claim still holds."""
    values: dict[str, Any] = {
        "range": msgspec.to_builtins(opened),
        "range_opened_us": now_us,
        "updated_us": now_us,
    }
    _change(connection, claim, opened.first, values)


def close_range(connection: Connection, claim: Claim, done: Range, *, received_us: int, now_us: int) -> None:
    """T2's own part: move the cursor past the range. Raises `RangeLost` like `open_range`.

    `received_us`: when the last record of the range was received, for the watermark.
    """
    values = {
        "segment": done.end.segment,
        "offset": done.end.offset,
        "received_us": received_us,
        "range": None,
        "range_opened_us": None,
        "updated_us": now_us,
    }
    _change(connection, claim, done.first, values)


def _change(connection: Connection, claim: Claim, at: Position, values: Mapping[str, object]) -> None:
    changed = connection.execute(
        update(SpoolCursor)
        .where(
            SpoolCursor.spool == claim.spool,
            SpoolCursor.writer == claim.writer,
            SpoolCursor.owner == claim.owner,
            SpoolCursor.segment == at.segment,
            SpoolCursor.offset == at.offset,
        )
        .values(dict(values))
    )
    if changed.rowcount != 1:
        raise RangeLost(f"{claim.spool}/{claim.writer}: another process has taken this writer over")
