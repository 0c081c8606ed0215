"""Payload bytes of an error item → canonical event."""

from typing import NamedTuple

from vedette.core.event import Event
from vedette.core.patterns import BytesPattern
from vedette.errors.store import payload_of
from vedette.normalize import security
from vedette.normalize.event import InvalidPayload, Received, normalize
from vedette.normalize.sanitize import is_sound

__all__ = ["Decoded", "InvalidPayload", "Received", "decode", "decode_report"]


class Decoded(NamedTuple):
    """An event, its JSON, and whether the look saw something in it."""

    event: Event
    json: bytes
    seen: bool


def decode(payload: bytes, facts: Received, look: BytesPattern | None) -> Decoded:
    """The event of one `event` item. `look` covers `sanitize.SUSPECT`; None sees something in all.

    Raises `InvalidPayload`, whose `reason` is the outcome's, when the bytes are no JSON object.
    """
    event = normalize(payload, facts, looks_later=True)
    json = payload_of(event)
    if look is not None and look.search(json) is None:
        return Decoded(event, json, seen=False)
    if not is_sound(payload):
        event = normalize(payload, facts)
        json = payload_of(event)
    return Decoded(event, json, seen=True)


def decode_report(payload: bytes, facts: Received) -> list[Event]:
    """The events of one security report. Raises `InvalidPayload` (`security_report`)."""
    return [normalize(event, facts) for event in security.payloads(payload, facts)]
