"""Patterns over bytes: whether, and where."""

from msgspec import Raw

from vedette.core.patterns import BytesPattern, either

SECRET = BytesPattern(rb"\btoken=.")


def test_a_match_is_found_where_it_begins():
    assert SECRET.find(b"a token=1, token=2") == 2
    assert SECRET.find(b"a token=1, token=2", 3) == 11
    assert SECRET.find(b"a token=1, token=2", 12) == -1
    assert SECRET.find(b"") == -1


def test_what_stands_before_the_start_still_says_where_a_word_begins():
    assert SECRET.find(b"mytoken=1", 2) == -1


def test_any_byte_is_a_character():
    assert SECRET.sees(b"\xff token=\n")
    assert not SECRET.sees(b"token=")


def test_raw_json_is_searched_as_it_is():
    assert SECRET.sees(Raw(b'"token=1"'))


def test_either_of_two_matches():
    both = either(SECRET, BytesPattern(b"key"))
    assert [both.find(text) for text in (b" key", b"  token=1", b"none")] == [1, 2, -1]
