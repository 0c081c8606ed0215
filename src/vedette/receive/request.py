"""One request as the endpoints see it."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from vedette.projects.keys import KeyInfo
from vedette.receive.answers import Receive, Scope
from vedette.receive.paths import Route
from vedette.wire.auth import Credentials

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MAX_TEXT = 512  # of a header kept with the record


class Said(msgspec.Struct, frozen=True):
    """What headers say that each request is asked for, as text; empty where they do not. Made once for a head."""

    content_encoding: str
    user_agent: str
    origin: str  # `Origin`, else `Referer`
    forwarded_for: str


class Request(msgspec.Struct):
    """Headers with lower-case names, repeated ones joined by a comma; `query` is undecoded."""

    method: str
    route: Route
    headers: dict[bytes, bytes]
    said: Said
    query: bytes
    client_ip: str
    receive: Receive
    credentials: Credentials | None = None  # of headers and query, once they are read
    key: KeyInfo | None = None  # once it is known, as is the next
    sentry_client: str = ""  # the SDK's name and version, empty when it does not say

    def text(self, name: bytes) -> str:
        """A header as text, at most 512 characters; empty when absent."""
        return _text(self.headers, name)

    @property
    def project_id(self) -> int:
        """The key's project, else the one the path names, else 0."""
        return self.route.project_id or 0 if self.key is None else self.key.project_id

    @property
    def declared_bytes(self) -> int:
        """The body's length as declared, 0 when it is not."""
        length = self.headers.get(b"content-length", b"")
        return int(length) if length.isdigit() else 0


class ClientAddress:
    """Finds the client's address behind proxies that are trusted by address or network."""

    def __init__(self, trusted: Sequence[str]) -> None:
        """Raises `ValueError` for text that is neither address nor network."""
        self._trusted: list[_Network] = [ipaddress.ip_network(text, strict=False) for text in trusted]
        self._is_trusted = lru_cache(maxsize=1024)(self._look_up)

    def find(self, peer: str, forwarded_for: str) -> str:
        """The peer, or, behind trusted proxies, the last address they were told by one that is not.

        Entries further left are whatever the sender claims, so they do not count.
        """
        if not self._trusted or not forwarded_for or not self._is_trusted(peer):
            return peer
        entries = [_bare(entry) for entry in forwarded_for.split(",")]
        for entry in reversed(entries):
            if not _is_address(entry):
                return peer
            if not self._is_trusted(entry):
                return entry
            peer = entry
        return peer

    def _look_up(self, text: str) -> bool:
        if not text:
            return True  # a unix socket: only this machine can reach it
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._trusted)


def read_request(scope: Scope, route: Route, receive: Receive, addresses: ClientAddress) -> Request:
    """The request of an ASGI scope; its body is not read."""
    pairs: list[tuple[bytes, bytes]] = scope["headers"]
    headers = dict(pairs)
    if len(headers) != len(pairs):
        headers = _joined(pairs)
    client, said = scope.get("client"), _said(headers)
    client_ip = addresses.find(client[0] if client else "", said.forwarded_for)
    return Request(scope["method"], route, headers, said, scope["query_string"], client_ip, receive)


def _said(headers: dict[bytes, bytes]) -> Said:
    return Said(
        _text(headers, b"content-encoding"),
        _text(headers, b"user-agent"),
        _text(headers, b"origin") or _text(headers, b"referer"),
        headers.get(b"x-forwarded-for", b"").decode("latin-1"),
    )


def _text(headers: dict[bytes, bytes], name: bytes) -> str:
    value = headers.get(name)
    return "" if value is None else value[:_MAX_TEXT].decode("latin-1")


def _joined(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for name, value in pairs:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def _bare(entry: str) -> str:
    """An address without port or brackets."""
    entry = entry.strip()
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
