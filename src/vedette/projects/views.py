"""Values → the JSON shapes that Sentry's clients expect: people, organizations, teams, tokens.

Ids are strings, times end in `Z`. Project shapes are in `project_views`.
"""

from typing import Any

import msgspec

from vedette.core.time import to_iso
from vedette.projects.access import Access
from vedette.projects.audit import AuditEntry
from vedette.projects.members import Member
from vedette.projects.scopes import OWN_TEAM_SCOPES, ROLE_NAMES, ROLE_SCOPES, ROLES, TEAM_ROLE_NAMES, at_least
from vedette.projects.tokens import Token
from vedette.projects.values import Team, User


class View(msgspec.Struct, rename="camel", kw_only=True):
    """The base of all shapes: snake case here, camel case on the wire."""


def iso_or_none(at_us: int | None) -> str | None:
    return None if at_us is None else to_iso(at_us)


class Avatar(View, kw_only=True):
    avatar_type: str = "letter_avatar"
    avatar_uuid: str | None = None
    avatar_url: str | None = None


# ── people ────────────────────────────────────────────────────────────────────────────────


class EmailView(msgspec.Struct):
    id: str
    email: str
    is_verified: bool


class ActorView(View, kw_only=True):
    """A person where only the name matters."""

    id: str
    name: str
    username: str
    email: str
    avatar_url: str | None = None
    is_active: bool = True
    avatar: Avatar = msgspec.field(default_factory=Avatar)


class UserView(ActorView, kw_only=True):
    has_password_auth: bool
    is_managed: bool = False
    date_joined: str
    last_login: str | None
    last_active: str | None
    has_2fa: bool = msgspec.field(default=False, name="has2fa")
    is_superuser: bool
    is_staff: bool = False
    experiments: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    emails: list[EmailView]


class OwnUserView(UserView, kw_only=True):
    """One's own account, with what nobody else needs to know."""

    options: dict[str, Any]
    identities: list[str] = msgspec.field(default_factory=list[str])


def actor_view(user: User) -> ActorView:
    return ActorView(
        id=str(user.id), name=user.label, username=user.email, email=user.email, is_active=user.is_active
    )


def user_view(user: User) -> UserView:
    return UserView(**_user_fields(user))


def own_user_view(user: User) -> OwnUserView:
    return OwnUserView(**_user_fields(user), options=user.options)


def _user_fields(user: User) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "name": user.label,
        "username": user.email,
        "email": user.email,
        "is_active": user.is_active,
        "has_password_auth": user.has_password,
        "date_joined": to_iso(user.created_us),
        "last_login": iso_or_none(user.last_login_us),
        "last_active": iso_or_none(user.last_active_us),
        "is_superuser": user.is_superuser,
        "emails": [EmailView(str(user.id), user.email, True)],
    }


# ── organizations ─────────────────────────────────────────────────────────────────────────


class Status(msgspec.Struct):
    id: str
    name: str


class OrganizationLinks(View, kw_only=True):
    organization_url: str
    region_url: str


FEATURES = ("open-membership", "shared-issues", "releases")


class OrganizationView(View, kw_only=True):
    id: str
    slug: str
    name: str
    status: Status
    date_created: str
    is_early_adopter: bool = False
    require_2fa: bool = msgspec.field(default=False, name="require2FA")
    require_email_verification: bool = False
    has_auth_provider: bool = False
    features: list[str]
    extra_options: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    avatar: Avatar = msgspec.field(default_factory=Avatar)
    links: OrganizationLinks
    access: list[str]
    onboarding_tasks: list[str] = msgspec.field(default_factory=list[str])
    allow_member_invite: bool
    allow_member_project_creation: bool
    allow_superuser_access: bool = False


class RoleView(View, kw_only=True):
    id: str
    name: str
    desc: str
    scopes: list[str]
    is_allowed: bool
    is_retired: bool = False
    is_global: bool = False
    minimum_team_role: str = "contributor"


class QuotaView(msgspec.Struct):
    """A limit on events: at most `count` in `window` seconds; an empty category is all together."""

    count: int
    window: int = 60
    category: str = ""


def organization_fields(access: Access, base_url: str) -> dict[str, Any]:
    organization = access.organization
    return {
        "id": str(organization.id),
        "slug": organization.slug,
        "name": organization.name,
        "status": Status(organization.status, organization.status),
        "date_created": to_iso(organization.created_us),
        "features": list(FEATURES),
        "links": OrganizationLinks(
            organization_url=f"{base_url}/organizations/{organization.slug}/",
            # Empty off https: sentry-mcp refuses any other address that is not https.
            region_url=base_url if base_url.startswith("https://") else "",
        ),
        "access": sorted(access.scopes),
        "allow_member_invite": organization.options.allow_member_invite,
        "allow_member_project_creation": organization.options.allow_member_project_creation,
    }


def organization_view(access: Access, base_url: str) -> OrganizationView:
    return OrganizationView(**organization_fields(access, base_url))


_ROLE_TEXTS = {
    "member": "Works on issues of all teams that are open, and of the own ones.",
    "admin": "Also administers the teams it is in, and their projects.",
    "manager": "Also manages members, all teams and all projects.",
    "owner": "Everything, the organization's settings and removal included.",
}
_TEAM_ROLE_TEXTS = {
    "contributor": "Works on the team's issues.",
    "admin": "Also administers the team and its projects.",
}


def role_list(access: Access) -> list[RoleView]:
    """All roles; allowed are those that this caller may hand out."""
    return [
        RoleView(
            id=role,
            name=ROLE_NAMES[role],
            desc=_ROLE_TEXTS[role],
            scopes=sorted(ROLE_SCOPES[role]),
            is_allowed=access.role is not None and at_least(access.role, role),
            is_retired=role == "admin",
            is_global=at_least(role, "manager"),
        )
        for role in ROLES
    ]


def team_role_list() -> list[RoleView]:
    scopes = {"contributor": ROLE_SCOPES["member"], "admin": ROLE_SCOPES["member"] | OWN_TEAM_SCOPES}
    return [
        RoleView(
            id=role, name=name, desc=_TEAM_ROLE_TEXTS[role], scopes=sorted(scopes[role]), is_allowed=True
        )
        for role, name in TEAM_ROLE_NAMES.items()
    ]


# ── teams ─────────────────────────────────────────────────────────────────────────────────


class TeamView(View, kw_only=True):
    id: str
    slug: str
    name: str
    date_created: str
    is_member: bool
    team_role: str | None
    flags: dict[str, bool] = msgspec.field(default_factory=lambda: {"idp:provisioned": False})
    access: list[str]
    has_access: bool
    is_pending: bool = False
    member_count: int
    avatar: Avatar = msgspec.field(default_factory=Avatar)
    external_teams: list[str] = msgspec.field(default_factory=list[str])


def team_view(team: Team, access: Access, member_count: int) -> TeamView:
    return TeamView(**team_fields(team, access, member_count))


def team_fields(team: Team, access: Access, member_count: int) -> dict[str, Any]:
    is_member = team.id in access.team_roles
    return {
        "id": str(team.id),
        "slug": team.slug,
        "name": team.name,
        "date_created": to_iso(team.created_us),
        "is_member": is_member,
        "team_role": access.team_roles.get(team.id),
        "access": sorted(access.scopes_in_teams((team.id,))),
        "has_access": is_member or access.sees_all,
        "member_count": member_count,
    }


# ── members ───────────────────────────────────────────────────────────────────────────────


class TeamRoleView(View, kw_only=True):
    team_slug: str
    role: str | None


class MemberView(View, kw_only=True):
    id: str
    email: str
    name: str
    user: UserView | None
    role: str
    role_name: str
    org_role: str
    pending: bool
    expired: bool
    flags: dict[str, bool] = msgspec.field(default_factory=dict[str, bool])
    date_created: str
    invite_status: str = "approved"
    inviter_name: str | None
    teams: list[str]
    team_roles: list[TeamRoleView]
    projects: list[str]
    external_users: list[str] = msgspec.field(default_factory=list[str])
    # Only beside an invitation made just now: the link, to be copied where no mail can be sent.
    invite_link: str | msgspec.UnsetType | None = msgspec.field(default=msgspec.UNSET, name="invite_link")
    team_role: str | msgspec.UnsetType | None = msgspec.UNSET
    team_slug: str | msgspec.UnsetType = msgspec.UNSET


class MemberDetail(MemberView, kw_only=True):
    is_only_owner: bool
    org_role_list: list[RoleView]
    team_role_list: list[RoleView]


def member_view(member: Member, now_us: int) -> MemberView:
    return MemberView(**_member_fields(member, now_us))


def member_detail(member: Member, access: Access, *, is_only_owner: bool, now_us: int) -> MemberDetail:
    return MemberDetail(
        **_member_fields(member, now_us),
        is_only_owner=is_only_owner,
        org_role_list=role_list(access),
        team_role_list=team_role_list(),
    )


def _member_fields(member: Member, now_us: int) -> dict[str, Any]:
    return {
        "id": str(member.id),
        "email": member.email,
        "name": member.user.label if member.user else member.email,
        "user": user_view(member.user) if member.user else None,
        "role": member.role,
        "role_name": ROLE_NAMES[member.role],
        "org_role": member.role,
        "pending": member.is_pending,
        "expired": member.is_pending and member.expires_us is not None and member.expires_us <= now_us,
        "date_created": to_iso(member.created_us),
        "inviter_name": member.inviter,
        "teams": list(member.teams),
        "team_roles": [TeamRoleView(team_slug=slug, role=role) for slug, role in member.teams.items()],
        "projects": list(member.projects),
    }


# ── tokens and the audit log ──────────────────────────────────────────────────────────────


class TokenView(View, kw_only=True):
    id: str
    name: str
    token: str | msgspec.UnsetType = msgspec.UNSET  # the text: only in the answer that makes it
    token_last_characters: str
    scopes: list[str]
    application: str | None = None
    expires_at: str | None
    date_created: str
    date_last_used: str | None
    project_last_used_id: str | None = None
    state: str | None = None


def token_view(token: Token, text: str | None = None) -> TokenView:
    return TokenView(
        id=str(token.id),
        name=token.name,
        token=text or msgspec.UNSET,
        token_last_characters=token.last_characters,
        scopes=list(token.scopes),
        expires_at=iso_or_none(token.expires_us),
        date_created=to_iso(token.created_us),
        date_last_used=iso_or_none(token.last_used_us),
    )


class AuditActor(View, kw_only=True):
    id: str | None
    name: str
    email: str


class AuditView(View, kw_only=True):
    id: str
    actor: AuditActor
    event: str
    ip_address: str | None
    note: str
    target_object: str
    target_user: str | None = None
    data: dict[str, Any]
    date_created: str


class AuditLog(View, kw_only=True):
    rows: list[AuditView]
    options: list[str]


def audit_view(entry: AuditEntry) -> AuditView:
    actor_id = str(entry.actor_id) if entry.actor_id is not None else None
    return AuditView(
        id=str(entry.id),
        actor=AuditActor(id=actor_id, name=entry.actor_label, email=entry.actor_label),
        event=entry.event,
        ip_address=entry.ip_address,
        note=f"{entry.event.replace('.', ' ')} {entry.target}".strip(),
        target_object=entry.target,
        data=entry.data,
        date_created=to_iso(entry.created_us),
    )
