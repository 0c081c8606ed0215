"""The user and their address (protocol: user; clients: infer_ip)."""

import pytest

from tests.unit.normalize.build import NOW_US, event, notes, plain
from vedette.core.event import Event
from vedette.normalize.event import Received

CLIENT = "198.51.100.7"
FACTS = Received(received_us=NOW_US, client_ip=CLIENT)
AUTO = "{{auto}}"


def address(found: Event) -> str | None:
    return found.user.ip_address if found.user is not None else None


@pytest.mark.parametrize(
    ("platform", "infer", "sent", "remote", "expected"),
    [
        ("python", None, "203.0.113.7", None, "203.0.113.7"),
        ("python", None, None, "203.0.113.9", "203.0.113.9"),
        ("python", None, "203.0.113.7", "203.0.113.9", "203.0.113.7"),
        ("python", None, None, None, None),
        ("python", None, AUTO, None, CLIENT),
        ("python", None, None, AUTO, CLIENT),
        ("javascript", None, None, None, CLIENT),
        ("cocoa", None, None, None, CLIENT),
        ("objc", None, None, None, CLIENT),
        ("node", None, None, None, None),
        ("node", "auto", None, None, CLIENT),
        ("javascript", "never", None, None, None),
        ("javascript", "never", AUTO, None, None),
        ("javascript", "never", "203.0.113.7", None, "203.0.113.7"),
        ("javascript", "auto", "203.0.113.7", None, "203.0.113.7"),
        ("python", None, "nonsense", None, None),
        ("python", None, "2001:db8::1", None, "2001:db8::1"),
    ],
)
def test_the_address_is_the_explicit_one_or_the_requests_or_the_connections(
    platform: str, infer: str | None, sent: str | None, remote: str | None, expected: str | None
):
    payload = {
        "platform": platform,
        "sdk": {"name": "s", "settings": {"infer_ip": infer}},
        "user": {"ip_address": sent},
        "request": {"env": {"REMOTE_ADDR": remote}} if remote else None,
    }
    assert address(event(payload, FACTS)) == expected


def test_automatic_remote_addresses_are_replaced_in_place():
    found = plain(event({"request": {"env": {"REMOTE_ADDR": AUTO, "X": 1}}}, FACTS))
    assert found["request"]["env"] == {"REMOTE_ADDR": CLIENT, "X": 1}


def test_without_storing_addresses_none_is_left_anywhere():
    facts = Received(received_us=NOW_US, client_ip=CLIENT, store_ips=False)
    payload = {
        "platform": "javascript",
        "user": {"id": "1", "ip_address": "203.0.113.7"},
        "request": {
            "env": {"REMOTE_ADDR": "203.0.113.7", "X": "y"},
            "headers": {"X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7", "Accept": "*"},
        },
    }
    found = plain(event(payload, facts))
    assert found["user"] == {"id": "1"}
    assert found["request"]["env"] == {"X": "y"}
    assert found["request"]["headers"] == [["Accept", "*"]]
    assert "203.0.113.7" not in str(found)
    assert CLIENT not in str(found)


@pytest.mark.parametrize(
    ("sent", "user"),
    [
        ({"id": 42}, {"id": "42"}),
        ({"id": "i" * 129}, {"id": "i" * 125 + "..."}),
        ({"id": None, "email": ""}, None),
        (
            {"id": "1", "role": "admin", "plan": {"a": 1}},
            {"id": "1", "data": {"role": "admin", "plan": {"a": 1}}},
        ),
        ({"id": "1", "data": {"a": 1}, "b": 2}, {"id": "1", "data": {"a": 1, "b": 2}}),
        ({"id": "1", "geo": {"city": "Ghent", "x": 1}}, {"id": "1", "geo": {"city": "Ghent"}}),
        ({"username": True}, {"username": "True"}),
        ("ada", None),
        ([], None),
    ],
)
def test_a_user_has_texts_and_a_bag(sent: object, user: object):
    assert plain(event(user=sent)).get("user") == user


def test_a_bad_address_is_noted():
    assert ("invalid_data", "user.ip_address") in notes(event(user={"ip_address": "nonsense"}))
