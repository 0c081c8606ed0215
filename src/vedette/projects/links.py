"""Links that prove something once: setting a password, the first run.

A password link is signed and holds until the account's nonce changes, which using it does.
The setup link is a random token whose hash is stored until the first account is made.
"""

import secrets

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from vedette.core.time import HOUR_US
from vedette.projects.errors import Invalid
from vedette.projects.tokens import token_hash
from vedette.projects.values import User, user_of
from vedette.storage.records import schema

PASSWORD_LINK_LASTS_US = HOUR_US
INVITE_LASTS_US = 7 * 24 * HOUR_US


class _Claim(msgspec.Struct, frozen=True):
    user: int
    nonce: str
    until_us: int


class PasswordLinks:
    """Makes and reads the tokens in links that set a password."""

    def __init__(self, key: str) -> None:
        self._serializer = URLSafeSerializer(key, salt="password")

    def issue(self, user: User, now_us: int) -> str:
        claim = _Claim(user.id, user.session_nonce, now_us + PASSWORD_LINK_LASTS_US)
        return str(self._serializer.dumps(msgspec.to_builtins(claim)))

    def redeem(self, session: Session, token: str, now_us: int) -> User:
        """The user the link is for. Raises `Invalid` if it is forged, old or used."""
        try:
            claim = msgspec.convert(self._serializer.loads(token), _Claim)
        except (BadSignature, msgspec.ValidationError) as error:
            raise Invalid("token", "this link is not valid") from error
        row = session.get(schema.User, claim.user)
        if row is None or not row.is_active or row.session_nonce != claim.nonce or claim.until_us <= now_us:
            raise Invalid("token", "this link has been used or has expired")
        return user_of(row)


def new_link_token() -> tuple[str, str]:
    """A random token for a link, and the hash to store."""
    token = secrets.token_urlsafe(32)
    return token, token_hash(token)
