"""Which logs are alike."""

import pytest

from vedette.logs.patterns import pattern_hash, pattern_text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order 17 placed", "order 2345 placed"),
        ("order 17 placed in 3 ms", "order 18 placed in 4412 ms"),
        (
            "GET /users/8f14e45f-ceea-467f-a0f5-1c7a6d1b2c3d",
            "GET /users/0f14e45f-ceea-467f-a0f5-1c7a6d1b2c3d",
        ),
        ("from 10.0.0.1", "from 192.168.17.4"),
        ("mail to ada@example.com", "mail to bo@example.org"),
        ("at 2026-11-26T10:00:00Z", "at 2025-01-02T23:59:59Z"),
    ],
)
def test_logs_that_differ_in_ids_and_numbers_are_alike(one: str, other: str) -> None:
    assert pattern_hash(one, "") == pattern_hash(other, "") != 0
    assert pattern_text(one, "") == pattern_text(other, "")


def test_logs_that_say_different_things_are_not_alike() -> None:
    assert pattern_hash("order 17 placed", "") != pattern_hash("order 17 paid", "")


def test_a_template_says_what_logs_are_alike() -> None:
    assert pattern_hash("a", "hello %s") == pattern_hash("b", "hello %s")
    assert pattern_text("hello ada", "hello %s") == "hello %s"


def test_nothing_is_no_pattern() -> None:
    assert pattern_hash("", "") == 0
