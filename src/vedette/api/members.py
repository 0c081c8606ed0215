"""Members of an organization, their invitations and their teams."""

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from vedette.api.account import password_link
from vedette.api.body import Body
from vedette.api.given import SearchText, TheAccess, ThePage, TheServices, TheTeam
from vedette.api.services import Services
from vedette.projects import audit
from vedette.projects.access import Access
from vedette.projects.errors import Denied
from vedette.projects.mail import invitation, password_reset
from vedette.projects.members import (
    Member,
    change_role,
    find_member,
    invite,
    invite_again,
    is_only_owner,
    list_members,
    may_send_recovery,
    remove_member,
    set_teams,
)
from vedette.projects.teams import change_team_role, join_team, leave_team, member_counts
from vedette.projects.values import Team
from vedette.projects.views import (
    MemberDetail,
    MemberView,
    TeamView,
    View,
    member_detail,
    member_view,
    team_view,
)


class TeamRole(Body, kw_only=True):
    team_slug: str
    role: str | None = None


class NewMember(Body, kw_only=True):
    email: str
    org_role: str | None = None
    role: str | None = None  # the older name
    team_roles: list[TeamRole] | None = None
    teams: list[str] | None = None  # the older form: slugs
    send_invite: bool = True


class MemberChange(Body, kw_only=True):
    org_role: str | None = None
    role: str | None = None
    team_roles: list[TeamRole] | None = None
    teams: list[str] | None = None
    reinvite: bool = False
    regenerate: bool = False


@get("/organizations/{org:str}/members/", sync_to_thread=True)
def list_all(
    services: TheServices, access: TheAccess, page: ThePage, search: SearchText = ""
) -> Response[list[MemberView]]:
    """Members and invitations. `query`: words, `role:owner`, `is:invited`."""
    with services.records.read() as session:
        rows = list_members(
            session, access.organization.id, query=search, offset=page.offset, limit=page.limit + 1
        )
    now_us = services.clock()
    return page.page(rows, lambda member: member_view(member, now_us))


@post("/organizations/{org:str}/members/", sync_to_thread=True)
def invite_member(services: TheServices, access: TheAccess, data: JSONBody[NewMember]) -> MemberView:
    """Invites an address. The link goes by mail; `invite_link` has it where no mail can be sent."""
    now_us = services.clock()
    role = data.org_role or data.role or access.organization.options.default_role
    teams = _teams(data.team_roles, data.teams) or {}
    with services.records.write() as session:
        member, token = invite(session, access, email=data.email, role=role, teams=teams, now_us=now_us)
    view = member_view(member, now_us)
    view.invite_link = _deliver(services, access, member, token, send=data.send_invite)
    return view


@get("/organizations/{org:str}/members/{member_id:str}/", sync_to_thread=True)
def read_member(services: TheServices, access: TheAccess, member_id: FromPath[str]) -> MemberDetail:
    """One member, by id or `me`."""
    with services.records.read() as session:
        return _detail(session, services, access, find_member(session, access, member_id))


@put("/organizations/{org:str}/members/{member_id:str}/", sync_to_thread=True)
def change_member(
    services: TheServices, access: TheAccess, member_id: FromPath[str], data: JSONBody[MemberChange]
) -> MemberDetail:
    """Role and teams; `reinvite` makes a fresh link of an invitation."""
    now_us = services.clock()
    link: str | None = None
    with services.records.write() as session:
        member = find_member(session, access, member_id)
        if not (access.can("member:write") or member.is_pending):
            raise Denied("changing a member needs the scope member:write")
        role = data.org_role or data.role
        if role is not None and role != member.role:
            change_role(session, access, member, role, now_us)
        teams = _teams(data.team_roles, data.teams)
        if teams is not None:
            set_teams(session, access, member.id, teams)
        token = invite_again(session, access, member, now_us) if data.reinvite or data.regenerate else None
    if token is not None:
        link = _deliver(services, access, member, token, send=data.reinvite)
    with services.records.read() as session:
        view = _detail(session, services, access, find_member(session, access, str(member.id)))
    if link is not None:
        view.invite_link = link
    return view


@delete("/organizations/{org:str}/members/{member_id:str}/", sync_to_thread=True)
def delete_member(services: TheServices, access: TheAccess, member_id: FromPath[str]) -> None:
    """Removes a member or withdraws an invitation; `me` leaves."""
    with services.records.write() as session:
        remove_member(session, access, find_member(session, access, member_id), services.clock())


class RecoveryLink(msgspec.Struct):
    sent: bool
    link: str | None


@post("/organizations/{org:str}/members/{member_id:str}/recover/", sync_to_thread=True)
def recover_member(services: TheServices, access: TheAccess, member_id: FromPath[str]) -> RecoveryLink:
    """A link with which the member sets a new password: by mail, or to copy where there is no mail."""
    with services.records.write() as session:
        member = find_member(session, access, member_id)
        if member.user is None or not may_send_recovery(session, access, member):
            raise Denied("only whoever owns all organizations of this person may do this")
        audit.note(
            session, access.organization.id, access.caller, "member.recover", member.email, services.clock()
        )
    link = password_link(services, member.user)
    if services.mailer.can_send:
        services.mailer.send(password_reset(member.email, link))
        return RecoveryLink(sent=True, link=None)
    return RecoveryLink(sent=False, link=link)


def _teams(roles: list[TeamRole] | None, slugs: list[str] | None) -> dict[str, str] | None:
    if roles is not None:
        return {team.team_slug: team.role or "contributor" for team in roles}
    return None if slugs is None else dict.fromkeys(slugs, "contributor")


def _deliver(services: Services, access: Access, member: Member, token: str, *, send: bool) -> str | None:
    """Send an invitation's link; the link itself where it was not sent."""
    link = f"{services.settings.base_url}/invites/{token}/"
    if not (send and services.mailer.can_send):
        return link
    services.mailer.send(invitation(member.email, access.organization.name, access.caller.label, link))
    return None


def _detail(session: Session, services: Services, access: Access, member: Member) -> MemberDetail:
    return member_detail(
        member, access, is_only_owner=is_only_owner(session, member), now_us=services.clock()
    )


# ── the teams of a member ─────────────────────────────────────────────────────────────────


@post("/organizations/{org:str}/members/{member_id:str}/teams/{team_slug:str}/", sync_to_thread=True)
def join(
    services: TheServices, access: TheAccess, team: TheTeam, member_id: FromPath[str]
) -> Response[TeamView]:
    """Puts a member (or `me`) into a team: 201, or 204 if it was there."""
    with services.records.write() as session:
        member = find_member(session, access, member_id)
        joined = join_team(session, access, member.id, team, services.clock())
    return _team_answer(services, access, team, 201 if joined else 204)


class MemberTeamRole(Body, kw_only=True):
    team_role: str


class MemberTeam(View, kw_only=True):
    is_active: bool
    team_role: str


@put("/organizations/{org:str}/members/{member_id:str}/teams/{team_slug:str}/", sync_to_thread=True)
def set_team_role(
    services: TheServices,
    access: TheAccess,
    team: TheTeam,
    member_id: FromPath[str],
    data: JSONBody[MemberTeamRole],
) -> MemberTeam:
    with services.records.write() as session:
        member = find_member(session, access, member_id)
        change_team_role(session, access, member.id, team, data.team_role)
    return MemberTeam(is_active=True, team_role=data.team_role)


@delete(
    "/organizations/{org:str}/members/{member_id:str}/teams/{team_slug:str}/",
    sync_to_thread=True,
    status_code=200,
)
def leave(
    services: TheServices, access: TheAccess, team: TheTeam, member_id: FromPath[str]
) -> Response[TeamView]:
    with services.records.write() as session:
        member = find_member(session, access, member_id)
        leave_team(session, access, member.id, team, services.clock())
    return _team_answer(services, access, team, 200)


def _team_answer(services: Services, access: Access, team: Team, status: int) -> Response[TeamView]:
    with services.records.read() as session:
        counts = member_counts(session, [team.id])
    view = team_view(team, access, counts.get(team.id, 0))
    return Response(view if status != 204 else None, status_code=status)  # type: ignore[arg-type]  # 204: no body


HANDLERS: list[ControllerRouterHandler] = [
    list_all,
    invite_member,
    read_member,
    change_member,
    delete_member,
    recover_member,
    join,
    set_team_role,
    leave,
]
