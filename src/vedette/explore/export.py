"""Long tables in pieces, so that no process holds all of one."""

from collections.abc import Iterator
from dataclasses import replace

from vedette.core.time import parse_time
from vedette.explore.ask import Question
from vedette.explore.statement import has_call, read_columns
from vedette.explore.table import Explorer, Row, Table

MOST_ROWS = 100_000
_PIECE = 5_000
_PIECE_OF_GROUPS = 20_000  # these are made anew for each piece
_MAX_SECONDS = 30.0
_TIME = "timestamp"


def pieces(explorer: Explorer, question: Question) -> Iterator[Table]:
    """The table in its order, up to 100,000 rows. The first piece says what its columns are.

    Single rows from the newest back go on where the piece before ended; all other tables by
    the number of rows. Raises as `Explorer.table` does.
    """
    asked = replace(question, also=(), limit=_PIECE_OF_GROUPS, offset=0)
    of_groups = any(has_call(column.term) for column in read_columns(question.columns))
    if of_groups or question.sort not in ((), (f"-{_TIME}",)):
        return _by_number(explorer, asked)
    timed = replace(asked, also=(_TIME,), limit=_PIECE)
    return _backwards(explorer, timed, explorer.table(timed, _MAX_SECONDS))


def _by_number(explorer: Explorer, question: Question) -> Iterator[Table]:
    for offset in range(0, MOST_ROWS, question.limit):
        table = explorer.table(replace(question, offset=offset), _MAX_SECONDS)
        yield table
        if not table.more:
            return


def _backwards(explorer: Explorer, question: Question, first: Table) -> Iterator[Table]:
    """Each piece ends with the time of the last row before; rows of that very time are counted over."""
    shown = _TIME in question.columns
    table, sent, ties, last = first, 0, 0, ""
    while True:
        rows = table.rows[: MOST_ROWS - sent]
        sent += len(rows)
        yield _without_time(table, rows, shown)
        if not table.more or sent >= MOST_ROWS:
            return
        before, last = last, rows[-1][_TIME]
        ties = sum(row[_TIME] == last for row in rows) + (ties if last == before else 0)
        at_us = parse_time(last) or 0
        bounds = replace(question.bounds, to_us=at_us + 1)
        table = explorer.table(replace(question, bounds=bounds, offset=ties), _MAX_SECONDS)


def _without_time(table: Table, rows: list[Row], shown: bool) -> Table:
    if shown:
        return replace(table, rows=rows)
    types = {name: type_ for name, type_ in table.types.items() if name != _TIME}
    return replace(table, rows=[{name: row[name] for name in types} for row in rows], types=types)
