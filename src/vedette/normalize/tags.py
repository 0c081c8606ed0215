"""Tags: those the client sent, then those the server derives."""

import re
from functools import lru_cache

import msgspec
from msgspec import Raw

from vedette.core.event import Event, TagKey, TagValue, present, user_tag
from vedette.normalize.coerce import Json, is_container, pairs, to_text
from vedette.normalize.devices import device_class
from vedette.normalize.notes import Notes
from vedette.scrub.edges import edge

MAX_KEY = 200
MAX_VALUE = 200
MAX_TAGS = 500  # ours: every tag is a map entry in telemetry
_RESERVED = frozenset(("release", "dist", "user", "filename", "function", "environment"))
_KEY = re.compile(r"^[A-Za-z0-9_.:-]+\Z")
_decode_tags = msgspec.json.Decoder(dict[TagKey, TagValue]).decode


def from_client(sent: Raw, notes: Notes) -> tuple[dict[str, str], str | None]:
    """The client's tags, and the environment where they name one; reserved names are left out."""
    if not present(sent):
        return {}, None
    try:
        tags = _decode_tags(sent)
    except msgspec.ValidationError:
        tags = _repaired(msgspec.json.decode(sent), notes)
    if len(tags) > MAX_TAGS:
        notes.remarks.add(("tags",), "!limit", "x", None, len(tags))
        tags = dict(list(tags.items())[:MAX_TAGS])
    if _RESERVED.isdisjoint(tags):
        return tags, None
    environment = tags.get("environment")
    return {key: value for key, value in tags.items() if key not in _RESERVED}, environment


def _repaired(sent: Json, notes: Notes) -> dict[str, str]:
    """From an object, a list of pairs, or of `{key, value}`; the first of a name wins."""
    if not is_container(sent):
        notes.invalid(("tags",), sent)
        return {}
    kept: dict[str, str] = {}
    for key, value in pairs(sent):
        name = _name(key, notes)
        text = _value(name, value, notes) if name is not None else None
        if name is not None and text is not None:
            kept.setdefault(name, text)
    return kept


def _name(key: str | None, notes: Notes) -> str | None:
    name = (key or "").strip().replace(" ", "-")
    if len(name) <= MAX_KEY and _KEY.match(name):
        return name
    notes.error("invalid_data", "tags", f"bad tag name: {name[:MAX_KEY]}")
    return None


def _value(name: str, value: Json, notes: Notes) -> str | None:
    text = (to_text(value) or "").strip()
    if not text:
        return None
    if "\n" in text:
        notes.error("invalid_data", f"tags.{name}", "line break in a tag value")
        return None
    return notes.cut(text, MAX_VALUE, ("tags", name))


class _Named(msgspec.Struct):
    """The fields of browser, os, runtime and device contexts that become tags."""

    name: str | None = None
    version: str | None = None
    rooted: bool | None = None
    family: str | None = None
    model: str | None = None
    replay_id: str | None = None
    processor_frequency: float | None = None
    processor_count: float | None = None
    memory_size: float | None = None


_decode_named = msgspec.json.Decoder(_Named).decode
_NAMED = ("browser", "os", "runtime")


def derive(event: Event, site: str | None) -> None:
    """Add the derived tags to `event.tags`: facts of the event win over client tags of their name."""
    tags = event.tags
    tags["level"] = event.level
    for key, value in (
        ("logger", event.logger),
        ("environment", event.environment),
        ("release", event.release),
        ("dist", event.dist),
        ("server_name", event.server_name and tag_value(event.server_name)),
        ("transaction", event.transaction),
        ("user", tag_value(user_tag(event.user) or "")),
    ):
        if value:  # but for two, one trimmed line within the limit already
            tags[key] = value
    if event.request is not None and event.request.url:
        _add(tags, "url", event.request.url)
    if site:
        _add(tags, "site", site)
    _from_exceptions(event)
    for name in _NAMED:
        if (raw := event.contexts.get(name)) is not None:
            for key, value in _product_tags(name, bytes(raw)).items():
                tags.setdefault(key, value)
    if (raw := event.contexts.get("device")) is not None:
        for key, value in _device_tags(bytes(raw), tags.get("os.name")).items():
            tags.setdefault(key, value)
    if (raw := event.contexts.get("replay")) is not None:
        _add(tags, "replayId", _named(bytes(raw)).replay_id)


def _add(tags: dict[str, str], key: str, value: str | None) -> None:
    if value and key not in tags and (text := tag_value(value)):
        tags[key] = text


def tag_value(value: str) -> str:
    """Text as a tag value: one line, trimmed, within the limit; may be empty."""
    if len(value) <= MAX_VALUE and "\n" not in value:
        return value.strip()
    line = " ".join(value.split())
    return (line if len(line) <= MAX_VALUE else line[: edge(line, MAX_VALUE)]).strip()


def _from_exceptions(event: Event) -> None:
    values = event.exception.values if event.exception is not None else []
    if not values:
        return
    handled = [value.mechanism.handled for value in values if value.mechanism is not None]
    if False in handled:
        event.tags.setdefault("handled", "no")
    elif True in handled:
        event.tags.setdefault("handled", "yes")
    last = values[-1].mechanism
    if last is not None:
        _add(event.tags, "mechanism", last.type)


def _named(context: bytes) -> _Named:
    try:
        return _decode_named(context)
    except msgspec.ValidationError:
        return _lenient(context)


def _lenient(context: bytes) -> _Named:
    fields = msgspec.json.decode(context, type=dict[str, Raw])
    named = _Named()
    for name in ("name", "version", "family", "model", "replay_id"):
        value = msgspec.json.decode(fields[name]) if name in fields else None
        if isinstance(value, str | int | float):
            setattr(named, name, str(value))
    return named


@lru_cache(maxsize=4096)
def _product_tags(kind: str, context: bytes) -> dict[str, str]:
    """`browser` and `browser.name` and so on; the answer is shared, so it is not to be changed."""
    named = _named(context)
    if not named.name:
        return {}
    version = f" {named.version}" if named.version else ""
    tags = {kind: tag_value(f"{named.name}{version}"), f"{kind}.name": tag_value(named.name)}
    if kind == "os" and named.rooted is not None:
        tags["os.rooted"] = "yes" if named.rooted else "no"
    return tags


@lru_cache(maxsize=4096)
def _device_tags(context: bytes, os: str | None) -> dict[str, str]:
    named = _named(context)
    tags: dict[str, str] = {}
    if named.model:
        tags["device"] = tag_value(named.model)
    if named.family:
        tags["device.family"] = tag_value(named.family)
    strength = device_class(
        os, named.model, named.processor_frequency, named.processor_count, named.memory_size
    )
    if strength is not None:
        tags["device.class"] = strength
    return {key: value for key, value in tags.items() if value}
