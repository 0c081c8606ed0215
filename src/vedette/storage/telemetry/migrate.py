"""Bringing the telemetry schema up to this version: plain numbered SQL files, in order."""

import re
from importlib import resources
from typing import NamedTuple

from vedette.storage.telemetry.client import Telemetry

_FILE = re.compile(r"(\d{4})_(\w+)\.sql")
_VERSIONS = """
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version UInt32,
    name String,
    applied DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""


class Migration(NamedTuple):
    version: int
    name: str
    statements: tuple[str, ...]


class SchemaTooNew(Exception):
    """The store was migrated by a newer Vedette; there is no way back."""


def migrations() -> list[Migration]:
    """All migrations of this version, in order."""
    found: list[Migration] = []
    for file in (resources.files("vedette.storage.telemetry") / "migrations").iterdir():
        named = _FILE.fullmatch(file.name)
        if named:
            found.append(Migration(int(named[1]), named[2], split_statements(file.read_text())))
    return sorted(found)


def split_statements(text: str) -> tuple[str, ...]:
    """The statements of a migration: each ends with a semicolon at the end of a line."""
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return tuple(part.strip() for part in re.split(r";\s*(?:\n|$)", plain) if part.strip())


def schema_version(telemetry: Telemetry) -> int:
    """The newest migration applied; 0 for an empty store."""
    exists = telemetry.query_rows(
        "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations'"
    )
    if exists.rows == [[0]]:
        return 0
    row = telemetry.query_rows("SELECT max(version) FROM schema_migrations").rows[0]
    return row[0] if isinstance(row[0], int) else 0


def migrate(telemetry: Telemetry, *, now_us: int) -> int:
    """Apply what is missing; returns the number of migrations applied.

    A migration interrupted half-way is applied again from its start, so its statements are
    written to be repeatable. Raises `SchemaTooNew`.
    """
    known = migrations()
    at = schema_version(telemetry)
    if at > known[-1].version:
        raise SchemaTooNew(
            f"telemetry has schema {at}, this version knows {known[-1].version}: use the newer version"
        )
    due = [migration for migration in known if migration.version > at]
    telemetry.command(_VERSIONS)
    for migration in due:
        for statement in migration.statements:
            telemetry.command(statement)
        _record(telemetry, migration, now_us)
    return len(due)


def _record(telemetry: Telemetry, migration: Migration, now_us: int) -> None:
    telemetry.command(
        "INSERT INTO schema_migrations (version, name, applied)"
        " SELECT {version:UInt32}, {name:String}, fromUnixTimestamp64Micro({now_us:Int64}, 'UTC')",
        {"version": migration.version, "name": migration.name, "now_us": now_us},
    )
