import time

import pytest

from vedette.search.text import Text, matcher_of, read_word


@pytest.mark.parametrize(
    ("word", "value", "holds"),
    [
        ("api", "api", True),
        ("api", "API", False),
        ("API*", "api-2", True),
        ("*a.c*", "xabcx", False),
        ("*a.c*", "xA.Cx", True),
        ("a*c", "a\nc", True),
        ("*é", "CAFÉ", True),
        ("a*b", "abc", False),
    ],
)
def test_exact_texts_compare_as_they_are_and_wildcards_without_case(
    word: str, value: str, holds: bool
) -> None:
    assert matcher_of(read_word(word))(value) is holds


def test_many_wildcards_take_linear_time() -> None:
    started = time.perf_counter()
    assert matcher_of(Text(("", *["a"] * 40, "b")))("a" * 200) is False
    assert time.perf_counter() - started < 1
