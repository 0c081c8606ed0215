"""A secret that a limit falls into goes as a whole, whichever part is left of it."""

import msgspec
import pytest

from vedette.normalize.event import Received, normalize
from vedette.normalize.said import MAX_SAID, shortened
from vedette.scrub.edges import edge
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.scrub.scrub import scrub

FACTS = Received(received_us=1_767_323_045_000_000)
SCRUBBER = compile_settings(ScrubSettings())
SECRETS = (
    ("4111 1111 1111 1111", "4111 1111"),
    ("123-45-6789", "123-45"),
    ("postgres://app:hunter2secret@db/x", "app:hunter2"),
    ("Bearer abcdefghijklmnopqrstuvwxyz", "abcdefgh"),
    ("Basic dXNlcjpwYXNzd29yZDEyMw==", "dXNlcjpw"),
    ("-----BEGIN PRIVATE KEY-----\nMIIabcdef\n-----END PRIVATE KEY-----", "MIIabcdef"),
    ("password=hunter2secret", "hunter2"),
    ("ALTER USER a PASSWORD 'hunter2secret'", "hunter2"),
    ('{"password": "hunter2secret"}', "hunter2"),
)


@pytest.mark.parametrize(("told", "secret"), SECRETS)
def test_no_part_of_a_secret_stays_before_a_limit(told: str, secret: str):
    limit = 200  # of a tag's value
    for place in range(limit - len(told) - 3, limit + 3):
        text = "x " * (place // 2) + " " * (place % 2) + told + " tail" * 30
        event = normalize(msgspec.json.encode({"tags": {"a": text}}), FACTS)
        scrub(event, SCRUBBER)
        assert secret[:5] not in str(event.tags)


def test_no_part_of_a_token_stays_that_is_as_long_as_those_of_ci_systems():
    url = f"https://ci-token:{'eyJ' * 500}@git.example.org/a.git"
    for before, most in ((100, 200), (100, 900), (100, 1500), (7000, 8000)):
        text = "x " * (before // 2) + url + " tail" * 2000
        assert edge(text, most) == before + len("https://")


@pytest.mark.parametrize(("told", "secret"), SECRETS)
def test_no_part_of_a_secret_stays_in_a_message_that_its_parameters_made_too_long(told: str, secret: str):
    for place in range(8192 - len(told) - 4, 8190):
        template = "x " * (place // 2) + " " * (place % 2) + "%s"
        sent = {"logentry": {"message": template, "params": [told + " tail" * 9]}}
        event = normalize(msgspec.json.encode(sent), FACTS)
        assert event.logentry is not None
        assert 8000 < len(event.logentry.formatted or "") <= 8192
        scrub(event, SCRUBBER)
        assert secret[:5] not in (event.logentry.formatted or "")


def test_no_part_of_a_secret_stays_in_a_tag_that_is_derived():
    sent = {"request": {"url": f"https://app:{'hunter2' * 40}@db.example.org/x"}}
    event = scrub(normalize(msgspec.json.encode(sent), FACTS), SCRUBBER)
    assert event.tags["url"] == "https://"


@pytest.mark.parametrize("wrap", ["{}", '[{{"role":"user","content":"{}"}}]'])
def test_no_part_of_a_secret_stays_of_what_a_model_was_told(wrap: str):
    told = "postgres://app:hunter2secret@db/x"
    for room in (MAX_SAID, MAX_SAID // 2):
        for place in range(room - len(told) - 2, room + 2):
            text = shortened(wrap.format("x " * (place // 2) + " " * (place % 2) + told + " tail" * 40_000))
            assert "hunter" not in text or "app:hunter2secret@" in text


def test_a_text_without_secrets_is_cut_where_it_is_long_enough():
    for text in ("x" * 1000, "a b c " * 200, "https://example.com/a/b?c=d " * 50, "1234567890 " * 100):
        assert [edge(text, most) for most in range(150, 250)] == list(range(150, 250))


def test_halves_of_characters_may_be_cut():
    assert edge("\ud800" * 300, 203) == 203
    assert edge("\ud800" * 196 + " 4111111111111111 y", 203) == 197


def test_what_looks_like_a_card_number_and_is_none_may_be_cut():
    assert edge("x" * 195 + " 4111111111111112 y", 203) == 203
    assert edge("x" * 195 + " 4111111111111111 y", 203) == 196
