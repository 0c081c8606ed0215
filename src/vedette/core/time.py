"""Time: integer microseconds since the epoch inside (`_us`), ISO 8601 with `Z` outside."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

Clock = Callable[[], int]  # now, in microseconds since the epoch; given, never imported

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_US = 253_402_300_799 * SECOND_US  # the end of year 9999


def to_iso(at_us: int) -> str:
    """`2026-01-02T03:04:05.000006Z`; the fraction is left out when it is zero."""
    text = (_EPOCH + timedelta(microseconds=at_us)).isoformat()
    return text.replace("+00:00", "Z")


def from_datetime(at: datetime) -> int:
    """Microseconds of a datetime; one without zone is UTC."""
    since = (at if at.tzinfo is not None else at.replace(tzinfo=UTC)) - _EPOCH
    return since.days * DAY_US + since.seconds * SECOND_US + since.microseconds


def parse_time(value: object) -> int | None:
    """Microseconds from RFC 3339 text or epoch seconds (int, float, digits); None if it is neither.

    Text without zone is UTC. Years before 1970 and after 9999 are refused.
    """
    if isinstance(value, str):
        return _from_text(value.strip())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_seconds(float(value))
    return None


def _from_seconds(seconds: float) -> int | None:
    if not 0 <= seconds <= _MAX_US / SECOND_US:  # also refuses NaN
        return None
    return round(seconds * SECOND_US)


def _from_text(text: str) -> int | None:
    try:
        at_us = from_datetime(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        try:
            return _from_seconds(float(text))
        except ValueError:
            return None
    return at_us if 0 <= at_us <= _MAX_US else None
