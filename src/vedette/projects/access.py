"""Who the caller is and what it may do in one organization: decided here and nowhere else.

What belongs to another organization does not exist for a caller (`Missing`); what belongs
to an own one but needs more than the caller has is `Denied`.
"""

from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from vedette.core.ids import parse_number
from vedette.projects.errors import Denied, Missing, Moved
from vedette.projects.options import OrganizationOptions
from vedette.projects.scopes import OWN_TEAM_SCOPES, ROLE_SCOPES, at_least, expand
from vedette.projects.values import (
    Organization,
    Project,
    Team,
    User,
    organization_of,
    projects_of,
    team_of,
)
from vedette.storage.records import schema

CallerKind = Literal["nobody", "session", "user_token", "organization_token", "dsn"]


class Caller(msgspec.Struct, frozen=True):
    """Whoever sent the request. `token_scopes` is None for a session: the role alone decides."""

    kind: CallerKind
    user: User | None = None
    token_id: int | None = None
    token_scopes: frozenset[str] | None = None
    token_expires_us: int | None = None
    organization_id: int | None = None  # of an organization's or integration's token, or a DSN
    project_id: int | None = None  # of a DSN
    address: str = ""  # the client's IP address

    @property
    def is_known(self) -> bool:
        return self.kind != "nobody"

    @property
    def label(self) -> str:
        """For the audit log."""
        if self.user:
            return self.user.email
        return f"token {self.token_id}" if self.token_id else self.kind


NOBODY = Caller(kind="nobody")


class Access(msgspec.Struct, frozen=True):
    """What one caller may do in one organization."""

    caller: Caller
    organization: Organization
    scopes: frozenset[str]  # held in the whole organization
    own_team_scopes: frozenset[str] = frozenset()  # held besides in `admin_team_ids`
    role: str | None = None  # None: a token of the organization
    member_id: int | None = None
    team_roles: dict[int, str] = msgspec.field(default_factory=dict[int, str])  # own teams → team role
    sees_all: bool = False  # also projects of teams that are not its own

    @property
    def user(self) -> User | None:
        return self.caller.user

    def can(self, *any_of: str) -> bool:
        """True if one of the scopes is held in the whole organization."""
        return not self.scopes.isdisjoint(any_of)

    def can_in_team(self, team_id: int, *any_of: str) -> bool:
        return self.can(*any_of) or (self._administers(team_id) and self._own(any_of))

    def can_in_project(self, project: Project, *any_of: str) -> bool:
        """True if the project is visible and one of the scopes is held there."""
        if not self.sees(project):
            return False
        own = any(self._administers(team_id) for team_id in project.team_ids)
        return self.can(*any_of) or (own and self._own(any_of))

    def can_somewhere(self, *any_of: str) -> bool:
        """True if one of the scopes is held in some team of the caller's own."""
        return self.role == "admin" and self._own(any_of)

    def sees(self, project: Project) -> bool:
        return self.sees_all or not self.team_roles.keys().isdisjoint(project.team_ids)

    def scopes_in_teams(self, team_ids: tuple[int, ...]) -> frozenset[str]:
        if any(self._administers(team_id) for team_id in team_ids):
            return self.scopes | self.own_team_scopes
        return self.scopes

    def require(self, *any_of: str) -> None:
        """Raises `Denied` unless one of the scopes is held in the whole organization."""
        if not self.can(*any_of):
            raise denied(any_of)

    def _administers(self, team_id: int) -> bool:
        role = self.team_roles.get(team_id)
        return role == "admin" or (role is not None and self.role == "admin")

    def _own(self, any_of: tuple[str, ...]) -> bool:
        return not self.own_team_scopes.isdisjoint(any_of)


def denied(any_of: tuple[str, ...]) -> Denied:
    return Denied(f"this needs one of the scopes {', '.join(any_of)}" if any_of else "this is not permitted")


# ── entering ──────────────────────────────────────────────────────────────────────────────


def enter(session: Session, caller: Caller, id_or_slug: str) -> Access:
    """The caller's access to an organization. Raises `Missing` if it has none."""
    row = session.scalar(select(schema.Organization).where(by_id_or_slug(schema.Organization, id_or_slug)))
    access = access_to(session, caller, row) if row is not None else None
    if access is None:
        raise Missing
    return access


def access_to(session: Session, caller: Caller, row: schema.Organization) -> Access | None:
    """The caller's access to this organization, or None if it does not belong to it."""
    if row.status != "active":
        return None
    organization = organization_of(row)
    if caller.organization_id is not None:
        if caller.organization_id != row.id:
            return None
        return Access(caller, organization, scopes=caller.token_scopes or frozenset(), sees_all=True)
    if caller.user is None:
        return None
    member = session.scalar(
        select(schema.Member).where(
            schema.Member.organization_id == row.id, schema.Member.user_id == caller.user.id
        )
    )
    return _member_access(session, caller, organization, member) if member else None


def organizations_of(session: Session, caller: Caller) -> list[Access]:
    """Access to each organization the caller belongs to, by slug."""
    wanted = select(schema.Organization).order_by(schema.Organization.slug)
    if caller.organization_id is not None:
        wanted = wanted.where(schema.Organization.id == caller.organization_id)
    elif caller.user is not None:
        mine = select(schema.Member.organization_id).where(schema.Member.user_id == caller.user.id)
        wanted = wanted.where(schema.Organization.id.in_(mine))
    else:
        return []
    found = [access_to(session, caller, row) for row in session.scalars(wanted)]
    return [access for access in found if access is not None]


def _member_access(
    session: Session, caller: Caller, organization: Organization, member: schema.Member
) -> Access:
    held = role_scopes(member.role, organization.options)
    own = OWN_TEAM_SCOPES
    if caller.token_scopes is not None:
        held, own = held & caller.token_scopes, own & caller.token_scopes
    teams = select(schema.TeamMember.team_id, schema.TeamMember.role).where(
        schema.TeamMember.member_id == member.id
    )
    return Access(
        caller,
        organization,
        scopes=held,
        own_team_scopes=own,
        role=member.role,
        member_id=member.id,
        team_roles=dict(session.execute(teams).all()),
        sees_all=organization.options.open_membership or at_least(member.role, "manager"),
    )


def role_scopes(role: str, options: OrganizationOptions) -> frozenset[str]:
    """What a role brings in an organization with these options."""
    held = ROLE_SCOPES[role]
    extra = (
        ("event:admin", options.events_member_admin),
        ("alerts:write", options.alerts_member_write),
        ("member:invite", options.allow_member_invite),
    )
    return held | expand(scope for scope, given in extra if given)


# ── finding things inside an organization ─────────────────────────────────────────────────


def by_id_or_slug(
    table: type[schema.Organization | schema.Project | schema.Team], text: str
) -> ColumnElement[bool]:
    """Digits are an id (slugs are never all digits), anything else is a slug."""
    id_ = parse_number(text)
    return table.slug == text.lower() if id_ is None else table.id == id_


def find_project(session: Session, access: Access, id_or_slug: str) -> Project:
    """A project the caller can see. Raises `Missing`, or `Moved` when it has been renamed."""
    organization_id = access.organization.id
    table = schema.Project
    row = session.scalar(
        select(table).where(
            table.organization_id == organization_id,
            by_id_or_slug(table, id_or_slug),
            table.status == "active",
        )
    )
    if row is not None:
        project = projects_of(session, [row])[0]
        if access.sees(project):
            return project
        raise Missing
    old = schema.ProjectRedirect
    moved = session.scalar(
        select(table)
        .join(old, old.project_id == table.id)
        .where(
            old.organization_id == organization_id, old.slug == id_or_slug.lower(), table.status == "active"
        )
    )
    if moved is not None and access.sees(projects_of(session, [moved])[0]):
        raise Moved(moved.slug)
    raise Missing


def find_team(session: Session, access: Access, id_or_slug: str) -> Team:
    """A team of the organization. Closed membership hides teams that are not the caller's own."""
    table = schema.Team
    row = session.scalar(
        select(table).where(table.organization_id == access.organization.id, by_id_or_slug(table, id_or_slug))
    )
    if row is None or not (access.sees_all or row.id in access.team_roles):
        raise Missing
    return team_of(row)


def visible_projects(access: Access) -> ColumnElement[bool]:
    """The condition on `schema.Project` for the active projects this caller sees."""
    table = schema.Project
    mine = (table.organization_id == access.organization.id) & (table.status == "active")
    return mine & (true() if access.sees_all else of_teams(list(access.team_roles)))


def of_teams(team_ids: list[int]) -> ColumnElement[bool]:
    """The condition on `schema.Project` for projects of any of these teams."""
    link = schema.ProjectTeam
    return schema.Project.id.in_(select(link.project_id).where(link.team_id.in_(team_ids)))
