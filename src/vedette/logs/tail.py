"""The newest logs again and again, for who watches them arrive: read by polling, with an overlap.

Rows become visible a batch at a time, not in the order in which they were received, so a look
reaches back over the last minute and tells of batches that it has not seen. What comes late by
more than that is found on the page, not here. Not thread-safe; looks block.
"""

from dataclasses import replace

import msgspec

from vedette.core.time import MINUTE_US, SECOND_US, Clock
from vedette.logs.query import COLUMNS, LogFilter, LogRow, ask, where_of
from vedette.storage.telemetry.client import Telemetry

LINES_PER_S = 200
_OVERLAP_US = MINUTE_US
_LATE_US = 2 * MINUTE_US  # lines that are older when they arrive are not told
_AHEAD_US = 2 * MINUTE_US  # a sender's clock may be so far ahead, and more


class Arrived(msgspec.Struct, frozen=True):
    """Lines that are new, oldest first, and how many more there were than may be told."""

    lines: list[LogRow]
    left_out: int


class _Batch:
    """What is known of one batch: rows seen, and the ids of those told."""

    def __init__(self) -> None:
        self.rows = 0
        self.told: list[str] = []
        self.seen_us = 0


class Tail:
    """The tail of some logs. The times of `logs` do not matter."""

    def __init__(self, telemetry: Telemetry, clock: Clock, logs: LogFilter) -> None:
        self._telemetry = telemetry
        self._clock = clock
        self._logs = logs
        self._began_us = clock()
        self._batches: dict[str, _Batch] = {}
        self._looked_us = self._began_us

    def look(self) -> Arrived:
        """What has arrived since the last look, or since the tail began."""
        now_us = self._clock()
        recent = self._recent(now_us)
        where, values = where_of(recent)
        counts = {
            str(batch): int(rows)
            for batch, rows in ask(self._telemetry, "tail_batches", {"where": where}, values)
        }
        new = self._grown(counts, now_us)
        elapsed_us = max(now_us - self._looked_us, SECOND_US // 2)
        self._looked_us = now_us
        room = max(1, LINES_PER_S * elapsed_us // SECOND_US)
        lines = self._lines(where, values, new, int(room)) if new else []
        self._forget(now_us)
        return Arrived(lines, max(0, sum(new.values()) - len(lines)))

    def _recent(self, now_us: int) -> LogFilter:
        return replace(self._logs, from_us=now_us - _LATE_US, to_us=now_us + _AHEAD_US).also(
            "received >= fromUnixTimestamp64Micro({received_us:Int64}, 'UTC')",
            received_us=max(self._began_us, now_us - _OVERLAP_US),
        )

    def _grown(self, counts: dict[str, int], now_us: int) -> dict[str, int]:
        """The batches with rows not seen before, and how many those are."""
        new: dict[str, int] = {}
        for mark, rows in counts.items():
            batch = self._batches.setdefault(mark, _Batch())
            batch.seen_us = now_us
            if rows > batch.rows:
                new[mark] = rows - batch.rows
                batch.rows = rows
        return new

    def _lines(self, where: str, values: dict[str, object], new: dict[str, int], room: int) -> list[LogRow]:
        told = [item for mark in new for item in self._batches[mark].told]
        rows = ask(
            self._telemetry,
            "tail",
            {"where": where, "columns": f"{COLUMNS}, batch"},
            {**values, "batches": list(new), "told": told, "limit": min(room, sum(new.values()))},
        )
        for row in rows:
            self._batches[str(row[-1])].told.append(str(row[0]))
        return [LogRow(*row[:-1]) for row in reversed(rows)]

    def _forget(self, now_us: int) -> None:
        """Batches that no look will see again."""
        gone = [mark for mark, batch in self._batches.items() if batch.seen_us < now_us - 2 * _OVERLAP_US]
        for mark in gone:
            del self._batches[mark]
