"""Payload bytes of an error item → canonical event."""

from vedette.core.event import Event
from vedette.normalize import security
from vedette.normalize.event import InvalidPayload, Received, normalize

__all__ = ["InvalidPayload", "Received", "decode", "decode_report"]


def decode(payload: bytes, facts: Received) -> Event:
    """The event of one `event` item.

    Raises `InvalidPayload`, whose `reason` is the outcome's, when the bytes are no JSON object.
    """
    return normalize(payload, facts)


def decode_report(payload: bytes, facts: Received) -> list[Event]:
    """The events of one security report. Raises `InvalidPayload` (`security_report`)."""
    return [normalize(event, facts) for event in security.payloads(payload, facts)]
