"""Scrubbing one event: look once, walk only the parts where something was seen."""

from typing import Any

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, Event, user_tag
from vedette.core.remarks import Remarks
from vedette.scrub.nodes import UNTOUCHABLE
from vedette.scrub.rules import Scrubber
from vedette.scrub.walk import Walker

_encode = msgspec.json.encode
_FIELDS = {field.encode_name: field for field in msgspec.structs.fields(Event) if field.encode_name not in UNTOUCHABLE}
_DECODERS: dict[str, Any] = {name: msgspec.json.Decoder(field.type).decode for name, field in _FIELDS.items()}


def scrub(event: Event, scrubber: Scrubber) -> Event:
    """The event with what the rules name taken out, in place, and its remarks in `_meta`.

    A part that does not fit together again after a rule changed it is left out: never the secret.
    """
    if scrubber.idle:
        return event
    seen = scrubber.sees(_encode(event))
    if not (seen or scrubber.always or scrubber.always_all):
        return event
    before = user_tag(event.user)
    remarks = Remarks()
    walker = Walker(scrubber, remarks)
    for name in _DECODERS:
        _scrub_part(event, name, walker, seen=seen)
    if remarks:
        event.meta = remarks.merged(event.meta)
        _follow_user(event, before)
    return event


def _scrub_part(event: Event, name: str, walker: Walker, *, seen: bool) -> None:
    field = _FIELDS[name]
    value = getattr(event, field.name)
    if value is None or value is ABSENT or value == {}:
        return
    scrubber = walker.scrubber
    text = _encode({name: value})
    if scrubber.always_all or name in scrubber.always or (seen and scrubber.sees(text)):
        sent = msgspec.json.decode(text)[name]
        changed, kept = walker.part(name, sent)
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
