"""A span, whatever it came as: the one shape that every later stage reads."""

from datetime import datetime

import msgspec

from vedette.core.event import user_hash
from vedette.core.time import SECOND_US, from_datetime
from vedette.normalize.moment import MAX_AGE_US, MAX_FUTURE_US


class Scene(msgspec.Struct, gc=False):
    """Where and for whom a span ran: what all spans of a transaction share. Empty for unknown."""

    transaction: str = ""  # name of the segment
    transaction_id: str = ""  # event id of the transaction; 32 hex
    environment: str = ""
    release: str = ""
    dist: str = ""
    platform: str = ""
    server_name: str = ""
    sdk_name: str = ""
    sdk_version: str = ""
    user: str = ""  # display form: `id:5`
    profile_id: str = ""
    replay_id: str = ""
    weight: float = 1.0  # spans that this one stands for

    @property
    def user_hash(self) -> int:
        return user_hash(self.user)


class Span(msgspec.Struct, gc=False):
    """Times are microseconds since the epoch, on our clock; ids of spans numbers, 0 for none."""

    trace_id: str
    span_id: int
    start_us: int
    end_us: int
    parent_span_id: int = 0
    segment_id: int = 0
    is_segment: bool = False
    op: str = ""
    description: str = ""
    status: str = ""
    origin: str = ""
    http_status: int = 0
    self_us: int = -1  # -1 until known
    model: str = ""
    texts: dict[str, str] = {}
    numbers: dict[str, float] = {}
    links: str = ""
    payload: bytes = b""
    is_long: bool = False  # whether texts are to be cut once they are scrubbed

    @property
    def duration_us(self) -> int:
        return self.end_us - self.start_us


def span_number(text: str | None) -> int:
    """A span id of 16 hex digits as a number; 0 where it is none."""
    if not text:
        return 0
    if len(text) != 16:
        text = text.strip()
    try:
        digits = bytes.fromhex(text)
    except ValueError:
        return 0
    return int.from_bytes(digits, "big") if len(digits) == 8 else 0


def span_hex(number: int) -> str:
    """The id as on the wire."""
    return f"{number:016x}"


def placed(start_us: int, end_us: int, shift_us: int, received_us: int) -> tuple[int, int]:
    """Start and end on our clock, where the stores can hold them: begun within the time that is kept."""
    duration_us = end_us - start_us
    start_us += shift_us
    if not 0 <= duration_us <= MAX_AGE_US:
        duration_us = min(max(0, duration_us), MAX_AGE_US)
    if not -MAX_AGE_US <= start_us - received_us <= MAX_FUTURE_US:
        start_us = min(max(start_us, received_us - MAX_AGE_US), received_us + MAX_FUTURE_US)
    return start_us, start_us + duration_us


def self_time(exclusive_ms: float | None, duration_us: int) -> int:
    """Microseconds of an `exclusive_time` as sent, at most the duration; -1 where none was."""
    if exclusive_ms is None:
        return -1
    return round(min(max(0.0, exclusive_ms * 1000), duration_us))


def microseconds(at: float | datetime | None) -> int | None:
    """Of a time as sent, decoded; None where it is none or before 1970."""
    if at is None:
        return None
    if isinstance(at, datetime):
        found = from_datetime(at)
        return found if found >= 0 else None
    return round(at * SECOND_US) if 0 <= at < 253_402_300_799 else None
