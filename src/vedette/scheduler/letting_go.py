"""Letting telemetry go: by age, and by free disk, the oldest weeks first. Both are written down.

What goes for want of disk is counted as outcome `lost: retention` before it goes: its
senders were told that it is kept.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from vedette.core.outcomes import Outcome
from vedette.core.time import MINUTE_US, SECOND_US, to_iso
from vedette.storage.records.database import Records
from vedette.storage.records.notes import read_note, write_note
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.maintenance import Partition, drop_expired, drop_partition, partitions
from vedette.storage.telemetry.tables import OUTCOMES, TABLES

log = structlog.get_logger("vedette.scheduler")

NOTE = "retention"
_OUTCOMES_DAYS = 90  # at least: what was received stays to be seen when the events have gone
_DROPS_KEPT = 50  # of the note
_BELOW, _UP_TO = 1.5, 2.0  # times the mark at which clients get 429: begin below, free up to
_KEPT_TABLE = OUTCOMES.name  # small, and says what went
# What a table's rows count as. Other tables hold what is said of these.
_LOST: dict[str, dict[str, str]] = {
    "errors": {"error": "count()"},
    "spans": {"span": "count()", "transaction": "countIf(payload != '')"},
    "logs": {
        "log_item": "count()",
        "log_byte": """sum(length(body) + 8 * length(numbers) + arraySum(key -> length(key), mapKeys(numbers))
            + arraySum((key, value) -> length(key) + length(value), mapKeys(attributes), mapValues(attributes)))""",
    },
    "metrics": {"trace_metric": "count()"},
}


def expire(records: Records, telemetry: Telemetry, keep_days: int, now_us: int) -> None:
    """Drop what is older than it is to be kept."""
    gone = drop_expired(telemetry, now_us=now_us, keep_days=max(keep_days, _OUTCOMES_DAYS))
    note_drops(records, gone, "age", now_us)


def free_disk(
    records: Records,
    telemetry: Telemetry,
    *,
    free_bytes: Callable[[], int],
    mark_bytes: int,
    now_us: int,
) -> list[Partition]:
    """Drop the oldest weeks when the disk is nearly full, until it is well below the mark. The newest week stays.

    Returns what went.
    """
    free = free_bytes()
    if free >= mark_bytes * _BELOW:
        return []
    needed = mark_bytes * _UP_TO - free
    tables = [name for name in TABLES if name != _KEPT_TABLE]
    known = sorted(partitions(telemetry, tables), key=lambda one: (one.week_us, one.table))
    newest_us = max((one.week_us for one in known), default=0)
    gone: list[Partition] = []
    for partition in known:
        if needed <= 0 or partition.week_us == newest_us:
            break
        _count_lost(telemetry, partition, now_us)
        drop_partition(telemetry, partition)
        needed -= partition.size_bytes
        gone.append(partition)
    log.warning("disk_nearly_full", free_mb=free >> 20, dropped=len(gone))
    note_drops(records, gone, "disk", now_us)
    return gone


def _count_lost(telemetry: Telemetry, partition: Partition, now_us: int) -> None:
    lost = _LOST.get(partition.table)
    if lost is None:
        return
    # Tables and expressions are named above, never by a request.
    sql = (
        f"SELECT project_id, {', '.join(lost.values())} FROM {partition.table}"  # noqa: S608
        " WHERE _partition_id = {id:String} GROUP BY project_id"
    )
    minute = now_us // MINUTE_US * (MINUTE_US // SECOND_US)
    rows = [
        (project_id, 0, category, int(Outcome.LOST), "retention", minute, quantity)
        for project_id, *quantities in telemetry.query_rows(sql, {"id": partition.id})
        for category, quantity in zip(lost, quantities, strict=True)
        if quantity
    ]
    # The token holds the rows' number: a crash before the drop counts these once, and later ones anew.
    token = f"lost/{partition.table}/{partition.id}/{partition.rows}"
    telemetry.insert(OUTCOMES.name, OUTCOMES.columns, rows, token=token)


def note_drops(records: Records, gone: Sequence[Partition], why: str, now_us: int) -> None:
    """Remember this run, and what the last ones dropped."""
    before = read_note(records, NOTE).get("dropped", [])
    dropped = [
        {
            "table": partition.table,
            "week": to_iso(partition.week_us)[:10],
            "rows": partition.rows,
            "bytes": partition.size_bytes,
            "why": why,
            "at": to_iso(now_us),
        }
        for partition in gone
    ]
    write_note(records, NOTE, {"last_us": now_us, "dropped": [*dropped, *before][:_DROPS_KEPT]}, now_us)


def free_bytes_of(folder: Path) -> Callable[[], int]:
    def free() -> int:
        state = os.statvfs(folder)
        return state.f_bavail * state.f_frsize

    return free
