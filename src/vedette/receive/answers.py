"""Answers as bytes and headers. Every one, errors too, may be read across origins."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import msgspec

from vedette.receive.refusal import Refusal
from vedette.wire.rate_limits import RateLimit, rate_limit_headers

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

# Browsers hide every header not exposed here, rate limits included, and whole answers
# without allow-origin: then an SDK takes a 429 for a network error.
CORS: tuple[Header, ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-sentry-error, x-sentry-rate-limits, retry-after"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
_PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-methods", b"POST, GET, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, content-type, "
        b"authentication, authorization, content-encoding, transfer-encoding, sentry-trace, baggage, "
        b"traceparent, x-open-sentry-key, x-sentry-clone-key",
    ),
    (b"access-control-max-age", b"3600"),
)
_PRIVATE_NETWORK: Header = (b"access-control-allow-private-network", b"true")
_JSON: Header = (b"content-type", b"application/json")
_PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


class Answer(msgspec.Struct, frozen=True):
    """A whole response; `content-length` is added when it is sent."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    async def send(self, send: Send) -> None:
        length = (b"content-length", str(len(self.body)).encode())
        start = {"type": "http.response.start", "status": self.status, "headers": [*self.headers, length]}
        await send(start)
        await send({"type": "http.response.body", "body": self.body})


_ACCEPTED_HEADERS = (_JSON, *CORS)


def accepted(event_id: str, limits: Sequence[RateLimit] = ()) -> Answer:
    """200 with the event's id, `{}` when there is none."""
    body = b'{"id":"' + event_id.encode() + b'"}' if event_id else b"{}"
    if not limits:
        return Answer(200, _ACCEPTED_HEADERS, body)
    return Answer(200, (*_ACCEPTED_HEADERS, *rate_limit_headers(limits)), body)


def pixel(limits: Sequence[RateLimit] = ()) -> Answer:
    """200 with a transparent GIF of one pixel, which an `<img>` can wait for."""
    headers = ((b"content-type", b"image/gif"), (b"cache-control", b"no-store"))
    return Answer(200, (*headers, *CORS, *rate_limit_headers(limits)), _PIXEL)


def preflight(*, private_network: bool) -> Answer:
    """What a browser asks before it sends; `private_network`: it asked for that, too."""
    extra = (_PRIVATE_NETWORK,) if private_network else ()
    return Answer(200, (*CORS, *_PREFLIGHT, *extra), b"")


def refused(refusal: Refusal) -> Answer:
    """The error body and headers of a refusal."""
    body = msgspec.json.encode(
        {"error": refusal.detail}
        if refusal.form == "error"
        else {"detail": refusal.detail, "causes": refusal.causes}
    )
    headers: list[Header] = [_JSON, *CORS, (b"x-sentry-error", _header_text(refusal.detail))]
    headers += rate_limit_headers(refusal.limits)
    if refusal.retry_after_s and not refusal.limits:
        headers.append((b"retry-after", str(refusal.retry_after_s).encode()))
    if refusal.status == 405:
        headers.append((b"allow", b"POST, GET, OPTIONS"))
    return Answer(refusal.status, tuple(headers), body)


def plain(status: int, text: str) -> Answer:
    return Answer(status, ((b"content-type", b"text/plain; charset=utf-8"), *CORS), text.encode())


def _header_text(text: str) -> bytes:
    """One line of ASCII: detail quotes what strangers sent."""
    return "".join(char if " " <= char <= "~" else "?" for char in text)[:512].encode()
