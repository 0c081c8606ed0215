"""Sessions of people in a browser: a signed cookie, good as long as the user's nonce stands.

The cookie names the user, the nonce it was made with, and the token that unsafe requests
must repeat in `X-CSRFToken`. Changing the nonce (password changed, account switched off)
ends all sessions of the user.
"""

import hmac
import secrets

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from vedette.core.time import DAY_US
from vedette.projects.values import User, user_of
from vedette.storage.records import schema

SESSION_LASTS_US = 30 * DAY_US
COOKIE = "vedette_session"
CSRF_COOKIE = "vedette_csrf"


class Ticket(msgspec.Struct, frozen=True):
    """What the cookie says."""

    user: int
    nonce: str
    csrf: str
    issued_us: int


class Sessions:
    """Makes and reads session cookies under the server's signing key."""

    def __init__(self, key: str) -> None:
        self._serializer = URLSafeSerializer(key, salt="session")

    def issue(self, user: User, now_us: int) -> tuple[str, Ticket]:
        """A cookie's value for this user, and what it says."""
        ticket = Ticket(user.id, user.session_nonce, secrets.token_urlsafe(24), now_us)
        return str(self._serializer.dumps(msgspec.to_builtins(ticket))), ticket

    def read(self, cookie: str, now_us: int) -> Ticket | None:
        """The ticket in a cookie; None if it is forged or too old."""
        try:
            ticket = msgspec.convert(self._serializer.loads(cookie), Ticket)
        except (BadSignature, msgspec.ValidationError):
            return None
        return ticket if now_us - ticket.issued_us < SESSION_LASTS_US else None


def user_of_ticket(session: Session, ticket: Ticket) -> User | None:
    """The signed-in user; None if the account is off or its sessions have been ended."""
    row = session.get(schema.User, ticket.user)
    if row is None or not row.is_active or not hmac.compare_digest(row.session_nonce, ticket.nonce):
        return None
    return user_of(row)


def new_nonce() -> str:
    return secrets.token_hex(16)
