"""One pipeline process: takes writers' spools over and turns their ranges into effects, once.

    T1 (one transaction)   claim the range, its event ids, its issues
    telemetry              one block per insert, under the range's token
    T2 (one transaction)   counters, facts, the cursor

A crash anywhere leaves either nothing or an open range, which is done again with the same
result. A dead engine or database only makes the spool longer.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError

from vedette.core.time import SECOND_US, Clock
from vedette.pipeline.batch import MOST_PAYLOAD_BYTES
from vedette.pipeline.effects import plan_effects, record_effects, rows_of
from vedette.pipeline.failpoints import failpoint
from vedette.pipeline.presence import caught_up
from vedette.pipeline.ranges import Claim, Cursor, Range, RangeLost, close_range, open_range, take_over
from vedette.pipeline.units import Batch
from vedette.spool.letters import DeadLetters
from vedette.spool.reader import SpoolReader
from vedette.spool.record import Position, Spooled, position_text
from vedette.spool.retention import Retention
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.columns import Table
from vedette.storage.telemetry.errors import BlockTooLarge, TelemetryError, TelemetryRefused
from vedette.storage.telemetry.native import Values

log = structlog.get_logger("vedette.pipeline")

MOST_RECORDS = 2_000  # of one range: a block of at most 5,000 rows, half a second's work
MOST_BYTES = 8 << 20  # compressed; what a range may cost in memory
ENOUGH_RECORDS = 500
LINGER_S = 0.5  # a small range waits so long, from the receipt of its first record: fewer, larger inserts
RETRY_FIRST_S, RETRY_MOST_S = 0.2, 5.0

ReadBody = Callable[[Spooled], bytes]
MakeBatch = Callable[
    [Claim, Sequence[Spooled], ReadBody, int, int | None], Batch
]  # of an epoch, within so many bytes; pure but for the bodies


@dataclass
class WriterWork:
    """One writer's spool, owned by this process."""

    claim: Claim
    folder: Path
    reader: SpoolReader
    cursor: Cursor
    retention: Retention
    pending: list[Spooled] = field(default_factory=list[Spooled])  # read, waiting for company
    pending_bytes: int = 0
    pending_since: float = 0.0
    caught_up_us: int = 0  # when it last was found that nothing was left to read
    retry_at: float = 0.0
    failures: int = 0


@dataclass
class Worker:
    """`step` does one round over all writers this process owns."""

    records: Records
    telemetry: Telemetry
    make_batch: MakeBatch
    newest_epoch: Callable[[], int]
    clock: Clock
    owner: str
    letters: DeadLetters
    is_paused: Callable[[], bool] = lambda: False  # then what is open is finished and nothing is begun
    works: list[WriterWork] = field(default_factory=list[WriterWork])

    def take(self, spool: str, writer: str, folder: Path) -> None:
        """Start working on a writer whose folder's flock this process holds."""
        claim = Claim(spool, writer, self.owner)
        with self.records.connect() as connection:
            cursor = take_over(connection, claim)
        start = cursor.open.end if cursor.open else cursor.at
        retention = Retention(folder, clock=self.clock)
        self.works.append(WriterWork(claim, folder, SpoolReader(folder, start), cursor, retention))

    def clear(self, *, at_once: bool = False) -> None:
        """Remove segments whose effects have long been durable, or all such `at_once` for a disk that runs full."""
        for work in self.works:
            work.retention.clear(work.cursor.at, at_once=at_once)

    def beat(self) -> None:
        """Say that this process lives, and how far it is where nothing is left to read."""
        try:
            with self.records.connect() as connection:
                for work in self.works:
                    caught_up(connection, work.claim, work.caught_up_us, self.clock())
        except DBAPIError as error:
            log.warning("progress_not_told", error=str(error)[:200])

    def step(self) -> bool:
        """Do what there is to do; True if anything was done."""
        done = False
        for work in list(self.works):
            if work.retry_at <= time.monotonic():
                done |= self._try(work)
        return done

    def _try(self, work: WriterWork) -> bool:
        try:
            done = self._advance(work)
        except RangeLost as lost:
            log.warning("writer_lost", reason=str(lost))
            self.works.remove(work)
            return False
        except (TelemetryError, DBAPIError) as error:
            self._wait_for_stores(work, error)
            return False
        work.failures = 0
        return done

    def _wait_for_stores(self, work: WriterWork, error: Exception) -> None:
        """Back off. What was done stays: the open range says where to go on.

        Rows that a store refuses are our mistake: their writer waits for the version that mends it, the others go on.
        """
        work.failures += 1
        wait_s = min(RETRY_MOST_S, RETRY_FIRST_S * 2 ** min(10, work.failures - 1))
        work.retry_at = time.monotonic() + wait_s
        told = {"writer": work.claim.writer, "error": str(error)[:300], "retry_in_s": wait_s}
        if isinstance(error, TelemetryRefused):
            log.error("store_refused", **told)
        else:
            log.warning("store_unavailable", **told)

    def _advance(self, work: WriterWork) -> bool:
        if work.cursor.open:
            self._again(work, work.cursor.open)
            return True
        if not self._gather(work):
            return False
        if self.is_paused():
            return False
        work.reader.sync()
        epoch = self.newest_epoch()
        batch = self.make_batch(work.claim, work.pending, work.reader.body, epoch, MOST_PAYLOAD_BYTES)
        failpoint("after_read")
        opened = Range(work.cursor.at, _end_of(work, batch.records), epoch)
        with self.records.connect() as connection:
            plan = plan_effects(connection, batch, now_us=self.clock())
            opened = plan.settle(opened)
            open_range(connection, work.claim, opened, now_us=self.clock())
        work.cursor = Cursor(work.cursor.at, opened)
        work.pending = work.pending[batch.records :]
        work.pending_bytes = _inline_bytes(work.pending)
        failpoint("after_t1")
        self._finish(work, opened, batch)
        return True

    def _gather(self, work: WriterWork) -> bool:
        """Read on; True when what is pending is enough, or has waited long enough, for a range."""
        now, at_us = time.monotonic(), self.clock()
        if len(work.pending) < MOST_RECORDS and work.pending_bytes < MOST_BYTES:
            found = work.reader.read(
                max_records=MOST_RECORDS - len(work.pending), max_bytes=MOST_BYTES - work.pending_bytes
            )
            for damage in found.damage:
                log.error("spool_damaged", writer=work.claim.writer, damage=msgspec.to_builtins(damage))
            if not work.pending:
                work.pending_since = now
            work.pending += found.records
            work.pending_bytes += _inline_bytes(found.records)
        if not work.pending:
            work.caught_up_us = at_us
            return False
        is_large = len(work.pending) >= ENOUGH_RECORDS or work.pending_bytes >= MOST_BYTES // 2
        return is_large or _waited_s(work, at_us) >= LINGER_S

    def _again(self, work: WriterWork, opened: Range) -> None:
        """Do an open range once more, from the same records under the same configuration."""
        reader = SpoolReader(work.folder, opened.first)
        try:
            records = list(reader.records(until=opened.end))
            batch = self.make_batch(work.claim, records, reader.body, opened.epoch, None)
        finally:
            reader.close()
        self._finish(work, opened, batch)

    def _finish(self, work: WriterWork, opened: Range, batch: Batch) -> None:
        self._insert(work.claim, opened, batch)
        self._keep_dead(work, batch)
        with self.records.connect() as connection:
            record_effects(connection, batch, opened, now_us=self.clock())
            close_range(connection, work.claim, opened, received_us=batch.received_us, now_us=self.clock())
        work.cursor = Cursor(opened.end, None)
        failpoint("after_t2")

    def _keep_dead(self, work: WriterWork, batch: Batch) -> None:
        """Put what broke the program aside, before the cursor passes it."""
        for dead in batch.dead:
            spooled = dead.spooled
            claim = work.claim
            position = spooled.record.replay_of or position_text(claim.spool, claim.writer, spooled.position)
            self.letters.put(position, spooled.record, _body_left(work, spooled), dead.reason)
            log.error("dead_letter", position=position, reason=dead.reason)

    def _insert(self, claim: Claim, opened: Range, batch: Batch) -> None:
        for block in rows_of(batch, opened, claim):
            token = opened.token(claim.spool, claim.writer, block.table.name, block.number)
            self._insert_columns(block.table, block.columns, token)
            failpoint(block.failpoint)

    def _insert_columns(self, table: Table, columns: Values, token: str) -> None:
        """In halves where they are too large for one block: blocks are planned by what was sent, and a row may be more.

        The same rows are halved in the same way at each try, so that the halves' tokens are as good as the whole's.
        """
        try:
            self.telemetry.insert_columns(table.name, table.columns, columns, token=token)
        except BlockTooLarge:
            half = len(columns[0]) // 2
            if not half:
                raise
            self._insert_columns(table, [values[:half] for values in columns], f"{token}.0")
            self._insert_columns(table, [values[half:] for values in columns], f"{token}.1")


def _body_left(work: WriterWork, spooled: Spooled) -> bytes:
    """The record's body; nothing where its file is gone, for which no pipeline could wait."""
    try:
        return work.reader.body(spooled)
    except FileNotFoundError:
        return b""


def _end_of(work: WriterWork, count: int) -> Position:
    """Where a range of the first so many pending records ends."""
    return work.reader.position if count == len(work.pending) else work.pending[count - 1].following


def _waited_s(work: WriterWork, now_us: int) -> float:
    """Since the first pending record was received: it may have lain unread while another writer's range was done.

    Or since it was read, where the clock was set back meanwhile.
    """
    since_receipt_s = (now_us - work.pending[0].record.received_at_us) / SECOND_US
    return max(since_receipt_s, time.monotonic() - work.pending_since)


def _inline_bytes(records: Sequence[Spooled]) -> int:
    return sum([len(spooled.record.body) for spooled in records])
