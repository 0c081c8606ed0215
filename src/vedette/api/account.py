"""Signing in and out, forgotten passwords, the own account."""

from typing import Any

import msgspec
from litestar import Response, get, post, put
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from vedette.api.body import Body
from vedette.api.cookies import no_cookies, session_cookies
from vedette.api.given import TheCaller, TheServices
from vedette.api.services import Services
from vedette.projects import throttle
from vedette.projects.access import Caller
from vedette.projects.errors import Invalid, Missing, Unauthenticated
from vedette.projects.mail import password_reset
from vedette.projects.passwords import hash_password
from vedette.projects.users import (
    change_password,
    change_user,
    end_sessions,
    find_user,
    log_in,
    note_active,
    set_password,
)
from vedette.projects.values import User
from vedette.projects.views import OwnUserView, own_user_view


@get("/auth/", sync_to_thread=True)
def who_am_i(services: TheServices, caller: TheCaller) -> OwnUserView:
    """The signed-in person, or the one whose token this is."""
    user = person(caller)
    note_active(services.records, user, services.clock())
    return own_user_view(user)


class Login(Body, kw_only=True):
    email: str = ""
    username: str = ""
    password: str


@post("/auth/login/", sync_to_thread=True, status_code=200)
def log_in_here(services: TheServices, caller: TheCaller, data: JSONBody[Login]) -> Response[OwnUserView]:
    """Starts a session: cookies, and the person. 401 for a wrong password, 429 after too many."""
    user = log_in(
        services.records,
        email=data.email or data.username,
        password=data.password,
        address=caller.address,
        now_us=services.clock(),
    )
    return signed_in(services, user, 200)


class Logout(Body, kw_only=True):
    everywhere: bool = False


@post("/auth/logout/", sync_to_thread=True, status_code=204)
def log_out(services: TheServices, caller: TheCaller, data: JSONBody[Logout | None] = None) -> Response[None]:
    """Ends the session in this browser, or with `everywhere` all of the person's sessions."""
    if data is not None and data.everywhere and caller.kind == "session" and caller.user:
        with services.records.write() as session:
            end_sessions(session, caller.user.id)
    return Response(None, status_code=204, cookies=no_cookies(services))


class Recover(Body, kw_only=True):
    email: str


class Recovering(msgspec.Struct):
    sent: bool
    detail: str


@post("/auth/recover/", sync_to_thread=True, status_code=200)
def recover(services: TheServices, caller: TheCaller, data: JSONBody[Recover]) -> Recovering:
    """Sends a link to set a new password. Says the same whether or not there is such an account."""
    now_us = services.clock()
    account = data.email.strip().lower()[:254]
    throttle.attempt(services.records, "recover", account=account, address=caller.address, now_us=now_us)
    if not services.mailer.can_send:
        detail = "no mail server is set: ask an owner for a link, or run `vedette user password`"
        return Recovering(sent=False, detail=detail)
    with services.records.read() as session:
        user = find_user(session, account)
    if user is not None and user.is_active:
        services.mailer.send(password_reset(user.email, password_link(services, user)))
    return Recovering(sent=True, detail="if there is an account with this address, a link is on its way")


def password_link(services: Services, user: User) -> str:
    token = services.password_links.issue(user, services.clock())
    return f"{services.settings.base_url}/auth/reset/?token={token}"


class Reset(Body, kw_only=True):
    token: str
    password: str


@post("/auth/reset/", sync_to_thread=True, status_code=200)
def reset(services: TheServices, data: JSONBody[Reset]) -> Response[OwnUserView]:
    """Sets a password by a link, once; ends the person's other sessions and starts one here."""
    with services.records.read() as session:  # before the costly hash
        services.password_links.redeem(session, data.token, services.clock())
    password_hash = hash_password(data.password)
    with services.records.write() as session:
        user = services.password_links.redeem(session, data.token, services.clock())
        user = set_password(session, user.id, password_hash)
    return signed_in(services, user, 200)


@get("/users/me/", sync_to_thread=True)
def read_me(services: TheServices, caller: TheCaller) -> OwnUserView:
    user = person(caller)
    note_active(services.records, user, services.clock())
    return own_user_view(user)


class Me(Body, kw_only=True):
    name: str | None = None
    email: str | None = None
    username: str | None = None
    password: str = ""
    options: dict[str, Any] | None = None


@put("/users/me/", sync_to_thread=True)
def change_me(services: TheServices, caller: TheCaller, data: JSONBody[Me]) -> OwnUserView:
    """Name, address (with the password), options of appearance."""
    user = person(caller)
    if data.password:  # as at the login, lest a session that was left open become a password
        _count_guess(services, caller, user)
    user = change_user(
        services.records,
        user,
        name=data.name,
        email=data.email,
        password=data.password,
        options=data.options,
    )
    return own_user_view(user)


class NewPassword(Body, kw_only=True):
    password: str
    password_new: str
    password_verify: str | None = None


@put("/users/me/password/", sync_to_thread=True)
def change_my_password(
    services: TheServices, caller: TheCaller, data: JSONBody[NewPassword]
) -> Response[OwnUserView]:
    """Ends all other sessions; this browser gets a new one."""
    if data.password_verify is not None and data.password_verify != data.password_new:
        raise Invalid("passwordVerify", "the two new passwords differ")
    user = person(caller)
    _count_guess(services, caller, user)
    user = change_password(services.records, user, current=data.password, new=data.password_new)
    throttle.forgive(services.records, "login", account=user.email)
    return signed_in(services, user, 200)


def _count_guess(services: Services, caller: Caller, user: User) -> None:
    """Raises `TooMany`."""
    now_us = services.clock()
    throttle.attempt(services.records, "login", account=user.email, address=caller.address, now_us=now_us)


@get("/users/me/regions/", sync_to_thread=False)
def regions() -> None:
    """404: there are no regions here, and clients then go on with the one server they know."""
    raise Missing


def person(caller: Caller) -> User:
    if caller.user is None:
        raise Unauthenticated("no person is signed in")
    return caller.user


def signed_in(services: Services, user: User, status: int) -> Response[OwnUserView]:
    return Response(own_user_view(user), status_code=status, cookies=session_cookies(services, user))


HANDLERS: list[ControllerRouterHandler] = [
    who_am_i,
    log_in_here,
    log_out,
    recover,
    reset,
    read_me,
    change_me,
    change_my_password,
    regions,
]
