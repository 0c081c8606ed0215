"""Bytes that call themselves JSON (protocol: store bodies; issue: bad input)."""

import resource
from collections.abc import Callable
from functools import cache

import msgspec
import pytest

from tests.unit.normalize.build import FACTS, Json, event, plain
from vedette.normalize.event import InvalidPayload, normalize
from vedette.normalize.sanitize import is_shallow, mend, split
from vedette.wire.store import without_bare_words


@pytest.mark.parametrize(
    ("payload", "extra"),
    [
        (b'{"extra":{"a":NaN}}', None),
        (b'{"extra":{"a":-Infinity,"b":Infinity}}', None),
        (b'{"extra":{"a":"NaN"}}', {"a": "NaN"}),
        (b'{"extra":{"a":"say \\"NaN\\" twice: NaN","b":NaN}}', {"a": 'say "NaN" twice: NaN', "b": None}),
        (b'{"extra":{"a":"\xff\xfe"}}', {"a": "\ufffd\ufffd"}),
        (b'{"extra":{"a":"half \\ud83d emoji"}}', {"a": "half \ufffd emoji"}),
        (b'{"extra":{"a":"whole \\ud83d\\ude00 emoji"}}', {"a": "whole \U0001f600 emoji"}),
        (b'{"extra":{"a":"nul \\u0000 byte"}}', {"a": "nul \ufffd byte"}),
        (b'{"extra":{"a":"no nul \\\\u0000 here"}}', {"a": "no nul \\u0000 here"}),
        (b'{"extra":{"a":"raw \x00\x01\n control"}}', {"a": "raw \ufffd\x01\n control"}),
        (b'{"extra":{"a":1e999,"b":[ -1e400 ]}}', {"a": None, "b": [None]}),
        (b'{"extra":{"a":' + b"9" * 5000 + b"}}", {"a": None}),
        (b'\xef\xbb\xbf{"extra":{"a":1}}', {"a": 1}),
        (b'{"extra":{"a":1}}\x00\x00', {"a": 1}),
        (b' \r\n{"extra":{"a":1}}\n', {"a": 1}),
        (b'{"extra":{"a":1},"extra":{"a":2}}', {"a": 2}),
    ],
)
def test_a_payload_with_bad_bytes_is_mended(payload: bytes, extra: Json | None):
    found: Json = plain(event(payload))["extra"]
    if extra is None:
        assert set(found.values()) == {None}
    else:
        assert found == extra


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"a":}',
        b'{"a":1}}',
        b'{"a" 1}',
        b"\xff\xfe",
        b"{'a':1}",
        b"{" * 100,
        b'{"a":"',
    ],
)
def test_what_is_no_json_object_is_refused_as_invalid_json(payload: bytes):
    with pytest.raises(InvalidPayload) as refused:
        normalize(payload, FACTS)
    assert refused.value.reason == "invalid_json"


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize(
    "field", [b"extra", b"exception", b"unknown", b"tags", b"user", b"breadcrumbs", b"request"]
)
def test_json_ten_thousand_deep_is_refused_cleanly(opening: bytes, field: bytes):
    closing = {b"[": b"]", b'{"a":': b"}", b'[{"a":': b"}]"}[opening]
    payload = b'{"%s":%s1%s}' % (field, opening * 10_000, closing * 10_000)
    with pytest.raises(InvalidPayload, match="nested too deep"):
        normalize(payload, FACTS)


@pytest.mark.parametrize("depth", [50, 150, 400])
@pytest.mark.parametrize(
    "field", [b"extra", b"exception", b"unknown", b"tags", b"user", b"breadcrumbs", b"request", b"contexts"]
)
def test_deep_json_below_the_decoders_guard_is_flattened(depth: int, field: bytes):
    payload = b'{"%s":%s"x"%s}' % (field, b'{"a":[' * depth, b"]}" * depth)
    stored = msgspec.json.encode(normalize(payload, FACTS))
    assert is_shallow(stored, 40)


@pytest.mark.parametrize(
    ("json", "depth"),
    [
        (b"1", 0),
        (b'"[[[["', 0),
        (b"{}", 1),
        (b'{"a":[1,{"b\\"]]":"}}"}]}', 3),
        (b'{"a":"\\\\","b":[[]]}', 3),
        (b'["\\\\\\"[","\\\\",{"\\"{":"\\n{\\u005b"}]', 2),
        (b"[[],[],[],[]]", 2),
        (b"[" * 30 + b"]" * 30, 30),
    ],
)
def test_nesting_is_told_exactly_and_brackets_in_strings_do_not_count(json: bytes, depth: int):
    assert is_shallow(json, depth)
    assert depth == 0 or not is_shallow(json, depth - 1)


@cache
def bombs() -> dict[str, bytes]:
    """Bodies of 1 MiB made to cost."""
    mib = 1 << 20
    return {
        "empty frames": b'{"exception":[{"type":"E","stacktrace":{"frames":['
        + b"{}," * (mib // 3)
        + b"{}]}}]}",
        "named frames": b'{"exception":[{"type":"E","stacktrace":{"frames":['
        + b'{"function":"f"},' * (mib // 17)
        + b"{}]}}]}",
        "empty exceptions": b'{"exception":[' + b"{}," * (mib // 3) + b"{}]}",
        "lists in extra": b'{"extra":{"a":[' + b"[]," * (mib // 3) + b"[]]}}",
        "many extra keys": b'{"extra":{' + b",".join(b'"%d":0' % n for n in range(90_000)) + b"}}",
        "many tags": b'{"tags":{' + b",".join(b'"%d":"0"' % n for n in range(80_000)) + b"}}",
        "many top-level keys": b"{" + b",".join(b'"%d":0' % n for n in range(90_000)) + b"}",
        "huge tag key": b'{"tags":{"' + b"k" * mib + b'":"v"}}',
        "long message": b'{"message":"' + b"m" * mib + b'"}',
        "placeholders": b'{"logentry":{"message":"' + b"%s" * 4000 + b'","params":["' + b"p" * 4000 + b'"]}}',
        "quotes": b'{"extra":{"a":NaN,"b":"' + b'\\"' * (mib // 2) + b'"}}',
        "open string": b'{"a":NaN,"b":"' + b'\\"' * (mib // 2),
        "braces in text": b'{"extra":{"b":"' + b"{[" * (mib // 2) + b'"}}',
        "query": b'{"request":{"url":"/?'
        + b"a=1&" * 500
        + b'","query_string":"'
        + b"a&" * (mib // 2)
        + b'"}}',
        "cookies": b'{"request":{"headers":{"Cookie":"' + b"a=b;" * (mib // 4) + b'"}}}',
        "breadcrumbs": b'{"breadcrumbs":[' + b"{}," * (mib // 3) + b"{}]}",
        "bad crumbs": b'{"breadcrumbs":[' + b"1," * (mib // 2) + b"1]}",
        "contexts": b'{"contexts":{' + b",".join(b'"%d":{"a":1}' % n for n in range(60_000)) + b"}}",
        "headers": b'{"request":{"headers":{' + b",".join(b'"h%d":"v"' % n for n in range(70_000)) + b"}}}",
        "user agent": b'{"request":{"headers":{"User-Agent":"' + b"Mozilla/5.0 (; " * (mib // 15) + b'"}}}',
        "form": b'{"request":{"data":"' + b"a=1&" * (mib // 4) + b'"}}',
        "json in text": b'{"request":{"data":"' + b"[" * (mib - 100) + b'"}}',
        "errors": b'{"errors":[' + b'{"type":"e"},' * (mib // 13) + b"{}]}",
        "fingerprint": b'{"fingerprint":[' + b"1," * (mib // 2) + b"1]}",
    }


@pytest.mark.thorough
@pytest.mark.parametrize("name", list(bombs()))
def test_a_megabyte_made_to_cost_is_cut_within_bounded_memory(name: str):
    payload = bombs()[name]
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        stored = msgspec.json.encode(normalize(payload, FACTS))
    except InvalidPayload:
        stored = b""
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib
    assert grown_kib < 64 * 1024
    assert len(stored) < 1 << 20


def test_mending_is_one_pass_over_each_byte():
    text, parts = split(b'{"a":NaN,"b":"x\\u0000"}')
    assert text == b'{"a":null,"b":"x\\ufffd"}'
    assert set(parts) == {"a", "b"}
    assert mend(text) == text


def without_words_by_hand(json: bytes) -> bytes:
    """The same with the bare words outside strings made null, a byte at a time."""
    kept, at, in_string = b"", 0, False
    while at < len(json):
        word = next((one for one in (b"-Infinity", b"Infinity", b"NaN") if json.startswith(one, at)), b"")
        size = 2 if in_string and json[at : at + 1] == b"\\" else 1
        if word and not in_string:
            kept, size = kept + b"null", len(word)
        else:
            kept += json[at : at + size]
            in_string ^= json[at : at + size] == b'"'
        at += size
    return kept


@pytest.mark.parametrize("mended", [mend, without_bare_words])
def test_a_body_cut_anywhere_is_read_as_far_as_it_goes(mended: Callable[[bytes], bytes]):
    """A string that ends in half of an escape above all: there Python 3.11.2 takes too much."""
    whole = rb'{"a":NaN,"NaN \" NaN":"\\","b":["\\\" NaN \n",-Infinity],"c":"x\\","d":Infinity,"e":"\"NaN'
    for size in range(1, len(whole) + 1):
        for end in (b"", b"\\", b'"'):
            cut = (whole[:size] + end).strip()
            assert mended(cut) == without_words_by_hand(cut)
