"""Keeping and letting go: partitions by age and size, queued deletes, backup and restore.

Expiry drops whole partitions (0.03 s); deleting rows rewrites parts and is therefore queued,
with progress to be seen.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from vedette.core.time import DAY_US, HOUR_US, SECOND_US
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.tables import PROJECT_TABLES, TABLES

_WEEK = re.compile(r"\(?(?:(\d+),)?'?(\d{4}-\d\d-\d\d)'?\)?")
_PARTITIONS = """
SELECT table, partition, partition_id, sum(rows), sum(bytes_on_disk)
FROM system.parts
WHERE active AND database = currentDatabase() AND has({tables:Array(String)}, table)
GROUP BY table, partition, partition_id
ORDER BY table, partition
"""
_MUTATION = """
SELECT count(), countIf(NOT is_done), sum(parts_to_do), anyIf(latest_fail_reason, latest_fail_reason != '')
FROM system.mutations
WHERE database = currentDatabase() AND position(command, {handle:String}) > 0
"""


@dataclass(frozen=True)
class Partition:
    """One week of a table, of one retention class where the table has classes."""

    table: str
    id: str
    keep_days: int  # 0 where rows carry none
    week_us: int  # its Monday, midnight UTC
    rows: int
    size_bytes: int

    def expires_at_us(self, keep_days: int | None = None) -> int:
        """When its last row is older than it is to be kept; `keep_days` for tables without classes."""
        return self.week_us + (7 + (self.keep_days or keep_days or 0)) * DAY_US


@dataclass(frozen=True)
class Progress:
    """Of a queued delete: parts left to rewrite, and the last failure if there was one."""

    known: bool
    done: bool
    parts_to_do: int
    failure: str


def partitions(telemetry: Telemetry, tables: Iterable[str] = TABLES) -> list[Partition]:
    """All partitions of these tables with what they take on disk."""
    found: list[Partition] = []
    for table, name, partition_id, rows, size in telemetry.query_rows(_PARTITIONS, {"tables": list(tables)}):
        week = _WEEK.fullmatch(str(name))
        if week and isinstance(rows, int) and isinstance(size, int):
            monday_us = (date.fromisoformat(week[2]) - date(1970, 1, 1)).days * DAY_US
            found.append(Partition(str(table), str(partition_id), int(week[1] or 0), monday_us, rows, size))
    return found


def drop_partition(telemetry: Telemetry, partition: Partition) -> None:
    """Drop it and give its disk space back. Its insert tokens are forgotten with it."""
    telemetry.command(f"ALTER TABLE {partition.table} DROP PARTITION ID {{id:String}}", {"id": partition.id})


def drop_expired(
    telemetry: Telemetry, *, now_us: int, keep_days: int, tables: Iterable[str] = TABLES
) -> list[Partition]:
    """Drop what is past its retention class, or `keep_days` in tables without classes; returns what went."""
    gone = [part for part in partitions(telemetry, tables) if part.expires_at_us(keep_days) <= now_us]
    for partition in gone:
        drop_partition(telemetry, partition)
    return gone


def drop_oldest(telemetry: Telemetry, *, free_bytes: int, tables: Iterable[str] = TABLES) -> list[Partition]:
    """Drop whole weeks, oldest first, until at least `free_bytes` are freed; the newest week stays.

    Returns what went, so that the caller counts it as lost to retention.
    """
    known = sorted(partitions(telemetry, tables), key=lambda partition: partition.week_us)
    newest = known[-1].week_us if known else 0
    gone: list[Partition] = []
    for partition in known:
        if free_bytes <= 0 or partition.week_us == newest:
            break
        drop_partition(telemetry, partition)
        free_bytes -= partition.size_bytes
        gone.append(partition)
    return gone


def delete_groups(
    telemetry: Telemetry, project_id: int, group_hashes: Sequence[int], *, before_us: int | None = None
) -> str:
    """Queue the deletion of these groups' rows; returns a handle for `delete_progress`.

    `group_hashes` are unsigned. `before_us`: only what was received before, and whole hours before.
    """
    hashes = ", ".join(str(int(group_hash)) for group_hash in group_hashes)
    groups = f"project_id = {int(project_id)} AND group_hash IN ({hashes})"
    if before_us is None:
        return _delete(telemetry, {"errors": groups, "issue_hours": groups})
    received = f"{groups} AND received < fromUnixTimestamp64Micro({int(before_us)}, 'UTC')"
    hours = f"{groups} AND hour < toDateTime({before_us // HOUR_US * (HOUR_US // SECOND_US)}, 'UTC')"
    return _delete(telemetry, {"errors": received, "issue_hours": hours})


def delete_project(telemetry: Telemetry, project_id: int) -> str:
    """Queue the deletion of all rows of a project; returns a handle for `delete_progress`."""
    return _delete(telemetry, dict.fromkeys(PROJECT_TABLES, f"project_id = {int(project_id)}"))


def _delete(telemetry: Telemetry, conditions: Mapping[str, str]) -> str:
    """`conditions`: by table."""
    handle = f"delete-{secrets.token_hex(8)}"
    for table, condition in conditions.items():
        # The comparison is always true; it makes the mutation findable by its handle.
        telemetry.command(f"ALTER TABLE {table} DELETE WHERE {condition} AND '{handle}' != ''")
    return handle


def delete_progress(telemetry: Telemetry, handle: str) -> Progress:
    """How far a queued delete is. A handle unknown to the store (cleaned up since) is not `known`."""
    count, open_, parts, failure = telemetry.query_rows(_MUTATION, {"handle": handle}).rows[0]
    return Progress(
        bool(count), bool(count) and not open_, parts if isinstance(parts, int) else 0, str(failure)
    )


def backup(telemetry: Telemetry, folder: Path, *, timeout_s: float = 6 * 3600) -> None:
    """Copy all tables as of now into `folder`, which must not exist. Writers are paused by the caller."""
    telemetry.command(
        f"BACKUP {_table_list(telemetry)} TO File({{path:String}})",
        {"path": str(folder)},
        timeout_s=timeout_s,
    )


def restore(telemetry: Telemetry, folder: Path, *, timeout_s: float = 6 * 3600) -> None:
    """Bring back a `backup` into an empty store. The caller sets a new spool uuid: tokens came back too."""
    names = ["schema_migrations", *TABLES]
    listed = ", ".join(f"TABLE {name}" for name in names)
    telemetry.command(
        f"RESTORE {listed} FROM File({{path:String}})", {"path": str(folder)}, timeout_s=timeout_s
    )


def _table_list(telemetry: Telemetry) -> str:
    sql = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
    return ", ".join(f"TABLE `{name}`" for (name,) in telemetry.query_rows(sql))
