"""Units: what the items of a range come to.

A unit is claimed, charged and stored as a whole, or dropped as a whole. An error event carries what
its issue needs; spans, logs and metrics are rows and nothing else.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from vedette.core.outcomes import Outcome
from vedette.core.time import DAY_US, MINUTE_US
from vedette.errors.process import ErrorEvent
from vedette.pipeline.items import RawItem
from vedette.projects.handling import Delivery, Handling
from vedette.spool.record import Spooled
from vedette.storage.telemetry.columns import Column, Table
from vedette.storage.telemetry.errors import TelemetryRefused
from vedette.storage.telemetry.native import BadColumn, packer
from vedette.storage.telemetry.slices import Slices
from vedette.storage.telemetry.tables import ERRORS, LOGS, METRICS, SPANS, TRACE_TIMES

FEATURE_TABLES = (SPANS, TRACE_TIMES, LOGS, METRICS)
Columns = Sequence[Sequence[Any]]  # the values of each column of a table, equally many


class Rows(msgspec.Struct, frozen=True):
    """Rows of one table, column by column as they are written, and about how many bytes they are.

    The table's last column is left out where it is `batch`, which the range decides.
    """

    table: Table
    columns: Columns
    size_bytes: int

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0


def _columns(table: Table) -> list[Column]:
    """Those of the table but for the one that the range decides."""
    return [column for column in table.columns if column.name != "batch"]


_PACKERS = {table.name: packer([one.travels_as for one in _columns(table)]) for table in FEATURE_TABLES}
SLICE_UNITS = 50  # after which error rows are packed: what they and their payloads take fits the cache
SLICE_BYTES = 1 << 20  # of payloads, where it is reached before


def packed(table: Table, columns: Columns, size_bytes: int) -> Rows:
    """Rows of what a feature made, packed while it is at hand."""
    return Rows(table, _PACKERS[table.name](columns) if columns else (), size_bytes)


def by_column(rows: Iterable[Sequence[Any]]) -> Columns:
    return list(zip(*rows, strict=True))


class Unit(msgspec.Struct):
    """`counts`: what it counts as, by category, in outcomes and against quotas.

    `part_of`: the number in its batch of the unit it was found in (an N+1 query in its transaction);
    such a unit counts for nothing by itself and goes when the other goes.
    """

    project_id: int
    key_id: int
    received_us: int
    position: str  # whose claim of the event id counts as one's own
    keep_days: int
    counts: tuple[tuple[str, int], ...]
    event_id: str = ""  # 32 hex, stored once a project; empty: nothing to claim
    error: ErrorEvent | None = None
    rows: tuple[Rows, ...] = ()
    part_of: int = -1

    @property
    def day(self) -> int:
        """Of receipt, since the epoch."""
        return self.received_us // DAY_US


class DeadLetter(msgspec.Struct, frozen=True):
    """A record that broke the program: kept aside with the reason, to be tried again."""

    spooled: Spooled
    reason: str


OutcomeKey = tuple[int, int, str, int, str, int]  # project, key, category, outcome, reason, minute (µs)


class Batch(msgspec.Struct):
    units: list[Unit] = []
    outcomes: Counter[OutcomeKey] = msgspec.field(default_factory=Counter[OutcomeKey])
    dead: list[DeadLetter] = []
    records: int = 0  # that it is made of
    payload_bytes: int = 0  # of their items
    received_us: int = 0  # of the last record
    error_rows: Slices = msgspec.field(
        default_factory=lambda: Slices(_columns(ERRORS), large="payload")
    )  # of `units`, in order
    packed_units: int = 0  # units whose rows are there
    packed_bytes: int = 0  # of `payload_bytes`
    counted: list[tuple[OutcomeKey, int]] = []  # what the record at hand has added to `outcomes`

    def mark(self) -> int:
        """Begin a record; what to give `take_back` if it breaks the program."""
        self.counted.clear()
        return len(self.units)

    def take_back(self, mark: int) -> None:
        """Forget units and outcomes of the record at hand: it is to be tried again as a whole."""
        del self.units[mark:]
        for key, quantity in self.counted:
            self.outcomes[key] -= quantity
        self.outcomes = +self.outcomes  # without those that came to nothing
        self.counted.clear()

    def pack(self, *, at_least: int = 1) -> None:
        """Pack the rows of error events that are not yet, if there are enough units, or bytes, to do so.

        Raises `TelemetryRefused` for a value that its column cannot hold.
        """
        fresh = len(self.units) - self.packed_units
        if fresh < at_least and self.payload_bytes - self.packed_bytes < SLICE_BYTES:
            return
        errors = [unit.error for unit in self.units[self.packed_units :] if unit.error is not None]
        if errors:
            try:
                self.error_rows.add(by_column([error.take_row() for error in errors]))
            except BadColumn as error:
                raise TelemetryRefused(f"{ERRORS.name}: {error}") from error
        self.packed_units, self.packed_bytes = len(self.units), self.payload_bytes

    def add(self, key: OutcomeKey, quantity: int) -> None:
        self.outcomes[key] += quantity
        self.counted.append((key, quantity))

    def count(
        self, spooled: Spooled, category: str, outcome: Outcome, reason: str, quantity: int = 1
    ) -> None:
        """Count what never becomes a unit."""
        if not quantity:
            return
        record = spooled.record
        minute = record.received_at_us - record.received_at_us % MINUTE_US
        self.add((record.project_id, record.key_id, category, int(outcome), reason, minute), quantity)

    def errors(self) -> list[tuple[int, ErrorEvent]]:
        """The error events with the numbers of their units."""
        return [(number, unit.error) for number, unit in enumerate(self.units) if unit.error is not None]


class Origin(msgspec.Struct, frozen=True):
    """Where an item came from: what every unit of it is given."""

    spooled: Spooled
    position: str
    number: int  # of the item in its record

    def delivery(self, item: RawItem, handling: Handling) -> Delivery:
        """The item as features are told of it."""
        key = blake2b(f"{self.position}/{self.number}".encode(), digest_size=8).hexdigest()
        project_id = self.spooled.record.project_id
        return Delivery(project_id, key, item.received, handling, item.sdk, item.trace)

    def unit(self, item: RawItem, keep_days: int, counts: tuple[tuple[str, int], ...], **more: Any) -> Unit:
        record = self.spooled.record
        return Unit(
            record.project_id,
            record.key_id,
            item.received.received_us,
            self.position,
            keep_days,
            counts,
            **more,
        )
