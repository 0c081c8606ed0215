"""Rows of telemetry tables made by hand: only what a test is about is named."""

from itertools import count
from typing import Any

from vedette.core.time import HOUR_US
from vedette.issues.sightings import signed
from vedette.storage.records.database import Records
from vedette.storage.records.schema import IssueHash
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.tables import TABLES, tag_hash

_DEFAULTS: dict[str, Any] = {"String": "", "UUID": "", "Array": (), "Map": {}}


class Filler:
    """Inserts rows into any table. Columns not named are empty; `ts` is an hour before `now_us`."""

    def __init__(self, telemetry: Telemetry, project_id: int, now_us: int) -> None:
        self._telemetry = telemetry
        self.project_id = project_id
        self.now_us = now_us
        self._numbers = count(1)

    def __call__(self, table: str, *rows: dict[str, Any]) -> None:
        columns = TABLES[table].columns
        filled = [self._row(table, row) for row in rows]
        values = [[row.get(column.name, _default(column.travels_as)) for column in columns] for row in filled]
        self._telemetry.insert(table, columns, values, token=f"{id(self)} {next(self._numbers)}")

    def _row(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        at_us = row.get("ts", self.now_us - HOUR_US)
        given: dict[str, Any] = {
            "keep_days": 90,
            "project_id": self.project_id,
            "ts": at_us,
            "received": at_us,
            "weight": 1.0,
            "event_id": f"{number:032x}",
            "item_id": f"{number:032x}",
            "handled": -1,
            **row,
        }
        if table == "spans":
            given.setdefault("span_id", number)
        if table == "errors":
            given["tag_hashes"] = [tag_hash(key, value) for key, value in given.get("tags", {}).items()]
        return given


def _default(kind: str) -> Any:
    word = kind.removeprefix("LowCardinality(").partition("(")[0].rstrip(")")
    return _DEFAULTS.get(word, 0)


def link_group(records: Records, project_id: int, group_hash: int, issue_id: int) -> None:
    """Record a group's hash as the issue's."""
    with records.write() as session:
        session.add(
            IssueHash(
                project_id=project_id,
                group_hash=signed(group_hash),
                md5=f"{group_hash:016x}",
                issue_id=issue_id,
                state="open",
                since_us=0,
                created_us=1,
            )
        )
