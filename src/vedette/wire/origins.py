"""Allowed origins of a project. Knows text of headers and patterns.

A pattern is `*`, a host, or `*.host` (the host itself included); `scheme://` may stand before a host
and `:port` after it.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec

_PORTS = {"http": 80, "https": 443}


class OriginPattern(msgspec.Struct, frozen=True):
    """One allowed origin; an empty scheme or no port stands for any."""

    host: str
    scheme: str = ""
    port: int | None = None
    with_subdomains: bool = False


def parse_origins(patterns: Iterable[str]) -> tuple[OriginPattern, ...] | None:
    """The patterns, those that cannot be read left out; None when any origin may send."""
    texts = [text.strip().lower() for text in patterns if text.strip()]
    if not texts or "*" in texts:
        return None
    return tuple(pattern for text in texts if (pattern := _parse(text)) is not None)


def is_allowed(origin: str, patterns: tuple[OriginPattern, ...] | None) -> bool:
    """Whether a request with this `Origin` (or `Referer`) may send; one without either may."""
    if patterns is None or not origin:
        return True
    try:
        parts = urlsplit(origin.lower())
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return False
    return any(_matches(pattern, parts.scheme, host, port) for pattern in patterns)


def _matches(pattern: OriginPattern, scheme: str, host: str, port: int | None) -> bool:
    if pattern.scheme and pattern.scheme != scheme:
        return False
    if pattern.port is not None and pattern.port != port:
        return False
    return host == pattern.host or (pattern.with_subdomains and host.endswith(f".{pattern.host}"))


def _parse(text: str) -> OriginPattern | None:
    scheme, separator, rest = text.rpartition("://")
    try:
        parts = urlsplit(f"//{rest.split('/', 1)[0]}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if not host:
        return None
    with_subdomains = host.startswith("*.")
    return OriginPattern(host.removeprefix("*."), scheme if separator else "", port, with_subdomains)
