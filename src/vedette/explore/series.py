"""Functions over time: one value per step, for all rows, or for each of the groups that lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vedette.core.time import SECOND_US
from vedette.explore.ask import BadQuestion, Bounds, Question
from vedette.explore.dataset import Dataset, ValueType
from vedette.explore.expression import Expression
from vedette.explore.keys import split
from vedette.explore.statement import (
    Shown,
    base_where,
    has_call,
    made_of,
    metrics_where,
    read_columns,
    row_where,
    time_where,
    write,
)
from vedette.explore.table import Explorer
from vedette.explore.writer import Writer
from vedette.search.columns import Column
from vedette.search.conditions import Conditions
from vedette.search.tree import AllOf
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry

MAX_STEPS = 10_000
MAX_TOP = 50
_SURE = 30  # rows that a sampled value rests on, at least, to be relied on
_FROM_ZERO = (
    "count",
    "sum",
    "epm",
    "eps",
    "tpm",
    "tps",
    "failure_count",
    "per_",
)  # nothing is 0, not unknown


@dataclass(frozen=True, slots=True)
class Over:
    """What is asked over time. `top`: how many groups lead, in the order of `sort`; 0 for no groups."""

    dataset: Dataset
    bounds: Bounds
    functions: tuple[str, ...]
    step_us: int
    search: str = ""
    group_by: tuple[str, ...] = ()
    top: int = 0
    sort: tuple[str, ...] = ()
    with_others: bool = True
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One step. `rows`: how many it rests on; `rate`: their share of what they stand for."""

    at_us: int
    value: float | None
    rows: int
    rate: float | None
    incomplete: bool

    @property
    def confidence(self) -> str | None:
        """`low` where few rows stand for many events."""
        if not self.rows:
            return None
        return "low" if self.rate is not None and self.rate < 1 and self.rows < _SURE else "high"


@dataclass(frozen=True, slots=True)
class Series:
    """One function over time. `group`: by field, None for all rows; the others' has `is_other`."""

    function: str
    type: ValueType
    unit: str | None
    points: Sequence[Point]
    group: Mapping[str, Any] | None = None
    is_other: bool = False
    order: int = 0


@dataclass
class _Written:
    """Parts of the statements over one table: what all of them share."""

    writer: Writer
    search: Conditions
    columns: tuple[Column, ...]
    groups: tuple[Column, ...]
    functions: Sequence[Expression]


class SeriesReader:
    """Calls raise `BadQuestion`, `SearchError` and `TelemetryError`."""

    def __init__(self, records: Records, telemetry: Telemetry) -> None:
        self._explorer = Explorer(records, telemetry)
        self._telemetry = telemetry

    def read(self, over: Over) -> list[Series]:
        """The series of all rows; with `top` those of the leading groups, then that of the others."""
        over = _checked(over)
        if not over.bounds.projects:
            return _all_rows(over, self._written(over), [])
        if not over.top:
            written = self._written(over)
            return _all_rows(over, written, self._rows(over, written, ()))
        return self._leading(over)

    def _leading(self, over: Over) -> list[Series]:
        table = self._explorer.table(_leaders(over))
        order = {_key(row, over.group_by): number for number, row in enumerate(table.rows)}
        written = self._written(over)
        leaders = self._leaders_sql(over, written)
        rows = self._rows(over, written, (f"({_groups_sql(written)}) IN ({leaders})",), grouped=True)
        shown = self._explorer.shown(
            _shown(written), [row[3 + len(written.functions) :] for row in rows], over.bounds
        )
        by_group: dict[tuple[Any, ...], list[list[Any]]] = {key: [] for key in order}
        for row, group in zip(rows, shown, strict=True):
            by_group.setdefault(_key(group, over.group_by), []).append(row)
        found = [
            replace(one, group=dict(zip(over.group_by, key, strict=True)), order=order.get(key, len(order)))
            for key, own in by_group.items()
            for one in _all_rows(over, written, own)
        ]
        if not over.with_others:
            return found
        written = self._written(over)
        rest = f"({_groups_sql(written)}) NOT IN ({self._leaders_sql(over, written)})"
        others = self._rows(over, written, (rest,))
        if others:
            found += [
                replace(one, is_other=True, order=len(order)) for one in _all_rows(over, written, others)
            ]
        return found

    def _written(self, over: Over) -> _Written:
        names = (*over.functions, *over.group_by)
        writer, search = self._explorer.prepare(
            over.dataset, over.bounds, over.search, names, weighted=over.weighted
        )
        writer.seconds = over.step_us / SECOND_US
        columns, groups = read_columns(over.functions), read_columns(over.group_by) if over.group_by else ()
        functions = [axis(column, writer) for column in columns]
        return _Written(writer, search, columns, groups, functions)

    def _leaders_sql(self, over: Over, written: _Written) -> str:
        """The leading groups as a subquery of the same parameters."""
        statement = write(_leaders(over), written.search, written.writer)
        sql = statement.sql(over.bounds.from_us, over.bounds.to_us)
        sql = sql.replace("{limit:UInt32}", str(over.top)).replace("{offset:UInt32}", "0")
        groups = statement.columns[: len(written.groups)]
        values = ", ".join(_compared(one.expression, f"c{index}") for index, one in enumerate(groups))
        return f"SELECT {values} FROM ({sql})"  # noqa: S608

    def _rows(
        self, over: Over, written: _Written, more: tuple[str, ...], *, grouped: bool = False
    ) -> Sequence[list[Any]]:
        """Step, rows, what they stand for, each function's value; the group's fields where grouped."""
        writer, parameters = written.writer, written.writer.parameters
        from_us = parameters.add(over.bounds.from_us, "Int64")
        step = f"toInt64(intDiv(toUnixTimestamp64Micro(ts) - {from_us}, {parameters.add(over.step_us, 'Int64')}))"
        weight = f"sum({over.dataset.weight})" if over.dataset.weight else "toFloat64(count())"
        groups = [one.sql for one in _shown(written)] if grouped else []
        selected = [step, "count()", weight, *(made.sql for made in written.functions), *groups]
        rows, tested = split(written.search)
        if tested != AllOf(()) and not grouped:
            raise BadQuestion("a search for a function needs groups")
        conditions = [
            *time_where(over.bounds, over.bounds.from_us, over.bounds.to_us, parameters),
            *base_where(writer),
            *row_where(rows, writer),
            *metrics_where(writer, written.columns),
            *more,
        ]
        names = ["s", *(f"g{index}" for index in range(len(groups)))]
        aliases = ["s", "n", "w", *(f"v{index}" for index in range(len(written.functions))), *names[1:]]
        selection = ", ".join(f"{sql} AS {alias}" for sql, alias in zip(selected, aliases, strict=True))
        condition = " AND ".join(f"({one})" for one in conditions)
        sql = f"SELECT {selection} FROM {over.dataset.table} WHERE {condition} GROUP BY {', '.join(names)}"  # noqa: S608
        return self._telemetry.query_rows(sql, parameters.values).rows


def axis(column: Column, writer: Writer) -> Expression:
    """What is drawn of a function, or of an equation of functions. Raises `BadQuestion` for anything else."""
    if not has_call(column.term):
        raise BadQuestion(f"Invalid yAxis: {column.text[:100]!r} is not a function")
    return made_of(column, writer)


def _checked(over: Over) -> Over:
    """The question with its time in whole steps. Raises `BadQuestion` for too many of them."""
    bounds, step = over.bounds, max(over.step_us, SECOND_US)
    from_us = bounds.from_us // step * step
    if (bounds.to_us - from_us) / step > MAX_STEPS:
        raise BadQuestion(f"interval is too short: it makes more than {MAX_STEPS} points")
    if over.top > MAX_TOP:
        raise BadQuestion(f"topEvents is at most {MAX_TOP}")
    if over.top and not over.group_by:
        raise BadQuestion("topEvents needs a groupBy")
    return replace(over, bounds=replace(bounds, from_us=from_us), step_us=step)


def _leaders(over: Over) -> Question:
    sort = over.sort or (f"-{over.functions[0]}",)
    extra = tuple(one.removeprefix("-") for one in sort if "(" in one)
    columns = tuple(dict.fromkeys((*over.group_by, *over.functions, *extra)))
    return Question(
        over.dataset, over.bounds, columns, over.search, sort, limit=over.top, weighted=over.weighted
    )


def _groups_sql(written: _Written) -> str:
    return ", ".join(_compared(one.expression, one.sql) for one in _shown(written))


def _compared(group: Expression, sql: str) -> str:
    """A group's value as IN takes it: of null both IN and NOT IN are null, and numbers and truths may be null."""
    if group.is_number or group.type == "boolean":
        return f"isNull({sql}), ifNull({sql}, 0)"
    return sql


def _shown(written: _Written) -> tuple[Shown, ...]:
    return tuple(Shown(column.text, written.writer.term(column.term), True) for column in written.groups)


def _key(row: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    """A group by what it shows; lists are told apart by their text."""
    return tuple(str(row[name]) if isinstance(row[name], list) else row[name] for name in names)


def _all_rows(over: Over, written: _Written, rows: Sequence[list[Any]]) -> list[Series]:
    by_step = {row[0]: row for row in rows}
    return [
        Series(column.text, made.type, made.unit, _points(over, column.text, index, by_step))
        for index, (column, made) in enumerate(zip(written.columns, written.functions, strict=True))
    ]


def _points(over: Over, name: str, index: int, by_step: Mapping[int, list[Any]]) -> list[Point]:
    nothing = 0 if name.startswith(_FROM_ZERO) else None
    points: list[Point] = []
    bounds = over.bounds
    for step in range(-(-(bounds.to_us - bounds.from_us) // over.step_us)):
        at_us = bounds.from_us + step * over.step_us
        row = by_step.get(step)
        incomplete = at_us + over.step_us > bounds.now_us
        if row is None:
            points.append(Point(at_us, nothing, 0, None, incomplete))
        else:
            rate = min(row[1] / row[2], 1.0) if row[2] else None
            value = row[3 + index]
            points.append(Point(at_us, nothing if value is None else value, row[1], rate, incomplete))
    return points
