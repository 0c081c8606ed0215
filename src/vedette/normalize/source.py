"""Where an entry (log, metric) came from, taken out of its attributes: what stores have columns for."""

from collections.abc import Mapping
from functools import lru_cache

import msgspec
from msgspec import Raw

from vedette.core.event import User, user_hash, user_tag
from vedette.core.ids import parse_trace_id
from vedette.normalize import user_agents
from vedette.normalize.attributes import Attributes, number_text
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
    take = attributes.take
    return _source(
        take("sentry.environment") or take("environment"),
        take("sentry.release"),
        take("server.address"),
        take("sentry.sdk.name") or sdk.name,
        take("sentry.sdk.version") or sdk.version,
        _user(attributes),
        take("sentry.replay_id"),
    )


def connection_agent(infer_user_agent: str | None, user_agent: str | None) -> dict[str, str]:
    """Browser and system of the connection as attributes, where a container's settings ask for them."""
    if infer_user_agent != "auto" or not user_agent:
        return {}
    said = user_agents.parse(user_agent[: user_agents.MAX_CHARS])
    found = {"user_agent.original": user_agent[: user_agents.MAX_CHARS]}
    for product, name in ((said.browser, "browser"), (said.os, "os")):
        if product is not None:
            found[f"{name}.name"] = product.name
            found[f"{name}.version"] = product.version or ""
    return {key: value for key, value in found.items() if value}


def add_agent(agent: Mapping[str, str], texts: dict[str, str]) -> None:
    """Say what the connection says of an entry that does not name its browser itself."""
    if agent and "browser.name" not in texts:
        texts.update({**agent, **texts})


@lru_cache(maxsize=8192)
def _source(
    environment: str, release: str, server: str, sdk_name: str, sdk_version: str, user: str, replay_id: str
) -> Source:
    """Entries of one sender say the same again and again."""
    return Source(
        _environment(environment),
        _release(release),
        server[:_MAX_NAME],
        sdk_name[:_MAX_NAME],
        sdk_version[:_MAX_NAME],
        user,
        user_hash(user),
        parse_trace_id(replay_id),
    )


def name_user(texts: dict[str, str]) -> None:
    """Where only `user.username` says the user's name, have it also under `user.name`, which is searched and shown."""
    if "user.username" in texts:
        texts.setdefault("user.name", texts["user.username"])


def _user(attributes: Attributes) -> str:
    """By the first of id, name, email, address that is known, as events have it."""
    texts = attributes.texts
    name_user(texts)
    number = attributes.numbers.pop("user.id", None)
    if number is not None:  # an application's own numbers: searched for as text
        texts["user.id"] = number_text(number)
    tag = user_tag(
        User(
            texts.get("user.id"),
            texts.get("user.name"),
            None,
            texts.get("user.email"),
            texts.get("user.ip_address"),
        )
    )
    return tag[:_MAX_USER].strip() if tag else ""


def _environment(sent: str) -> str:
    sent = sent.strip()[:64]
    return sent if sent and valid_environment(sent) else ""


def _release(sent: str) -> str:
    sent = sent.strip()[:200]
    return sent if sent and valid_release(sent) else ""
