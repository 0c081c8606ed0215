"""A question as one SELECT: columns, conditions, groups, order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from vedette.core.time import DAY_US
from vedette.explore.ask import MAX_COLUMNS, BadQuestion, Bounds, Question
from vedette.explore.conditions import field_test
from vedette.explore.dataset import Field
from vedette.explore.expression import Expression
from vedette.explore.keys import function_of, split
from vedette.explore.writer import Writer
from vedette.search.columns import Call, Column, ColumnError, Operation, Term, read_column
from vedette.search.conditions import Condition, Conditions
from vedette.search.syntax import Key
from vedette.search.tree import AllOf
from vedette.storage.telemetry.expressions import Parameters, time_sql, where

_SHORTEST_RETENTION_US = 7 * DAY_US
_NOT_WORD = re.compile(r"\W+")
_EQUATION_AT = re.compile(r"equation\[(\d{1,2})\]")


@dataclass(frozen=True, slots=True)
class Shown:
    """One column of the answer: its name there, and what it is."""

    name: str
    expression: Expression
    is_group: bool  # a field, in a table of groups

    @property
    def sql(self) -> str:
        return shown_sql(self.expression)


@dataclass(frozen=True)
class Statement:
    """A SELECT that still lacks its time: `sql(from_us, to_us)` completes it.

    `aggregated`: its rows are groups. `descends`: single rows, the newest first, so that the
    end of the time alone may be read.
    """

    columns: tuple[Shown, ...]
    aggregated: bool
    descends: bool
    writer: Writer
    selection: str
    conditions: tuple[str, ...]
    tail: str
    groups: tuple[str, ...] = field(default=())

    @property
    def parameters(self) -> Parameters:
        return self.writer.parameters

    def sql(self, from_us: int, to_us: int) -> str:
        bounds = self.writer.bounds
        time = time_where(bounds, from_us, to_us, self.parameters)
        condition = " AND ".join(f"({part})" for part in (*time, *self.conditions))
        table = self.writer.dataset.table
        return f"SELECT {self.selection} FROM {table} WHERE {condition} {self.tail}"  # noqa: S608


def shown_sql(expression: Expression) -> str:
    """The value as it leaves the store: ids of spans as hex."""
    if expression.form == "span_id":
        return f"if({expression.sql} = 0, '', lower(leftPad(hex({expression.sql}), 16, '0')))"
    return expression.sql


def write(question: Question, search: Conditions, writer: Writer) -> Statement:
    """`search`: the question's, with everything looked up. Raises `BadQuestion` and `SearchError`."""
    columns = read_columns(question.columns)
    aggregated = any(has_call(column.term) for column in columns)
    if not aggregated and question.also:
        columns = tuple(
            {column.text: column for column in (*columns, *map(read_column, question.also))}.values()
        )
    shown = tuple(_shown(column, writer, aggregated) for column in columns)
    rows, groups = split(search)
    if groups != AllOf(()) and not aggregated:
        raise BadQuestion("a search for a function needs a function among the fields")
    conditions = [*base_where(writer), *row_where(rows, writer)]
    order, descends = _order(question, shown, aggregated, writer)
    having = _having(groups, writer)
    aliases = [f"c{index}" for index, one in enumerate(shown) if one.is_group]
    tail = " ".join(
        (
            f"GROUP BY {', '.join(aliases)}" if aliases else "",
            f"HAVING {having}" if having else "",
            f"ORDER BY {', '.join(order)}" if order else "",
            "LIMIT {limit:UInt32} OFFSET {offset:UInt32}",
        )
    )
    selection = ", ".join(f"{one.sql} AS c{index}" for index, one in enumerate(shown))
    return Statement(
        columns=shown,
        aggregated=aggregated,
        descends=descends,
        writer=writer,
        selection=selection,
        conditions=(*conditions, *metrics_where(writer, columns)),
        tail=tail,
    )


def read_columns(texts: Sequence[str]) -> tuple[Column, ...]:
    """Raises `BadQuestion` for none, too many and unreadable ones; each counts once."""
    if not texts:
        raise BadQuestion("No columns selected: name at least one field")
    distinct = tuple(dict.fromkeys(texts))
    if len(distinct) > MAX_COLUMNS:
        raise BadQuestion(f"You can view up to {MAX_COLUMNS} fields at a time, {len(distinct)} were given")
    try:
        return tuple(read_column(text) for text in distinct)
    except ColumnError as error:
        raise BadQuestion(str(error)) from error


def has_call(term: Term) -> bool:
    if isinstance(term, Operation):
        return has_call(term.left) or has_call(term.right)
    return isinstance(term, Call)


def _has_field(term: Term) -> bool:
    if isinstance(term, Operation):
        return _has_field(term.left) or _has_field(term.right)
    return isinstance(term, Key)


def made_of(column: Column, writer: Writer) -> Expression:
    """Raises `BadQuestion`, also for an equation of single rows and of groups at once."""
    if has_call(column.term) and _has_field(column.term):
        raise BadQuestion("Invalid equation: a field of single rows cannot be mixed with functions")
    return writer.term(column.term)


def _shown(column: Column, writer: Writer, aggregated: bool) -> Shown:
    return Shown(column.text, made_of(column, writer), aggregated and not has_call(column.term))


# ── which rows, which groups ──────────────────────────────────────────────────────────────


def base_where(writer: Writer) -> list[str]:
    """What bounds every question: projects, environments, what the dataset is."""
    bounds, parameters = writer.bounds, writer.parameters
    parts = [_projects(tuple(bounds.projects), parameters)]
    if writer.dataset.where:
        parts.append(writer.dataset.where)
    if bounds.environments:
        parts.append(f"environment IN {parameters.add(list(bounds.environments), 'Array(String)')}")
    return parts


def _projects(ids: Sequence[int], parameters: Parameters) -> str:
    if len(ids) == 1:
        return f"project_id = {parameters.add(ids[0], 'UInt64')}"
    return f"project_id IN {parameters.add(list(ids), 'Array(UInt64)')}"


def time_where(bounds: Bounds, from_us: int, to_us: int, parameters: Parameters) -> list[str]:
    """The time, and what is kept of it: a partition goes as a whole, some days late."""
    first, last, now = (time_sql(at_us, parameters) for at_us in (from_us, to_us, bounds.now_us))
    kept = [f"ts >= {now} - toIntervalDay(keep_days)"]
    return [
        f"ts >= {first} AND ts < {last}",
        *(kept if bounds.now_us - from_us > _SHORTEST_RETENTION_US else ()),
    ]


def row_where(tree: Conditions, writer: Writer) -> list[str]:
    return [] if tree == AllOf(()) else [where(tree, writer.test)]


def metrics_where(writer: Writer, columns: Sequence[Column]) -> list[str]:
    """Where every function names a metric, only rows of these are read: the table is ordered by name."""
    named = list(dict.fromkeys(writer.metrics))
    if not named or "1" in named or any(_without_metric(column.term) for column in columns):
        return []
    return [" OR ".join(f"({one})" for one in named)]


def _without_metric(term: Term) -> bool:
    if isinstance(term, Operation):
        return _without_metric(term.left) or _without_metric(term.right)
    return isinstance(term, Call) and len(term.arguments) < 4


def _having(tree: Conditions, writer: Writer) -> str:
    if tree == AllOf(()):
        return ""

    def test(condition: Condition) -> str:
        made = function_of(condition, writer)
        held = Field(condition.key.name, made.sql, made.type, made.form)
        text = field_test(held, condition.test, writer.parameters)
        return f"NOT ({text})" if condition.negated else text

    return where(tree, test)


# ── order ─────────────────────────────────────────────────────────────────────────────────


def _order(
    question: Question, shown: Sequence[Shown], aggregated: bool, writer: Writer
) -> tuple[list[str], bool]:
    """The order as SQL, always a total one, and whether it is single rows from the newest back."""
    asked = [_sort(text, shown, aggregated) for text in question.sort]
    if not aggregated:
        if not asked:
            asked = ["ts DESC"]
        identity = writer.dataset.identity_field.sql
        descends = len(asked) == 1 and asked[0] == "ts DESC"
        return [*asked, f"{identity} DESC"], descends
    first = next((f"c{index} DESC" for index, one in enumerate(shown) if not one.is_group), "")
    groups = [f"c{index}" for index, one in enumerate(shown) if one.is_group]
    if not groups:
        return [], False
    return [*(asked or [first]), *(group for group in groups if not _names(group, asked))], False


def _names(alias: str, asked: Sequence[str]) -> bool:
    return any(one.split()[0] == alias for one in asked)


def _sort(text: str, shown: Sequence[Shown], aggregated: bool) -> str:
    """One sort: a column by its text, or by the name that older clients have for it."""
    name, direction = (text[1:], " DESC") if text.startswith("-") else (text, "")
    if not aggregated and name == "timestamp":
        return f"ts{direction}"
    for index, one in enumerate(shown):
        if name in (one.name, alias_of(one.name)):
            return (
                f"c{index}{direction} NULLS LAST"
                if not one.is_group and aggregated
                else f"c{index}{direction}"
            )
    found = _equation_at(name, shown)
    if found is None:
        raise BadQuestion(f"Invalid sort: {name[:100]!r} is not one of the fields")
    return f"c{found}{direction}"


def alias_of(text: str) -> str:
    """`count_unique(user)` as older clients sort by it: `count_unique_user`."""
    return _NOT_WORD.sub("_", text).strip("_") if "(" in text else text


def _equation_at(name: str, shown: Sequence[Shown]) -> int | None:
    """`equation[1]`: the second of the equations."""
    match = _EQUATION_AT.fullmatch(name)
    equations = [index for index, one in enumerate(shown) if one.name.startswith("equation|")]
    number = int(match[1]) if match else len(equations)
    return equations[number] if number < len(equations) else None
