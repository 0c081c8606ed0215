"""Which addresses outgoing requests may reach, and connections that hold to it.

A name is resolved once, checked, and the very address that was checked is connected to, so
that a name which answers differently the second time gains nothing.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable
from typing import Any, TypeAlias

import httpcore

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Forbidden(Exception):
    """The target's address is not one that may be reached."""


class Allowed:
    """Hosts and networks that may be reached although they are private: `VEDETTE_ALLOW_PRIVATE`."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._hosts: set[str] = set()
        self._networks: list[Network] = []
        for entry in entries:
            try:
                self._networks.append(ipaddress.ip_network(entry, strict=False))
            except ValueError:
                self._hosts.add(entry.lower().rstrip("."))

    def resolve(self, host: str, port: int) -> str:
        """An address of the host to connect to. Raises `Forbidden`, `OSError` for a name without address.

        One forbidden address among several refuses them all.
        """
        name = host.lower().rstrip(".").strip("[]")
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        addresses = [str(info[4][0]) for info in found]
        if name not in self._hosts:
            for address in addresses:
                if not self._may_reach(ipaddress.ip_address(address.partition("%")[0])):
                    raise Forbidden(
                        f"{host} is at {address}, a private address: VEDETTE_ALLOW_PRIVATE does not name it"
                    )
        return addresses[0]

    def _may_reach(self, address: Address) -> bool:
        if any(address.version == network.version and address in network for network in self._networks):
            return True
        inner = embedded(address)
        if inner is not None:
            return self._may_reach(inner)
        return is_public(address)


def is_public(address: Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside an IPv6 one that is only another way of writing or reaching it."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and gives up when `within_s` have passed in all."""

    def __init__(self, allowed: Allowed, within_s: float) -> None:
        self._allowed = allowed
        self._inner = httpcore.SyncBackend()
        self._ends_at = time.monotonic() + within_s

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            address = self._allowed.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        stream = self._inner.connect_tcp(address, port, left(self._ends_at, timeout), local_address)
        return _Bounded(stream, self._ends_at)

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise Forbidden("sockets of this machine are not reached")


class _Bounded(httpcore.NetworkStream):
    """A stream that ends with its deadline, however slowly the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream, ends_at: float) -> None:
        self._inner = inner
        self._ends_at = ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, left(self._ends_at, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, left(self._ends_at, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, left(self._ends_at, timeout))
        return _Bounded(inner, self._ends_at)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def left(ends_at: float, timeout: float | None) -> float:
    """Seconds until the deadline, at most `timeout`. Raises `httpcore.ReadTimeout` when it has passed."""
    remaining = ends_at - time.monotonic()
    if remaining <= 0:
        raise httpcore.ReadTimeout("the answer took too long")
    return remaining if timeout is None else min(timeout, remaining)
