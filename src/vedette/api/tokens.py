"""Tokens: a person's own, an organization's, those of internal integrations.

A token can make others, but only with scopes it has itself and for no longer than itself; of the person's it can
revoke only such that may no more than it may.
"""

from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from vedette.api.account import person
from vedette.api.body import Body
from vedette.api.given import TheAccess, TheCaller, ThePage, TheServices, number_in_path
from vedette.api.services import Services
from vedette.core.time import DAY_US
from vedette.projects import audit
from vedette.projects.access import Access, Caller
from vedette.projects.errors import Denied, Invalid
from vedette.projects.scopes import expand
from vedette.projects.tokens import (
    ORGANIZATION_TOKEN_SCOPES,
    Owner,
    Token,
    create_token,
    find_owned_token,
    integration_token_text,
    organization_token_text,
    rename_token,
    revoke_token,
    token_page,
    user_token_text,
)
from vedette.projects.views import TokenView, View, token_view


class NewToken(Body, kw_only=True):
    name: str = ""
    scopes: list[str] | None = None
    expires_in_days: int | None = None


# ── personal ──────────────────────────────────────────────────────────────────────────────


@get("/api-tokens/", sync_to_thread=True)
def list_my_tokens(services: TheServices, caller: TheCaller, page: ThePage) -> Response[list[TokenView]]:
    with services.records.read() as session:
        rows = token_page(session, _mine(caller), page.offset, page.limit + 1)
    return page.page(rows, token_view)


@post("/api-tokens/", sync_to_thread=True)
def create_my_token(services: TheServices, caller: TheCaller, data: JSONBody[NewToken]) -> TokenView:
    """A personal token. Its text is in this answer and never again."""
    scopes = data.scopes or []
    _check_own(caller, scopes)
    text, now_us = user_token_text(), services.clock()
    with services.records.write() as session:
        made = create_token(
            session,
            text,
            kind="user",
            name=data.name,
            scopes=scopes,
            now_us=now_us,
            user_id=person(caller).id,
            expires_us=_expiry(caller, data, now_us),
        )
    return token_view(made, text)


class TokenId(Body, kw_only=True):
    token_id: str | int | None = None


@delete("/api-tokens/", sync_to_thread=True)
def revoke_my_token_by_body(services: TheServices, caller: TheCaller, data: JSONBody[TokenId]) -> None:
    """The older form: the id in the body."""
    _revoke_own(services, caller, data.token_id)


@delete("/api-tokens/{token_id:str}/", sync_to_thread=True)
def revoke_my_token(services: TheServices, caller: TheCaller, token_id: FromPath[str]) -> None:
    _revoke_own(services, caller, token_id)


# ── organization ──────────────────────────────────────────────────────────────────────────


@get("/organizations/{org:str}/org-auth-tokens/", sync_to_thread=True)
def list_organization_tokens(
    services: TheServices, access: TheAccess, page: ThePage
) -> Response[list[TokenView]]:
    with services.records.read() as session:
        rows = token_page(session, _of_organization(access), page.offset, page.limit + 1)
    return page.page(rows, token_view)


@post("/organizations/{org:str}/org-auth-tokens/", sync_to_thread=True)
def create_organization_token(
    services: TheServices, access: TheAccess, data: JSONBody[NewToken]
) -> TokenView:
    """A token for builds: releases and source maps. Its text is in this answer and never again."""
    if not data.name.strip():
        raise Invalid("name", "a token of the organization needs a name")
    scopes = data.scopes or list(ORGANIZATION_TOKEN_SCOPES)
    _check_held(access, scopes)
    now_us = services.clock()
    text = organization_token_text(access.organization.slug, services.settings.base_url, now_us)
    with services.records.write() as session:
        made = create_token(
            session,
            text,
            kind="organization",
            name=data.name,
            scopes=scopes,
            now_us=now_us,
            organization_id=access.organization.id,
            expires_us=_expiry(access.caller, data, now_us),
        )
        _note(session, access, "orgauthtoken.create", made, now_us)
    return token_view(made, text)


@get("/organizations/{org:str}/org-auth-tokens/{token_id:str}/", sync_to_thread=True)
def read_organization_token(services: TheServices, access: TheAccess, token_id: FromPath[str]) -> TokenView:
    with services.records.read() as session:
        return token_view(find_owned_token(session, _of_organization(access), number_in_path(token_id)))


class TokenName(Body, kw_only=True):
    name: str


@put("/organizations/{org:str}/org-auth-tokens/{token_id:str}/", sync_to_thread=True, status_code=204)
def rename_organization_token(
    services: TheServices, access: TheAccess, token_id: FromPath[str], data: JSONBody[TokenName]
) -> None:
    with services.records.write() as session:
        changed = rename_token(session, _of_organization(access), number_in_path(token_id), data.name)
        _note(session, access, "orgauthtoken.edit", changed, services.clock())


@delete("/organizations/{org:str}/org-auth-tokens/{token_id:str}/", sync_to_thread=True)
def revoke_organization_token(services: TheServices, access: TheAccess, token_id: FromPath[str]) -> None:
    with services.records.write() as session:
        gone = revoke_token(session, _of_organization(access), number_in_path(token_id))
        _note(session, access, "orgauthtoken.remove", gone, services.clock())


# ── internal integrations ─────────────────────────────────────────────────────────────────


class Integration(View, kw_only=True):
    """An internal integration: a name with scopes and one token."""

    uuid: str
    slug: str
    name: str
    status: str = "internal"
    scopes: list[str]
    token: str | None
    token_last_characters: str
    date_created: str
    date_last_used: str | None
    is_alertable: bool = False
    verify_install: bool = False
    webhook_url: str | None = None
    redirect_url: str | None = None
    events: list[str]


@get("/organizations/{org:str}/sentry-apps/", sync_to_thread=True)
def list_integrations(services: TheServices, access: TheAccess, page: ThePage) -> Response[list[Integration]]:
    with services.records.read() as session:
        rows = token_page(session, _integrations(access), page.offset, page.limit + 1)
    return page.page(rows, _integration_view)


@post("/organizations/{org:str}/sentry-apps/", sync_to_thread=True)
def create_integration(services: TheServices, access: TheAccess, data: JSONBody[NewToken]) -> Integration:
    """An internal integration and its token, whose text is in this answer and never again."""
    if not data.name.strip():
        raise Invalid("name", "an integration needs a name")
    scopes = data.scopes or []
    _check_held(access, scopes)
    text, now_us = integration_token_text(), services.clock()
    with services.records.write() as session:
        made = create_token(
            session,
            text,
            kind="integration",
            name=data.name,
            scopes=scopes,
            now_us=now_us,
            organization_id=access.organization.id,
            expires_us=_expiry(access.caller, data, now_us),
        )
        _note(session, access, "internal-integration.create", made, now_us)
    return _integration_view(made, text)


@delete("/organizations/{org:str}/sentry-apps/{app:str}/", sync_to_thread=True)
def remove_integration(services: TheServices, access: TheAccess, app: FromPath[str]) -> None:
    """`app`: the slug or uuid from the list."""
    with services.records.write() as session:
        gone = revoke_token(session, _integrations(access), number_in_path(app.rpartition("-")[2]))
        _note(session, access, "internal-integration.remove", gone, services.clock())


def _integration_view(token: Token, text: str | None = None) -> Integration:
    view = token_view(token)
    return Integration(
        uuid=view.id,
        slug=f"integration-{view.id}",
        name=view.name,
        scopes=view.scopes,
        token=text,
        token_last_characters=view.token_last_characters,
        date_created=view.date_created,
        date_last_used=view.date_last_used,
        events=[],
    )


# ── shared ────────────────────────────────────────────────────────────────────────────────


def _mine(caller: Caller) -> Owner:
    return Owner("user", person(caller).id)


def _of_organization(access: Access) -> Owner:
    return Owner("organization", access.organization.id)


def _integrations(access: Access) -> Owner:
    return Owner("integration", access.organization.id)


def _check_own(caller: Caller, scopes: list[str]) -> None:
    """A token that makes a token cannot give it more than it has."""
    if caller.token_scopes is not None and ("all" in scopes or not expand(scopes) <= caller.token_scopes):
        raise Denied("a token can only make tokens with its own scopes")


def _check_held(access: Access, scopes: list[str]) -> None:
    """Tokens of an organization outlive the person who made them: no more than that person has."""
    if "all" in scopes or not expand(scopes) <= access.scopes:
        raise Denied("a token cannot have scopes that its maker has not")


def _expiry(caller: Caller, data: NewToken, now_us: int) -> int | None:
    """With its maker, where that is a token that expires: else whoever finds one has access for ever."""
    latest_us = caller.token_expires_us
    if data.expires_in_days is None:
        return latest_us
    if not 0 < data.expires_in_days <= 3650:
        raise Invalid("expiresInDays", "1 to 3650")
    expires_us = now_us + data.expires_in_days * DAY_US
    if latest_us is not None and expires_us > latest_us:
        raise Denied("a token can only make tokens that expire no later than it does")
    return expires_us


def _revoke_own(services: Services, caller: Caller, token_id: str | int | None) -> None:
    owner, number = _mine(caller), number_in_path(str(token_id or ""))
    with services.records.write() as session:
        token = find_owned_token(session, owner, number)
        may_less = caller.token_scopes is not None and not expand(token.scopes) <= caller.token_scopes
        if may_less and token.id != caller.token_id:
            raise Denied("a token can only revoke tokens that may no more than it may")
        revoke_token(session, owner, number)


def _note(session: Session, access: Access, event: str, token: Token, now_us: int) -> None:
    audit.note(session, access.organization.id, access.caller, event, token.name, now_us, token_id=token.id)


HANDLERS: list[ControllerRouterHandler] = [
    list_my_tokens,
    create_my_token,
    revoke_my_token_by_body,
    revoke_my_token,
    list_organization_tokens,
    create_organization_token,
    read_organization_token,
    rename_organization_token,
    revoke_organization_token,
    list_integrations,
    create_integration,
    remove_integration,
]
