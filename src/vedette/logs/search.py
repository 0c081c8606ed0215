"""A search among logs as an expression over their table."""

from collections.abc import Mapping
from typing import NamedTuple

from vedette.explore.ask import BadQuestion, Bounds
from vedette.explore.keys import read_search, split
from vedette.explore.statement import row_where
from vedette.explore.writer import Writer
from vedette.logs.dataset import LOGS
from vedette.search.tree import AllOf
from vedette.storage.telemetry.expressions import Parameters


class Condition(NamedTuple):
    """An expression over `logs`, empty for all of them, and the values of its parameters."""

    sql: str
    values: Mapping[str, object]


def condition_of(search: str, bounds: Bounds) -> Condition:
    """Raises `SearchError` for text that is no search, `BadQuestion` for what logs do not have."""
    parameters = Parameters()
    writer = Writer(LOGS, bounds, parameters, bounds.seconds)
    rows, groups = split(read_search(search, writer))
    if groups != AllOf(()):
        raise BadQuestion("functions are asked of tables, not of single logs")
    return Condition(" AND ".join(row_where(rows, writer)), parameters.values)
