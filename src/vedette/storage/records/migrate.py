"""Bringing the records store to this program's schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from vedette.storage.records.database import Records

_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaTooNew(Exception):
    """The store was written by a later version; this one must not touch it."""


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None
    return head


def current_revision(records: Records) -> str | None:
    """The store's revision; None for an empty store."""
    with records.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(records: Records) -> bool:
    return current_revision(records) == newest_revision()


def migrate(records: Records) -> bool:
    """Bring the store to the newest revision; True if anything changed.

    Raises `SchemaTooNew` when the store's revision is one this program does not know.
    """
    current = current_revision(records)
    if current == newest_revision():
        return False
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if current is not None and current not in known:
        raise SchemaTooNew(
            f"the records store has schema {current}, this version knows up to {newest_revision()}: "
            "start the version that wrote it, or a later one"
        )
    with records.engine.connect() as connection:
        command.upgrade(alembic_config(connection), "head")
        connection.commit()
    return True
