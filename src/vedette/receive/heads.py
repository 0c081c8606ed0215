"""Heads of requests seen before, and of answers given: an SDK sends the same one each time, but for a length.

Knows bytes. What a head means was settled when it was parsed the first time.
"""

import re
from collections.abc import Sequence

import msgspec

from vedette.receive.answers import Answer, Header
from vedette.receive.paths import Route
from vedette.receive.request import Said
from vedette.wire.auth import Credentials

# Remembered: a few per SDK and client; with the next lines 10 MB at worst, and the last of each open connection.
MOST_HEADS = 1_000
_MOST_HEAD_BYTES = 2_048
_MOST_LINES = 40  # many short ones would cost thirty times their bytes
_LENGTH = re.compile(rb"\r\ncontent-length: ?(\d{1,5})\r\n", re.IGNORECASE)


class Head(msgspec.Struct, frozen=True, gc=False):
    """The front of a message. `key`: all of it but the digits of its length, between `before` and `rest`."""

    key: bytes
    size_bytes: int
    body_bytes: int
    before: bytes
    rest: bytes

    def again(self, data: bytes) -> "Head | None":
        """What `read_head` would find where `data` begins with this head but for the length, for a third; else None."""
        before, rest = self.before, self.rest
        if not data.startswith(before):
            return None
        start = len(before)
        end = data.find(b"\r", start, start + 6)
        digits = data[start:end]
        if end < 0 or not digits.isdigit() or not data.startswith(rest, end):
            return None
        return Head(self.key, end + len(rest), int(digits), before, rest)


def read_head(data: bytes) -> Head | None:
    """The head that `data` begins with; None where it is incomplete, large, or names no length of five digits.

    Two heads of one key differ by the number after `content-length:` only, if one of them was valid HTTP.
    """
    end = data.find(b"\r\n\r\n", 0, _MOST_HEAD_BYTES)
    found = _LENGTH.search(data, 0, end + 2) if end >= 0 else None
    if found is None:
        return None
    before, rest = data[: found.start(1)], data[found.end(1) : end + 4]
    return Head(before + rest[:-4], end + 4, int(found[1]), before, rest)


class KnownHead(msgspec.Struct, frozen=True):
    """What a head came to, but for its length and for who sent it."""

    route: Route
    headers: dict[bytes, bytes]
    said: Said
    query: bytes
    credentials: Credentials | None


class KnownHeads:
    """Heads of envelopes that were taken, by key. Bounded: when full it begins anew."""

    def __init__(self) -> None:
        self._known: dict[bytes, KnownHead] = {}

    def find(self, key: bytes) -> KnownHead | None:
        return self._known.get(key)

    def remember(self, key: bytes, head: KnownHead) -> None:
        """For the next time, but for a head of very many lines."""
        if key.count(b"\r\n") > _MOST_LINES:
            return
        if len(self._known) >= MOST_HEADS:
            self._known.clear()
        self._known[key] = head


class AnswerHeads:
    """The last answer's head as bytes: the next is alike while the default headers, the date among them, stay."""

    def __init__(self) -> None:
        self._defaults: Sequence[Header] = ()
        self._headers: Sequence[Header] = ()
        self._status = 0
        self._made = b""

    def of(self, answer: Answer, status_line: bytes, defaults: Sequence[Header]) -> bytes:
        """All but `content-length` and the empty line."""
        headers, status = answer.headers, answer.status
        if headers is not self._headers or defaults is not self._defaults or status != self._status:
            lines = [name + b": " + value + b"\r\n" for name, value in (*defaults, *headers)]
            self._made = status_line + b"".join(lines)
            self._defaults, self._headers, self._status = defaults, headers, status
        return self._made
