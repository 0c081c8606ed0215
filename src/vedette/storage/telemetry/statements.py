"""Named statements of a `queries.sql` file.

-- name: latest_event
-- The newest event of some hashes.
SELECT … WHERE project_id = {project_id:UInt64} …
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_NAME = re.compile(r"--\s*name:\s*([a-z][a-z0-9_]*)\s*")


class Statement(NamedTuple):
    name: str
    description: str
    sql: str


class StatementError(ValueError):
    """A file of statements that cannot be used: file, line and reason."""


def load_statements(path: Path) -> Mapping[str, Statement]:
    """Every statement of the file by its name.

    Raises `StatementError` for SQL before the first name, a name twice, a statement without
    description, without SQL, with a SETTINGS clause (reads are given settings by argument) or
    with a semicolon.
    """
    found: dict[str, Statement] = {}
    for line, name, body in _sections(path):
        statement = _statement(f"{path}:{line}", name, body)
        if name in found:
            raise StatementError(f"{path}:{line}: {name} is there twice")
        found[name] = statement
    return found


def _sections(path: Path) -> list[tuple[int, str, list[str]]]:
    sections: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        named = _NAME.fullmatch(line)
        if named:
            sections.append((number, named[1], []))
        elif sections:
            sections[-1][2].append(line)
        elif line.strip() and not line.startswith("--"):
            raise StatementError(f"{path}:{number}: a statement needs a line `-- name: …` above it")
    return sections


def _statement(place: str, name: str, lines: list[str]) -> Statement:
    start = next((index for index, line in enumerate(lines) if not line.startswith("--")), len(lines))
    description = " ".join(line.removeprefix("--").strip() for line in lines[:start]).strip()
    sql = "\n".join(lines[start:]).strip()
    if not description:
        raise StatementError(f"{place}: {name} has no description")
    if not sql:
        raise StatementError(f"{place}: {name} has no SQL")
    if ";" in sql or re.search(r"\bSETTINGS\b", sql):
        raise StatementError(f"{place}: {name} has a semicolon or a SETTINGS clause")
    return Statement(name, description, sql)
