"""Tables as files: CSV for spreadsheets, JSON for programs, written while they are read."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain
from typing import Literal

import orjson
from litestar.response import Stream

from vedette.explore.ask import Question
from vedette.explore.export import pieces
from vedette.explore.table import Explorer, Table

FileFormat = Literal["csv", "json"]
_MEDIA: dict[FileFormat, str] = {"csv": "text/csv", "json": "application/json"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def exported(explorer: Explorer, question: Question, file_format: FileFormat) -> Stream:
    """The table as a file. What is wrong with the question is raised before the answer begins."""
    found = pieces(explorer, question)
    tables = chain((next(found),), found)
    body = _csv(tables) if file_format == "csv" else _json(tables)
    name = f"{question.dataset.name}.{file_format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(body, media_type=_MEDIA[file_format], headers=headers)


def _csv(tables: Iterable[Table]) -> Iterator[str]:
    is_first = True
    for table in tables:
        text = StringIO()
        writer = csv.writer(text)
        if is_first:
            writer.writerow([_cell(name) for name in table.types])
            is_first = False
        writer.writerows([_cell(row[name]) for name in table.types] for row in table.rows)
        yield text.getvalue()


def _cell(value: object) -> object:
    """Texts of events are anybody's: none may be taken for a formula by a spreadsheet."""
    if isinstance(value, list):
        value = orjson.dumps(value).decode()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _json(tables: Iterable[Table]) -> Iterator[bytes]:
    """One array, one row a line."""
    separator = b"[\n"
    for table in tables:
        if table.rows:
            yield separator + b",\n".join(orjson.dumps(row) for row in table.rows)
            separator = b",\n"
    yield b"[]\n" if separator == b"[\n" else b"\n]\n"
