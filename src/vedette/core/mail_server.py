"""The mail server that `VEDETTE_SMTP_URL` names."""

from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit


class SmtpServer(NamedTuple):
    host: str
    port: int
    user: str
    password: str
    tls: str  # `direct`, `start`, or `none`


def parse_smtp_url(url: str) -> SmtpServer:
    """`smtp://user:password@host:587` (STARTTLS), `smtps://host:465` (TLS from the start).

    `?tls=none` speaks in the clear; `smtp://` to this very machine does so unless it is given
    `?tls=start`. Raises `ValueError`.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("must be smtp://user:password@host:587 or smtps://host:465")
    is_direct = parts.scheme == "smtps"
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    tls = "direct" if is_direct else parse_qs(parts.query).get("tls", ["none" if is_local else "start"])[0]
    if tls not in ("direct", "start", "none"):
        raise ValueError("tls is `start` or `none`")
    port = _port(parts) or (465 if is_direct else 587)
    return SmtpServer(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), tls)


def _port(parts: SplitResult) -> int | None:
    """The port, if one is named. Raises `ValueError` without what stands there: it may be of a password."""
    try:
        return parts.port
    except ValueError:
        text = "the port must be a number up to 65535 (in a password, / is written %2F, # %23, ? %3F, @ %40)"
        raise ValueError(text) from None
