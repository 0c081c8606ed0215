"""Where an entry (log, metric) came from, taken out of its attributes: what stores have columns for."""

import msgspec
from msgspec import Raw

from vedette.core.event import User, user_hash, user_tag
from vedette.core.ids import parse_trace_id
from vedette.normalize.attributes import Attributes
from vedette.normalize.identity import valid_environment, valid_release

_MAX_USER = 200
_MAX_NAME = 256


class SentSdk(msgspec.Struct, frozen=True):
    """Name and version of an envelope's `sdk`."""

    name: str = ""
    version: str = ""


class Source(msgspec.Struct, frozen=True, gc=False):
    """Missing texts are empty; `user` as searches and lists show it (`id:5`)."""

    environment: str
    release: str
    server_name: str
    sdk_name: str
    sdk_version: str
    user: str
    user_hash: int
    replay_id: str


_NO_SDK = SentSdk()
_decode_sdk = msgspec.json.Decoder(SentSdk).decode


def sdk_of(raw: Raw) -> SentSdk:
    """The SDK that an envelope's header names; entries may say otherwise."""
    try:
        return _decode_sdk(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _NO_SDK


def take_source(attributes: Attributes, sdk: SentSdk) -> Source:
    """What the attributes say of it, which they say no longer. `user.*` stays with them."""
    user = _user(attributes)
    return Source(
        _environment(attributes.take("sentry.environment") or attributes.take("environment")),
        _release(attributes.take("sentry.release")),
        attributes.take("server.address")[:_MAX_NAME],
        (attributes.take("sentry.sdk.name") or sdk.name)[:_MAX_NAME],
        (attributes.take("sentry.sdk.version") or sdk.version)[:_MAX_NAME],
        user,
        user_hash(user),
        parse_trace_id(attributes.take("sentry.replay_id")),
    )


def _user(attributes: Attributes) -> str:
    """By the first of id, name, email, address that is known, as events have it."""
    text = attributes.text
    name = text("user.name") or text("user.username")
    user = User(text("user.id"), name, text("user.name"), text("user.email"), text("user.ip_address"))
    return (user_tag(user) or "")[:_MAX_USER].strip()


def _environment(sent: str) -> str:
    sent = sent.strip()[:64]
    return sent if sent and valid_environment(sent) else ""


def _release(sent: str) -> str:
    sent = sent.strip()[:200]
    return sent if sent and valid_release(sent) else ""
