"""The functions of rows: what each is in SQL, and what it gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vedette.explore.ask import BadQuestion
from vedette.explore.dataset import Dataset, Form
from vedette.explore.expression import Expression
from vedette.explore.tested import tested
from vedette.search.conditions import Condition
from vedette.search.values import read_number
from vedette.storage.telemetry.expressions import Parameters

_PERCENTILES = {"p50": 0.5, "median": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p100": 1.0}
# The field's public thresholds: up to the first is good, beyond the second poor.
VITALS: Mapping[str, tuple[float, float]] = {
    "lcp": (2500, 4000),
    "fcp": (1800, 3000),
    "inp": (200, 500),
    "fid": (100, 300),
    "ttfb": (800, 1800),
    "cls": (0.1, 0.25),
    "fp": (1000, 3000),
}
# Misery starts from the belief that of a hundred and some users six are miserable.
_MISERY_ALPHA, _MISERY_BETA = 5.8875, 111.8625
_MISERABLE = 4  # times the threshold
_APDEX_MS = 300.0


class Asking(Protocol):
    """What functions need of the one who writes the statement."""

    @property
    def dataset(self) -> Dataset: ...
    @property
    def parameters(self) -> Parameters: ...
    @property
    def seconds(self) -> float: ...
    @property
    def weighted(self) -> bool: ...
    def value(self, text: str) -> Expression: ...
    def number(self, text: str, call: str) -> Expression: ...
    def test(self, condition: Condition) -> str: ...


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that a function is about; without a condition all of them."""

    condition: str = ""

    def aggregate(self, function: str, *arguments: str) -> str:
        """`avg`, `quantile(0.5)` … of the arguments, over these rows."""
        name, bracket, parameter = function.partition("(")
        if not self.condition:
            return f"{function}({', '.join(arguments)})"
        return f"{name}If{bracket}{parameter}({', '.join((*arguments, self.condition))})"

    def narrowed(self, condition: str) -> "Rows":
        return Rows(f"{self.condition} AND {condition}" if self.condition else condition)


Make = Callable[[Asking, str, Sequence[str], Rows], Expression]


# ── counts ────────────────────────────────────────────────────────────────────────────────


def _count_sql(asking: Asking, rows: Rows) -> str:
    if asking.weighted and asking.dataset.weight:
        return rows.aggregate("sum", asking.dataset.weight)
    return rows.aggregate("count")


def _whole(asking: Asking, sql: str) -> str:
    return f"toUInt64(round({sql}))" if asking.weighted and asking.dataset.weight else sql


def _count(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    _at_most(name, arguments, 1)
    if arguments and arguments[0]:
        rows = rows.narrowed(f"isNotNull({asking.value(arguments[0]).sql})")
    return Expression(_whole(asking, _count_sql(asking, rows)), "integer")


def _count_unique(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    _exactly(name, arguments, 1)
    value = asking.value(arguments[0])
    if value.distinct:
        return Expression(
            rows.narrowed(f"{value.distinct} != 0").aggregate("uniq", value.distinct), "integer"
        )
    nothing = _NOTHING.get(value.form) if value.type == "string" else None
    if nothing:
        rows = rows.narrowed(f"{value.sql} != {nothing}")
    return Expression(rows.aggregate("uniq", value.sql), "integer")


_NOTHING: Mapping[Form, str] = {
    "plain": "''",
    "uuid": "toUUIDOrZero('')",
    "span_id": "0",
}  # no value, by form


def _rate(per_s: float) -> Make:
    """Events per second or minute; with an argument of tracemetrics, of that metric."""

    def make(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
        _at_most(name, arguments, 1)
        if name in ("tpm", "tps") and asking.dataset.transaction:
            rows = rows.narrowed(asking.dataset.transaction)
        steps = asking.parameters.add(asking.seconds / per_s, "Float64")
        return Expression(f"{_count_sql(asking, rows)} / {steps}", "number", _RATE_UNITS[per_s])

    return make


_RATE_UNITS = {1.0: "1/second", 60.0: "1/minute"}


def _per(per_s: float) -> Make:
    """A metric's rate: what a counter has grown by, of the others how many there were."""

    def make(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
        _at_most(name, arguments, 1)
        steps = asking.parameters.add(asking.seconds / per_s, "Float64")
        if not asking.dataset.metric:
            return Expression(f"{_count_sql(asking, rows)} / {steps}", "number", _RATE_UNITS[per_s])
        grown = _sum_sql(asking, "if(type = 'counter', value, 1)", rows)
        return Expression(f"ifNull({grown}, 0) / {steps}", "number", _RATE_UNITS[per_s])

    return make


# ── numbers ───────────────────────────────────────────────────────────────────────────────


def _sum_sql(asking: Asking, value: str, rows: Rows) -> str:
    if asking.weighted and asking.dataset.weight:
        return rows.aggregate("sum", f"{value} * {asking.dataset.weight}")
    return rows.aggregate("sum", value)


def _sum(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    value = _one_number(asking, name, arguments)
    return Expression(_sum_sql(asking, value.sql, rows), value.type, value.unit)


def _avg(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    value = _one_number(asking, name, arguments)
    type_ = "number" if value.type == "integer" else value.type
    if asking.weighted and asking.dataset.weight:
        sql = rows.aggregate("avgWeighted", value.sql, asking.dataset.weight)
    else:
        sql = rows.aggregate("avg", value.sql)
    return Expression(sql, type_, value.unit)


def _extreme(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    """`min` and `max`, also of times; null of no rows."""
    _at_most(name, arguments, 1)
    value = asking.value(arguments[0]) if arguments else None
    if value is None or value.type != "date":
        value = _one_number(asking, name, arguments)
    return Expression(rows.aggregate(f"{name}OrNull", value.sql), value.type, value.unit)


def _percentile_sql(asking: Asking, share: float, value: str, rows: Rows) -> str:
    if share >= 1:
        return rows.aggregate("maxOrNull", value)
    if asking.weighted and asking.dataset.weight:
        weight = f"toUInt64(greatest(1, round({asking.dataset.weight})))"
        return rows.aggregate(f"quantileInterpolatedWeighted({share:.6g})", value, weight)
    return rows.aggregate(f"quantile({share:.6g})", value)


def _percentile(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    """`p95(field)`, or `percentile(field, 0.95)`."""
    if name == "percentile":
        _exactly(name, arguments, 2)
        share = _share(name, arguments[1])
        arguments = arguments[:1]
    else:
        share = _PERCENTILES[name]
    value = _one_number(asking, name, arguments)
    type_ = "number" if value.type == "integer" else value.type
    return Expression(_percentile_sql(asking, share, value.sql, rows), type_, value.unit)


def _any(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    """A value, whichever comes first; null of no rows."""
    _exactly(name, arguments, 1)
    value = asking.value(arguments[0])
    return Expression(
        rows.aggregate("anyOrNull", value.sql), value.type, value.unit, value.form, optional=value.optional
    )


def _seen(function: str) -> Make:
    def make(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
        _at_most(name, arguments, 0)
        return Expression(rows.aggregate(function, "ts"), "date")

    return make


def _latest_event(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    _at_most(name, arguments, 0)
    identity = asking.dataset.identity_field
    return Expression(rows.aggregate("argMax", identity.sql, "ts"), "string", form=identity.form)


# ── conditions as arguments ───────────────────────────────────────────────────────────────


def _if(function: Make) -> Make:
    """`sum_if(value, field, op, text)`: the function over the rows that pass the test; `count_if` has no value."""

    def make(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
        plain = name.removesuffix("_if")
        values = 0 if plain == "count" else 1
        _exactly(name, arguments, values + 3)
        key, op, text = arguments[values:]
        condition = asking.test(tested(name, asking.dataset, key, asking.value(key), op, text))
        return function(asking, plain, arguments[:values], rows.narrowed(f"ifNull({condition}, 0)"))

    return make


# ── performance ───────────────────────────────────────────────────────────────────────────


def _failed(asking: Asking, name: str) -> str:
    if not asking.dataset.failed:
        raise BadQuestion(f"Invalid function: {name}() is of spans and transactions")
    return asking.dataset.failed


def _failure_count(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    _at_most(name, arguments, 0)
    return Expression(_whole(asking, _count_sql(asking, rows.narrowed(_failed(asking, name)))), "integer")


def _failure_rate(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    _at_most(name, arguments, 0)
    failed = _count_sql(asking, rows.narrowed(_failed(asking, name)))
    return Expression(f"{failed} / nullIf({_count_sql(asking, rows)}, 0)", "percentage")


def _threshold(asking: Asking, name: str, arguments: Sequence[str]) -> tuple[str, float]:
    """The duration and the limit of what satisfies: `apdex(300)`, `apdex(span.duration,300)`."""
    numbers = [number for text in arguments if (number := read_number(text)) is not None]
    fields = [text for text in arguments if read_number(text) is None and text != "user"]
    duration = asking.number(fields[0] if fields else _default(asking, name), name)
    return duration.sql, numbers[0] if numbers else _APDEX_MS


def _apdex(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    """Of all, those within the threshold, and half of those within four times it."""
    _at_most(name, arguments, 2)
    duration, limit_ms = _threshold(asking, name, arguments)
    limit = asking.parameters.add(limit_ms, "Float64")
    most = asking.parameters.add(limit_ms * _MISERABLE, "Float64")
    satisfied = _count_sql(asking, rows.narrowed(f"{duration} <= {limit}"))
    tolerated = _count_sql(asking, rows.narrowed(f"{duration} > {limit} AND {duration} <= {most}"))
    return Expression(f"({satisfied} + {tolerated} / 2) / nullIf({_count_sql(asking, rows)}, 0)", "number")


def _miserable_sql(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> str:
    if not asking.dataset.user:
        raise BadQuestion(f"Invalid function: {name}() needs users")
    duration, limit_ms = _threshold(asking, name, arguments)
    most = asking.parameters.add(limit_ms * _MISERABLE, "Float64")
    user = asking.dataset.user
    return rows.narrowed(f"{user} != 0 AND {duration} > {most}").aggregate("uniq", user)


def _count_miserable(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    _at_most(name, arguments, 2)
    return Expression(_miserable_sql(asking, name, arguments, rows), "integer")


def _user_misery(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    _at_most(name, arguments, 2)
    miserable = _miserable_sql(asking, name, arguments, rows)
    users = rows.narrowed(f"{asking.dataset.user} != 0").aggregate("uniq", asking.dataset.user)
    sql = f"({miserable} + {_MISERY_ALPHA}) / ({users} + {_MISERY_ALPHA + _MISERY_BETA})"
    return Expression(sql, "number")


def _http_response(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    """Share or number of answers with a status of that class (`5`) or of that code (`404`)."""
    _exactly(name, arguments, 1)
    number, field = read_number(arguments[0]), asking.dataset.find("http.status_code")
    if number is None or not 0 <= number < 1000:
        raise BadQuestion(f"Invalid function: {name}() takes a class of status codes, such as 5")
    if field is None or not field.is_number:
        raise BadQuestion(f"Invalid function: {name}() is of spans and transactions")
    code = field.sql
    of_class = f"intDiv({code}, 100)" if number < 10 else code
    found = _count_sql(asking, rows.narrowed(f"{of_class} = {asking.parameters.add(int(number), 'UInt16')}"))
    if name == "http_response_count":
        return Expression(_whole(asking, found), "integer")
    answered = _count_sql(asking, rows.narrowed(f"isNotNull({code})"))
    return Expression(f"{found} / nullIf({answered}, 0)", "percentage")


def _cache_miss_rate(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    _at_most(name, arguments, 0)
    hit = asking.dataset.attributes.truth("cache.hit", asking.parameters)
    missed = _count_sql(asking, rows.narrowed(f"ifNull({hit} = 0, 0)"))
    known = _count_sql(asking, rows.narrowed(f"isNotNull({hit})"))
    return Expression(f"{missed} / nullIf({known}, 0)", "percentage")


def _time_spent(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    """The group's share of what all groups took."""
    value = _one_number(asking, name, arguments)
    spent = _sum_sql(asking, value.sql, rows)
    return Expression(f"{spent} / nullIf(sum({spent}) OVER (), 0)", "percentage")


# ── web vitals ────────────────────────────────────────────────────────────────────────────

_SCORE = "measurements.score."
_QUALITIES = {"good": "v <= low", "meh": "v > low AND v <= high", "poor": "v > high", "any": "1"}


def _count_web_vitals(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    _exactly(name, arguments, 2)
    vital = arguments[0].removeprefix("measurements.")
    if vital not in VITALS or arguments[1] not in _QUALITIES:
        raise BadQuestion(
            f"Invalid function: {name}() takes a vital ({', '.join(VITALS)}) and good, meh, poor or any"
        )
    value = asking.number(f"measurements.{vital}", name).sql
    low, high = (asking.parameters.add(limit, "Float64") for limit in VITALS[vital])
    parts = {"v": value, "low": low, "high": high}
    test = " ".join(parts.get(word, word) for word in _QUALITIES[arguments[1]].split())
    held = f"isNotNull({value}) AND ifNull({test}, 0)"
    return Expression(_whole(asking, _count_sql(asking, rows.narrowed(held))), "integer")


def _score(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> tuple[str, str]:
    """Sum of a score and of its weights; a score without weights counts as one each."""
    _exactly(name, arguments, 1)
    if not arguments[0].startswith(_SCORE):
        raise BadQuestion(f"Invalid function: {name}() takes a score, such as {_SCORE}total")
    score = asking.number(arguments[0], name).sql
    weight = asking.number(f"{_SCORE}weight.{arguments[0].removeprefix(_SCORE)}", name).sql
    held = rows.narrowed(f"isNotNull({score})")
    return _sum_sql(asking, score, held), _sum_sql(asking, f"ifNull({weight}, 1)", held)


def _performance_score(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    score, weight = _score(asking, name, arguments, rows)
    return Expression(f"{score} / nullIf({weight}, 0)", "number")


def _opportunity_score(asking: Asking, name: str, arguments: Sequence[str], rows: Rows) -> Expression:
    """What would be won if the score were perfect everywhere."""
    score, weight = _score(asking, name, arguments, rows)
    return Expression(f"ifNull({weight} - {score}, 0)", "number")


# ── arguments ─────────────────────────────────────────────────────────────────────────────


def _one_number(asking: Asking, name: str, arguments: Sequence[str]) -> Expression:
    _at_most(name, arguments, 1)
    return asking.number(arguments[0] if arguments else _default(asking, name), name)


def _default(asking: Asking, name: str) -> str:
    if not asking.dataset.duration:
        raise BadQuestion(f"Invalid function: {name}() needs a field")
    return asking.dataset.duration


def _share(name: str, text: str) -> float:
    share = read_number(text)
    if share is None or not 0 <= share <= 1:
        raise BadQuestion(f"Invalid function: {name}() takes a share from 0 to 1, not {text[:40]!r}")
    return share


def _exactly(name: str, arguments: Sequence[str], number: int) -> None:
    if len(arguments) != number:
        raise BadQuestion(f"Invalid function: {name}() takes {number} arguments, not {len(arguments)}")


def _at_most(name: str, arguments: Sequence[str], number: int) -> None:
    if len(arguments) > number:
        raise BadQuestion(
            f"Invalid function: {name}() takes at most {number} arguments, not {len(arguments)}"
        )


OF_ALL_GROUPS = frozenset(("time_spent_percentage",))  # known when the groups are: none is chosen by them
FUNCTIONS: Mapping[str, Make] = {
    "count": _count,
    "count_unique": _count_unique,
    "count_if": _if(_count),
    "count_miserable": _count_miserable,
    "sum": _sum,
    "sum_if": _if(_sum),
    "avg": _avg,
    "avg_if": _if(_avg),
    "min": _extreme,
    "max": _extreme,
    "percentile": _percentile,
    **dict.fromkeys(_PERCENTILES, _percentile),
    **{f"{name}_if": _if(_percentile) for name in _PERCENTILES},
    "any": _any,
    "last_seen": _seen("max"),
    "first_seen": _seen("min"),
    "latest_event": _latest_event,
    **dict.fromkeys(("epm", "tpm", "spm"), _rate(60.0)),
    **dict.fromkeys(("eps", "tps"), _rate(1.0)),
    "per_minute": _per(60.0),
    "per_second": _per(1.0),
    "failure_count": _failure_count,
    "failure_rate": _failure_rate,
    "apdex": _apdex,
    "user_misery": _user_misery,
    "http_response_rate": _http_response,
    "http_response_count": _http_response,
    "cache_miss_rate": _cache_miss_rate,
    "time_spent_percentage": _time_spent,
    "count_web_vitals": _count_web_vitals,
    "performance_score": _performance_score,
    "opportunity_score": _opportunity_score,
}
