"""The named statements of `queries.sql`, completed with expressions and run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.expressions import Parameters
from vedette.storage.telemetry.statements import load_statements

_STATEMENTS = load_statements(Path(__file__).with_name("queries.sql"))


def run(
    telemetry: Telemetry,
    name: str,
    parameters: Parameters,
    pieces: Mapping[str, str],
    values: Mapping[str, object] | None = None,
) -> list[list[Any]]:
    """The rows of a statement, with each `$piece` put in; `values` are its own parameters.

    Pieces are expressions made of `parameters` and of our own column names, never of a
    query's text.
    """
    sql = _STATEMENTS[name].sql
    for piece, text in pieces.items():
        sql = sql.replace(f"${piece}", text)
    assert "$" not in sql, sql
    answer = telemetry.query_rows(sql, {**parameters.values, **(values or {})})
    return list(answer.rows)
