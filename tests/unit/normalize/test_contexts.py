"""Contexts and user agents (protocol: contexts)."""

import pytest

from tests.unit.normalize.build import CHROME, NOW_US, Json, event, notes, plain, remark
from vedette.normalize.event import Received

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"


def contexts(sent: object, request: object = None) -> Json:
    return plain(event(contexts=sent, request=request)).get("contexts", {})


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"os": {"name": "Linux"}}, {"os": {"type": "os", "name": "Linux"}}),
        ({"mine": {"a": 1}}, {"mine": {"type": "default", "a": 1}}),
        ({"mine": {"type": "os", "a": 1}}, {"mine": {"type": "os", "a": 1}}),
        ({"mine": {"type": None, "a": 1}}, {"mine": {"type": "default", "a": 1}}),
        ({"mine": {"type": 7}}, {"mine": {"type": "default"}}),
        ({"mine": {"inner": {"type": "x"}}}, {"mine": {"inner": {"type": "x"}, "type": "default"}}),
        ({"a": None, "b": {}, "os": {"name": "x"}}, {"os": {"type": "os", "name": "x"}}),
        ({"a": "text", "b": [1]}, {}),
        ({"n" * 300: {"a": 1}}, {}),
        ([], {}),
        ("text", {}),
    ],
)
def test_a_context_is_an_object_with_a_type(sent: object, expected: Json):
    assert contexts(sent) == expected


def test_a_context_is_cut_at_eight_kibibytes_and_seven_levels():
    deep: Json = {"leaf": 1}
    for _ in range(10):
        deep = {"d": deep}
    found = event(contexts={"big": {"text": "x" * 20_000}, "deep": deep})
    assert len(plain(found)["contexts"]["big"]["text"]) < 8192
    assert remark(found, "contexts", "big", "text") is not None
    node = plain(found)["contexts"]["deep"]
    for _ in range(7):
        node = node["d"]
    assert node == '{"d":{"d":{"d":{"leaf":1}}}}'


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "Linux"},
        {"type": 7, "name": "x"},
        "text",
        {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}},
    ],
)
def test_a_context_said_again_is_the_same_with_the_same_notes(sent: object):
    first, second = (event(contexts={"os": sent}) for _ in range(2))
    assert (first.contexts, first.errors, first.meta) == (second.contexts, second.errors, second.meta)


def test_no_more_than_a_hundred_contexts_are_kept():
    assert len(contexts({f"c{n}": {"a": 1} for n in range(300)})) == 100


@pytest.mark.parametrize(
    ("sent", "trace_id"),
    [
        ("a" * 32, "a" * 32),
        ("A" * 32, "a" * 32),
        ("aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", "a" * 32),
        ("short", None),
        (7, None),
        (None, None),
    ],
)
def test_ids_of_the_trace_are_hexadecimal(sent: object, trace_id: str | None):
    found = event(contexts={"trace": {"trace_id": sent, "op": "x"}})
    assert plain(found)["contexts"]["trace"].get("trace_id") == trace_id
    assert bool(notes(found)) is (trace_id is None and sent is not None)


@pytest.mark.parametrize(
    ("headers", "browser", "os", "device"),
    [
        ({"User-Agent": CHROME}, ("Chrome", "140.0.0"), ("Windows", "10"), None),
        ({"user-agent": IPHONE}, ("Mobile Safari", "17.5"), ("iOS", "17.5"), "iPhone"),
        ([["USER-AGENT", CHROME]], ("Chrome", "140.0.0"), ("Windows", "10"), None),
        (
            {
                "Sec-CH-UA": '"Chromium";v="120", "Not=A?Brand";v="24", "Google Chrome";v="120"',
                "Sec-CH-UA-Platform": '"macOS"',
                "Sec-CH-UA-Platform-Version": '"14.1.0"',
                "User-Agent": CHROME,
            },
            ("Chrome", "120"),
            ("macOS", "14.1.0"),
            None,
        ),
        ({"Sec-CH-UA": '"Chromium";v="119"'}, ("Chromium", "119"), None, None),
        ({"User-Agent": "no such thing"}, None, None, None),
        ({"User-Agent": "[Filtered]"}, None, None, None),
    ],
)
def test_browser_and_system_are_told_by_the_requests_headers(
    headers: object, browser: tuple[str, str] | None, os: tuple[str, str] | None, device: str | None
):
    found = contexts(None, request={"headers": headers})
    for name, expected in (("browser", browser), ("os", os)):
        context = found.get(name)
        assert (context and (context["name"], context["version"])) == expected
    assert found.get("device", {}).get("family") == device


def test_a_context_that_was_sent_is_not_replaced():
    found = contexts({"os": {"name": "Debian", "version": "12"}}, request={"headers": {"User-Agent": CHROME}})
    assert found["os"] == {"type": "os", "name": "Debian", "version": "12"}
    assert found["browser"]["name"] == "Chrome"


@pytest.mark.parametrize(("platform", "used"), [("javascript", True), ("python", False), ("node", False)])
def test_the_connections_user_agent_counts_for_browsers_only(platform: str, used: bool):
    facts = Received(received_us=NOW_US, user_agent=CHROME)
    assert ("browser" in event({"platform": platform}, facts).contexts) is used
