"""How much the stores hold: bytes on disk, and how that grows."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from vedette.core.time import DAY_US
from vedette.storage.records.database import Records
from vedette.storage.records.notes import read_note, write_note
from vedette.storage.telemetry.client import Telemetry

_NOTE = "store_sizes"
_DAYS = 30
_TABLES = """
SELECT table, sum(bytes_on_disk) FROM system.parts
WHERE active AND database = currentDatabase() GROUP BY table ORDER BY table
"""


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below; what goes meanwhile counts as nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            if path.is_file() and not path.is_symlink():
                total += path.stat().st_size
        except OSError:
            continue
    return total


def records_bytes(records: Records) -> int:
    if records.is_sqlite:
        path = Path(records.engine.url.database or "")
        return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*") if file.is_file())
    with records.engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar() or 0)


def measure(records: Records, telemetry: Telemetry, spool: Path) -> dict[str, int]:
    """Bytes by store. Raises `TelemetryError`."""
    tables = {f"telemetry.{table}": int(size) for table, size in telemetry.query_rows(_TABLES)}
    return {"records": records_bytes(records), "spool": folder_bytes(spool), **tables}


def note_sizes(records: Records, sizes: dict[str, int], now_us: int) -> None:
    """Keep one measurement a day, for a month."""
    days: dict[str, Any] = read_note(records, _NOTE).get("days", {})
    days[str(now_us // DAY_US)] = sizes
    kept = dict(sorted(days.items(), key=lambda item: int(item[0]))[-_DAYS:])
    write_note(records, _NOTE, {"days": kept}, now_us)


def growth_per_day(records: Records, now_us: int) -> dict[str, int]:
    """Bytes each store has grown a day, over the last week; empty before there are two days to compare."""
    days: dict[str, dict[str, int]] = read_note(records, _NOTE).get("days", {})
    numbers = sorted(int(day) for day in days if int(day) >= now_us // DAY_US - 7)
    if len(numbers) < 2:
        return {}
    first, last = days[str(numbers[0])], days[str(numbers[-1])]
    span = numbers[-1] - numbers[0]
    return {name: (size - first.get(name, 0)) // span for name, size in last.items()}
