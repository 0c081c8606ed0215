"""A query about issues and events as alternatives, each an issue part and an event part.

An issue is found when it satisfies the issue part, and one of its events the event part, of
the same alternative. Most queries are one alternative; only an OR that joins keys of both
kinds makes several.
"""

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from vedette.search.conditions import Condition, Conditions
from vedette.search.error import SearchError
from vedette.search.keys import Kind
from vedette.search.tree import AllOf, AnyOf, all_of, any_of, is_everything, leaves

MAX_ALTERNATIVES = 16

EVERYTHING: AllOf[Condition] = AllOf(())


class Alternative(NamedTuple):
    issue: Conditions
    event: Conditions


def alternatives(tree: Conditions) -> list[Alternative]:
    """At least one. Raises `SearchError` when there would be more than 16."""
    found = _alternatives(tree)
    if len(found) > MAX_ALTERNATIVES:
        raise SearchError(f"OR joins issue and event keys in more than {MAX_ALTERNATIVES} combinations", 0)
    return found


def asks_events(found: Iterable[Alternative]) -> bool:
    return any(not is_everything(one.event) for one in found)


def _alternatives(tree: Conditions) -> list[Alternative]:
    of_issues = {leaf.key.kind is Kind.ISSUE for leaf in leaves(tree)}
    if of_issues == {False}:
        return [Alternative(EVERYTHING, tree)]
    if of_issues <= {True}:
        return [Alternative(tree, EVERYTHING)]
    if isinstance(tree, AnyOf):
        return _any(tree)
    assert isinstance(tree, AllOf)
    return _all([_alternatives(item) for item in tree.items])


def _any(tree: AnyOf[Condition]) -> list[Alternative]:
    """Items of one kind stay together: each makes one alternative, however many there are."""
    found = [one for item in tree.items for one in _alternatives(item)]
    issues = [one.issue for one in found if is_everything(one.event)]
    events = [one.event for one in found if is_everything(one.issue)]
    mixed = [one for one in found if not is_everything(one.event) and not is_everything(one.issue)]
    if issues:
        mixed.insert(0, Alternative(any_of(issues), EVERYTHING))
    if events:
        mixed.insert(0, Alternative(EVERYTHING, any_of(events)))
    return mixed


def _all(parts: list[list[Alternative]]) -> list[Alternative]:
    """Every choice of one alternative from each part."""
    found = [Alternative(EVERYTHING, EVERYTHING)]
    for part in parts:
        found = [
            Alternative(all_of((one.issue, other.issue)), all_of((one.event, other.event)))
            for one, other in product(found, part[: MAX_ALTERNATIVES + 1])
        ][: MAX_ALTERNATIVES + 1]
    return found
