"""Notes of the whole server, one JSON object by name: what ran last, flags that all processes see."""

from typing import Any

from sqlalchemy import delete

from vedette.storage.records.database import Records
from vedette.storage.records.portable import upsert
from vedette.storage.records.schema import ServerSetting

SILENT = "silent_writers"  # {"writers": […]}: spools that the scheduler's clock leaves out
PAUSED = "pipelines_paused"  # {"until_us": …}: pipelines open no range while a backup is taken


def read_note(records: Records, name: str) -> dict[str, Any]:
    """The note; empty if there is none."""
    with records.read() as session:
        row = session.get(ServerSetting, name)
        return dict(row.value) if row is not None else {}


def write_note(records: Records, name: str, value: dict[str, Any], now_us: int) -> None:
    row = {"name": name, "value": value, "updated_us": now_us}
    with records.write() as session:
        statement = upsert(session.get_bind().dialect.name, ServerSetting).values(row)
        changed = {"value": statement.excluded.value, "updated_us": statement.excluded.updated_us}
        session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))


def drop_note(records: Records, name: str) -> None:
    with records.write() as session:
        session.execute(delete(ServerSetting).where(ServerSetting.name == name))
