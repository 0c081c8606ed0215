"""Rows for tests: small valid ones, varied by keyword."""

from typing import Any

from vedette.storage.telemetry.columns import Table
from vedette.storage.telemetry.tables import ERRORS, tag_hash

WEEK_US = 7 * 86_400 * 1_000_000
START_US = 1_700_000_000_000_000  # 2023-11-14


def error_row(number: int = 0, **given: object) -> tuple[Any, ...]:
    """One row; `number` makes its id and time, `given` overrides columns by name."""
    tags = {"runtime": "CPython", "number": str(number)}
    values: dict[str, object] = {
        "group_hash": 1 + number % 5,
        "event_id": f"{number + 1:032x}",
        "level": "error",
        "title": f"ValueError: {number}",
        "tags": tags,
        "tag_hashes": [tag_hash(key, value) for key, value in tags.items()],
        "stack_filename": ["app.py", "lib.py"],
        "payload": b'{"message":"x"}',
    }
    return table_row(ERRORS, number, **{**values, **given})


def table_row(table: Table, number: int = 0, **given: object) -> tuple[Any, ...]:
    """One row of any table with times; what is not given is empty."""
    values: dict[str, object] = {
        "keep_days": 90,
        "project_id": 1,
        "ts": START_US + number,
        "received": START_US + number + 1000,
        "batch": "w/1",
        **given,
    }
    return tuple(values.get(column.name, empty(column.type)) for column in table.columns)


def empty(kind: str) -> object:
    if kind.startswith("Array"):
        return list[str]()
    if kind.startswith("Map"):
        return dict[str, str]()
    return "" if "String" in kind or kind == "UUID" else 0
