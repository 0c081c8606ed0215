"""Scrubbing one event: look once, walk only the parts where something was seen."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, Event, user_tag
from vedette.core.remarks import Remarks
from vedette.scrub.everywhere import Everywhere
from vedette.scrub.nodes import UNTOUCHABLE
from vedette.scrub.pieces import Pieces, seen_in
from vedette.scrub.redact import Redactor
from vedette.scrub.rules import Scrubber
from vedette.scrub.walk import Walker

_encode = msgspec.json.encode
_FIELDS = {
    field.encode_name: field
    for field in msgspec.structs.fields(Event)
    if field.encode_name not in UNTOUCHABLE
}
_DECODERS: dict[str, Any] = {name: msgspec.json.Decoder(field.type).decode for name, field in _FIELDS.items()}


def scrub(event: Event, scrubber: Scrubber, *, seen: Pieces | None = None) -> Event:
    """The event with what the rules name taken out, in place, and its remarks in `_meta`.

    `seen`: the pieces in which the scrubber sees something, where the caller has looked.
    A part that does not fit together again after a rule changed it is left out: never the secret.
    """
    if scrubber.idle:
        return event
    user = user_tag(event.user)
    remarks = Remarks()
    redactor = Redactor(remarks, scrubber.safe)
    if scrubber.everywhere:
        seen = seen_in(event, scrubber.glance) if seen is None else seen
        Everywhere(scrubber, redactor).event(event, seen)
    if scrubber.selected:
        _scrub_selected(event, scrubber, Walker(scrubber.selected, redactor))
    if remarks:
        event.meta = remarks.merged(event.meta)
        _follow_user(event, user)
    return event


class Change(NamedTuple):
    """One value that rules would change: its path, the first rule's name, the value before and after."""

    path: str
    rule: str
    before: object
    after: object


def preview(event: Event, scrubber: Scrubber) -> list[Change]:
    """What `scrub` would change in a stored or canonical event, which stays as it is."""
    stored = _encode(event)
    copy = msgspec.json.decode(stored, type=Event)
    copy.meta = ABSENT
    before = msgspec.json.decode(stored)
    scrub(copy, scrubber)
    after = msgspec.json.decode(_encode(copy))
    return list(_changes(after.pop("_meta", {}), before, after, ()))


def _changes(remarks: Any, before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Change]:
    note = remarks.get("")
    if note is not None:
        yield Change(".".join(path), note["rem"][0][0], before, after)
    for key, inner in remarks.items():
        if key:
            yield from _changes(inner, _step(before, key), _step(after, key), (*path, key))


def _step(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).get(key)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return items[int(key)] if key.isdigit() and int(key) < len(items) else None
    return None


def _scrub_selected(event: Event, scrubber: Scrubber, walker: Walker) -> None:
    for name, field in _FIELDS.items():
        value = getattr(event, field.name)
        if value is None or value is ABSENT or value == {} or not scrubber.reaches(name):
            continue
        text = _encode({name: value})
        if not (scrubber.is_blind(name) or scrubber.sees_selected(text)):
            continue
        changed, kept = walker.part(name, msgspec.json.decode(text)[name])
        if changed:
            setattr(event, field.name, _rebuilt(name, kept))


def _rebuilt(name: str, value: object) -> object:
    field = _FIELDS[name]
    nothing = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    if value is None:
        return nothing
    if field.type is Raw:
        return Raw(_encode(value))
    try:
        return _DECODERS[name](_encode(value))
    except msgspec.ValidationError:
        return nothing


def _follow_user(event: Event, before: str | None) -> None:
    """Let the derived tag say what the user still says."""
    if before is None or event.tags.get("user") != before[:200].strip():
        return
    after = user_tag(event.user)
    if after is None:
        del event.tags["user"]
    else:
        event.tags["user"] = after[:200].strip()
