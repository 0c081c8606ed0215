"""Copies of the records store: before a migration, and for `vedette backup`."""

import sqlite3
from pathlib import Path

from vedette.core.time import to_iso
from vedette.storage.records.database import Records, make_private
from vedette.storage.records.migrate import current_revision

KEPT_BEFORE_MIGRATION = 5


def copy_sqlite(records: Records, target: Path) -> None:
    """A consistent copy of a SQLite store, taken while it is in use."""
    source = records.engine.url.database
    assert source is not None
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    make_private(draft)
    with sqlite3.connect(source) as live, sqlite3.connect(draft) as copy:
        live.backup(copy)
    draft.replace(target)


def back_up_before_migration(records: Records, folder: Path, now_us: int) -> Path | None:
    """Copy a SQLite store that is about to be migrated; None where there is nothing to copy.

    A PostgreSQL store is the operator's to back up: the upgrade notes say so.
    """
    revision = current_revision(records)
    if not records.is_sqlite or revision is None:
        return None
    stamp = to_iso(now_us - now_us % 1_000_000).replace(":", "").replace("-", "")
    target = folder / f"records-{revision}-{stamp}.sqlite3"
    copy_sqlite(records, target)
    for old in sorted(folder.glob("records-*.sqlite3"))[:-KEPT_BEFORE_MIGRATION]:
        old.unlink()
    return target
