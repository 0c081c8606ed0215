"""The scheduler's clock: how far all spools are processed, not what the wall says.

Were it the wall clock, a minute without the engine would make everything look late.
"""

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from vedette.core.time import MINUTE_US, SECOND_US
from vedette.storage.records.schema import SpoolCursor

_LAG_US = 10 * SECOND_US  # an idle spool has nothing to say; then the wall counts, less this
_SILENT_US = 15 * MINUTE_US  # a node that is silent for longer is left out


def watermark(connection: Connection, now_us: int) -> int:
    """The received time up to which everything of the live writers is processed.

    A writer that has a range in flight holds the mark at the last record it has done.
    """
    table = SpoolCursor
    oldest = connection.execute(
        select(func.min(table.received_us)).where(
            table.range_opened_us.is_not(None), table.updated_us > now_us - _SILENT_US
        )
    ).scalar()
    return min(now_us - _LAG_US, oldest) if oldest else now_us - _LAG_US
