"""API tokens: made once, shown once, kept as a hash.

A token is looked up by the SHA-256 of its whole text, so any prefix is accepted: old
clients write integration tokens with other prefixes than ours.
"""

import base64
import hashlib
import secrets
from threading import Lock
from typing import Literal

import msgspec
import structlog
from sqlalchemy import Select, delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from vedette.core.time import MINUTE_US, SECOND_US
from vedette.projects.errors import Invalid, Missing
from vedette.projects.scopes import ALIASES, SCOPES, is_scope
from vedette.storage.records import schema
from vedette.storage.records.database import Records

log = structlog.get_logger("vedette.projects")
TokenKind = Literal["user", "organization", "integration"]
ORGANIZATION_TOKEN_SCOPES = ("org:ci",)
_USED_PRECISION_US = MINUTE_US  # "last used" is no finer than this


class Token(msgspec.Struct, frozen=True):
    id: int
    kind: TokenKind
    name: str
    last_characters: str
    user_id: int | None
    organization_id: int | None
    scopes: tuple[str, ...]
    expires_us: int | None
    last_used_us: int | None
    created_us: int


def token_of(row: schema.Token) -> Token:
    return msgspec.convert(row, Token, from_attributes=True)


# ── the text ──────────────────────────────────────────────────────────────────────────────


def user_token_text() -> str:
    return f"sntryu_{secrets.token_hex(32)}"


def integration_token_text() -> str:
    return f"sntryi_{secrets.token_hex(32)}"


def organization_token_text(slug: str, url: str, now_us: int) -> str:
    """The form whose middle tells sentry-cli the organization and the server."""
    facts = {"iat": now_us / SECOND_US, "url": url, "region_url": url, "org": slug}
    middle = base64.b64encode(msgspec.json.encode(facts)).decode()
    secret = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return f"sntrys_{middle}_{secret}"


def token_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# ── the store ─────────────────────────────────────────────────────────────────────────────


def create_token(
    session: Session,
    text: str,
    *,
    kind: TokenKind,
    name: str,
    scopes: list[str],
    now_us: int,
    user_id: int | None = None,
    organization_id: int | None = None,
    expires_us: int | None = None,
) -> Token:
    """Store a new token. Raises `Invalid` for scopes that do not exist."""
    row = schema.Token(
        kind=kind,
        token_hash=token_hash(text),
        last_characters=text[-4:],
        name=name.strip()[:255],
        user_id=user_id,
        organization_id=organization_id,
        scopes=checked_scopes(scopes),
        expires_us=expires_us,
        created_us=now_us,
    )
    session.add(row)
    session.flush()
    return token_of(row)


def checked_scopes(scopes: list[str]) -> list[str]:
    """The scopes in their usual order, aliases replaced. `["all"]` is every one of them."""
    if scopes == ["all"]:
        return list(SCOPES)
    unknown = [scope for scope in scopes if not is_scope(scope)]
    if unknown:
        raise Invalid("scopes", f"unknown scope {unknown[0]}")
    if not scopes:
        raise Invalid("scopes", "at least one scope is needed")
    named = {ALIASES.get(scope, scope) for scope in scopes}
    return [scope for scope in SCOPES if scope in named]


def find_token(session: Session, text: str, now_us: int) -> Token | None:
    """The token with this text, unless it is unknown or has expired."""
    row = session.scalar(select(schema.Token).where(schema.Token.token_hash == token_hash(text)))
    if row is None or (row.expires_us is not None and row.expires_us <= now_us):
        return None
    return token_of(row)


class Owner(msgspec.Struct, frozen=True):
    """Whose tokens of a kind: the id is a user's, or else an organization's."""

    kind: TokenKind
    id: int

    def tokens(self) -> Select[schema.Token]:
        table = schema.Token
        owner = table.user_id if self.kind == "user" else table.organization_id
        return select(table).where(owner == self.id, table.kind == self.kind).order_by(table.id.desc())


def token_page(session: Session, owner: Owner, offset: int, limit: int) -> list[Token]:
    return [token_of(row) for row in session.scalars(owner.tokens().offset(offset).limit(limit))]


def find_owned_token(session: Session, owner: Owner, token_id: int) -> Token:
    """One of these tokens. Raises `Missing` if it is none of them."""
    return token_of(_owned(session, owner, token_id))


def rename_token(session: Session, owner: Owner, token_id: int, name: str) -> Token:
    row = _owned(session, owner, token_id)
    row.name = name.strip()[:255]
    return token_of(row)


def revoke_token(session: Session, owner: Owner, token_id: int) -> Token:
    """Delete one of these tokens; it stops at once. Raises `Missing` if it is none of them."""
    row = _owned(session, owner, token_id)
    gone = token_of(row)
    session.execute(delete(schema.Token).where(schema.Token.id == token_id))
    return gone


def _owned(session: Session, owner: Owner, token_id: int) -> schema.Token:
    row = session.scalar(owner.tokens().where(schema.Token.id == token_id))
    if row is None:
        raise Missing
    return row


class LastUsed:
    """When each token was last used, written in batches: a read must not become a write."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = Lock()
        self._seen: dict[int, int] = {}
        self._written_us = 0

    def note(self, token_id: int, now_us: int) -> None:
        """Remember the use; about once a minute, write what has come together."""
        with self._lock:
            self._seen[token_id] = now_us
            if now_us - self._written_us < _USED_PRECISION_US:
                return
            due, self._seen, self._written_us = self._seen, {}, now_us
        self._write(due)

    def flush(self) -> None:
        with self._lock:
            due, self._seen = self._seen, {}
        self._write(due)

    def _write(self, due: dict[int, int]) -> None:
        if not due:
            return
        try:
            with self._records.write() as session:
                for token_id, at_us in due.items():
                    session.execute(
                        update(schema.Token).where(schema.Token.id == token_id).values(last_used_us=at_us)
                    )
        except OperationalError as error:  # a busy store; the request that came along must not fail for it
            log.warning("last use of tokens not written", count=len(due), error=str(error.orig))
