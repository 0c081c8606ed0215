"""Bytes that call themselves JSON → bytes that are.

Clients send bare `NaN`, broken UTF-8, lone surrogates cut out of an emoji, NUL bytes. All of it is
mended here, before any decoder sees it. What stays is refused: no object, or nested too deep.
"""

import re
from collections.abc import Callable
from functools import cache

import msgspec
from msgspec import Raw

from vedette.core.patterns import BytesPattern, either, whole_matcher
from vedette.normalize.received import InvalidPayload

_MAX_NUMBER_CHARS = 300

# What msgspec lets pass, though readers and stores choke on it: NUL, and in raw parts numbers.
_NUL = BytesPattern(rb"\\u0000")  # alone: RE2 looks for a literal ten times as fast as for a pattern
SUSPECT = BytesPattern(rb"[:,\[\s]-?(?:[0-9.]+[eE][+]?[0-9]{3,}\s*[,\]}]|[0-9.]{100})")
_UNSOUND = either(_NUL, SUSPECT)
# The group of strings repeats possessively, so nothing in it may fail half-way: Python 3.11.2 takes too much there.
_TOKEN = re.compile(
    rb'(?P<string>"(?:[^"\\]++|\\(?:.|\Z))*+"?)|(?P<word>-?(?:NaN|Infinity))|(?P<number>-?[0-9][0-9.eE+-]*)',
    re.DOTALL,
)
_ESCAPE = re.compile(
    rb"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\."
)
_CONTROL = re.compile(rb"[\x00-\x1f]")
_REPLACEMENT = b"\\ufffd"
_NO_MARKS = bytes(set(range(256)) - set(b'[]{}"'))

_decode_parts = msgspec.json.Decoder(dict[str, Raw]).decode


def split(payload: bytes) -> tuple[bytes, dict[str, Raw]]:
    """The payload as valid JSON, and its top-level parts, each still JSON.

    Raises `InvalidPayload` (`invalid_json`) when it is no JSON object. Nesting near 1000 levels and
    more ends in `RecursionError`, from here or a later decoder: the caller refuses that, too.
    """
    if not is_sound(payload):
        payload = mend(payload)
    try:
        return payload, _decode_parts(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        payload = mend(payload)
    try:
        return payload, _decode_parts(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidPayload("invalid_json", str(error)) from error


def is_sound(payload: bytes) -> bool:
    """Whether nothing needs mending that a decoder of raw parts would not notice."""
    return _is_utf8(payload) and not _UNSOUND.sees(payload)


def is_text(payload: bytes) -> bool:
    """Whether nothing but its numbers may need mending that a decoder of raw parts would not notice."""
    return _is_utf8(payload) and not _NUL.sees(payload)


def _is_utf8(payload: bytes) -> bool:
    if payload.isascii():
        return True
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def mend(payload: bytes) -> bytes:
    """The same JSON with its words, numbers and strings made valid. One pass."""
    text = payload.removeprefix(b"\xef\xbb\xbf").strip(b"\x00 \t\r\n").decode("utf-8", "replace").encode()
    return _TOKEN.sub(_mend_token, text)


def _mend_token(token: "re.Match[bytes]") -> bytes:
    text = token[0]
    match token.lastgroup:
        case "word":
            return b"null"
        case "number":
            return text if _is_finite(text) else b"null"
        case _:
            if b"\\" in text:
                text = _ESCAPE.sub(_mend_escape, text)
            return _CONTROL.sub(_escape_control, text)


def _is_finite(number: bytes) -> bool:
    if len(number) > _MAX_NUMBER_CHARS:
        return False
    try:
        return abs(float(number)) != float("inf")
    except ValueError:
        return True  # not a number at all: the decoder says where


def _mend_escape(escape: "re.Match[bytes]") -> bytes:
    lone = escape[3]
    if lone is None:
        return escape[0]
    code = int(lone, 16)
    return _REPLACEMENT if code == 0 or 0xD800 <= code <= 0xDFFF else escape[0]


def _escape_control(char: "re.Match[bytes]") -> bytes:
    return b"\\u%04x" % char[0][0] if char[0] != b"\x00" else _REPLACEMENT


@cache
def _shallow(depth: int) -> Callable[[bytes], bool]:
    """JSON of at most `depth` nested containers. Bounded nesting is regular, so RE2 can tell in one pass."""
    text = rb'[^\[\]{}"]|"(?:[^"\\]|\\.)*"'
    level = rb"(?:" + text + rb")*"
    for _ in range(depth):
        level = rb"(?:" + text + rb"|[\[{]" + level + rb"[\]}])*"
    return whole_matcher(level)


def is_shallow(json: bytes, depth: int) -> bool:
    """Whether at most `depth` containers stand within each other. Brackets inside strings do not count.

    What is neither a bracket nor the end of a string is left out before: half the cost, for RE2 reads byte by byte.
    """
    if b"\\" in json:
        json = json.replace(b"\\\\", b"").replace(b'\\"', b"")
    return _shallow(depth)(json.translate(None, _NO_MARKS))
