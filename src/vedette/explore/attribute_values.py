"""Which attributes rows have, and with which values: what completion and facets show.

Read from some of the newest rows only: a name or a value that is in use is among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from vedette.core.time import HOUR_US
from vedette.explore.ask import Bounds
from vedette.explore.dataset import Dataset
from vedette.explore.keys import split
from vedette.explore.statement import base_where, row_where, shown_sql, time_where
from vedette.explore.table import Explorer
from vedette.explore.writer import Writer
from vedette.search.syntax import Key
from vedette.search.text import Text
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.expressions import contains

NEWEST_FOR_KEYS = 20_000
NEWEST_FOR_VALUES = 200_000
NEWEST_FOR_SHARES = 50_000
VALUES_PER_KEY = 50
MOST_SHARES = 20_000
AttributeKind = Literal["string", "number"]


@dataclass(frozen=True, slots=True)
class AttributeKey:
    key: str
    rows: int
    values: int


@dataclass(frozen=True, slots=True)
class AttributeValue:
    value: str
    rows: int
    first_us: int
    last_us: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of a dataset that a search finds."""

    dataset: Dataset
    bounds: Bounds
    search: str = ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """How often each value of each key is among `total` rows."""

    total: int
    shares: Mapping[str, Mapping[str, int]]


class AttributeReader:
    """Calls raise `BadQuestion`, `SearchError` and `TelemetryError`."""

    def __init__(self, records: Records, telemetry: Telemetry) -> None:
        self._explorer = Explorer(records, telemetry)
        self._telemetry = telemetry

    def keys(
        self, selection: Selection, kind: AttributeKind, text: str, limit: int, offset: int = 0
    ) -> list[AttributeKey]:
        """Keys of attributes that have the text in their name, the commonest first."""
        if not selection.bounds.projects:
            return []
        writer, source = self._newest(
            selection, f"{selection.dataset.attributes.pairs(kind)} AS pairs", NEWEST_FOR_KEYS
        )
        parameters = writer.parameters
        named = f"WHERE {contains('pair.1', Text((text,)), parameters)}" if text else ""
        sql = f"""
SELECT pair.1 AS key, count() AS rows, uniq(pair.2) AS values
FROM (SELECT arrayJoin(pairs) AS pair FROM ({source})) {named}
GROUP BY key ORDER BY rows DESC, key LIMIT {{limit:UInt32}} OFFSET {{offset:UInt32}}"""  # noqa: S608
        values = {**parameters.values, "limit": limit, "offset": offset}
        return [AttributeKey(*row) for row in self._telemetry.query_rows(sql, values).rows]

    def values(
        self, selection: Selection, key: str, text: str, limit: int, offset: int = 0
    ) -> list[AttributeValue]:
        """Values of a field or an attribute that hold the text, the commonest first."""
        if not selection.bounds.projects:
            return []
        writer, search = self._explorer.prepare(selection.dataset, selection.bounds, selection.search, ())
        value = writer.field(Key(key))
        text_sql = f"toString({shown_sql(value)})"
        if value.form == "uuid":
            text_sql = f"replaceAll({text_sql}, '-', '')"
        conditions = [*base_where(writer), *row_where(split(search)[0], writer)]
        parameters = writer.parameters
        held = contains("text", Text((text,)), parameters) if text else "1"
        selected = f"ts, {text_sql} AS text, if({held}, text, '') AS found"
        rows: Sequence[Sequence[Any]] = ()
        for start in _starts(selection.bounds):
            source = _source(selection, writer, conditions, selected, (start, NEWEST_FOR_VALUES))
            sql = f"""
SELECT found, count() AS rows, min(ts) AS first_seen, max(ts) AS last_seen, sum(count()) OVER () AS looked_at
FROM ({source}) GROUP BY found ORDER BY found != '', rows DESC, found LIMIT {{most:UInt32}}"""  # noqa: S608
            # rows without a fitting value count among those looked at, as one group
            rows = self._telemetry.query_rows(sql, {**parameters.values, "most": offset + limit + 1}).rows
            if rows and rows[0][4] >= NEWEST_FOR_VALUES:
                break
        found = [AttributeValue(*row[:4]) for row in rows if row[0]]
        return found[offset : offset + limit]

    def distribution(self, selection: Selection, apart: str = "", *, inside: bool = True) -> Distribution:
        """The commonest values of every key among the newest rows that the selection finds.

        `apart`: another search; the rows inside of it, or those outside.
        """
        if not selection.bounds.projects:
            return Distribution(0, {})
        writer, search = self._explorer.prepare(selection.dataset, selection.bounds, selection.search, ())
        _, parted = self._explorer.prepare(selection.dataset, selection.bounds, apart, ())
        conditions = [*base_where(writer), *row_where(split(search)[0], writer)]
        for condition in row_where(split(parted)[0], writer) if apart else ():
            conditions.append(condition if inside else f"NOT ({condition})")
        source = self._newest_of(
            selection, writer, conditions, f"{_pairs(selection.dataset)} AS pairs", NEWEST_FOR_SHARES
        )
        values = writer.parameters.values
        total = self._telemetry.query_rows(f"SELECT count() FROM ({source})", values).rows[0][0]  # noqa: S608
        sql = f"""
SELECT pair.1 AS key, pair.2 AS found, count() AS rows
FROM (SELECT arrayJoin(arrayDistinct(pairs)) AS pair FROM ({source})) WHERE pair.2 != ''
GROUP BY key, found ORDER BY key, rows DESC, found LIMIT {VALUES_PER_KEY} BY key LIMIT {MOST_SHARES}"""  # noqa: S608
        shares: dict[str, dict[str, int]] = {}
        for key, found, rows in self._telemetry.query_rows(sql, values).rows:
            shares.setdefault(key, {})[found] = rows
        return Distribution(total, shares)

    def _newest(self, selection: Selection, selected: str, newest: int) -> tuple[Writer, str]:
        writer, search = self._explorer.prepare(selection.dataset, selection.bounds, selection.search, ())
        conditions = [*base_where(writer), *row_where(split(search)[0], writer)]
        return writer, self._newest_of(selection, writer, conditions, selected, newest)

    def _newest_of(
        self, selection: Selection, writer: Writer, conditions: Sequence[str], selected: str, newest: int
    ) -> str:
        """The newest rows as a subquery: from the shortest time, back from the end, that has enough of them."""
        *short, whole = _starts(selection.bounds)
        for start in short:
            some = _source(selection, writer, conditions, "1", (start, newest))
            counted = self._telemetry.query_rows(f"SELECT count() FROM ({some})", writer.parameters.values)  # noqa: S608
            if counted.rows[0][0] >= newest:
                return _source(selection, writer, conditions, selected, (start, newest))
        return _source(selection, writer, conditions, selected, (whole, newest))


def _starts(bounds: Bounds) -> list[int]:
    """Where to begin reading back from the end (µs), so that few rows need not be searched for in all the time."""
    short = [bounds.to_us - hours * HOUR_US for hours in (1, 24, 24 * 7)]
    return [*(start for start in short if start > bounds.from_us), bounds.from_us]


def _source(
    selection: Selection, writer: Writer, conditions: Sequence[str], selected: str, rows: tuple[int, int]
) -> str:
    """A subquery of `rows`: those from a time (µs) on, at most so many."""
    start, most = rows
    bounds, table = selection.bounds, selection.dataset.table
    time = time_where(bounds, start, bounds.to_us, writer.parameters)
    condition = " AND ".join(f"({one})" for one in (*time, *conditions))
    return f"SELECT {selected} FROM {table} WHERE {condition} LIMIT {most}"  # noqa: S608


def _pairs(dataset: Dataset) -> str:
    """Keys and values of a row: its attributes, and those fields that tell rows apart."""
    fields = ", ".join(
        f"('{name}', ifNull(toString({dataset.by_name[name].sql}), ''))" for name in dataset.facets
    )
    texts = dataset.attributes.pairs("string")
    return f"arrayConcat({texts}, [{fields}])" if fields else texts
