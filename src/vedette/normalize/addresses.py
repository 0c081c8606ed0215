"""Keys under which network addresses of people stand, for projects that keep none.

In attributes of spans, logs and metrics, tags and the trace context. The server's own address is nobody's.
"""

from typing import Any

ADDRESS_HEADERS = frozenset(
    (
        "x-forwarded-for",
        "x-real-ip",
        "forwarded",
        "true-client-ip",
        "cf-connecting-ip",
        "x-client-ip",
        "fastly-client-ip",
    )
)
_KEYS = frozenset(
    (
        *("user.ip", "user.ip.address", "client.ip", "client.address", "client.socket.address"),
        *("source.ip", "source.address", "source.socket.address", "peer.ip", "remote.ip", "remote.addr"),
        *("http.client.ip", "http.forwarded.for", "net.peer.ip", "net.sock.peer.addr"),
        *("network.peer.address", "ip", "ip.address"),
        *(f"http.request.header.{name.replace('-', '.')}" for name in ADDRESS_HEADERS),
    )
)
_AS_DOTS = str.maketrans("_-", "..")


def names_address(key: str) -> bool:
    """Whether somebody's address stands under a key, however it is spelled: `client.ip`, `Client_IP`."""
    return key.lower().translate(_AS_DOTS) in _KEYS


def forget_addresses(*bags: dict[str, Any]) -> None:
    """Take the addresses out of bags of values by key."""
    for bag in bags:
        for key in [key for key in bag if names_address(key)]:
            del bag[key]
