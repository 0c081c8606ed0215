"""Which answers are packed, and that what is not comes through as it was."""

import asyncio
import gzip
from typing import cast

import pytest
from litestar.types import Message

from vedette.api.packing import LEAST_BYTES, packing

JSON = (b"content-type", b"application/json")
LARGE = b"[" + b"1," * LEAST_BYTES + b"1]"


def answered(headers: list[tuple[bytes, bytes]], *bodies: bytes) -> tuple[dict[bytes, bytes], list[bytes]]:
    """Headers and pieces of an answer as they leave."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def answer() -> None:
        pack = packing(send)
        length = (b"content-length", str(sum(map(len, bodies))).encode())
        await pack(
            cast("Message", {"type": "http.response.start", "status": 200, "headers": [*headers, length]})
        )
        for number, body in enumerate(bodies, 1):
            more = number < len(bodies)
            await pack({"type": "http.response.body", "body": body, "more_body": more})

    asyncio.run(answer())
    start, *rest = sent
    assert start["type"] == "http.response.start"
    return dict(start["headers"]), [one["body"] for one in rest if one["type"] == "http.response.body"]


def test_a_large_answer_is_packed_and_its_length_is_the_packed_one():
    headers, (body,) = answered([JSON], LARGE)
    assert gzip.decompress(body) == LARGE
    assert headers[b"content-encoding"] == b"gzip"
    assert headers[b"content-length"] == str(len(body)).encode()


@pytest.mark.parametrize(
    ("headers", "bodies"),
    [
        ([JSON], [b"[1]"]),
        ([JSON, (b"set-cookie", b"a=b")], [LARGE]),
        ([JSON, (b"content-encoding", b"br")], [LARGE]),
        ([(b"content-type", b"text/event-stream")], [LARGE]),
        ([JSON], [LARGE, LARGE]),
        ([JSON], [b""]),
    ],
)
def test_small_answers_streams_and_those_with_secrets_go_as_they_are(
    headers: list[tuple[bytes, bytes]], bodies: list[bytes]
):
    sent, pieces = answered(headers, *bodies)
    assert pieces == bodies
    assert sent == dict([*headers, (b"content-length", str(sum(map(len, bodies))).encode())])
