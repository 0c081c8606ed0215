"""Conditions on events as SQL for the `errors` table.

Every value of a query, tag names included, becomes a server-side parameter; only column
names, which are our own data, stand in the text.
"""

import re
from collections.abc import Callable, Sequence

from vedette.search.conditions import Compares, Condition, Equals, Exists, Matches, Test, Truth
from vedette.search.keys import KeySpec, Kind, Type
from vedette.search.text import Text
from vedette.search.tree import Tree
from vedette.storage.telemetry.expressions import (
    Parameters,
    any_of_these,
    like,
    number_test,
    uuid_test,
    value_test,
    where,
)
from vedette.storage.telemetry.tables import tag_hash

# Tags that events carry as columns instead; keep in step with `errors/store.py`.
TAG_COLUMNS = {
    "level": "level",
    "environment": "environment",
    "release": "release",
    "dist": "dist",
    "user": "user",
    "transaction": "transaction",
    "server_name": "server_name",
    "logger": "logger",
    "browser.name": "browser_name",
    "os.name": "os_name",
    "mechanism": "mechanism",
    "url": "http_url",
    "handled": "multiIf(handled = 1, 'yes', handled = 0, 'no', '')",
}
_UUIDS = {"event_id", "trace_id", "replay_id"}
_SEPARATOR = re.compile(r"[/\\]")
_REGEX_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
_TRUE_TAGS = ("true", "1", "yes")


def column_sql(column: str) -> str:
    """A column's expression; `payload:…` is read out of the event's JSON (see `issue_keys`)."""
    if not column.startswith("payload:"):
        return column
    path = column.removeprefix("payload:")
    if path.startswith("frames."):
        return _FRAME_NUMBERS.replace("$name", path.removeprefix("frames."))
    place = f"payload, {', '.join(repr(part) for part in path.split('.'))}"
    return f"if(JSONType({place}) = 'String', JSONExtractString({place}), JSONExtractRaw({place}))"


_FRAME_NUMBERS = """
arrayMap(f -> JSONExtractInt(f, '$name'), arrayFilter(f -> JSONHas(f, '$name'), arrayFlatten(arrayMap(
    e -> JSONExtractArrayRaw(e, 'stacktrace', 'frames'), JSONExtractArrayRaw(payload, 'exception', 'values')
))))"""


def event_where(tree: Tree[Condition], parameters: Parameters) -> str:
    """Conditions on single events as one expression. Their keys must have columns or be tags."""
    return where(tree, lambda condition: event_condition(condition, parameters))


def event_condition(condition: Condition, parameters: Parameters) -> str:
    text = _KINDS[condition.key.kind](condition.key, condition.test, parameters)
    return f"NOT ({text})" if condition.negated else text


def _column(key: KeySpec, test: Test, parameters: Parameters) -> str:
    if key.type is Type.BOOLEAN:
        return _handled(key, test)
    if key.type is Type.DATE and isinstance(test, Exists):
        return "1"  # every event has its time
    return any_of_these(_column_test(column_sql(column), test, parameters) for column in key.columns)


def _handled(key: KeySpec, test: Test) -> str:
    """Unknown (-1) counts as handled: nobody said that it was not."""
    if not isinstance(test, Truth):
        return "handled != -1"
    return f"handled {'!=' if test.value != (key.name == 'error.unhandled') else '='} 0"


def _column_test(column: str, test: Test, parameters: Parameters) -> str:
    if column in _UUIDS:
        return uuid_test(column, test, parameters)
    return value_test(column, test, parameters)


def _array(key: KeySpec, test: Test, parameters: Parameters) -> str:
    if key.suffix and isinstance(test, Matches):
        return any_of_these(_suffix_test(key.columns, text, parameters) for text in test.texts)
    return any_of_these(_array_test(column_sql(column), key, test, parameters) for column in key.columns)


def _array_test(column: str, key: KeySpec, test: Test, parameters: Parameters) -> str:
    if isinstance(test, Exists):
        return f"arrayExists(x -> x != '', {column})" if key.type is Type.TEXT else f"notEmpty({column})"
    if isinstance(test, Truth):
        return f"has({column}, {int(test.value)})"
    if isinstance(test, Matches):
        return _array_matches(column, test.texts, parameters)
    return f"arrayExists(x -> {value_test('x', test, parameters)}, {column})"


def _array_matches(column: str, texts: tuple[Text, ...], parameters: Parameters) -> str:
    """`has` can use the column's bloom index, a lambda cannot."""
    exact = [text.exact for text in texts if text.exact is not None]
    tests = [
        f"arrayExists(x -> {like('x', text, parameters)}, {column})" for text in texts if text.exact is None
    ]
    if len(exact) == 1:
        tests.insert(0, f"has({column}, {parameters.add(exact[0], 'String')})")
    elif exact:
        tests.insert(0, f"hasAny({column}, {parameters.add(exact, 'Array(String)')})")
    return any_of_these(tests)


def _suffix_test(columns: Sequence[str], text: Text, parameters: Parameters) -> str:
    """A path, or the end of one from a separator on.

    Whatever path matches, the file's plain name does in the first column: looking for that
    first spares reading the others for most rows.
    """
    if text.exact is None:
        return any_of_these(
            f"arrayExists(x -> {like('x', text, parameters)}, {column})" for column in columns
        )
    parts = _SEPARATOR.split(text.exact)
    first = _ends_with(columns[0], parts[-1:], parameters)
    if len(parts) == 1:
        return first
    whole = any_of_these(_ends_with(column, parts, parameters) for column in columns)
    return f"{first} AND {whole}"


def _ends_with(column: str, parts: list[str], parameters: Parameters) -> str:
    pattern = r"(?:^|[/\\])" + r"[/\\]".join(_REGEX_SPECIAL.sub(r"\\\g<0>", part) for part in parts) + "$"
    return f"arrayExists(x -> match(x, {parameters.add(pattern, 'String')}), {column})"


def _tag(key: KeySpec, test: Test, parameters: Parameters) -> str:
    if key.name in TAG_COLUMNS:
        return _tag_value_test(TAG_COLUMNS[key.name], test, parameters)
    name = parameters.add(key.name, "String")
    tests = [_tag_test(f"tags[{name}]", key.name, test, parameters)]
    tests += [_tag_value_test(column_sql(column), test, parameters) for column in key.columns]
    return any_of_these(tests)


def _tag_test(value: str, name: str, test: Test, parameters: Parameters) -> str:
    exact = [text.exact for text in test.texts if text.exact] if isinstance(test, Matches) else []
    if isinstance(test, Matches) and len(exact) == len(test.texts):
        return _tag_index(name, exact, parameters)
    return _tag_value_test(value, test, parameters)


def _tag_index(name: str, values: list[str], parameters: Parameters) -> str:
    """By the hash of key and value: it has a bloom index, and reading the map as well costs more than all the rest."""
    hashes = [tag_hash(name, value) for value in values]
    if len(hashes) == 1:
        return f"has(tag_hashes, {parameters.add(hashes[0], 'UInt64')})"
    return f"hasAny(tag_hashes, {parameters.add(hashes, 'Array(UInt64)')})"


def _tag_value_test(value: str, test: Test, parameters: Parameters) -> str:
    """A test of a tag's value: text, that may be read as number or truth."""
    if isinstance(test, Truth):
        words = parameters.add(list(_TRUE_TAGS), "Array(String)")
        return f"{value} != '' AND (lower({value}) IN {words}) = {int(test.value)}"
    if isinstance(test, Compares | Equals):
        return number_test(f"toFloat64OrNull({value})", test, parameters)
    return value_test(value, test, parameters)


_KINDS: dict[Kind, Callable[[KeySpec, Test, Parameters], str]] = {
    Kind.ISSUE: _column,  # in a search among single events
    Kind.COLUMN: _column,
    Kind.ARRAY: _array,
    Kind.TAG: _tag,
}
