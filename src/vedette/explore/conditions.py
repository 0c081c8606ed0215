"""Conditions of a search as SQL over a dataset's table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vedette.explore.ask import BadQuestion, Bounds
from vedette.explore.dataset import Dataset, Field
from vedette.search.conditions import Condition, Contains, Equals, Exists, Matches, Test, Truth
from vedette.search.keys import KeySpec, Kind
from vedette.search.text import Text, matcher_of
from vedette.storage.telemetry.expressions import (
    Parameters,
    any_of_these,
    contains,
    uuid_test,
    value_test,
)

Groups = tuple[tuple[int, int], ...]  # project id and unsigned group hash
_HEX = frozenset("0123456789abcdef")
_SPAN_ID_DIGITS = 16
_RELEASE_PARTS = frozenset(("release.version", "release.package", "release.build"))


@dataclass(frozen=True, slots=True)
class Lookups:
    """What records know of issues.

    `groups`: finds the groups of issues by their short ids or numbers. `merged`: hash → the hash
    that stands for its issue, where an issue has several.
    """

    groups: Callable[[Sequence[str]], Groups] = lambda _: ()
    merged: Mapping[int, int] = field(default_factory=dict[int, int])


def condition_sql(
    dataset: Dataset, bounds: Bounds, lookups: Lookups, condition: Condition, parameters: Parameters
) -> str:
    """The condition as an expression; raises `BadQuestion` for a test that its key does not take."""
    own = dataset.condition(condition, parameters) if dataset.condition else None
    if own is not None:
        return own
    text = _test(dataset, bounds, lookups, condition, parameters)
    return f"NOT ({text})" if condition.negated else text


def _test(
    dataset: Dataset, bounds: Bounds, lookups: Lookups, condition: Condition, parameters: Parameters
) -> str:
    key, test = condition.key, condition.test
    name = "release" if key.name in _RELEASE_PARTS else key.name  # spelled out before, see `releases.expand`
    known = dataset.find(name) if key.kind is not Kind.TAG else None
    if known is None:
        return dataset.attributes.test(key, test, parameters)
    if known.form == "project":
        return _project(known, bounds, test, parameters)
    if known.form == "issue":
        return _issue(lookups, key, test, parameters)
    return field_test(known, test, parameters)


def field_test(known: Field, test: Test, parameters: Parameters) -> str:
    """A test of a field that is what it is, or an id."""
    if known.form == "uuid":
        return uuid_test(known.sql, test, parameters)
    if known.form == "span_id":
        return _span_id(known, test, parameters)
    if isinstance(test, Truth):
        return f"{known.sql} = {int(test.value)}"
    if isinstance(test, Exists) and (known.is_number or known.type in ("date", "boolean")):
        return f"isNotNull({known.sql})"
    if isinstance(test, Contains) and not known.lowered:
        return contains(known.sql, test.text, parameters)
    return value_test(known.sql, test, parameters)


def _span_id(known: Field, test: Test, parameters: Parameters) -> str:
    """Ids are compared as numbers; text that is none matches nothing."""
    if isinstance(test, Exists):
        return f"{known.sql} != 0"
    texts = test.texts if isinstance(test, Matches) else ()
    words = [text.exact or "" for text in texts]
    ids = [int(word, 16) for word in map(str.lower, words) if _is_span_id(word)]
    return f"{known.sql} IN {parameters.add(ids, 'Array(UInt64)')}" if ids else "0"


def _is_span_id(word: str) -> bool:
    return 0 < len(word) <= _SPAN_ID_DIGITS and _HEX.issuperset(word)


def _project(known: Field, bounds: Bounds, test: Test, parameters: Parameters) -> str:
    """Slugs as numbers: these the table is ordered by."""
    if isinstance(test, Exists):
        return "1"
    texts = test.texts if isinstance(test, Matches) else (Text(("",)),)
    ids = [id_ for id_, slug in bounds.projects.items() if any(_is_slug(text, slug) for text in texts)]
    if len(ids) == 1:
        return f"{known.sql} = {parameters.add(ids[0], 'UInt64')}"
    return f"{known.sql} IN {parameters.add(ids, 'Array(UInt64)')}" if ids else "0"


def _is_slug(text: Text, slug: str) -> bool:
    return text.exact.lower() == slug if text.exact is not None else matcher_of(text)(slug)


def _issue(lookups: Lookups, key: KeySpec, test: Test, parameters: Parameters) -> str:
    if isinstance(test, Exists):
        return "1"
    by_project: dict[int, list[int]] = {}
    for project_id, group_hash in lookups.groups(_issue_words(key, test)):
        by_project.setdefault(project_id, []).append(group_hash)
    return any_of_these(
        f"(project_id = {parameters.add(project_id, 'UInt64')}"
        f" AND group_hash IN {parameters.add(hashes, 'Array(UInt64)')})"
        for project_id, hashes in by_project.items()
    )


def _issue_words(key: KeySpec, test: Test) -> list[str]:
    """The issues a condition names, by short id or number. Raises `BadQuestion` for anything else."""
    if isinstance(test, Equals):
        return [str(int(number)) for number in test.numbers]
    if isinstance(test, Matches) and all(text.exact is not None for text in test.texts):
        return [(text.exact or "").upper() for text in test.texts]
    raise BadQuestion(f"{key.name}: takes issues as they are, without wildcards or comparisons")
