"""Searches as expressions of telemetry SQL: trees of conditions, tests of one value.

Every value of a query, names of attributes included, becomes a server-side parameter; only
expressions over columns, which are our own data, stand in the text.
"""

from collections.abc import Callable, Iterable
from typing import cast

from vedette.core.ids import parse_event_id
from vedette.search.conditions import Compares, Contains, Equals, Exists, Matches, Test, Within
from vedette.search.text import Text
from vedette.search.tree import AllOf, AnyOf, Leaf, Tree

_NIL = "00000000-0000-0000-0000-000000000000"
_LIKE_SPECIAL = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


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
        return _joined(" AND ", cast("AllOf[Leaf]", tree), leaf) or "1"
    if isinstance(tree, AnyOf):
        return _joined(" OR ", cast("AnyOf[Leaf]", tree), leaf)
    return leaf(tree)


def _joined(word: str, tree: AllOf[Leaf] | AnyOf[Leaf], leaf: Callable[[Leaf], str]) -> str:
    return word.join(f"({where(item, leaf)})" for item in tree.items)


def uuid_test(column: str, test: Test, parameters: Parameters) -> str:
    """Ids are compared as ids, so that their index serves; text that is none matches nothing."""
    if isinstance(test, Exists):
        return f"{column} != {parameters.add(_NIL, 'UUID')}"
    if not isinstance(test, Matches) or any(text.exact is None for text in test.texts):
        return value_test(f"replaceAll(toString({column}), '-', '')", test, parameters)
    ids = [found for text in test.texts if (found := parse_event_id(text.exact or ""))]
    if len(ids) == 1:
        return f"{column} = {parameters.add(ids[0], 'UUID')}"
    return f"{column} IN {parameters.add(ids, 'Array(UUID)')}" if ids else "0"


def value_test(value: str, test: Test, parameters: Parameters) -> str:
    """A test of one text, number or time expression."""
    if isinstance(test, Exists):
        return f"{value} != ''"
    if isinstance(test, Matches):
        return _matches(value, test.texts, parameters)
    if isinstance(test, Contains):
        return f"{value} LIKE {parameters.add(f'%{like_pattern(test.text)}%'.lower(), 'String')}"
    if isinstance(test, Within):
        return _within(value, test, parameters)
    if isinstance(test, Compares | Equals):
        return number_test(value, test, parameters)
    raise AssertionError(f"{test} has been resolved before")  # Truth, Version


def _matches(value: str, texts: tuple[Text, ...], parameters: Parameters) -> str:
    exact = [text.exact for text in texts if text.exact is not None]
    tests = [like(value, text, parameters) for text in texts if text.exact is None]
    if len(exact) == 1:
        tests.insert(0, f"{value} = {parameters.add(exact[0], 'String')}")
    elif exact:
        tests.insert(0, f"{value} IN {parameters.add(exact, 'Array(String)')}")
    return any_of_these(tests)


def number_test(value: str, test: Compares | Equals, parameters: Parameters) -> str:
    if isinstance(test, Compares):
        return f"ifNull({value} {test.op} {parameters.add(test.number, 'Float64')}, 0)"
    return f"ifNull({value} IN {parameters.add(list(test.numbers), 'Array(Float64)')}, 0)"


def _within(value: str, test: Within, parameters: Parameters) -> str:
    ends = ((">=", test.from_us), ("<", test.to_us))
    return " AND ".join(
        f"{value} {op} {time_sql(at_us, parameters)}" for op, at_us in ends if at_us is not None
    )


def time_sql(at_us: int, parameters: Parameters) -> str:
    return f"fromUnixTimestamp64Micro({parameters.add(at_us, 'Int64')})"


def contains(value: str, text: Text, parameters: Parameters) -> str:
    """Whether the text stands somewhere in the value, without case."""
    return like(value, Text(("", *text.parts, "")), parameters)


def like(value: str, text: Text, parameters: Parameters) -> str:
    """Without case. `lower` runs once per word of a column's dictionary, ILIKE once per row: a third of the time."""
    pattern = like_pattern(text)
    lower = "lower" if pattern.isascii() else "lowerUTF8"
    return f"{lower}({value}) LIKE {parameters.add(pattern.lower(), 'String')}"


def like_pattern(text: Text) -> str:
    """The text as a LIKE pattern; backslash escapes."""
    return "%".join(part.translate(_LIKE_SPECIAL) for part in text.parts)


def any_of_these(tests: Iterable[str]) -> str:
    parts = list(tests)
    if len(parts) > 1:
        return "(" + " OR ".join(parts) + ")"
    return parts[0] if parts else "0"
