"""When an event happened: the client's word, corrected for its clock, within the range we keep."""

from datetime import datetime

import msgspec

from vedette.core.time import DAY_US, MINUTE_US, SECOND_US, from_datetime, parse_time, to_iso
from vedette.normalize.notes import Notes
from vedette.normalize.received import Received

MIN_DRIFT_US = 55 * MINUTE_US
MAX_FUTURE_US = 60 * SECOND_US
MAX_AGE_US = 30 * DAY_US


def place(sent: float | str | None, facts: Received, notes: Notes) -> tuple[int, int]:
    """When it happened, and by how much every other time of the event is shifted; microseconds."""
    at_us = _microseconds(sent)
    if at_us is None:
        if sent is not None:
            notes.invalid(("timestamp",), sent)
        return facts.received_us, _drift(facts, notes)
    shift_us = _drift(facts, notes)
    kind = _out_of_range(at_us + shift_us, facts.received_us)
    if kind:
        notes.error(kind, "timestamp", to_iso(max(0, at_us + shift_us)))
        shift_us = facts.received_us - at_us
    return at_us + shift_us, shift_us


def entry_time(sent: float | str | None, facts: Received) -> int:
    """When a log, metric or other entry without notes of its own was made, in microseconds.

    Corrected as events are: what is out of range, or no time at all, is put at its receipt.
    """
    at_us = _microseconds(sent)
    if at_us is None:
        return facts.received_us
    at_us += drift_us(facts)
    return facts.received_us if _out_of_range(at_us, facts.received_us) else at_us


def drift_us(facts: Received) -> int:
    """How far the client's clock is behind ours, if that is far; else 0."""
    if facts.sent_at_us is None:
        return 0
    drift = facts.received_us - facts.sent_at_us
    return drift if abs(drift) >= MIN_DRIFT_US else 0


def _microseconds(sent: float | str | None) -> int | None:
    if isinstance(sent, str):
        try:
            at_us = from_datetime(msgspec.convert(sent, datetime))
        except (msgspec.ValidationError, OverflowError):
            return parse_time(sent)
        return at_us if at_us >= 0 else None
    return parse_time(sent)


def _drift(facts: Received, notes: Notes) -> int:
    """`drift_us`, noted where there is one."""
    shift_us = drift_us(facts)
    if shift_us and facts.sent_at_us is not None:
        times = {"sdk_time": to_iso(facts.sent_at_us), "server_time": to_iso(facts.received_us)}
        notes.error("clock_drift", "timestamp", times)
    return shift_us


def _out_of_range(at_us: int, received_us: int) -> str | None:
    if at_us > received_us + MAX_FUTURE_US:
        return "future_timestamp"
    if at_us < received_us - MAX_AGE_US:
        return "past_timestamp"
    return None
