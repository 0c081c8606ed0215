"""Payload bytes of error items → canonical events."""

from collections.abc import Sequence

import msgspec

from vedette.core.event import Event
from vedette.core.patterns import BytesPattern
from vedette.core.stages import paired, through
from vedette.normalize import security
from vedette.normalize.event import InvalidPayload, Received, Sent, normalize, normalize_together
from vedette.normalize.sanitize import SUSPECT, is_sound
from vedette.scrub.pieces import Pieces, seen_in

__all__ = ["Decoded", "InvalidPayload", "Payload", "Received", "decode", "decode_report"]


class Payload(msgspec.Struct, frozen=True, gc=False):
    """The JSON of one `event` item. `look` covers `sanitize.SUSPECT`; None sees something in all."""

    json: bytes
    facts: Received
    look: BytesPattern | None


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """An event, and the pieces of it in which the look saw something."""

    event: Event
    seen: Pieces


def decode(payloads: Sequence[Payload | Exception]) -> list[Decoded | Exception]:
    """The event of each; `InvalidPayload`, whose `reason` is the outcome's, where the bytes are no JSON object."""
    events = normalize_together(through(_sent, payloads))
    return through(_looked_at, paired(payloads, events))


def _sent(payload: Payload) -> Sent:
    return payload.json, payload.facts


def _looked_at(found: tuple[Payload, Event]) -> Decoded:
    payload, event = found
    seen = seen_in(event, payload.look)
    if any(map(SUSPECT.sees, seen.values())) and not is_sound(payload.json):
        event = normalize(payload.json, payload.facts)
        seen = seen_in(event, payload.look)
    return Decoded(event, seen)


def decode_report(payload: bytes, facts: Received) -> list[Event]:
    """The events of one security report. Raises `InvalidPayload` (`security_report`)."""
    return [normalize(event, facts) for event in security.payloads(payload, facts)]
