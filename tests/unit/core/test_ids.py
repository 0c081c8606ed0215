import pytest

from vedette.core.ids import parse_event_id, parse_number, parse_short_id

HEX = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "event_id"),
    [
        (HEX, HEX),
        (HEX.upper(), HEX),
        ("01234567-89ab-cdef-0123-456789abcdef", HEX),
        (HEX + "\n", None),  # it is sent back inside JSON that is put together by hand
        (HEX[:-1], None),
        (HEX[:14] + "  " + HEX[16:], None),
        (HEX[:14] + "1_" + HEX[16:], None),
        (HEX[:-1] + "é", None),
        (HEX[:-1] + "\ud800", None),
        ("latest", None),
    ],
)
def test_an_event_id_is_32_hex_digits(text: str, event_id: str | None) -> None:
    assert parse_event_id(text) == event_id


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("-1", None),
        ("²", None),
        ("1\n", None),
        ("", None),
    ],
)
def test_a_number_is_digits_that_a_store_can_hold(text: str, number: int | None) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("API-2F", ("api", 79)),
        ("my-api-il0", ("my-api", 1 << 10 | 1 << 5)),
        (f"API-{'Z' * 12}", ("api", 32**12 - 1)),
        (f"API-{'Z' * 13}", None),
        ("API-2F\n", None),
        ("API-U", None),
    ],
)
def test_a_short_id_is_slug_and_counter(text: str, found: tuple[str, int] | None) -> None:
    assert parse_short_id(text) == found
