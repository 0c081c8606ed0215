"""Coming in: the first run of a server, and invitations."""

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from vedette.api.account import signed_in
from vedette.api.body import Body
from vedette.api.cookies import session_cookies
from vedette.api.given import TheCaller, TheServices
from vedette.projects.errors import Invalid
from vedette.projects.members import accept_anew, accept_as, find_invitation
from vedette.projects.passwords import hash_password
from vedette.projects.setup import FirstRun, is_needed, setup_with_token
from vedette.projects.views import OwnUserView, own_user_view


class SetupState(msgspec.Struct):
    needed: bool


@get("/setup/", sync_to_thread=True)
def read_setup(services: TheServices) -> SetupState:
    """Whether the server still waits for its first account."""
    with services.records.read() as session:
        return SetupState(is_needed(session))


class Setup(Body, kw_only=True):
    token: str
    email: str
    password: str
    name: str = ""
    organization: str
    project: str = ""
    platform: str | None = None


class SetupDone(msgspec.Struct):
    user: OwnUserView
    organization: str
    project: str | None
    dsn: str


@post("/setup/", sync_to_thread=True)
def set_up(services: TheServices, data: JSONBody[Setup]) -> Response[SetupDone]:
    """Makes the first account, its organization and, if named, a project; signs the person in."""
    first = FirstRun(
        email=data.email,
        password=data.password,
        name=data.name,
        organization=data.organization,
        project=data.project,
        platform=data.platform,
    )
    made = setup_with_token(services.records, data.token, first, services.settings, services.clock())
    done = SetupDone(
        user=own_user_view(made.user),
        organization=made.organization.slug,
        project=made.project.slug if made.project else None,
        dsn=made.dsn,
    )
    return Response(done, status_code=201, cookies=session_cookies(services, made.user))


class OrganizationName(msgspec.Struct):
    slug: str
    name: str


class InvitationView(msgspec.Struct, rename="camel"):
    email: str
    organization: OrganizationName
    inviter: str | None
    role: str
    expired: bool
    has_account: bool
    signed_in_as: str | None


@get("/invites/{token:str}/", sync_to_thread=True)
def read_invite(services: TheServices, caller: TheCaller, token: FromPath[str]) -> InvitationView:
    """What an invitation is for. `hasAccount`: sign in first, then accept."""
    with services.records.read() as session:
        found = find_invitation(session, token, services.clock())
    return InvitationView(
        email=found.email,
        organization=OrganizationName(found.organization.slug, found.organization.name),
        inviter=found.inviter,
        role=found.role,
        expired=found.is_expired,
        has_account=found.has_account,
        signed_in_as=caller.user.email if caller.user else None,
    )


class Accept(Body, kw_only=True):
    name: str = ""
    password: str = ""


@post("/invites/{token:str}/", sync_to_thread=True, status_code=200)
def accept_invite(
    services: TheServices, caller: TheCaller, token: FromPath[str], data: JSONBody[Accept | None] = None
) -> Response[OwnUserView]:
    """Joins as the signed-in person, or with a new account for the invited address."""
    now_us = services.clock()
    with services.records.read() as session:
        found = find_invitation(session, token, now_us)
    if caller.user is not None:
        with services.records.write() as session:
            accept_as(session, found, caller.user, caller, now_us)
        return Response(own_user_view(caller.user), status_code=200)
    if found.has_account:
        raise Invalid("email", f"{found.email} has an account: sign in, then open the link again")
    data = data or Accept()
    password_hash = hash_password(data.password)
    with services.records.write() as session:
        user = accept_anew(
            session, found, name=data.name, password_hash=password_hash, caller=caller, now_us=now_us
        )
    return signed_in(services, user, 200)


HANDLERS: list[ControllerRouterHandler] = [read_setup, set_up, read_invite, accept_invite]
