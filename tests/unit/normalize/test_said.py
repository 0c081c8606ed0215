"""Long transcripts stay JSON."""

import msgspec
import pytest

from vedette.normalize.said import shortened


def message(number: int, characters: int = 100) -> dict[str, str]:
    return {"role": "user", "content": str(number).rjust(characters)}


def test_the_last_messages_that_have_room_are_kept_as_they_are() -> None:
    messages = [message(number) for number in range(100)]
    kept = shortened(msgspec.json.encode(messages).decode(), 1000)
    assert msgspec.json.decode(kept) == messages[-7:]
    assert 850 < len(kept) <= 1000


@pytest.mark.parametrize(
    "value",
    [
        [message(1), message(2, 5000)],
        message(2, 5000),
        [{"role": "tool", "parts": [{"type": "text", "content": "é\n" * 400}] * 7}],
    ],
)
def test_the_texts_of_a_message_without_room_are_cut(value: object) -> None:
    kept = shortened(msgspec.json.encode(value).decode(), 1000)
    assert len(kept) <= 1000
    assert str(msgspec.json.decode(kept)).count("…") in (1, 7)


@pytest.mark.parametrize(
    "text", ["x" * 2000, "[" * 2000, '{"a": "' + "b" * 2000, str([1] * 2000), "\ud800" * 2000]
)
def test_what_is_no_json_of_messages_is_cut_all_the_same(text: str) -> None:
    assert 1 <= len(shortened(text, 1000)) <= 1000
    assert shortened("x" * 2000, 1000) == "x" * 1000
