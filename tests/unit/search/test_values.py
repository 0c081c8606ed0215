import pytest

from vedette.search.values import read_duration_ms, read_fraction, read_number, read_size_bytes


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("5", 5),
        ("-5", -5),
        ("0.5", 0.5),
        ("2k", 2000),
        ("1.5M", 1.5e6),
        ("1b", 1e9),
        ("", None),
        ("k", None),
        ("1x", None),
        ("1e5", None),
        ("nan", None),
        ("٣", None),
    ],
)
def test_a_number_may_carry_a_suffix(word: str, number: float | None) -> None:
    assert read_number(word) == number


@pytest.mark.parametrize(
    ("word", "ms"),
    [
        ("5", 5),
        ("5ms", 5),
        ("1.5s", 1500),
        ("2min", 120_000),
        ("1hr", 3_600_000),
        ("1d", 86_400_000),
        ("2wks", 1_209_600_000),
        ("5 s", 5000),
        ("1y", None),
    ],
)
def test_a_duration_is_milliseconds(word: str, ms: float | None) -> None:
    assert read_duration_ms(word) == ms


@pytest.mark.parametrize(
    ("word", "size"),
    [
        ("8bit", 1),
        ("10", 10),
        ("10nb", 10),
        ("1kb", 1000),
        ("1KiB", 1024),
        ("2gb", 2e9),
        ("1tib", 2**40),
        ("1zb", None),
    ],
)
def test_a_size_is_bytes(word: str, size: float | None) -> None:
    assert read_size_bytes(word) == size


@pytest.mark.parametrize(("word", "share"), [("50%", 0.5), ("0.5", 0.5), ("50k", None)])
def test_a_share_is_a_fraction(word: str, share: float | None) -> None:
    assert read_fraction(word) == share
