"""Conditions on issue fields as SQL for the records store.

Everything that a condition refers to (people, teams, projects) is looked up within the
scope's organization, so that a query tells nothing of others.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from vedette.core.ids import parse_short_id
from vedette.errors.scope import Scope
from vedette.search.conditions import (
    Compares,
    Condition,
    Equals,
    Matches,
    Test,
    Truth,
    Within,
)
from vedette.search.text import Text, matcher_of
from vedette.search.tree import AllOf, AnyOf, Tree
from vedette.storage.records.schema import Activity, Issue, IssueUser, Member, ProjectTeam, Team, User
from vedette.storage.telemetry.expressions import like_pattern

Sql = ColumnElement[bool]
Field = Callable[[Test, Scope], Sql]

_WIDEST = 2.0**63  # what a column can hold
_NEWS = ("new", "regressed", "escalating")


def issue_where(tree: Tree[Condition], scope: Scope) -> Sql:
    """Conditions on issue fields as one expression over `issues`."""
    if isinstance(tree, AllOf):
        return and_(true(), *(issue_where(item, scope) for item in tree.items))
    if isinstance(tree, AnyOf):
        return or_(false(), *(issue_where(item, scope) for item in tree.items))
    sql = _FIELDS[tree.key.name](tree.test, scope)
    return not_(sql) if tree.negated else sql


def _text_or_null(column: SQLColumnExpression[str | None]) -> Field:
    """A text column; null is empty."""
    return _text(func.coalesce(column, ""))


def _text(value: SQLColumnExpression[str]) -> Field:
    """A text column that is never null. As itself it is found by an index; `coalesce` of it would not be."""

    def field(test: Test, _: Scope) -> Sql:
        return _matches(value, test.texts) if isinstance(test, Matches) else value != ""

    return field


def _matches(value: SQLColumnExpression[Any], texts: Iterable[Text]) -> Sql:
    exact = [text.exact for text in texts if text.exact is not None]
    like = [value.ilike(like_pattern(text), escape="\\") for text in texts if text.exact is None]
    return or_(value.in_(exact), *like) if exact else or_(false(), *like)


def _number(value: SQLColumnExpression[int]) -> Field:
    """A number that is never null."""

    def field(test: Test, _: Scope) -> Sql:
        if isinstance(test, Equals):
            whole = [int(number) for number in test.numbers if number.is_integer() and abs(number) < _WIDEST]
            # Written into the statement: `userCount` makes more of them than there may be parameters.
            return value.in_(bindparam(None, whole, BigInteger, expanding=True, literal_execute=True))
        return _ORDER[test.op](value, test.number) if isinstance(test, Compares) else true()

    return field


_ORDER: dict[str, Callable[[SQLColumnExpression[int], float], Sql]] = {
    ">": lambda value, number: value > number,
    ">=": lambda value, number: value >= number,
    "<": lambda value, number: value < number,
    "<=": lambda value, number: value <= number,
}


def _time(value: SQLColumnExpression[int]) -> Field:
    def field(test: Test, _: Scope) -> Sql:
        if not isinstance(test, Within):
            return true()
        after = true() if test.from_us is None else value >= test.from_us
        return and_(after, true() if test.to_us is None else value < test.to_us)

    return field


def _assigned(test: Test, scope: Scope) -> Sql:
    somebody = or_(Issue.assignee_user_id.is_not(None), Issue.assignee_team_id.is_not(None))
    if not isinstance(test, Matches):
        return somebody
    return or_(false(), *(_assigned_to(text, somebody, scope) for text in test.texts))


def _assigned_to(text: Text, somebody: Sql, scope: Scope) -> Sql:
    word = text.exact or ""
    if word == "none":
        return not_(somebody)
    if word == "my_teams":
        return _is_one(Issue.assignee_team_id, scope.viewer.team_ids)
    if word.startswith("#"):
        return _is_one(Issue.assignee_team_id, _teams(word[1:], scope))
    return _is_one(Issue.assignee_user_id, _people(text, scope))


def _is_one(value: SQLColumnExpression[int | None], ids: Iterable[int] | Select[int]) -> Sql:
    """Null counts as false, so that the negation is right."""
    return and_(value.is_not(None), value.in_(ids))


def _teams(slug: str, scope: Scope) -> Select[int]:
    return select(Team.id).where(Team.organization_id == scope.organization_id, Team.slug == slug.lower())


def _people(text: Text, scope: Scope) -> Iterable[int] | Select[int]:
    """Members of the organization with this e-mail or name; `me` is the viewer."""
    if text.exact == "me":
        return () if scope.viewer.user_id is None else (scope.viewer.user_id,)
    members = select(Member.user_id).where(Member.organization_id == scope.organization_id)
    known = or_(_matches(User.email, [_lower(text)]), _matches(User.name, [text]))
    return select(User.id).where(User.id.in_(members), known)


def _lower(text: Text) -> Text:
    return Text(tuple(part.lower() for part in text.parts))


def _marked(mark: ColumnElement[bool]) -> Field:
    """Issues that a person bookmarked or subscribed to; `none`: nobody did."""

    def field(test: Test, scope: Scope) -> Sql:
        anybody = Issue.id.in_(select(IssueUser.issue_id).where(mark))
        if not isinstance(test, Matches):
            return anybody
        return or_(false(), *(_marked_by(text, anybody, scope) for text in test.texts))

    def _marked_by(text: Text, anybody: Sql, scope: Scope) -> Sql:
        if text.exact == "none":
            return not_(anybody)
        people = _people(text, scope)
        return Issue.id.in_(select(IssueUser.issue_id).where(mark, IssueUser.user_id.in_(people)))

    return field


def _project(test: Test, scope: Scope) -> Sql:
    if not isinstance(test, Matches):
        return true()
    tests = [matcher_of(_lower(text)) for text in test.texts]
    ids = [id for id, slug in scope.projects.items() if any(holds(slug) for holds in tests)]
    return Issue.project_id.in_(ids)


def _team(test: Test, scope: Scope) -> Sql:
    """Issues of the projects that a team looks after."""
    if not isinstance(test, Matches):
        return Issue.project_id.in_(select(ProjectTeam.project_id))
    slugs = [(text.exact or "").removeprefix("#").lower() for text in test.texts]
    teams = select(Team.id).where(Team.organization_id == scope.organization_id, Team.slug.in_(slugs))
    if any(text.exact == "my_teams" for text in test.texts):
        teams = teams.union(select(Team.id).where(Team.id.in_(scope.viewer.team_ids)))
    return Issue.project_id.in_(select(ProjectTeam.project_id).where(ProjectTeam.team_id.in_(teams)))


def _short_id(test: Test, scope: Scope) -> Sql:
    if not isinstance(test, Matches):
        return true()
    found = [parse_short_id(text.exact or "") for text in test.texts]
    ids = {slug: id for id, slug in scope.projects.items()}
    known = [(ids[slug], number) for slug, number in filter(None, found) if slug in ids]
    return or_(false(), *(and_(Issue.project_id == id, Issue.short_number == number) for id, number in known))


def _regressed_in(test: Test, _: Scope) -> Sql:
    back = select(Activity.issue_id).where(Activity.type == "set_regression")
    if isinstance(test, Matches):
        back = back.where(_matches(func.coalesce(Activity.data["version"].as_string(), ""), test.texts))
    return Issue.id.in_(back)


def _for_review(test: Test, _: Scope) -> Sql:
    news = and_(Issue.status == "unresolved", func.coalesce(Issue.substatus, "").in_(_NEWS))
    return not_(news) if test == Truth(False) else news


def _linked(test: Test, _: Scope) -> Sql:
    """Nothing is linked: there are no links to other trackers."""
    return true() if test == Truth(False) else false()


_FIELDS: dict[str, Field] = {
    "status": _text(Issue.status),
    "substatus": _text_or_null(Issue.substatus),
    "level": _text(Issue.level),
    "assigned": _assigned,
    "bookmarks": _marked(IssueUser.bookmarked.is_(True)),
    "subscribed": _marked(func.coalesce(IssueUser.subscribed, false())),
    "firstSeen": _time(Issue.first_seen_us),
    "lastSeen": _time(Issue.last_seen_us),
    "timesSeen": _number(Issue.times_seen),
    "firstRelease": _text_or_null(Issue.first_release),
    "regressed_in_release": _regressed_in,
    "issue": _short_id,
    "issue.id": _number(Issue.id),
    "issue.category": _text(Issue.category),
    "issue.type": _text(Issue.issue_type),
    "issue.priority": _text(Issue.priority),
    "project": _project,
    "project.id": _number(Issue.project_id),
    "team": _team,
    "issue.for_review": _for_review,
    "issue.linked": _linked,
}
