"""How values of a number are spread: rows per step between the least and the greatest."""

from dataclasses import dataclass, replace
from math import isfinite

from vedette.explore.ask import BadQuestion, Question
from vedette.explore.keys import split
from vedette.explore.statement import base_where, row_where, time_where
from vedette.explore.table import Explorer
from vedette.storage.telemetry.client import Telemetry

MAX_BARS = 500
_OUTLIERS = 3.0  # quartile distances above the third quartile


@dataclass(frozen=True, slots=True)
class Bars:
    """`start` and `width` in the field's unit; a number of rows per bar."""

    start: float
    width: float
    rows: list[int]


def read_histogram(
    explorer: Explorer,
    telemetry: Telemetry,
    question: Question,
    field: str,
    bars: int,
    *,
    without_outliers: bool,
) -> Bars:
    """Of the rows that the question's search finds. Raises `BadQuestion` for what is no number."""
    if not 1 <= bars <= MAX_BARS:
        raise BadQuestion(f"numBuckets is from 1 to {MAX_BARS}")
    ends = _ends(explorer, question, field, without_outliers)
    if ends is None:
        return Bars(0, 1, [0] * bars)
    least, greatest = ends
    width = (greatest - least) / bars or 1.0
    writer, search = explorer.prepare(question.dataset, question.bounds, question.search, ())
    parameters, bounds = writer.parameters, question.bounds
    value = writer.number(field, "histogram").sql
    low, step = parameters.add(least, "Float64"), parameters.add(width, "Float64")
    conditions = [
        *time_where(bounds, bounds.from_us, bounds.to_us, parameters),
        *base_where(writer),
        *row_where(split(search)[0], writer),
        f"{value} >= {low} AND {value} <= {parameters.add(greatest, 'Float64')}",
    ]
    condition = " AND ".join(f"({one})" for one in conditions)
    bar = f"least(toUInt32(floor(({value} - {low}) / {step})), {parameters.add(bars - 1, 'UInt32')})"
    sql = f"SELECT {bar} AS bar, count() FROM {question.dataset.table} WHERE {condition} GROUP BY bar"  # noqa: S608
    found: dict[int, int] = {row[0]: row[1] for row in telemetry.query_rows(sql, parameters.values).rows}
    return Bars(least, width, [found.get(number, 0) for number in range(bars)])


def _ends(
    explorer: Explorer, question: Question, field: str, without_outliers: bool
) -> tuple[float, float] | None:
    names = (f"min({field})", f"max({field})", f"percentile({field},0.25)", f"percentile({field},0.75)")
    rows = explorer.table(replace(question, columns=names, sort=(), limit=1)).rows
    values = [rows[0][name] for name in names] if rows else []
    if not values or any(value is None or not isfinite(value) for value in values):
        return None
    least, greatest, first, third = values
    if without_outliers:
        greatest = min(greatest, third + _OUTLIERS * (third - first))
    return float(least), float(greatest)
