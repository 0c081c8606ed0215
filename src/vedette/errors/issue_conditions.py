"""Conditions on issue fields as SQL for the records store.

Everything that a condition refers to (people, teams, projects) is looked up within the
scope's organization, so that a query tells nothing of others.
"""

from collections.abc import Callable, Iterable

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select, true

from vedette.core.ids import parse_short_id
from vedette.errors.conditions import like_pattern
from vedette.errors.scope import Scope, Viewer
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
from vedette.search.text import Text
from vedette.search.tree import AllOf, AnyOf, Tree
from vedette.storage.records.schema import Activity, Issue, IssueUser, Member, ProjectTeam, Team, User

Sql = ColumnElement[bool]

_NEWS = ("new", "regressed", "escalating")


def issue_where(tree: Tree[Condition], scope: Scope) -> Sql:
    """Conditions on issue fields as one expression over `issues`."""
    if isinstance(tree, AllOf):
        return and_(true(), *(issue_where(item, scope) for item in tree.items))
    if isinstance(tree, AnyOf):
        return or_(false(), *(issue_where(item, scope) for item in tree.items))
    sql = _FIELDS[tree.key.name](tree.test, scope)
    return not_(sql) if tree.negated else sql


def _text(column: ColumnElement[str]) -> Callable[[Test, Scope], Sql]:
    """A text column; null is empty."""
    value = func.coalesce(column, "")

    def test(test: Test, _: Scope) -> Sql:
        if isinstance(test, Matches):
            return _matches(value, test.texts)
        assert isinstance(test, Exists), test
        return value != ""

    return test


def _matches(value: ColumnElement[str], texts: Iterable[Text]) -> Sql:
    exact = [text.exact for text in texts if text.exact is not None]
    like = [value.ilike(like_pattern(text), escape="\\") for text in texts if text.exact is None]
    return or_(false(), value.in_(exact), *like) if exact else or_(false(), *like)


def _choice(column: ColumnElement[str]) -> Callable[[Test, Scope], Sql]:
    """A column of few words: wildcards are spelled out."""
    plain = _text(column)

    def test(test: Test, scope: Scope) -> Sql:
        return plain(test, scope)

    return test


def _number(column: ColumnElement[int]) -> Callable[[Test, Scope], Sql]:
    def test(test: Test, _: Scope) -> Sql:
        return number_test(column, test)

    return test


def number_test(column: ColumnElement[int], test: Test) -> Sql:
    """A comparison of a column that is never null."""
    if isinstance(test, Equals):
        return column.in_([_whole(number) for number in test.numbers if number == _whole(number)])
    if isinstance(test, Compares):
        return _COMPARE[test.op](column, test.number)
    assert isinstance(test, Exists), test
    return true()


_COMPARE: dict[str, Callable[[ColumnElement[int], float], Sql]] = {
    ">": lambda column, number: column > number,
    ">=": lambda column, number: column >= number,
    "<": lambda column, number: column < number,
    "<=": lambda column, number: column <= number,
}
