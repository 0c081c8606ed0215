"""The HTTP request of an event: names, pairs and body in one form, whatever the SDK sent."""

from collections.abc import Callable
from functools import lru_cache
from typing import cast
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, Request, present
from vedette.core.remarks import Path
from vedette.normalize import bounds
from vedette.normalize.coerce import Json, as_list, encode, pairs, to_text
from vedette.normalize.notes import Notes
from vedette.normalize.parts import SentRequest

Pairs = list[tuple[str, str | None]]
MAX_PAIRS = 200
MAX_NAME = 256
MAX_VALUE = 4096
_MAX_HEADER_TEXT = 64 * 1024
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_FILTERED = "[Filtered]"

_decode_texts = msgspec.json.Decoder(str | dict[str, str | None] | list[tuple[str, str | None]]).decode


def canonical(sent: SentRequest | None, notes: Notes) -> Request | None:
    """The request in canonical form; None when nothing is left of it."""
    if sent is None:
        return None
    url, url_query, url_fragment = _split_url(sent.url)
    headers = _headers(sent.headers, notes)
    cookies = _pairs(sent.cookies, _parse_cookies, ("request", "cookies"), notes)
    if headers and cookies is None:
        headers, cookies = _cookies_from_headers(headers, notes)
    data, inferred = _body(sent.data, headers, notes) if sent.data is not ABSENT else (ABSENT, None)
    query = _pairs(sent.query_string, _parse_sent_query, ("request", "query_string"), notes)
    if query is None and url_query:
        query = _capped(_parse_query(url_query), ("request", "query_string"), notes)
    request = Request(
        url=url or None,
        method=sent.method.upper() if sent.method else None,
        query_string=query,
        fragment=sent.fragment or url_fragment or None,
        data=data,
        cookies=cookies,
        headers=headers,
        env=bounds.bounded_object(sent.env, bounds.BODY_DEPTH, bounds.BODY_BYTES, ("request", "env"), notes),
        inferred_content_type=sent.inferred_content_type or inferred,
        body_size=sent.body_size,
        api_target=sent.api_target,
        protocol=sent.protocol,
    )
    return None if request == _NOTHING else request


_NOTHING = Request()


def header(headers: Pairs | None, name: str) -> str | None:
    """The value of a header by its canonical name, if it was sent and not hidden by the client."""
    for key, value in headers or ():
        if key == name:
            return None if value == _FILTERED else value
    return None


def _split_url(url: str | None) -> tuple[str, str, str]:
    """URL, query and fragment. Text, not `urlsplit`: a broken URL keeps its text."""
    rest, _, fragment = (url or "").partition("#")
    rest, _, query = rest.partition("?")
    return rest, query, fragment


def _pairs(raw: Raw, parse: Callable[[str], Pairs], path: Path, notes: Notes) -> Pairs | None:
    """The part as pairs within their limits, which `parse` finds in a text; None for none."""
    if raw is ABSENT or not (sent := _sent(raw)):
        return None
    return _capped(parse(sent) if isinstance(sent, str) else sent, path, notes)


def _sent(raw: Raw) -> str | Pairs:
    """The part as text, or as pairs of texts. Its usual forms are decoded and checked in C."""
    try:
        usual = _decode_texts(raw)
    except msgspec.ValidationError:
        return [(key or "", _value(value)) for key, value in pairs(msgspec.json.decode(raw))]
    return list(cast("dict[str, str | None]", usual).items()) if isinstance(usual, dict) else usual


def _parse_sent_query(text: str) -> Pairs:
    return _parse_query(text.removeprefix("?"))


def _parse_query(text: str) -> Pairs:
    found: Pairs = []
    for field in text.split("&", MAX_PAIRS + 1):
        if field:
            name, equals, value = field.partition("=")
            found.append((unquote_plus(name), unquote_plus(value) if equals else None))
    return found


def _headers(raw: Raw, notes: Notes) -> Pairs | None:
    if raw is ABSENT or not (sent := _sent(raw)):
        return None
    if isinstance(sent, str):
        lines = [line.partition(":") for line in sent[:_MAX_HEADER_TEXT].splitlines()]
        sent = [(name, value.strip()) for name, colon, value in lines if colon]
    found = _capped([pair for pair in sent if pair[0]], ("request", "headers"), notes)
    return found and [(_header_name(name), value) for name, value in found]


@lru_cache(maxsize=2048)
def _header_name(name: str) -> str:
    return "-".join(word[:1].upper() + word[1:].lower() for word in name.strip().split("-"))


def _parse_cookies(text: str) -> Pairs:
    found: Pairs = []
    for field in text.split(";", MAX_PAIRS + 1):
        name, equals, value = field.strip().partition("=")
        if name:
            found.append((name, value if equals else None))
    return found


def _cookies_from_headers(headers: Pairs, notes: Notes) -> tuple[Pairs | None, Pairs | None]:
    """Headers without `Cookie`, and the cookies it named. One hidden by the client stays a header."""
    text = header(headers, "Cookie")
    if text is None:
        return headers, None
    rest = [pair for pair in headers if pair[0] != "Cookie"]
    return rest or None, _capped(_parse_cookies(text), ("request", "cookies"), notes)


def _value(value: Json) -> str | None:
    """A pair's value as text; several values of one name are joined."""
    items = as_list(value)
    if items is not None and all(isinstance(item, str) for item in items):
        return ", ".join(str(item) for item in items)
    return to_text(value)


def _capped(found: Pairs, path: Path, notes: Notes) -> Pairs | None:
    """The first `MAX_PAIRS`, with names and values within their limits; None for none."""
    if len(found) > MAX_PAIRS:
        notes.remarks.add(path, "!limit", "x", None, len(found))
        found = found[:MAX_PAIRS]
    long = [name for name, value in found if len(name) > MAX_NAME or (value and len(value) > MAX_VALUE)]
    if long:
        return [_cut(pair, (*path, index), notes) for index, pair in enumerate(found)]
    return found or None


def _cut(pair: tuple[str, str | None], path: Path, notes: Notes) -> tuple[str, str | None]:
    name, value = pair
    text = None if value is None else notes.cut(value, MAX_VALUE, (*path, 1))
    return notes.cut(name, MAX_NAME, (*path, 0)), text


def _body(raw: Raw, headers: Pairs | None, notes: Notes) -> tuple[Raw, str | None]:
    """The body, structured where it is JSON or a form, and the content type so found."""
    if not present(raw):
        return ABSENT, None
    path: Path = ("request", "data")
    first = bytes(raw)[:1]
    if first != b'"':
        return bounds.bounded(raw, bounds.BODY_DEPTH, bounds.BODY_BYTES, path, notes), _JSON if first in (
            b"{",
            b"[",
        ) else None
    text = msgspec.json.decode(raw, type=str)
    if not text:
        return ABSENT, None
    kind = (header(headers, "Content-Type") or "").partition(";")[0].strip().lower()
    parsed, inferred = _parse_body(text, kind)
    return bounds.bounded(parsed, bounds.BODY_DEPTH, bounds.BODY_BYTES, path, notes), inferred


def _parse_body(text: str, kind: str) -> tuple[Raw, str | None]:
    if text.lstrip()[:1] in ("{", "[") and (kind in ("", _JSON) or kind.endswith("+json")):
        parsed = _parse_json(text)
        if parsed is not None:
            return parsed, _JSON
    if kind == _FORM or (not kind and _looks_like_form(text)):
        return _parse_form(text), _FORM
    return Raw(encode(text)), None


def _parse_json(text: str) -> Raw | None:
    try:
        return Raw(encode(msgspec.json.decode(text)))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _looks_like_form(text: str) -> bool:
    head = text[:256]
    return "=" in head and not any(char in head for char in ' \n\t<>{}"')


def _parse_form(text: str) -> Raw:
    fields: dict[str, str | list[str]] = {}
    for name, value in parse_qsl(text[: 64 * 1024], keep_blank_values=True):
        there = fields.get(name)
        if there is None:
            fields[name] = value
        elif isinstance(there, list):
            there.append(value)
        else:
            fields[name] = [there, value]
    return Raw(encode(fields)) if fields else Raw(encode(text))
