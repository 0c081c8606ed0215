"""Webhooks: the notice as JSON, signed, to a URL that is not ours to trust."""

import hashlib
import hmac
import ssl
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import msgspec

from vedette import __version__
from vedette.alerts.addresses import Allowed, Forbidden, GuardedBackend
from vedette.alerts.notice import Notice
from vedette.alerts.sent import Sent

WITHIN_S = 10.0
_REDIRECTS_MOST = 3
_ANSWER_MOST = 500  # bytes of the answer that are read and shown
_KEEP_METHOD = (307, 308)
_AGAIN = (408, 425, 429)
_CONTEXT = ssl.create_default_context()


def signing_secret(server_key: str, project_id: int) -> str:
    """The secret that a project's receivers check signatures with: shown in its settings."""
    return hmac.new(server_key.encode(), f"webhook:{project_id}".encode(), hashlib.sha256).hexdigest()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`sha256=` and the HMAC over timestamp, full stop and body, in hex."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def body_of(notice: Notice, key: str) -> bytes:
    content: dict[str, Any] = {"delivery": key, "headline": notice.headline, **msgspec.to_builtins(notice)}
    return msgspec.json.encode(content)


def post_webhook(
    url: str,
    notice: Notice,
    *,
    key: str,
    secret: str,
    now_us: int,
    allowed: Allowed,
    within_s: float = WITHIN_S,
) -> Sent:
    """Send and say what came of it. Does not raise.

    307 and 308 are followed, each to an address checked anew; what else redirects would turn
    the POST into a GET and counts as failed.
    """
    body = body_of(notice, key)
    timestamp = str(now_us // 1_000_000)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Vedette/{__version__}",
        "Vedette-Delivery": key,
        "Vedette-Timestamp": timestamp,
        "Vedette-Signature": signature(secret, timestamp, body),
    }
    with httpcore.ConnectionPool(
        ssl_context=_CONTEXT, network_backend=GuardedBackend(allowed, within_s), retries=0
    ) as pool:
        try:
            return _follow(pool, url, headers, body)
        except Forbidden as error:
            return Sent(False, str(error), is_final=True)
        except (httpcore.ConnectError, httpcore.NetworkError, httpcore.TimeoutException) as error:
            return Sent(False, f"no answer: {str(error)[:200] or type(error).__name__}")
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError) as error:
            return Sent(False, f"not an answer of HTTP: {str(error)[:200]}")


def _follow(pool: httpcore.ConnectionPool, url: str, headers: dict[str, str], body: bytes) -> Sent:
    for _ in range(_REDIRECTS_MOST + 1):
        status, location, start = _post(pool, url, headers, body)
        if status not in _KEEP_METHOD or not location:
            return _judged(status, start)
        url = urljoin(url, location)
        if urlsplit(url).scheme not in ("http", "https"):
            return Sent(False, f"redirected to {urlsplit(url).scheme}://", status, is_final=True)
    return Sent(False, "redirected too often", is_final=True)


def _post(
    pool: httpcore.ConnectionPool, url: str, headers: dict[str, str], body: bytes
) -> tuple[int, str, str]:
    """Status, Location and the first bytes of the answer."""
    timeout = {"connect": 5.0, "read": WITHIN_S, "write": WITHIN_S, "pool": 1.0}
    sent = list(headers.items())
    with pool.stream("POST", url, headers=sent, content=body, extensions={"timeout": timeout}) as answer:
        start = b""
        for chunk in answer.iter_stream():
            start += chunk
            if len(start) >= _ANSWER_MOST:
                break
        named = {name.lower(): value for name, value in answer.headers}
        location = named.get(b"location", b"").decode("latin-1")
        return answer.status, location, start[:_ANSWER_MOST].decode("utf-8", "replace")


def _judged(status: int, start: str) -> Sent:
    if 200 <= status < 300:
        return Sent(True, "", status)
    shown = " ".join(start.split())[:200]
    is_final = 300 <= status < 500 and status not in _AGAIN
    return Sent(False, f"answered {status}: {shown}" if shown else f"answered {status}", status, is_final)
