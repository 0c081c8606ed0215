"""Parts that every event of one program repeats: each text is decoded once.

What comes back is shared by events: it is not to be changed.
"""

from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

import msgspec
from msgspec import Raw

from vedette.normalize.bounds import MODULES_BYTES, OTHER_BYTES, OTHER_DEPTH, openings

T = TypeVar("T")
_LONGEST = MODULES_BYTES  # of a text that is remembered: 3 kB of JSON name some 80 modules
assert MODULES_BYTES <= OTHER_BYTES  # so that neither limit of bytes cuts what is remembered
_KEPT = 512  # texts of one part, with what they say at most some 20 MB


class Remembered(Generic[T]):
    """Decodes one part of an event."""

    def __init__(self, kind: Any) -> None:
        self._decode = cast("msgspec.json.Decoder[T]", msgspec.json.Decoder(kind)).decode
        self._recall = lru_cache(_KEPT)(self._told)

    def decode(self, raw: Raw) -> T:
        """The part's value. Raises `msgspec.ValidationError` for what is not canonical."""
        return self.told(raw)[0]

    def told(self, raw: Raw) -> tuple[T, bool]:
        """As `decode`; and whether no limit changes it: its text is short, not nested deep, and has no null."""
        text = bytes(raw)
        return self._recall(text) if len(text) <= _LONGEST else (self._decode(text), False)

    def _told(self, text: bytes) -> tuple[T, bool]:
        return self._decode(text), openings(text) <= OTHER_DEPTH and b"null" not in text
