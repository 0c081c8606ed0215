"""Before a handler runs: who is calling, what does the path name, may this caller do this.

The one place where the API decides. A handler reads its `Access`, `Project`, … from what
was found here, and asks `Access` again only for finer questions (whose role may be changed).
"""

import base64
import binascii
import hashlib
import hmac
from typing import cast

import anyio.to_thread
import msgspec
from litestar.handlers import BaseRouteHandler

from vedette.api.limits import Limiter
from vedette.api.resolve import resolve
from vedette.api.routes import BY_KEY, Route
from vedette.api.services import Services
from vedette.api.visit import Connection, PageVisits, Visit, remember, visits_of_page
from vedette.core.time import SECOND_US
from vedette.projects.access import NOBODY, Caller, denied
from vedette.projects.credentials import caller_of_dsn, caller_of_ticket, caller_of_token
from vedette.projects.errors import Denied, TooMany, Unauthenticated
from vedette.projects.sessions import COOKIE

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ROOM = "vedette_room"  # where the edge finds the rate limit's figures


class Guard:
    """Litestar calls it before each handler."""

    def __init__(self, services: Services, limiter: Limiter, path: str) -> None:
        self._services = services
        self._limiter = limiter
        self._path = path

    async def __call__(self, connection: Connection, _: BaseRouteHandler) -> None:
        route = self._route(connection)
        self._count(connection, route)
        visit = await anyio.to_thread.run_sync(self._visit, connection, route)
        remember(connection, visit)

    def _route(self, connection: Connection) -> Route:
        scope = cast("dict[str, str]", connection.scope)  # only HTTP comes here
        template = scope["path_template"].removeprefix(self._path).rstrip("/")
        return BY_KEY[scope["method"], f"{template}/"]

    def _count(self, connection: Connection, route: Route) -> None:
        now_s = self._services.clock() // SECOND_US
        key = f"{_caller_key(connection)} {route.method} {route.path}"
        room = self._limiter.enter(key, now_s)
        connection.scope["state"][ROOM] = (room, None if room.is_over else key)
        if room.is_over:
            raise TooMany("too many requests to this endpoint", max(room.reset_s - now_s, 1))

    def _visit(self, connection: Connection, route: Route) -> Visit:
        """Runs in a thread. Raises a `Refused`."""
        known = visits_of_page(connection)
        visit = known.get(()) or Visit(self._caller(connection, route))
        caller = visit.caller
        if route.is_public:
            _check_own_page(connection, route)
            return visit
        if not caller.is_known or (caller.kind == "dsn" and "dsn" not in route.needs):
            raise Unauthenticated("a token or a session is needed")
        _check_kind(caller, route)
        known[()] = visit
        visit = self._resolved(connection, visit, known)
        _check(visit, route)
        return visit

    def _resolved(self, connection: Connection, visit: Visit, known: PageVisits) -> Visit:
        parameters = {name: str(value) for name, value in connection.path_params.items()}
        key = tuple(parameters.items())
        if key not in known:
            with self._services.records.read() as session:
                known[key] = resolve(session, visit, parameters)
        return known[key]

    def _caller(self, connection: Connection, route: Route) -> Caller:
        address = connection.client.host if connection.client else ""
        kind, _, value = connection.headers.get("authorization", "").partition(" ")
        if not kind:
            return self._caller_of_cookie(connection, route, address)
        now_us = self._services.clock()
        with self._services.records.read() as session:
            if kind.lower() == "dsn":
                return caller_of_dsn(session, value, address=address)
            text = _token_text(kind.lower(), value.strip())
            caller = caller_of_token(session, text, address=address, now_us=now_us)
        if caller.token_id is not None:
            self._services.last_used.note(caller.token_id, now_us)
        return caller

    def _caller_of_cookie(self, connection: Connection, route: Route, address: str) -> Caller:
        cookie = connection.cookies.get(COOKIE)
        ticket = self._services.sessions.read(cookie, self._services.clock()) if cookie else None
        if ticket is None:
            return msgspec.structs.replace(NOBODY, address=address)
        with self._services.records.read() as session:
            caller = caller_of_ticket(session, ticket, address=address)
        if route.method in SAFE_METHODS or not caller.is_known:
            return caller
        sent = connection.headers.get("x-csrftoken", "")
        if hmac.compare_digest(sent.encode(), ticket.csrf.encode()):
            return caller
        if route.is_public:  # open to everybody, so it is done; but not in this person's name
            return msgspec.structs.replace(NOBODY, address=address)
        raise Denied("the X-CSRFToken header is missing or belongs to another session")


def _check_own_page(connection: Connection, route: Route) -> None:
    """Open to everybody, but not to forms on other sites: those could sign a visitor in as somebody else.

    A form can send neither this content type nor headers; a script of another site has to ask
    first, and is then refused its cookies.
    """
    is_json = connection.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    if route.method not in SAFE_METHODS and not is_json and "x-csrftoken" not in connection.headers:
        raise Denied("the body must be application/json")


def _check_kind(caller: Caller, route: Route) -> None:
    if "session" in route.needs and caller.kind != "session":
        raise Denied("this can only be done signed in, not with a token")
    if "person" in route.needs and caller.user is None:
        raise Denied("only a person can do this, not a token of an organization")


def _check(visit: Visit, route: Route) -> None:
    """Raises `Denied` unless the caller holds one of the route's scopes where the path points."""
    scopes = route.scopes
    if not scopes:
        return
    if visit.caller.kind == "dsn":  # admitted by the route; its one project is all it reaches
        if visit.project is None or visit.project.id != visit.caller.project_id:
            raise denied(scopes)
        return
    access = visit.access
    if access is None:  # nothing is named: the handler shows what each organization allows
        held = visit.caller.token_scopes
        if held is not None and held.isdisjoint(scopes):
            raise denied(scopes)
        return
    if visit.project is not None:
        allowed = access.can_in_project(visit.project, *scopes)
    elif visit.team is not None:
        allowed = access.can_in_team(visit.team.id, *scopes)
    else:
        allowed = access.can(*scopes) or ("own" in route.needs and access.can_somewhere(*scopes))
    if not allowed:
        raise denied(scopes)


def _token_text(kind: str, value: str) -> str:
    if kind == "bearer":
        return value
    if kind == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            pass
    raise Unauthenticated("the Authorization header must be `Bearer TOKEN`")


def _caller_key(connection: Connection) -> str:
    """Who a request is counted under, before anything is looked up."""
    credential = connection.headers.get("authorization") or connection.cookies.get(COOKIE)
    if credential:
        return hashlib.blake2b(credential.encode(), digest_size=9).hexdigest()
    return connection.client.host if connection.client else ""
