"""The test that a function is given as arguments: `count_if(span.duration,greater,150)`."""

from collections.abc import Mapping
from typing import Literal

from vedette.explore.ask import BadQuestion
from vedette.explore.dataset import Dataset, Field
from vedette.explore.expression import Expression
from vedette.search.conditions import Compares, Condition, Equals, Matches, Test, Truth, Within
from vedette.search.keys import KeySpec, Kind, Type
from vedette.search.text import Text
from vedette.search.values import read_duration_ms, read_moment, read_number, read_truth

_COMPARISONS: Mapping[str, Literal[">", ">=", "<", "<="]] = {
    "greater": ">",
    "less": "<",
    "greaterOrEquals": ">=",
    "lessOrEquals": "<=",
}
_EQUALS = {"equals": False, "notEquals": True}


def tested(name: str, dataset: Dataset, key: str, value: Expression, op: str, text: str) -> Condition:
    """`value`: what `key` is. Raises `BadQuestion`, in the name of the function, for what cannot be compared."""
    if op not in _COMPARISONS and op not in _EQUALS:
        known = ", ".join((*_EQUALS, *_COMPARISONS))
        raise BadQuestion(f"Invalid function: {name}() knows the operators {known}, not {op[:40]!r}")
    field = dataset.find(key)
    test = _equality(value, text) if op in _EQUALS else _comparison(value, field, op, text)
    if test is None:
        raise BadQuestion(f"Invalid function: {name}() cannot compare {key} with {text[:40]!r}")
    spec = dataset.key(field) if field else KeySpec(_plain(key), Kind.TAG, _type(test))
    return Condition(spec, test, _EQUALS.get(op, False))


def _equality(value: Expression, text: str) -> Test | None:
    """None for a text that is no value of the kind."""
    if value.type == "boolean":
        truth = read_truth(text)
        return None if truth is None else Truth(truth)
    if value.type == "date":
        moment = read_moment(text)
        return None if moment is None else Within(moment.from_us, moment.to_us)
    if not value.is_number:
        return Matches((Text((text,)),))
    number = _number(value, text)
    return None if number is None else Equals((number,))


def _comparison(value: Expression, field: Field | None, op: str, text: str) -> Test | None:
    """Attributes that nothing is known of may be numbers; fields are what they are."""
    number = _number(value, text)
    if number is None or (field is not None and not value.is_number):
        return None
    return Compares(_COMPARISONS[op], number)


def _number(value: Expression, text: str) -> float | None:
    return read_duration_ms(text) if value.type == "duration" else read_number(text)


def _type(test: Test) -> Type:
    if isinstance(test, Truth):
        return Type.BOOLEAN
    return Type.NUMBER if isinstance(test, Compares | Equals) else Type.TEXT


def _plain(key: str) -> str:
    """`tags[plan,number]` as `plan`."""
    return key[5:-1].partition(",")[0].strip().strip('"') if key.startswith("tags[") else key
