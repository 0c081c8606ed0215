"""Ids: their types, how they are made, how they are written."""

import re
import secrets
from functools import lru_cache
from typing import NewType

EventId = NewType("EventId", str)  # 32 lower-case hex digits
ProjectId = NewType("ProjectId", int)
OrganizationId = NewType("OrganizationId", int)
TeamId = NewType("TeamId", int)
UserId = NewType("UserId", int)
KeyId = NewType("KeyId", int)
IssueId = NewType("IssueId", int)

# No I, L, O, U: what is read aloud or typed from a screenshot must survive it.
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE32_VALUE = {char: value for value, char in enumerate(_BASE32)} | {"I": 1, "L": 1, "O": 0}
_SHORT_ID = re.compile(r"([A-Za-z0-9_-]{1,100})-([0-9A-Za-z]{1,12})")  # 60 bits: a store holds 63
_NUMBER = re.compile(r"[0-9]{1,18}")
_from_hex = bytes.fromhex


def new_event_id() -> EventId:
    return EventId(secrets.token_hex(16))


def parse_event_id(text: str) -> EventId | None:
    """The id as 32 lower-case hex digits, from 32 hex or 36 with dashes; None if it is neither."""
    if not is_hex(text, 32):
        text = text.replace("-", "").lower()
        if not is_hex(text, 32):
            return None
    return EventId(text)


def is_hex(text: str, digits: int) -> bool:
    """Whether the text is so many hex digits, in lower case. Quicker than any other way: an event has eight ids."""
    try:
        return len(text) == digits and _from_hex(text).hex() == text
    except ValueError:
        return False


def parse_number(text: str) -> int | None:
    """The number that plain digits write, None for anything else and for more than a store can hold."""
    return int(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=20_000)
def parse_trace_id(text: str) -> str:
    """32 lower-case hex digits; empty for anything that is no trace id, all zeros too."""
    found = parse_event_id(text)
    return found if found and found.strip("0") else ""


def parse_span_id(text: str) -> int:
    """The number that 16 hex digits are; 0 for anything else."""
    if len(text) != 16:
        return 0
    try:
        digits = bytes.fromhex(text)  # passes over blanks
    except ValueError:
        return 0
    return int.from_bytes(digits, "big") if len(digits) == 8 else 0


def span_id_text(span_id: int) -> str:
    """16 hex digits; empty for 0, which is none."""
    return f"{span_id:016x}" if span_id else ""


def new_public_key() -> str:
    return secrets.token_hex(16)


def short_id(project_slug: str, number: int) -> str:
    """`API-2F`: the project's slug in capitals and its issue counter in base 32."""
    digits = ""
    while True:
        number, digit = divmod(number, 32)
        digits = _BASE32[digit] + digits
        if not number:
            return f"{project_slug.upper()}-{digits}"


def parse_short_id(text: str) -> tuple[str, int] | None:
    """Project slug (lower case) and counter of a short id, or None if it is none."""
    match = _SHORT_ID.fullmatch(text)
    if not match:
        return None
    number = 0
    for char in match[2].upper():
        if char not in _BASE32_VALUE:
            return None
        number = number * 32 + _BASE32_VALUE[char]
    return match[1].lower(), number
