"""Title, culprit, location, metadata (protocol: normalisation 6 to 8)."""

import pytest

from tests.unit.normalize.build import Json, event
from vedette.normalize.title import describe

OWN = {"function": "pay", "filename": "shop/cart.py", "module": "shop.cart", "in_app": True}
LIBRARY = {"function": "call", "filename": "django/core.py", "module": "django.core", "in_app": False}


def error(*frames: Json, **value: object) -> Json:
    return {
        "exception": {
            "values": [{"type": "KeyError", "value": "'BE'", "stacktrace": {"frames": list(frames)}} | value]
        }
    }


@pytest.mark.parametrize(
    ("payload", "title"),
    [
        (error(OWN), "KeyError: 'BE'"),
        (error(OWN, value="first\nsecond"), "KeyError: first"),
        (error(OWN, value="\n  \n third"), "KeyError: third"),
        (error(OWN, value="x" * 200), f"KeyError: {'x' * 97}..."),
        (error(OWN, value=None), "KeyError"),
        (error(OWN, type=None), "'BE'"),
        (error(OWN, mechanism={"type": "m", "synthetic": True}), "pay"),
        (error(mechanism={"type": "m", "synthetic": True}), "<unknown>"),
        (error(type=None, value=None, stacktrace={"frames": [{"function": "?"}]}), "<unknown>"),
        ({"message": "hello"}, "hello"),
        ({"message": "hello\nworld"}, "hello"),
        ({"message": "m" * 150}, "m" * 97 + "..."),
        ({}, "<unlabeled event>"),
        ({"message": "   "}, "<unlabeled event>"),
        ({"type": "transaction", "transaction": "/cart/"}, "/cart/"),
        ({"type": "transaction"}, "<unlabeled transaction>"),
        ({"type": "feedback", "contexts": {"feedback": {"message": "it broke"}}}, "User Feedback"),
        ({"hpkp": {"hostname": "a.example"}}, "Public key pinning failed for 'a.example'"),
        ({"expectct": {"hostname": "a.example"}}, "Expect-CT failed for 'a.example'"),
        ({"expectstaple": {"hostname": 7, "x": 1}}, "Expect-Staple failed for '<unknown>'"),
    ],
)
def test_a_title_says_what_happened(payload: Json, title: str):
    assert describe(event(payload)).title == title


def test_a_message_with_a_typeless_exception_keeps_its_text_as_title():
    payload = {
        "message": "Cache is cold",
        "exception": {
            "values": [
                {
                    "value": "Cache is cold",
                    "mechanism": {"type": "generic", "synthetic": True},
                    "stacktrace": {"frames": [OWN]},
                }
            ]
        },
    }
    found = describe(event(payload))
    assert (found.title, found.metadata["title"], found.message) == (
        "Cache is cold",
        "Cache is cold",
        "Cache is cold",
    )
    del payload["message"]
    assert describe(event(payload)).title == "Cache is cold"


def test_the_last_exception_decides():
    chain = {"exception": {"values": [{"type": "A", "value": "a"}, {"type": "B", "value": "b"}]}}
    assert describe(event(chain)).title == "B: b"


def test_metadata_names_the_crash_location():
    found = describe(event(error(LIBRARY, OWN, LIBRARY) | {"sdk": {"name": "sentry.python"}}))
    assert found.metadata == {
        "type": "KeyError",
        "value": "'BE'",
        "filename": "shop/cart.py",
        "function": "pay",
        "in_app_frame_mix": "mixed",
        "sdk": "sentry.python",
    }
    assert (found.location, found.subtitle) == ("shop/cart.py", "'BE'")


@pytest.mark.parametrize(
    ("frames", "mix"),
    [([OWN], "in-app-only"), ([LIBRARY], "system-only"), ([], "system-only"), ([OWN, LIBRARY], "mixed")],
)
def test_the_mix_of_frames_is_named(frames: list[Json], mix: str):
    assert describe(event(error(*frames))).metadata["in_app_frame_mix"] == mix


def test_the_crash_function_is_the_newest_known_one_of_the_application():
    unnamed = OWN | {"function": "<anonymous>", "filename": "shop/late.py"}
    assert describe(event(error(OWN, unnamed, LIBRARY))).metadata["function"] == "pay"


@pytest.mark.parametrize(
    ("payload", "culprit"),
    [
        (error(OWN) | {"transaction": "/cart/"}, "/cart/"),
        (error(LIBRARY, OWN, LIBRARY) | {"platform": "python"}, "shop.cart in pay"),
        (error(LIBRARY), "django.core in call"),
        (error({"function": "pay", "filename": "cart.py"}), "cart.py in pay"),
        (error({"filename": "cart.py"}), "cart.py in ?"),
        (error(OWN) | {"platform": "javascript"}, "pay(shop.cart)"),
        (
            error({"function": "pay", "filename": "https://a.example/cart.js"}) | {"platform": "javascript"},
            "pay(/cart.js)",
        ),
        (error({"function": "main", "package": "/bin/x"}) | {"platform": "native"}, "main"),
        (error(OWN, mechanism={"type": "m", "synthetic": True}), ""),
        (error() | {"request": {"url": "http://a/b?c=1"}}, "http://a/b"),
        ({"message": "m", "stacktrace": {"frames": [OWN]}}, "shop.cart in pay"),
        ({"message": "m"}, ""),
        ({"transaction": "t" * 200}, "t" * 200),
    ],
)
def test_a_culprit_says_where(payload: Json, culprit: str):
    assert describe(event(payload)).culprit == culprit


def test_a_title_of_a_rule_goes_first():
    found = describe(event(error(OWN)), custom_title="Payments are down")
    assert (found.title, found.metadata["title"]) == ("Payments are down", "Payments are down")


def test_an_exceptions_event_has_no_message():
    assert describe(event(error(OWN))).message == ""
