"""Versions and their order."""

from itertools import pairwise

import pytest

from vedette.releases.versions import is_newer, parse_version

RISING = [
    "api@1.0.0-alpha",
    "api@1.0.0-alpha.1",
    "api@1.0.0-alpha.beta",
    "api@1.0.0-beta.2",
    "api@1.0.0-beta.11",
    "api@1.0.0-rc.1",
    "api@1.0.0",
    "api@1.0.0+4",
    "api@1.0.0+11",
    "api@1.0.0.1",
    "api@1.2",
    "api@1.10.0",
    "api@2",
]


@pytest.mark.parametrize(("one", "other"), list(pairwise(RISING)))
def test_a_later_version_is_newer_whatever_the_dates_say(one: str, other: str) -> None:
    assert is_newer(other, one, seen_us=1, than_seen_us=2)
    assert not is_newer(one, other, seen_us=2, than_seen_us=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [("api@1.0.0", "web@2.0.0"), ("2.0.0", "api@1.0.0"), ("3f2a1b9c8d7e", "a1b2c3d4e5f6"), ("one", "1.0.0")],
)
def test_versions_that_cannot_be_compared_are_ordered_by_date(one: str, other: str) -> None:
    assert is_newer(one, other, seen_us=2, than_seen_us=1)
    assert not is_newer(one, other, seen_us=1, than_seen_us=2)


def test_no_version_is_newer_than_itself() -> None:
    assert not is_newer("api@1.0.0", "api@1.0.0", seen_us=2, than_seen_us=1)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("api@1.2.0+5", "1.2.0 (5)"),
        ("1.2.0", "1.2.0"),
        ("api@3f2a1b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a", "3f2a1b9c8d7e"),
        ("123456789012", "123456789012"),
        ("release-of-today", "release-of-today"),
        ("@1.0.0", "@1.0.0"),
        ("api@", "api@"),
    ],
)
def test_the_short_form_is_what_people_read(text: str, short: str) -> None:
    assert parse_version(text).short == short


def test_a_commit_of_digits_is_no_number() -> None:
    assert parse_version("api@123456789012").number is None
