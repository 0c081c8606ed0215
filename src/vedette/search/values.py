"""Words to numbers, times, durations, sizes, truth. Each returns None for what it cannot read."""

import re
from dataclasses import dataclass

from vedette.core.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US, parse_time

_NUMBER = r"(-?[0-9]{1,18}(?:\.[0-9]{1,9})?)"
_WITH_UNIT = re.compile(rf"{_NUMBER}\s?([A-Za-z%]*)\Z")
_RELATIVE = re.compile(r"([+-])([0-9]{1,6})([smhdw])\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_TO_MINUTE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?:Z|[+-]\d{2}:?\d{2})?\Z")
_TO_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:?\d{2})?\Z")

_NUMBER_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_DURATION_UNITS_MS = {
    "": 1,
    "ms": 1,
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1_000),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60_000),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600_000),
    **dict.fromkeys(("d", "day", "days"), 86_400_000),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), 604_800_000),
}
_SIZE_UNITS = {
    "": 1.0,
    "bit": 0.125,
    **dict.fromkeys(("b", "nb", "byte", "bytes"), 1.0),
    **{unit + "b": 1000.0**power for power, unit in enumerate("kmgtpe", 1)},
    **{unit + "ib": 1024.0**power for power, unit in enumerate("kmgtpe", 1)},
}
_PERIOD_US = {"s": SECOND_US, "m": MINUTE_US, "h": HOUR_US, "d": DAY_US, "w": 7 * DAY_US}
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class Moment:
    """What a date names: from its first microsecond up to, not including, its end."""

    from_us: int
    to_us: int


def read_number(word: str) -> float | None:
    """`12`, `-0.5`, `2k`, `3m`, `1b`."""
    return _scaled(word, _NUMBER_UNITS)


def read_duration_ms(word: str) -> float | None:
    """`1.5s`, `200ms`, `2h`; a bare number is milliseconds."""
    return _scaled(word, _DURATION_UNITS_MS)


def read_size_bytes(word: str) -> float | None:
    """`10kb` (1000), `10kib` (1024), `8bit`; a bare number is bytes."""
    return _scaled(word, _SIZE_UNITS)


def read_fraction(word: str) -> float | None:
    """`50%` is 0.5; a bare number is the fraction itself."""
    match = _WITH_UNIT.match(word)
    if not match or match[2] not in ("", "%"):
        return None
    return float(match[1]) / (100 if match[2] else 1)


def _scaled(word: str, units: dict[str, int] | dict[str, float]) -> float | None:
    match = _WITH_UNIT.match(word)
    factor = units.get(match[2].lower()) if match else None
    return float(match[1]) * factor if match and factor is not None else None


def read_truth(word: str) -> bool | None:
    """`true`, `1`, `false`, `0`."""
    return _TRUTH.get(word.lower())


def read_relative_us(word: str) -> tuple[str, int] | None:
    """`-24h` as `("-", microseconds)`: newer than that; `+24h`: older than that."""
    match = _RELATIVE.match(word)
    return (match[1], int(match[2]) * _PERIOD_US[match[3]]) if match else None


def read_moment(word: str) -> Moment | None:
    """A date is its whole day (UTC), a time to the minute its minute, and so on."""
    at_us = parse_time(word) if word[:4].isdigit() and "-" in word else None
    if at_us is None:
        return None
    if _DAY.match(word):
        return Moment(at_us, at_us + DAY_US)
    if _TO_MINUTE.match(word):
        return Moment(at_us, at_us + MINUTE_US)
    if _TO_SECOND.match(word):
        return Moment(at_us, at_us + SECOND_US)
    return Moment(at_us, at_us + 1)
