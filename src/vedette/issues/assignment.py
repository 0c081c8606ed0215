"""To whom an issue is given: a member of the organization, or a team of the project."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from vedette.core.ids import parse_number
from vedette.projects.errors import Invalid
from vedette.storage.records.schema import Member, ProjectTeam, Team, User


class Assignee(msgspec.Struct, frozen=True):
    """One of the two ids is set."""

    name: str
    user_id: int | None = None
    team_id: int | None = None
    email: str | None = None


def find_assignee(session: Session, text: str, organization_id: int, project_ids: Iterable[int]) -> Assignee:
    """Who is meant by a user's id, `user:<id>`, name or e-mail address, `team:<id>` or `#slug`.

    A team must look after every one of the projects. Raises `Invalid`.
    """
    kind, _, rest = text.partition(":")
    if text.startswith("#"):
        found = _team(session, Team.slug == text[1:].lower(), organization_id, project_ids)
    elif kind == "team" and (team_id := parse_number(rest)) is not None:
        found = _team(session, Team.id == team_id, organization_id, project_ids)
    else:
        found = _user(session, rest if kind == "user" else text, organization_id)
    if found is None:
        raise Invalid("assignedTo", f"there is no such member or team: {text[:100]}")
    return found


def _user(session: Session, text: str, organization_id: int) -> Assignee | None:
    members = (
        select(User)
        .join(Member, Member.user_id == User.id)
        .where(Member.organization_id == organization_id, User.is_active.is_(True))
    )
    user_id = parse_number(text)
    if user_id is not None:
        return _one(session, members.where(User.id == user_id))
    by_mail = _one(session, members.where(User.email == text.lower()))
    return by_mail or _one(session, members.where(User.name == text))


def _one(session: Session, wanted: Select[User]) -> Assignee | None:
    """The user, if there is exactly one: a name may be another's too."""
    found = session.scalars(wanted.limit(2)).all()
    if len(found) != 1:
        return None
    return Assignee(found[0].name or found[0].email, user_id=found[0].id, email=found[0].email)


def _team(
    session: Session, which: ColumnElement[bool], organization_id: int, project_ids: Iterable[int]
) -> Assignee | None:
    team = session.scalar(select(Team).where(which, Team.organization_id == organization_id))
    if team is None:
        return None
    looked_after = set(session.scalars(select(ProjectTeam.project_id).where(ProjectTeam.team_id == team.id)))
    if not looked_after.issuperset(project_ids):
        raise Invalid("assignedTo", f"#{team.slug} does not look after this project")
    return Assignee(team.slug, team_id=team.id)
