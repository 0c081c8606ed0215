"""Bodies of requests: partial, lenient in what clients add, strict in types.

Keys that we do not know are ignored, and so is null where a value cannot be null: clients
send back whole objects with the one field they changed.
"""

from typing import TypeVar

import msgspec

from vedette.projects.errors import Invalid

T = TypeVar("T")
Lines = list[str] | str | None  # a list, or one text with a value per line


class Body(msgspec.Struct, rename="camel", kw_only=True):
    """The base of all request bodies: snake case here, camel case on the wire."""


def lines(given: Lines, present: tuple[str, ...], *, field: str, most: int = 1000) -> tuple[str, ...]:
    """The values given, without blanks and repetitions; what is there when none are given."""
    if given is None:
        return present
    texts = given.splitlines() if isinstance(given, str) else given
    values = tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if len(values) > most or any(len(value) > 1024 for value in values):
        raise Invalid(field, f"at most {most} values of at most 1024 characters")
    return values


def kept(given: T | None, present: T) -> T:
    """What is given, or what is there."""
    return present if given is None else given
