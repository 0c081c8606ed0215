"""The outermost layer: request ids, CORS, headers of every answer, odd forms of addresses.

Plain ASGI around the Litestar app. Adds what must be on error answers too.
"""

import re
import secrets
import time
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlencode

import structlog
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from vedette import __version__
from vedette.api.guard import ROOM
from vedette.api.limits import CONCURRENT, PER_WINDOW, WINDOW_S, Limiter, Room
from vedette.api.packing import packing
from vedette.wire.accepted import takes

log = structlog.get_logger("vedette.api")
Http = dict[str, Any]  # the scope of an HTTP request
_REQUEST_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
_ABSENT = ("undefined", "null")  # what JavaScript clients write for a value they do not have
SLASH = "\x1f"  # stands for an escaped slash while the path is taken apart; see `path_text`

_CORS = {
    "Access-Control-Allow-Origin": "*",  # safe: cookies are never accepted from other sites
    "Access-Control-Expose-Headers": "Link, X-Hits, X-Max-Hits, X-Request-Id, Retry-After",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-Id, sentry-trace, baggage",
    "Access-Control-Max-Age": "3600",
}
_VERSION = {"X-Vedette-Version": __version__}  # for our own pages: they offer to reload after an upgrade
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding, Authorization, Cookie",
}


class Edge:
    def __init__(self, app: ASGIApp, limiter: Limiter) -> None:
        self._app = app
        self.limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = _request_id(headers.get(b"x-request-id", b""))
        if scope["method"] == "OPTIONS":
            await _preflight(send, request_id)
            return
        http = _tidied({**scope}, b"authorization" in headers)
        own = {"X-Request-Id": request_id, **(_VERSION if b"cookie" in headers else {})}
        await self._serve(
            http, receive, send, own, packs=takes(headers.get(b"accept-encoding", b""), b"gzip")
        )

    async def _serve(
        self, http: Http, receive: Receive, send: Send, own: dict[str, str], *, packs: bool
    ) -> None:
        state: dict[str, Any] = http["state"]
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                room, _ = state.get(ROOM, (None, None))
                _add_headers(message, {**own, **_CORS, **_ALWAYS, **_room(room)})
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=own["X-Request-Id"]):
            try:
                answer = packing(send_with_headers) if packs else send_with_headers
                await self._app(cast("Scope", http), receive, answer)
            finally:
                self._leave(state)
                took_ms = round((time.perf_counter() - started) * 1000, 1)
                log.info("request", method=http["method"], path=_logged_path(http), status=status, ms=took_ms)

    def _leave(self, state: dict[str, Any]) -> None:
        _, key = state.get(ROOM, (None, None))
        if key is not None:
            self.limiter.leave(key)


def path_text(text: str) -> str:
    """A path parameter as the client meant it: an escaped slash in it is a slash again."""
    return text.replace(SLASH, "/")


def _logged_path(http: Http) -> str:
    """The path, or its template where the path itself is a secret: an invitation's link."""
    template = str(http.get("path_template", ""))
    return template if "{token}" in template else str(http["path"])


def _tidied(http: Http, has_token: bool) -> Http:
    """The scope with a state, its path taken apart before decoding, and absent query values left out."""
    http["state"] = dict(http.get("state") or {})
    raw: bytes = http.get("raw_path") or b""
    if b"%2f" in raw.lower():
        kept = re.sub(r"%2f", "%1f", raw.partition(b"?")[0].decode("ascii", "replace"), flags=re.IGNORECASE)
        http["path"] = unquote(kept).removeprefix(str(http.get("root_path") or ""))
    query: bytes = http["query_string"]
    if b"=undefined" in query or b"=null" in query:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        kept_pairs = [(name, value) for name, value in pairs if not _is_absent(name, value, has_token)]
        http["query_string"] = urlencode(kept_pairs).encode()
    return http


def _is_absent(name: str, value: str, has_token: bool) -> bool:
    """In our own pages `null` and `undefined` are words that people search for."""
    return value in _ABSENT and (has_token or name != "query")


def _request_id(given: bytes) -> str:
    text = given.decode("ascii", "replace")
    return text if _REQUEST_ID.match(text) else secrets.token_hex(8)


def _room(room: Room | None) -> dict[str, str]:
    limit, concurrent = PER_WINDOW, CONCURRENT
    room = room or Room(limit, (int(time.time()) // WINDOW_S + 1) * WINDOW_S, concurrent)
    return {
        "X-Sentry-Rate-Limit-Limit": str(limit),
        "X-Sentry-Rate-Limit-Remaining": str(room.remaining),
        "X-Sentry-Rate-Limit-Reset": str(room.reset_s),
        "X-Sentry-Rate-Limit-ConcurrentLimit": str(concurrent),
        "X-Sentry-Rate-Limit-ConcurrentRemaining": str(room.concurrent_remaining),
    }


def _add_headers(message: HTTPResponseStartEvent, headers: dict[str, str]) -> None:
    message["headers"] = [
        *message["headers"],
        *((name.lower().encode(), value.encode()) for name, value in headers.items()),
    ]


async def _preflight(send: Send, request_id: str) -> None:
    headers = {"X-Request-Id": request_id, **_CORS, **_PREFLIGHT, **_ALWAYS, **_room(None)}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 204, "headers": raw})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
