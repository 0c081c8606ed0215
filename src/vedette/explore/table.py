"""Questions answered: rows as the API gives them, with the type and unit of each column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from vedette.core.time import HOUR_US, to_iso
from vedette.explore.ask import Bounds, Question
from vedette.explore.conditions import Groups, Lookups
from vedette.explore.dataset import Dataset, ValueType
from vedette.explore.expression import Expression
from vedette.explore.issues import IssueName, groups_of_issues, issue_names, merged_hashes
from vedette.explore.keys import read_search
from vedette.explore.statement import Shown, Statement, write
from vedette.explore.writer import Writer
from vedette.releases.expand import expand
from vedette.search.conditions import Conditions
from vedette.search.tree import leaves
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.expressions import Parameters

_FIRST_SLICE_US = HOUR_US
_SLICE_GROWTH = 16
_RELEASES = frozenset(("release", "release.version", "release.package", "release.build"))
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """An answer: rows by column name, with up to one row more than asked for left off as `more`."""

    rows: list[Row]
    types: Mapping[str, ValueType]
    units: Mapping[str, str | None]
    more: bool = False


class Explorer:
    """Reads of any dataset. Calls raise `BadQuestion`, `SearchError` and `TelemetryError`."""

    def __init__(self, records: Records, telemetry: Telemetry) -> None:
        self._records = records
        self._telemetry = telemetry

    def table(self, question: Question, max_seconds: float = 10.0) -> Table:
        """One page of rows."""
        writer, search = self.prepare(
            question.dataset, question.bounds, question.search, question.columns, weighted=question.weighted
        )
        statement = write(question, search, writer)
        if not question.bounds.projects:
            return Table([], *_described(statement.columns))
        rows = self._rows(statement, question, max_seconds)
        more, rows = len(rows) > question.limit, rows[: question.limit]
        return Table(
            self.shown(statement.columns, rows, question.bounds), *_described(statement.columns), more
        )

    def _rows(self, statement: Statement, question: Question, max_seconds: float) -> Sequence[list[Any]]:
        """Up to one row more than the page has."""
        bounds = question.bounds
        wanted = question.limit + 1
        for from_us in _starts(bounds) if statement.descends else (bounds.from_us,):
            sql = statement.sql(from_us, bounds.to_us)
            values = {**statement.parameters.values, "limit": wanted, "offset": question.offset}
            rows = self._telemetry.query_rows(sql, values, max_seconds=max_seconds).rows
            if len(rows) == wanted or from_us == bounds.from_us:
                return rows
        raise AssertionError("the last slice is all of the time")

    def prepare(
        self, dataset: Dataset, bounds: Bounds, search: str, columns: Sequence[str], *, weighted: bool = False
    ) -> tuple[Writer, Conditions]:
        """A writer with what search and columns need from records, and the search, spelled out."""
        lookups = Lookups(partial(self._groups, bounds))
        writer = Writer(dataset, bounds, Parameters(), bounds.seconds, weighted, lookups)
        tree = read_search(search, writer)
        of_releases = any(leaf.key.name in _RELEASES for leaf in leaves(tree))
        grouped = dataset.find("issue") is not None and any("issue" in column for column in columns)
        if not of_releases and not grouped:
            return writer, tree
        with self._records.read() as session:
            if grouped:
                writer.lookups = replace(lookups, merged=merged_hashes(session, list(bounds.projects)))
            return writer, expand(tree, session, bounds)

    def _groups(self, bounds: Bounds, words: Sequence[str]) -> Groups:
        with self._records.read() as session:
            return groups_of_issues(session, bounds.projects, words)

    def shown(self, columns: Sequence[Shown], rows: Sequence[list[Any]], bounds: Bounds) -> list[Row]:
        """Rows as JSON: times as text, groups as their issues."""
        issues = self._issues(columns, rows, bounds)
        show = [(index, one.name, _shower(one, issues)) for index, one in enumerate(columns)]
        return [{name: to_json(row[index]) for index, name, to_json in show} for row in rows]

    def _issues(
        self, columns: Sequence[Shown], rows: Sequence[list[Any]], bounds: Bounds
    ) -> Mapping[tuple[int, int], IssueName]:
        at = [index for index, one in enumerate(columns) if one.expression.form == "issue"]
        keys = {(row[index][0], row[index][1]) for row in rows for index in at}
        if not keys:
            return {}
        with self._records.read() as session:
            return issue_names(session, bounds.projects, keys)


def _starts(bounds: Bounds) -> list[int]:
    """Where slices of time begin that end now and grow, the whole time last: the newest page is in a short one."""
    starts: list[int] = []
    length_us = _FIRST_SLICE_US
    while bounds.to_us - length_us > bounds.from_us:
        starts.append(bounds.to_us - length_us)
        length_us *= _SLICE_GROWTH
    return [*starts, bounds.from_us]


def _described(columns: Sequence[Shown]) -> tuple[dict[str, ValueType], dict[str, str | None]]:
    types: dict[str, ValueType] = {one.name: one.expression.type for one in columns}
    return types, {one.name: one.expression.unit for one in columns}


def _shower(column: Shown, issues: Mapping[tuple[int, int], IssueName]) -> Callable[[Any], Any]:
    expression = column.expression
    if expression.form == "issue":
        number = expression.type == "integer"

        def issue(value: Any) -> object:
            found = issues.get((value[0], value[1]))
            return None if found is None else found.id if number else found.short_id

        return issue
    return _plain_shower(expression)


def _plain_shower(expression: Expression) -> Callable[[Any], Any]:
    if expression.type == "date":
        return lambda value: to_iso(value) if value else None
    if expression.type == "boolean":
        return lambda value: None if value is None else bool(value)
    if expression.optional:
        return lambda value: value or None
    return lambda value: value
