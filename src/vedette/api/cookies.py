"""The cookies of a browser session."""

from litestar.datastructures import Cookie

from vedette.api.services import Services
from vedette.core.time import SECOND_US
from vedette.projects.sessions import COOKIE, CSRF_COOKIE, SESSION_LASTS_US
from vedette.projects.values import User


def session_cookies(services: Services, user: User) -> list[Cookie]:
    """A new session: the signed cookie that scripts cannot read, and the CSRF token that ours must."""
    value, ticket = services.sessions.issue(user, services.clock())
    age_s = SESSION_LASTS_US // SECOND_US
    return [
        _cookie(services, COOKIE, value, age_s, hidden=True),
        _cookie(services, CSRF_COOKIE, ticket.csrf, age_s, hidden=False),
    ]


def no_cookies(services: Services) -> list[Cookie]:
    """What ends the session in this browser."""
    return [
        _cookie(services, COOKIE, "", 0, hidden=True),
        _cookie(services, CSRF_COOKIE, "", 0, hidden=False),
    ]


def _cookie(services: Services, name: str, value: str, age_s: int, *, hidden: bool) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        max_age=age_s,
        path=services.settings.prefix or "/",
        secure=services.settings.base_url.startswith("https://"),
        httponly=hidden,
        samesite="lax",
    )
