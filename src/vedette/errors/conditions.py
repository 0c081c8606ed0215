"""Conditions on events as SQL for the `errors` table.

Every value of a query, tag names included, becomes a server-side parameter; only column
names, which are our own data, stand in the text.
"""

from collections.abc import Callable, Iterable

from vedette.search.conditions import (
    Compares,
    Condition,
    Contains,
    Equals,
    Exists,
    Matches,
    Test,
    Truth,
    Within,
)
from vedette.search.keys import KeySpec, Kind, Type
from vedette.search.text import Text
from vedette.search.tree import AllOf, AnyOf, Leaf, Tree

_LIKE_SPECIAL = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
_TRUE_TAGS = ("true", "1", "yes")


class Parameters:
    """Values of one statement, under names of their own."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def add(self, value: object, kind: str) -> str:
        """The placeholder of a value of this ClickHouse type."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{kind}}}"


def where(tree: Tree[Leaf], leaf: Callable[[Leaf], str]) -> str:
    """The tree as a boolean expression of its leaves' expressions; of everything: `1`."""
    if isinstance(tree, AllOf):
        return _joined(" AND ", tree, leaf) or "1"
    if isinstance(tree, AnyOf):
        return _joined(" OR ", tree, leaf)
    return leaf(tree)


def _joined(word: str, tree: AllOf[Leaf] | AnyOf[Leaf], leaf: Callable[[Leaf], str]) -> str:
    return word.join(f"({where(item, leaf)})" for item in tree.items)


def event_where(tree: Tree[Condition], parameters: Parameters) -> str:
    """Conditions on single events as one expression. Their keys must have columns or be tags."""
    return where(tree, lambda condition: event_condition(condition, parameters))


def event_condition(condition: Condition, parameters: Parameters) -> str:
    text = _KINDS[condition.key.kind](condition.key, condition.test, parameters)
    return f"NOT ({text})" if condition.negated else text


def _column(key: KeySpec, test: Test, parameters: Parameters) -> str:
    if key.type is Type.BOOLEAN:
        return _truth_column(key, test)
    return _any(_value_test(column, test, parameters) for column in key.columns)


def _truth_column(key: KeySpec, test: Test) -> str:
    if not isinstance(test, Truth):
        return "1"  # has:error.handled: every event is one or the other
    wanted = test.value != (key.name == "error.unhandled")
    return f"{key.columns[0]} = {int(wanted)}"


def _array(key: KeySpec, test: Test, parameters: Parameters) -> str:
    return _any(_array_test(column, key, test, parameters) for column in key.columns)


def _array_test(column: str, key: KeySpec, test: Test, parameters: Parameters) -> str:
    if isinstance(test, Exists):
        return f"arrayExists(x -> x != '', {column})" if key.type is Type.TEXT else f"notEmpty({column})"
    if isinstance(test, Truth):
        return f"has({column}, {int(test.value)})"
    if isinstance(test, Matches) and key.suffix:
        tests = [_suffix_test(text, parameters) for text in test.texts]
        return f"arrayExists(x -> {_any(tests)}, {column})"
    if isinstance(test, Matches):
        return _array_matches(column, test.texts, parameters)
    return f"arrayExists(x -> {_value_test('x', test, parameters)}, {column})"


def _array_matches(column: str, texts: tuple[Text, ...], parameters: Parameters) -> str:
    """`has` can use the column's bloom index, a lambda cannot."""
    exact = [text.exact for text in texts if text.exact is not None]
    tests = [f"arrayExists(x -> {_like('x', text, parameters)}, {column})" for text in texts if text.exact is None]
    if len(exact) == 1:
        tests.insert(0, f"has({column}, {parameters.add(exact[0], 'String')})")
    elif exact:
        tests.insert(0, f"hasAny({column}, {parameters.add(exact, 'Array(String)')})")
    return _any(tests)


def _suffix_test(text: Text, parameters: Parameters) -> str:
    """A path, or the end of one from a separator on."""
    if text.exact is None:
        return _like("x", text, parameters)
    whole = parameters.add(text.exact, "String")
    ends = [parameters.add(mark + text.exact, "String") for mark in ("/", "\\")]
    return _any([f"x = {whole}", *(f"endsWith(x, {end})" for end in ends)])


def _tag(key: KeySpec, test: Test, parameters: Parameters) -> str:
    name = parameters.add(key.name, "String")
    tests = [_tag_test(f"tags[{name}]", name, test, parameters)]
    tests += [_value_test(column, test, parameters) for column in key.columns]
    return _any(tests)


def _tag_test(value: str, name: str, test: Test, parameters: Parameters) -> str:
    if isinstance(test, Truth):
        words = parameters.add(_TRUE_TAGS, "Array(String)")
        return f"{value} != '' AND (lower({value}) IN {words}) = {int(test.value)}"
    if isinstance(test, Compares | Equals):
        return _number_test(f"toFloat64OrNull({value})", test, parameters)
    if isinstance(test, Matches):
        return _tag_matches(value, name, test.texts, parameters)
    return _value_test(value, test, parameters)


def _tag_matches(value: str, name: str, texts: tuple[Text, ...], parameters: Parameters) -> str:
    """The hashes of key and value have a bloom index; the map itself is read for those that pass."""
    exact = [text.exact for text in texts if text.exact]
    if len(exact) < len(texts):
        return _matches(value, texts, parameters)
    hashes = [parameters.add(tag_hash("", text), "UInt64") for text in exact]
    return f"hasAny(tag_hashes, [{', '.join(hashes)}]) AND {_matches(value, texts, parameters)}"


def _value_test(value: str, test: Test, parameters: Parameters) -> str:
    """A test of one text, number or time expression."""
    if isinstance(test, Exists):
        return f"{value} != ''"
    if isinstance(test, Matches):
        return _matches(value, test.texts, parameters)
    if isinstance(test, Contains):
        return f"{value} LIKE {parameters.add(f'%{_pattern(test.text)}%'.lower(), 'String')}"
    if isinstance(test, Within):
        return _within(value, test, parameters)
    if isinstance(test, Compares | Equals):
        return _number_test(value, test, parameters)
    raise AssertionError(f"{test} has been resolved before")  # Truth, Version


def _matches(value: str, texts: tuple[Text, ...], parameters: Parameters) -> str:
    exact = [text.exact for text in texts if text.exact is not None]
    tests = [_like(value, text, parameters) for text in texts if text.exact is None]
    if len(exact) == 1:
        tests.insert(0, f"{value} = {parameters.add(exact[0], 'String')}")
    elif exact:
        tests.insert(0, f"{value} IN {parameters.add(exact, 'Array(String)')}")
    return _any(tests)


def _number_test(value: str, test: Compares | Equals, parameters: Parameters) -> str:
    if isinstance(test, Compares):
        return f"ifNull({value} {test.op} {parameters.add(test.number, 'Float64')}, 0)"
    return f"ifNull({value} IN {parameters.add(test.numbers, 'Array(Float64)')}, 0)"


def _within(value: str, test: Within, parameters: Parameters) -> str:
    ends = ((">=", test.from_us), ("<", test.to_us))
    return " AND ".join(f"{value} {op} {time_sql(at_us, parameters)}" for op, at_us in ends if at_us is not None)


def time_sql(at_us: int, parameters: Parameters) -> str:
    return f"fromUnixTimestamp64Micro({parameters.add(at_us, 'Int64')})"


def _like(value: str, text: Text, parameters: Parameters) -> str:
    return f"{value} ILIKE {parameters.add(_pattern(text), 'String')}"


def _pattern(text: Text) -> str:
    return "%".join(part.translate(_LIKE_SPECIAL) for part in text.parts)


def _any(tests: Iterable[str]) -> str:
    parts = list(tests)
    return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"


_KINDS: dict[Kind, Callable[[KeySpec, Test, Parameters], str]] = {
    Kind.ISSUE: _column,  # in a search among single events
    Kind.COLUMN: _column,
    Kind.ARRAY: _array,
    Kind.TAG: _tag,
}
