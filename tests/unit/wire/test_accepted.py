"""What clients say that they take."""

import time

import pytest

from vedette.wire.accepted import takes


@pytest.mark.parametrize(
    ("accepted", "is_taken"),
    [
        (b"gzip", True),
        (b"br, gzip;q=0.5", True),
        (b"deflate, GZIP", True),
        (b"*", True),
        (b"gzip;q=0, *", False),
        (b"*;q=0, gzip", True),
        (b"gzip;q=1.0, *;q=0", True),
        (b"", False),
        (b"br", False),
        (b"gzip;q=0", False),
        (b"gzip;q=0.0, br", False),
        (b"br;q=1.0 , gzip ; q=0.001", True),
        (b"gzip; q=0 ", False),
        (b"x-gzipped", False),
    ],
)
def test_a_client_says_what_it_takes(accepted: bytes, is_taken: bool):
    assert takes(accepted, b"gzip") is is_taken


def test_a_header_of_any_length_is_read_in_no_time():
    before = time.process_time()
    assert takes(b"gzip;q=0." + b"1" * 20_000 + b"x", b"gzip")
    assert not takes(b"gzip;q=0." + b"0" * 20_000, b"gzip")
    assert takes(b",".join([b"br;q=0." + b"1" * 10] * 50_000) + b", gzip", b"gzip")
    assert time.process_time() - before < 0.5
