"""Members of an organization, and invitations on their way to become members.

Nobody hands out more than they have: roles above one's own can be neither given nor taken.
An organization keeps at least one owner.
"""

from typing import Any

import msgspec
from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session

from vedette.core.ids import parse_number
from vedette.projects import audit
from vedette.projects.access import Access, Caller, find_team
from vedette.projects.errors import Denied, Invalid, Missing, Taken
from vedette.projects.links import INVITE_LASTS_US, new_link_token
from vedette.projects.scopes import ROLES, TEAM_ROLES, at_least
from vedette.projects.tokens import token_hash
from vedette.projects.users import create_user, find_user, normalised_email
from vedette.projects.values import Organization, User, organization_of, user_of
from vedette.storage.records import schema


class Member(msgspec.Struct, frozen=True):
    """A member, or an invitation: then `user` is None and `email` is set."""

    id: int
    organization_id: int
    user: User | None
    email: str
    role: str
    inviter: str | None
    expires_us: int | None
    created_us: int
    teams: dict[str, str] = msgspec.field(default_factory=dict[str, str])  # slug → team role
    projects: tuple[str, ...] = ()  # slugs of the teams' projects

    @property
    def is_pending(self) -> bool:
        return self.user is None


# ── reading ───────────────────────────────────────────────────────────────────────────────


def list_members(
    session: Session, organization_id: int, *, query: str = "", offset: int = 0, limit: int = 101
) -> list[Member]:
    """Members and invitations, by address. `query`: words, `role:`, `is:invited`."""
    member, user = schema.Member, schema.User
    address = func.coalesce(user.email, member.email)
    wanted = select(member).outerjoin(user, user.id == member.user_id)
    wanted = wanted.where(member.organization_id == organization_id)
    for word in query.lower().split():
        key, _, value = word.partition(":")
        if key == "role":
            wanted = wanted.where(member.role == value)
        elif word == "is:invited":
            wanted = wanted.where(member.user_id.is_(None))
        else:
            text = value if key in ("email", "user.email") and value else word
            has = or_(
                address.contains(text, autoescape=True), func.lower(user.name).contains(text, autoescape=True)
            )
            wanted = wanted.where(has)
    return _members(session, wanted.order_by(address, member.id).offset(offset).limit(limit))


def members_by_id(session: Session, organization_id: int, ids: list[int]) -> list[Member]:
    table = schema.Member
    return _members(
        session,
        select(table).where(table.organization_id == organization_id, table.id.in_(ids)).order_by(table.id),
    )


def find_member(session: Session, access: Access, text: str) -> Member:
    """A member by id, or `me`. Raises `Missing`."""
    if text == "me":
        ids = [access.member_id] if access.member_id is not None else []
    else:
        ids = [id_] if (id_ := parse_number(text)) is not None else []
    found = members_by_id(session, access.organization.id, ids)
    if not found:
        raise Missing
    return found[0]


def members_of_project(session: Session, organization_id: int, team_ids: tuple[int, ...]) -> list[Member]:
    """The people in a project's teams, by address."""
    member, link, user = schema.Member, schema.TeamMember, schema.User
    within = select(link.member_id).where(link.team_id.in_(team_ids))
    wanted = (
        select(member)
        .join(user, user.id == member.user_id)
        .where(member.organization_id == organization_id, member.id.in_(within), user.is_active)
        .order_by(user.email)
    )
    return _members(session, wanted)


def is_only_owner(session: Session, member: Member) -> bool:
    table = schema.Member
    others = select(table.id).where(
        table.organization_id == member.organization_id,
        table.role == "owner",
        table.user_id.is_not(None),
        table.id != member.id,
    )
    return member.role == "owner" and not member.is_pending and session.scalar(others.limit(1)) is None


def _members(session: Session, wanted: Select[schema.Member]) -> list[Member]:
    rows = list(session.scalars(wanted))
    ids = {row.user_id for row in rows} | {row.invited_by for row in rows}
    users = {
        row.id: user_of(row) for row in session.scalars(select(schema.User).where(schema.User.id.in_(ids)))
    }
    teams = _teams_of(session, [row.id for row in rows])
    projects = _projects_of(session, [row.id for row in rows])
    return [
        Member(
            id=row.id,
            organization_id=row.organization_id,
            user=users.get(row.user_id) if row.user_id else None,
            email=users[row.user_id].email if row.user_id else row.email or "",
            role=row.role,
            inviter=users[row.invited_by].label if row.invited_by in users else None,
            expires_us=row.expires_us,
            created_us=row.created_us,
            teams=teams.get(row.id, {}),
            projects=tuple(projects.get(row.id, ())),
        )
        for row in rows
    ]


def _teams_of(session: Session, member_ids: list[int]) -> dict[int, dict[str, str]]:
    link, team = schema.TeamMember, schema.Team
    found: dict[int, dict[str, str]] = {}
    pairs = (
        select(link.member_id, team.slug, link.role)
        .join(team, team.id == link.team_id)
        .where(link.member_id.in_(member_ids))
        .order_by(team.slug)
    )
    for member_id, slug, role in session.execute(pairs):
        found.setdefault(member_id, {})[slug] = role
    return found


def _projects_of(session: Session, member_ids: list[int]) -> dict[int, list[str]]:
    link, teams, project = schema.TeamMember, schema.ProjectTeam, schema.Project
    found: dict[int, list[str]] = {}
    pairs = (
        select(link.member_id, project.slug)
        .join(teams, teams.team_id == link.team_id)
        .join(project, project.id == teams.project_id)
        .where(link.member_id.in_(member_ids), project.status == "active")
        .distinct()
        .order_by(project.slug)
    )
    for member_id, slug in session.execute(pairs):
        found.setdefault(member_id, []).append(slug)
    return found


# ── inviting ──────────────────────────────────────────────────────────────────────────────


def invite(
    session: Session, access: Access, *, email: str, role: str, teams: dict[str, str], now_us: int
) -> tuple[Member, str]:
    """A new invitation and the token of its link. Raises `Taken` if the address is known already.

    `teams`: slugs → team roles that the member will have.
    """
    email = normalised_email(email)
    _check_role(access, role)
    _check_unknown(session, access.organization.id, email)
    token, hashed = new_link_token()
    row = schema.Member(
        organization_id=access.organization.id,
        email=email,
        role=role,
        invite_hash=hashed,
        invited_by=access.user.id if access.user else None,
        expires_us=now_us + INVITE_LASTS_US,
        created_us=now_us,
    )
    session.add(row)
    session.flush()
    set_teams(session, access, row.id, teams)
    audit.note(session, row.organization_id, access.caller, "member.invite", email, now_us, role=role)
    return members_by_id(session, row.organization_id, [row.id])[0], token


def invite_again(session: Session, access: Access, member: Member, now_us: int) -> str:
    """A fresh link for an invitation; the old one stops. Raises `Invalid` for a member.

    Whoever has the link has the role, so `Denied` above one's own.
    """
    if not member.is_pending:
        raise Invalid("reinvite", "this person is a member already")
    _check_reach(access, member)
    token, hashed = new_link_token()
    row = session.get_one(schema.Member, member.id)
    row.invite_hash, row.expires_us = hashed, now_us + INVITE_LASTS_US
    audit.note(session, row.organization_id, access.caller, "member.invite", member.email, now_us)
    return token


class Invitation(msgspec.Struct, frozen=True):
    """What an invitation's link leads to."""

    member_id: int
    organization: Organization
    email: str
    role: str
    inviter: str | None
    has_account: bool
    is_expired: bool


def find_invitation(session: Session, token: str, now_us: int) -> Invitation:
    """Raises `Missing` for a token that belongs to no open invitation."""
    row = session.scalar(select(schema.Member).where(schema.Member.invite_hash == token_hash(token)))
    if row is None:
        raise Missing("this invitation has been used or withdrawn")
    inviter = session.get(schema.User, row.invited_by) if row.invited_by else None
    return Invitation(
        member_id=row.id,
        organization=organization_of(session.get_one(schema.Organization, row.organization_id)),
        email=row.email or "",
        role=row.role,
        inviter=user_of(inviter).label if inviter else None,
        has_account=find_user(session, row.email or "") is not None,
        is_expired=row.expires_us is not None and row.expires_us <= now_us,
    )


def accept_as(session: Session, invitation: Invitation, user: User, caller: Caller, now_us: int) -> None:
    """The invitation becomes this user's membership. Raises `Taken` if there is one already."""
    if invitation.is_expired:
        raise Invalid("token", "this invitation has expired: ask for a new one")
    table = schema.Member
    organization_id = invitation.organization.id
    if session.scalar(
        select(table.id).where(table.organization_id == organization_id, table.user_id == user.id)
    ):
        raise Taken("you are a member already")
    row = session.get_one(table, invitation.member_id, with_for_update=True)
    if row.invite_hash is None:
        raise Missing("this invitation has been used")
    row.user_id, row.email, row.invite_hash, row.expires_us = user.id, None, None, None
    session.flush()
    audit.note(session, organization_id, caller, "member.accept-invite", user.email, now_us)


def accept_anew(
    session: Session, invitation: Invitation, *, name: str, password_hash: str, caller: Caller, now_us: int
) -> User:
    """Make an account for the invited address and let it join."""
    user = create_user(session, email=invitation.email, name=name, password_hash=password_hash, now_us=now_us)
    accept_as(session, invitation, user, msgspec.structs.replace(caller, user=user), now_us)
    return user


def _check_unknown(session: Session, organization_id: int, email: str) -> None:
    table = schema.Member
    known = (
        select(table.id)
        .outerjoin(schema.User, schema.User.id == table.user_id)
        .where(
            table.organization_id == organization_id, or_(table.email == email, schema.User.email == email)
        )
    )
    if session.scalar(known) is not None:
        raise Taken(f"{email} is a member or invited already")


# ── changing and removing ─────────────────────────────────────────────────────────────────


def change_role(session: Session, access: Access, member: Member, role: str, now_us: int) -> None:
    """Give a member another role. Raises `Denied` above one's own, `Invalid` for the last owner."""
    _check_role(access, role)
    _check_reach(access, member)
    if role != "owner" and is_only_owner(session, member):
        raise Invalid("orgRole", "the last owner stays owner: make somebody else owner first")
    session.get_one(schema.Member, member.id).role = role
    audit.note(session, member.organization_id, access.caller, "member.edit", member.email, now_us, role=role)


def set_teams(session: Session, access: Access, member_id: int, teams: dict[str, str]) -> None:
    """Put a member into exactly these teams (slug → team role). Raises `Invalid` for unknown ones."""
    rows: list[dict[str, Any]] = []
    for slug, role in teams.items():
        if role not in TEAM_ROLES:
            raise Invalid("teamRoles", f"{role}: one of {', '.join(TEAM_ROLES)}")
        try:
            team = find_team(session, access, slug)
        except Missing as error:
            raise Invalid("teamRoles", f"unknown team {slug}") from error
        if role == "admin" and not _may_make_admins(access, team.id):
            raise Denied("making admins of a team needs one of its admins")
        rows.append({"team_id": team.id, "member_id": member_id, "role": role})
    session.execute(delete(schema.TeamMember).where(schema.TeamMember.member_id == member_id))
    session.add_all(schema.TeamMember(**row) for row in rows)
    session.flush()


def _may_make_admins(access: Access, team_id: int) -> bool:
    """Who may only invite could otherwise invite a second self that may more."""
    return access.can("org:write", "member:write") or access.can_in_team(team_id, "team:write")


def remove_member(session: Session, access: Access, member: Member, now_us: int) -> None:
    """Take a member out, or withdraw an invitation. Everybody may leave, but for the last owner."""
    if member.id != access.member_id:
        _check_may_remove(access, member)
    if is_only_owner(session, member):
        raise Denied("the last owner stays: make somebody else owner first")
    session.execute(delete(schema.Member).where(schema.Member.id == member.id))
    audit.note(session, member.organization_id, access.caller, "member.remove", member.email, now_us)


def may_send_recovery(session: Session, access: Access, member: Member) -> bool:
    """True if the caller may be given a link that sets this member's password.

    Whoever holds it can be this person everywhere, so the caller must own every
    organization the person belongs to.
    """
    if (
        member.user is None
        or access.user is None
        or (member.user.is_superuser and not access.user.is_superuser)
    ):
        return False
    table = schema.Member
    theirs = set(session.scalars(select(table.organization_id).where(table.user_id == member.user.id)))
    owned = select(table.organization_id).where(table.user_id == access.user.id, table.role == "owner")
    return access.can("org:admin") and theirs <= set(session.scalars(owned))


def _check_may_remove(access: Access, member: Member) -> None:
    if not access.can("member:admin"):
        raise Denied("removing others needs the scope member:admin")
    _check_reach(access, member)


def _check_role(access: Access, role: str) -> None:
    if role not in ROLES:
        raise Invalid("orgRole", f"one of {', '.join(ROLES)}")
    if not _reaches(access, role):
        raise Denied("this role is above your own")


def _check_reach(access: Access, member: Member) -> None:
    if not _reaches(access, member.role):
        raise Denied("this member's role is above your own")


def _reaches(access: Access, role: str) -> bool:
    """A token of the organization reaches as far as its scopes."""
    if access.role is not None:
        return at_least(access.role, role)
    return access.can("org:admin") or (role != "owner" and access.can("member:admin"))
