"""From a credential to its caller: tokens, session cookies, DSNs."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.projects.access import NOBODY, Caller
from vedette.projects.errors import Unauthenticated
from vedette.projects.scopes import expand
from vedette.projects.sessions import Ticket, user_of_ticket
from vedette.projects.tokens import Token, find_token
from vedette.projects.values import user_of
from vedette.storage.records import schema

_DSN = re.compile(r"^https?://([0-9a-f]{32})(?::[0-9a-f]{32})?@[^/]+/(?:.*/)?(\d{1,18})/?$")


def caller_of_token(session: Session, text: str, *, address: str, now_us: int) -> Caller:
    """Whoever holds this token. Raises `Unauthenticated` if it is unknown, expired or its user is off."""
    token = find_token(session, text, now_us)
    if token is None:
        raise Unauthenticated("the token is unknown or has expired")
    if token.kind != "user":
        return _caller(token, address)
    row = session.get(schema.User, token.user_id)
    if row is None or not row.is_active:
        raise Unauthenticated("the account of this token is switched off")
    return Caller(
        kind="user_token",
        user=user_of(row),
        token_id=token.id,
        token_scopes=expand(token.scopes),
        token_expires_us=token.expires_us,
        address=address,
    )


def caller_of_ticket(session: Session, ticket: Ticket, *, address: str) -> Caller:
    """The signed-in user, or nobody if the session has been ended."""
    user = user_of_ticket(session, ticket)
    return Caller(kind="session", user=user, address=address) if user else NOBODY


def caller_of_dsn(session: Session, dsn: str, *, address: str) -> Caller:
    """The holder of a project's active key. Raises `Unauthenticated` for any other."""
    match = _DSN.match(dsn.strip())
    key = schema.ProjectKey
    found = (
        match
        and session.execute(
            select(schema.Project.id, schema.Project.organization_id)
            .join(key, key.project_id == schema.Project.id)
            .where(key.public_key == match[1], key.is_active, schema.Project.id == int(match[2]))
        ).first()
    )
    if not found:
        raise Unauthenticated("the DSN is unknown or switched off")
    return Caller(
        kind="dsn",
        token_scopes=frozenset(),
        organization_id=found.organization_id,
        project_id=found.id,
        address=address,
    )


def _caller(token: Token, address: str) -> Caller:
    return Caller(
        kind="organization_token",
        token_id=token.id,
        token_scopes=expand(token.scopes),
        token_expires_us=token.expires_us,
        organization_id=token.organization_id,
        address=address,
    )
