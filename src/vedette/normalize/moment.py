"""When an event happened: the client's word, corrected for its clock, within the range we keep."""

from datetime import datetime

import msgspec

from vedette.core.time import DAY_US, MINUTE_US, SECOND_US, from_datetime, parse_time, to_iso
from vedette.normalize.notes import Notes
from vedette.normalize.received import Received

MIN_DRIFT_US = 55 * MINUTE_US
MAX_FUTURE_US = 60 * SECOND_US
MAX_AGE_US = 30 * DAY_US
_MAX_S = 1e11  # seconds that can be a time


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


class EntryTimes:
    """When the entries of a container (logs, metrics) were made: corrected as events are, without notes."""

    def __init__(self, facts: Received) -> None:
        self._shift_us = drift_us(facts)
        self._received_us = facts.received_us
        self._first_us = facts.received_us - MAX_AGE_US
        self._last_us = facts.received_us + MAX_FUTURE_US

    def at(self, sent: float | str | None) -> int:
        """Microseconds; of its receipt for what is out of range, or no time at all."""
        at_us = _from_number(sent) if isinstance(sent, float) else _microseconds(sent)
        if at_us is None:
            return self._received_us
        at_us += self._shift_us
        return at_us if self._first_us <= at_us <= self._last_us else self._received_us


def _from_number(seconds: float) -> int | None:
    return round(seconds * SECOND_US) if 0 <= seconds < _MAX_S else None


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
