"""Requests made to hurt a receiver or a pipeline: what each is answered, and what comes of it.

Sizes are chosen around the limits of `wire/limits.py` and `wire/items.py`: just past them, to be
refused, and just below, to be taken and survived.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import brotli
import zstandard

MIB = 1 << 20
_PAST = 210 * MIB  # the limit of an envelope is 200 MiB
_BELOW = 150 * MIB

Outcome = tuple[str, str, str]  # category, outcome, reason


class Bomb(NamedTuple):
    """One request to `/api/<project>/<endpoint>/`."""

    name: str
    endpoint: str
    body: bytes
    encoding: str
    status: int
    outcomes: dict[Outcome, int]  # with how many of each


def bombs() -> Iterator[Bomb]:
    """All of them, one at a time: together they would be large in the sender, too."""
    yield from _past_the_limit()
    yield from _below_the_limit()
    yield from _many()
    yield from _deep()
    yield from _not_json()
    yield from _wide()


def _refused(reason: str) -> dict[Outcome, int]:
    return {("default", "invalid", reason): 1}


_ACCEPTED: dict[Outcome, int] = {("error", "accepted", ""): 1}
_INVALID: dict[Outcome, int] = {("error", "invalid", "invalid_json"): 1}


def _past_the_limit() -> Iterator[Bomb]:
    """Small bodies that inflate past 200 MiB, in each coding."""
    attachment, envelope = _refused("too_large:attachment"), _refused("too_large:envelope")
    for coding, packed in _packed(_attachment(_PAST)):
        yield Bomb(f"{coding} past the limit", "envelope", packed, coding, 413, attachment)
        yield Bomb(f"{coding} store past the limit", "store", packed, coding, 413, envelope)
    megabyte = _gzip(_attachment(300 * MIB))[:MIB]
    yield Bomb("1 MB of gzip", "envelope", megabyte, "gzip", 413, attachment)
    event = _gzip(_event_item(b'{"message":"' + b"x" * _BELOW + b'"}'))
    yield Bomb("a large event", "envelope", event, "gzip", 413, _refused("too_large:event"))
    yield Bomb("a large header", "envelope", _gzip(b'{"x":"' + b"x" * _BELOW), "gzip", 413, envelope)
    yield Bomb("a large store body", "store", _gzip(b"A" * _BELOW), "gzip", 413, envelope)


def _below_the_limit() -> Iterator[Bomb]:
    """Taken, nearly as large as may be: whoever unpacks these must not hold them."""
    lost: dict[Outcome, int] = {("attachment", "lost", "unsupported"): _BELOW}
    for coding, packed in _packed(_attachment(_BELOW)):
        yield Bomb(f"{coding} below the limit", "envelope", packed, coding, 200, lost)
    unknown: dict[Outcome, int] = {("default", "lost", "unsupported"): 1}
    body = _gzip(b'{}\n{"type":"who_knows"}\n' + bytes(_BELOW))
    yield Bomb("a large item nobody knows", "envelope", body, "gzip", 200, unknown)
    event = b'{"type":"event"}\n{"message":"' + b"x" * (MIB - 100) + b'"}\n'
    kept: dict[Outcome, int] = {**_ACCEPTED, ("error", "invalid", "duplicate_item"): 149}
    body = _gzip(b"{}\n" + event * 150)
    yield Bomb("150 events of 1 MB in one envelope", "envelope", body, "gzip", 200, kept)


def _many() -> Iterator[Bomb]:
    reports = b"{}\n" + b'{"type":"client_report"}\n{}\n' * 10_000
    yield Bomb("10,000 reports", "envelope", reports, "", 413, _refused("too_large:client_report"))
    unknown = b"{}\n" + b'{"type":"who_knows"}\n{}\n' * 10_000
    yield Bomb("10,000 items", "envelope", unknown, "", 413, _refused("too_large:envelope"))
    heads = b"{}\n" + (b'{"type":"who_knows","filename":"' + b"x" * 65_000 + b'"}\n\n') * 999
    packed = gzip.compress(heads)
    yield Bomb("999 item headers of 65 kB", "envelope", packed, "gzip", 413, _refused("too_large:envelope"))
    lines = {"discarded_events": [{"reason": "r", "category": "error", "quantity": 1}] * 1500}
    report = b'{}\n{"type":"client_report"}\n' + json.dumps(lines).encode()
    counted: dict[Outcome, int] = {("error", "client_discard", "r"): 200}
    yield Bomb("a report of 1,500 lines", "envelope", report, "", 200, counted)


def _deep() -> Iterator[Bomb]:
    for left, right in (("[", "]"), ('{"a":', "}")):
        for depth, outcomes in ((900, _ACCEPTED), (10_000, _INVALID), (150_000, _INVALID)):
            nested = f"{left * depth}1{right * depth}"
            text = f'{{"message":"deep","extra":{{"x":{nested}}}}}'.encode()
            yield Bomb(f"{depth} of {left} in extra", "envelope", _event_item(text), "", 200, outcomes)
    nested = "[" * 10_000 + "]" * 10_000
    strange = f'{{"message":"deep","strange":{nested}}}'.encode()
    yield Bomb("a deep part nobody knows", "envelope", _event_item(strange), "", 200, _INVALID)
    store = f'{{"extra":{nested}}}'.encode()
    yield Bomb("a deep store event", "store", store, "", 400, _refused("invalid_json"))
    header = f'{{"trace":{nested}}}\n{{"type":"event"}}\n{{}}'.encode()
    yield Bomb("a deep header", "envelope", header, "", 400, _refused("invalid_envelope"))
    head = f'{{}}\n{{"type":"event","x":{nested}}}\n{{}}'.encode()
    yield Bomb("a deep item header", "envelope", head, "", 400, _refused("invalid_envelope"))


def _not_json() -> Iterator[Bomb]:
    for name, text in {
        "bad UTF-8": b'{"message":"\xff\xfe\xc3\x28 \xed\xa0\x80"}',
        "half an emoji": b'{"message":"\\ud83d"}',
        "NUL bytes": b'{"message":"a\\u0000b\x00c","tags":{"k\\u0000":"\x00"}}',
        "NaN": b'{"message":"x","extra":{"a":NaN,"b":[-Infinity,Infinity]},"timestamp":NaN}',
        "numbers beyond all floats": b'{"message":"x","extra":{"a":1e99999,"b":' + b"9" * 400_000 + b"}}",
        "a megabyte of quotes": b'{"message":"' + b'\\"' * 500_000 + b'"}',
    }.items():
        yield Bomb(name, "envelope", _event_item(text), "", 200, _ACCEPTED)
    yield Bomb("NaN to store", "store", b'{"message":"x","extra":{"a":NaN}}', "", 200, _ACCEPTED)
    endless = _event_item(b'{"message":"' + b"\\" * 500_000)
    yield Bomb("a string without end", "envelope", endless, "", 200, _INVALID)
    header = b'{"dsn":"\xff"}\n{"type":"event"}\n{}'
    yield Bomb("bad UTF-8 in a header", "envelope", header, "", 200, _ACCEPTED)
    yield Bomb("NUL bytes alone", "envelope", bytes(100_000), "", 413, _refused("too_large:envelope"))


def _wide() -> Iterator[Bomb]:
    frames = [{"function": f"f{n}", "lineno": n} for n in range(20_000)]
    events: dict[str, object] = {
        "huge tag keys": {"tags": {"k" * 400_000: "v", "w": "v" * 400_000}},
        "50,000 tags": {"tags": {f"tag{n}": "v" for n in range(50_000)}},
        "20,000 frames": {"exception": [{"type": "E", "value": "v", "stacktrace": {"frames": frames}}]},
        "20,000 exceptions": {"exception": [{"type": f"E{n}", "value": "v"} for n in range(20_000)]},
        "20,000 breadcrumbs": {"breadcrumbs": [{"message": f"b{n}"} for n in range(20_000)]},
        "20,000 contexts": {"contexts": {f"c{n}": {"type": "os", "name": "x"} for n in range(20_000)}},
        "300,000 empty lists": {"extra": {"x": [[] for _ in range(300_000)]}},
        "a fingerprint of 100,000 parts": {"fingerprint": ["x"] * 100_000},
        "a message of cards and keys": {"message": "password=4111 1111 1111 1111 " * 30_000},
        "an exception value of one word": {"exception": [{"type": "E", "value": "a" * 900_000}]},
    }
    for name, event in events.items():
        text = json.dumps(event, separators=(",", ":")).encode()
        yield Bomb(name, "envelope", _event_item(text), "", 200, _ACCEPTED)


def _attachment(size: int) -> bytes:
    return b'{}\n{"type":"attachment","length":%d}\n' % size + bytes(size)


def _event_item(payload: bytes) -> bytes:
    return b'{}\n{"type":"event"}\n' + payload + b"\n"


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 1)


def _packed(body: bytes) -> Iterator[tuple[str, bytes]]:
    raw = zlib.compressobj(1, wbits=-15)
    yield "gzip", _gzip(body)
    yield "deflate", raw.compress(body) + raw.flush()
    yield "br", brotli.compress(body, quality=1)
    yield "zstd", zstandard.ZstdCompressor(level=1, write_content_size=False).compress(body)
