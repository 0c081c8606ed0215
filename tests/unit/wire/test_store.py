"""Bodies of the store endpoint."""

import base64
import time
import zlib

import pytest

from vedette.wire.compression import InflatedTooLarge
from vedette.wire.store import StoreError, StoreHead, decode_store, decode_store_body, read_store_head

EVENT = b'{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","message":"hello + there"}'
MIB = 1024 * 1024


@pytest.mark.parametrize(
    "body",
    [
        EVENT,
        b"  \n" + EVENT + b"\n",
        base64.b64encode(EVENT),
        base64.encodebytes(EVENT),
        base64.b64encode(zlib.compress(EVENT)),
        base64.encodebytes(zlib.compress(EVENT * 1)),
        base64.b64encode(zlib.compress(EVENT)).replace(b"+", b" "),
    ],
)
def test_every_form_comes_to_the_same_json(body: bytes) -> None:
    assert decode_store_body(body, MIB) == EVENT


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"???", b"abc", base64.b64encode(zlib.compress(b"[]")), b"a" * 5]
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises((StoreError, ValueError)):
        decode_store_body(body, MIB)


def test_a_bomb_in_base64_is_refused() -> None:
    with pytest.raises(InflatedTooLarge):
        decode_store_body(base64.b64encode(zlib.compress(b"{" + b" " * 2 * MIB)), MIB)


def test_bare_words_become_null_outside_strings_only() -> None:
    body = rb'{"a":NaN,"b":[Infinity,-Infinity],"c":"NaN \" Infinity","NaN":1}'
    assert decode_store(body, "", MIB) == rb'{"a":null,"b":[null,null],"c":"NaN \" Infinity","NaN":1}'


@pytest.mark.parametrize(
    ("json", "head"),
    [
        (b'{"event_id":"x","type":"transaction","spans":[{}]}', StoreHead("x", "transaction")),
        (b'{"event_id":5,"type":null}', StoreHead()),
        (b'{"a":NaN}', StoreHead()),
        (b"{}", StoreHead()),
    ],
)
def test_id_and_type_are_read_from_the_json(json: bytes, head: StoreHead) -> None:
    assert read_store_head(json) == head


@pytest.mark.parametrize("json", [b"{", b'{"a":}', b'{"a":' + b"[" * 10_000, b'{"a":"\xff"}' + b"x", b"[]"])
def test_json_that_is_broken_is_refused(json: bytes) -> None:
    with pytest.raises(StoreError):
        read_store_head(json)


@pytest.mark.thorough
@pytest.mark.parametrize("tail", [rb"\"", b'"a', rb"\\", b'"', b"\\\n", b"NaN "])
def test_a_hostile_body_takes_linear_time(tail: bytes) -> None:
    began = time.process_time()
    for end in (b"", b"\\"):
        with pytest.raises(StoreError):
            read_store_head(b'{"a":NaN,"' + tail * (MIB // len(tail)) + end)
    assert time.process_time() - began < 2
