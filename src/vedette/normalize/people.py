"""The user of an event and the address they came from."""

from functools import lru_cache
from ipaddress import ip_address

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, Request, User, present
from vedette.normalize import bounds
from vedette.normalize.addresses import ADDRESS_HEADERS
from vedette.normalize.coerce import encode
from vedette.normalize.notes import Notes
from vedette.normalize.parts import SentUser
from vedette.normalize.received import Received

AUTO = "{{auto}}"
_AUTO_PLATFORMS = frozenset(("javascript", "cocoa", "objc"))  # SDKs that never knew their own address


class _Env(msgspec.Struct):
    remote: str | None = msgspec.field(name="REMOTE_ADDR", default=None)


class _Settings(msgspec.Struct):
    infer_ip: str | None = None


_decode_env = msgspec.json.Decoder(_Env).decode
_decode_settings = msgspec.json.Decoder(_Settings).decode


def infer_ip(settings: Raw) -> str | None:
    """`auto`, `never` or None from `sdk.settings`."""
    if settings is ABSENT or b"infer_ip" not in bytes(settings):
        return None
    try:
        return _decode_settings(settings).infer_ip
    except msgspec.ValidationError:
        return None


def canonical(
    sent: SentUser | None,
    request: Request | None,
    facts: Received,
    platform: str,
    infer: str | None,
    notes: Notes,
) -> User | None:
    """The user with their address resolved; None when nothing is known.

    `infer` is `infer_ip` of the SDK. Also resolves or removes the addresses of `request`.
    """
    user = _from_sent(sent, notes)
    connection = facts.client_ip if facts.store_ips and infer != "never" else None
    remote = _resolve_remote(request, connection)
    if not facts.store_ips:
        user.ip_address = None
        _forget_addresses(request)
    else:
        automatic = infer == "auto" or (infer is None and platform in _AUTO_PLATFORMS)
        user.ip_address = _address(user.ip_address, remote, connection, automatic, notes)
    return None if user == _NOBODY else user


_NOBODY = User()


def _from_sent(sent: SentUser | None, notes: Notes) -> User:
    if sent is None:
        return User()
    if present(sent.data) and not bounds.is_object(sent.data):
        sent.data = Raw(b'{"data":%s}' % bytes(sent.data))
    data = bounds.bounded_object(sent.data, bounds.BODY_DEPTH, bounds.BODY_BYTES, ("user", "data"), notes)
    return User(
        id=sent.id or None,
        username=sent.username or None,
        name=sent.name or None,
        email=sent.email or None,
        ip_address=sent.ip_address or None,
        segment=sent.segment or None,
        geo=sent.geo,
        data=data,
    )


def _address(
    sent: str | None, remote: str | None, connection: str | None, automatic: bool, notes: Notes
) -> str | None:
    """Explicit, else of the request, else of the connection where that is the client's own."""
    if sent == AUTO:
        return connection
    if sent is not None:
        if is_address(sent):
            return sent
        notes.invalid(("user", "ip_address"), sent)
    if remote is not None:
        return remote
    return connection if automatic else None


@lru_cache(maxsize=4096)
def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _resolve_remote(request: Request | None, connection: str | None) -> str | None:
    """The request's `REMOTE_ADDR`, with `{{auto}}` replaced in place."""
    if request is None or request.env is ABSENT or b"REMOTE_ADDR" not in bytes(request.env):
        return None
    try:
        remote = _decode_env(request.env).remote
    except msgspec.ValidationError:
        return None
    if remote == AUTO:
        _set_env(request, connection)
        return connection
    return remote if remote is not None and is_address(remote) else None


def _set_env(request: Request, address: str | None) -> None:
    env = msgspec.json.decode(request.env, type=dict[str, Raw])
    env.pop("REMOTE_ADDR", None)
    if address is not None:
        env["REMOTE_ADDR"] = Raw(encode(address))
    request.env = Raw(msgspec.json.encode(env)) if env else ABSENT


def _forget_addresses(request: Request | None) -> None:
    if request is None:
        return
    if request.env is not ABSENT and b"REMOTE_ADDR" in bytes(request.env):
        _set_env(request, None)
    if request.headers:
        request.headers = [pair for pair in request.headers if pair[0].lower() not in ADDRESS_HEADERS] or None
