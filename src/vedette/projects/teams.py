"""Teams and who is in them."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from vedette.projects import audit
from vedette.projects.access import Access
from vedette.projects.errors import Denied, Invalid, Missing, Taken
from vedette.projects.organizations import checked_name
from vedette.projects.scopes import TEAM_ROLES
from vedette.projects.slugs import TEAM_MOST, checked_slug, free_slug, slugify
from vedette.projects.values import Team, team_of
from vedette.storage.records import schema


def create_team(session: Session, access: Access, *, name: str, slug: str, now_us: int) -> Team:
    """A new team; the person who makes it is its admin. Raises `Taken` for a slug in use."""
    if not name and not slug:
        raise Invalid("name", "a team needs a name or a slug")
    slug = checked_slug(slug, TEAM_MOST) if slug else _free(session, access.organization.id, name)
    if _is_taken(session, access.organization.id, slug):
        raise Taken(f"there is a team {slug} already")
    row = schema.Team(
        organization_id=access.organization.id,
        slug=slug,
        name=checked_name(name or slug),
        created_us=now_us,
    )
    session.add(row)
    session.flush()
    if access.member_id is not None:
        session.add(schema.TeamMember(team_id=row.id, member_id=access.member_id, role="admin"))
    audit.note(session, row.organization_id, access.caller, "team.create", row.slug, now_us)
    return team_of(row)


def change_team(
    session: Session, access: Access, team: Team, *, name: str | None, slug: str | None, now_us: int
) -> Team:
    row = session.get_one(schema.Team, team.id)
    if name is not None:
        row.name = checked_name(name)
    if slug is not None and slug != row.slug:
        new = checked_slug(slug, TEAM_MOST)
        if _is_taken(session, row.organization_id, new):
            raise Taken(f"there is a team {new} already")
        row.slug = new
    audit.note(session, row.organization_id, access.caller, "team.edit", row.slug, now_us)
    return team_of(row)


def remove_team(session: Session, access: Access, team: Team, now_us: int) -> None:
    session.execute(delete(schema.Team).where(schema.Team.id == team.id))
    audit.note(session, team.organization_id, access.caller, "team.remove", team.slug, now_us)


def list_teams(
    session: Session, access: Access, *, query: str = "", offset: int = 0, limit: int = 101
) -> list[Team]:
    """The teams the caller may know of, by slug."""
    table = schema.Team
    wanted = select(table).where(table.organization_id == access.organization.id)
    if not access.sees_all:
        wanted = wanted.where(table.id.in_(access.team_roles))
    for word in query.lower().split():
        wanted = wanted.where(
            table.slug.contains(word, autoescape=True)
            | func.lower(table.name).contains(word, autoescape=True)
        )
    wanted = wanted.order_by(table.slug).offset(offset).limit(limit)
    return [team_of(row) for row in session.scalars(wanted)]


def teams_by_id(session: Session, team_ids: Iterable[int]) -> dict[int, Team]:
    rows = session.scalars(select(schema.Team).where(schema.Team.id.in_(set(team_ids))))
    return {row.id: team_of(row) for row in rows}


def member_counts(session: Session, team_ids: Iterable[int]) -> dict[int, int]:
    """How many people are in each team; invitations do not count."""
    link, member = schema.TeamMember, schema.Member
    counted = (
        select(link.team_id, func.count())
        .join(member, member.id == link.member_id)
        .where(link.team_id.in_(set(team_ids)), member.user_id.is_not(None))
        .group_by(link.team_id)
    )
    return dict(session.execute(counted).all())


# ── members of a team ─────────────────────────────────────────────────────────────────────


class Membership(msgspec.Struct, frozen=True):
    member_id: int
    role: str


def memberships(session: Session, team: Team) -> list[Membership]:
    link = schema.TeamMember
    rows = session.execute(select(link.member_id, link.role).where(link.team_id == team.id))
    return [Membership(member_id, role) for member_id, role in rows]


def join_team(session: Session, access: Access, member_id: int, team: Team, now_us: int) -> bool:
    """Put a member into a team; False if it was there already.

    Oneself: where membership is open. Anybody: with `team:write` there or `org:write`.
    """
    may_add = access.can("org:write") or access.can_in_team(team.id, "team:write")
    open_to_self = member_id == access.member_id and access.organization.options.open_membership
    if not may_add and not open_to_self:
        raise Denied("joining this team needs one of its admins")
    if session.get(schema.TeamMember, (team.id, member_id)) is not None:
        return False
    session.add(schema.TeamMember(team_id=team.id, member_id=member_id))
    audit.note(
        session, team.organization_id, access.caller, "member.join-team", team.slug, now_us, member=member_id
    )
    return True


def leave_team(session: Session, access: Access, member_id: int, team: Team, now_us: int) -> None:
    """Take a member out of a team: oneself, or anybody with `team:admin` there or `org:write`."""
    may_remove = access.can("org:write") or access.can_in_team(team.id, "team:admin")
    if member_id != access.member_id and not may_remove:
        raise Denied("removing others from this team needs one of its admins")
    row = session.get(schema.TeamMember, (team.id, member_id))
    if row is None:
        raise Missing
    session.delete(row)
    audit.note(
        session, team.organization_id, access.caller, "member.leave-team", team.slug, now_us, member=member_id
    )


def change_team_role(session: Session, access: Access, member_id: int, team: Team, role: str) -> None:
    """Make a member of a team its admin, or a contributor again."""
    if role not in TEAM_ROLES:
        raise Invalid("teamRole", f"one of {', '.join(TEAM_ROLES)}")
    if not access.can("org:write", "member:write") and not access.can_in_team(team.id, "team:write"):
        raise Denied("changing roles in this team needs one of its admins")
    row = session.get(schema.TeamMember, (team.id, member_id))
    if row is None:
        raise Missing
    row.role = role


def _free(session: Session, organization_id: int, name: str) -> str:
    return free_slug(
        slugify(name, TEAM_MOST), TEAM_MOST, lambda slug: _is_taken(session, organization_id, slug)
    )


def _is_taken(session: Session, organization_id: int, slug: str) -> bool:
    table = schema.Team
    found = select(table.id).where(table.organization_id == organization_id, table.slug == slug)
    return session.scalar(found) is not None
