"""The scheduler's clock: how far all spools are processed, not what the wall says.

Were it the wall clock, a minute without the engine would make everything look late. Each writer's
row of `spool_cursors` says up to which received time it is done, and when somebody of its node last
said so (`pipeline/presence.py`).
"""

from typing import Any

import structlog
from sqlalchemy import select

from vedette.core.time import DAY_US, MINUTE_US, SECOND_US, to_iso
from vedette.storage.records.database import Records
from vedette.storage.records.notes import SILENT, write_note
from vedette.storage.records.schema import SpoolCursor

log = structlog.get_logger("vedette.scheduler")

LAG_US = (
    10 * SECOND_US
)  # the mark stays so far behind the wall: requests are stamped before they are readable
SILENT_US = 15 * MINUTE_US  # a writer of which nothing is heard for longer is left out, and shown
GONE_US = (
    7 * DAY_US
)  # and after that no longer shown: its machine is gone, or its spool was restored elsewhere
SETTLE_US = 30 * SECOND_US  # after a start, or a time without the store, everybody may first speak
_GAP_US = MINUTE_US

_Key = tuple[str, str]  # spool, writer


class Watermark:
    """Follows the writers of all nodes. One a scheduler; not thread-safe.

    Silence is what this process has seen itself: while the store was away nobody could speak.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._began_us = self._looked_us = 0
        self._heard: dict[_Key, tuple[int, int]] = {}  # what its row said, since when we have seen it say so
        self._silent: set[_Key] | None = None

    def at(self, now_us: int) -> int:
        """The received time up to which everything of the live writers is processed; 0 when that cannot be told."""
        with self._records.read() as session:
            table = SpoolCursor
            rows = session.execute(
                select(table.spool, table.writer, table.received_us, table.updated_us)
            ).all()
        if now_us - self._looked_us > _GAP_US:
            self._began_us, self._heard = now_us, {}
        self._looked_us = now_us
        live = [row for row in rows if self._lives(row, now_us)]
        self._show([row for row in rows if row not in live and now_us - row.updated_us < GONE_US], now_us)
        if now_us - self._began_us < SETTLE_US:
            return 0
        return min([now_us - LAG_US, *(row.received_us for row in live)])

    def _lives(self, row: Any, now_us: int) -> bool:
        key = (row.spool, row.writer)
        said, since_us = self._heard.get(key, (-1, 0))
        if said != row.updated_us:
            said, since_us = self._heard[key] = (row.updated_us, now_us)
        return now_us - since_us < SILENT_US and now_us - row.updated_us < GONE_US

    def _show(self, silent: list[Any], now_us: int) -> None:
        """Write down who is left out, for the health page."""
        found = {(row.spool, row.writer) for row in silent}
        if found == self._silent:
            return
        self._silent = found
        writers = [
            {
                "writer": row.writer,
                "spool": row.spool,
                "lastHeard": to_iso(row.updated_us),
                "doneUpTo": to_iso(row.received_us),
            }
            for row in silent
        ]
        if writers:
            log.warning("writers_left_out", writers=writers)
        write_note(self._records, SILENT, {"writers": writers}, now_us)
