"""Bodies of the `store` endpoint, from clients older than envelopes.

JSON, or base64 of JSON, or base64 of zlib of JSON, whatever Content-Type says; also with
the bare `NaN` and `Infinity` that Python clients write.
"""

import base64
import binascii
import re

import msgspec

from vedette.wire.compression import inflate

# A whole string (one that never ends, to the end: else each quote in it would be tried), or a word. The group repeats
# possessively, so nothing in it may fail half-way, not at the text's end either: Python 3.11.2 takes too much there.
_BARE = re.compile(rb'"(?:[^"\\]++|\\(?:[\s\S]|\Z))*+(?:"|\Z)|-?\b(?:NaN|Infinity)\b')
_NOT_JSON = re.compile(rb"NaN|Infinity")


class StoreError(ValueError):
    """A store body that is no event; the message says why."""


class StoreHead(msgspec.Struct):
    """The two fields of a store event that decide how it is handled."""

    event_id: str | None = None
    type: str | None = None


def decode_store_body(body: bytes, limit: int) -> bytes:
    """The event's JSON, at most `limit` bytes. `body` is without its Content-Encoding.

    Raises `StoreError` when no JSON object comes out, `InflatedTooLarge` past the limit.
    """
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    if body.startswith(b"{"):
        return body
    try:
        plain = base64.b64decode(body.replace(b" ", b"+"))  # a "+" of a query string
    except binascii.Error as error:
        raise StoreError("body is neither json nor base64") from error
    if plain.startswith(b"{"):
        return plain
    json = inflate(plain, "deflate", limit) if plain else b""
    if not json.lstrip().startswith(b"{"):
        raise StoreError("body is neither json nor base64 of json")
    return json


def without_bare_words(json: bytes) -> bytes:
    """The same JSON with `NaN`, `Infinity`, `-Infinity` outside strings replaced by `null`."""
    if not _NOT_JSON.search(json):
        return json
    return _BARE.sub(lambda match: match[0] if match[0].startswith(b'"') else b"null", json)


def read_store_head(json: bytes) -> StoreHead:
    """Event id and type, the rest checked to be JSON. A field of another type counts as absent.

    Raises `StoreError` when it is not a JSON object.
    """
    text = without_bare_words(json)
    try:
        return msgspec.json.decode(text, type=StoreHead)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _lenient_head(text)


def _lenient_head(text: bytes) -> StoreHead:
    try:
        raw = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StoreError(f"invalid json: {error}") from error
    return StoreHead(_text(raw.get("event_id")), _text(raw.get("type")))


def _text(raw: msgspec.Raw | None) -> str | None:
    try:
        return msgspec.json.decode(raw or b"null", type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def decode_store(body: bytes, content_encoding: str, limit: int) -> bytes:
    """JSON of a spooled store body, bare words replaced. Raises `StoreError`, `CompressionError`."""
    return without_bare_words(decode_store_body(inflate(body, content_encoding, limit), limit))
