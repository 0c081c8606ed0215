"""Telling all nodes which writers there are, that they live, and how far they are processed.

Without it a spool that nobody reads would be invisible to the scheduler: `scheduler/watermark.py`.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog
from sqlalchemy import case, insert, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from vedette.core.time import SECOND_US, Clock
from vedette.pipeline.ranges import Claim
from vedette.spool.folder import SpoolFolder, segment_numbers
from vedette.storage.records.database import Records
from vedette.storage.records.schema import SpoolCursor

log = structlog.get_logger("vedette.pipeline")

BEAT_EVERY_S = 5.0
ON_ITS_WAY_US = 10 * SECOND_US  # from the stamp of a request to its being readable: a slow fsync


def announce(connection: Connection, spool: str, writer: str, folder: Path, now_us: int) -> None:
    """Say that a writer lives; of one that is new, that nothing it has received is processed."""
    alive = update(SpoolCursor).where(SpoolCursor.spool == spool, SpoolCursor.writer == writer)
    if connection.execute(alive.values(updated_us=now_us)).rowcount:
        return
    done_us = 0 if segment_numbers(folder) else now_us
    row = {"spool": spool, "writer": writer, "received_us": done_us, "updated_us": now_us}
    try:
        with connection.begin_nested():
            connection.execute(insert(SpoolCursor).values(**row))
    except IntegrityError:  # a pipeline has just taken it over
        connection.execute(alive.values(updated_us=now_us))


def caught_up(connection: Connection, claim: Claim, at_us: int, now_us: int) -> None:
    """Say that the claim's pipeline lives, and that at `at_us` (0: never) it found nothing left to read."""
    done_us = at_us - ON_ITS_WAY_US
    received = case((SpoolCursor.received_us < done_us, done_us), else_=SpoolCursor.received_us)
    connection.execute(
        update(SpoolCursor)
        .where(
            SpoolCursor.spool == claim.spool,
            SpoolCursor.writer == claim.writer,
            SpoolCursor.owner == claim.owner,
        )
        .values(updated_us=now_us, received_us=received)
    )


async def keep_announcing(records: Records, spool: SpoolFolder, writers: Sequence[str], clock: Clock) -> None:
    """Announce writers now and every few seconds, until cancelled."""

    def tell() -> None:
        with records.connect() as connection:
            for writer in writers:
                announce(connection, spool.uuid, writer, spool.writer_folder(writer), clock())

    while True:
        try:
            await asyncio.to_thread(tell)
        except DBAPIError as error:
            log.warning("writers_not_announced", error=str(error)[:200])
        await asyncio.sleep(BEAT_EVERY_S)
