"""Rows for tests: a small valid `errors` row, varied by keyword."""

from typing import Any

from vedette.storage.telemetry.tables import ERRORS, tag_hash

WEEK_US = 7 * 86_400 * 1_000_000
START_US = 1_700_000_000_000_000  # 2023-11-14


def error_row(number: int = 0, **given: object) -> tuple[Any, ...]:
    """One row; `number` makes its id and time, `given` overrides columns by name."""
    tags = {"runtime": "CPython", "number": str(number)}
    values: dict[str, object] = {
        **{column.name: empty(column.type) for column in ERRORS.columns},
        "keep_days": 90,
        "project_id": 1,
        "group_hash": 1 + number % 5,
        "ts": START_US + number,
        "received": START_US + number + 1000,
        "event_id": f"{number + 1:032x}",
        "batch": "w/1",
        "level": "error",
        "title": f"ValueError: {number}",
        "tags": tags,
        "tag_hashes": [tag_hash(key, value) for key, value in tags.items()],
        "stack_filename": ["app.py", "lib.py"],
        "payload": b'{"message":"x"}',
    }
    return tuple({**values, **given}[column.name] for column in ERRORS.columns)


def empty(kind: str) -> object:
    if kind.startswith("Array"):
        return list[str]()
    if kind.startswith("Map"):
        return dict[str, str]()
    return "" if "String" in kind or kind == "UUID" else 0
