"""Attributes as sent → texts and numbers."""

import msgspec
import pytest

from vedette.normalize.attributes import (
    MAX_ATTRIBUTES,
    Attributes,
    SentAttributes,
    attributes_of,
    number_text,
)
from vedette.normalize.received import Received

FACTS = Received(received_us=1, client_ip="203.0.113.9")


def read(sent: str, facts: Received = FACTS, infer_ip: str | None = None) -> Attributes:
    return attributes_of(msgspec.json.decode(sent, type=SentAttributes), facts, infer_ip)


@pytest.mark.parametrize(
    ("value", "texts", "numbers"),
    [
        ('"a"', {"k": "a"}, {}),
        ('""', {}, {}),
        ("null", {}, {}),
        ("5", {}, {"k": 5.0}),
        ("2.5", {}, {"k": 2.5}),
        ("true", {"k": "true"}, {}),
        ("false", {"k": "false"}, {}),
        ('["a", 1]', {"k": '["a",1]'}, {}),
        ('{"a": 1}', {"k": '{"a":1}'}, {}),
        ("[]", {}, {}),
        ("1" * 400, {"k": "1" * 400}, {}),
    ],
)
def test_a_value_goes_where_values_of_its_kind_are(
    value: str, texts: dict[str, str], numbers: dict[str, float]
):
    kept = read(f'{{"k": {{"value": {value}}}}}')
    assert (kept.texts, kept.numbers) == (texts, numbers)


@pytest.mark.parametrize(
    ("attribute", "texts", "numbers"),
    [
        ('{"value": "18446744073709551615", "type": "integer"}', {}, {"k": 1.8446744073709552e19}),
        ('{"value": "x", "type": "integer"}', {"k": "x"}, {}),
        ('{"value": "5", "type": {"a": []}}', {"k": "5"}, {}),
        ('{"value": 7, "type": "string"}', {}, {"k": 7.0}),
        ('{"value": "7", "type": "string"}', {"k": "7"}, {}),
        ('{"value": "inf", "type": "double"}', {}, {}),
        ('{"value": 1, "type": {"odd": 1}, "unit": "second", "more": 1}', {}, {"k": 1.0}),
    ],
)
def test_text_that_says_it_is_a_number_is_one(
    attribute: str, texts: dict[str, str], numbers: dict[str, float]
):
    kept = read(f'{{"k": {attribute}}}')
    assert (kept.texts, kept.numbers) == (texts, numbers)


AUTO = '{"user.ip_address": {"value": "{{auto}}"}}'


@pytest.mark.parametrize(
    ("sent", "facts", "infer_ip", "address"),
    [
        (AUTO, FACTS, None, "203.0.113.9"),
        (AUTO, FACTS, "never", None),
        ("{}", FACTS, "auto", "203.0.113.9"),
        ("{}", FACTS, None, None),
        ('{"user.ip_address": {"value": "10.0.0.1"}}', FACTS, "auto", "10.0.0.1"),
        ('{"user.ip_address": {"value": "nonsense"}}', FACTS, None, None),
        (AUTO, Received(1, client_ip="203.0.113.9", store_ips=False), "auto", None),
        ('{"user.ip_address": {"value": "10.0.0.1"}}', Received(1, store_ips=False), None, None),
    ],
)
def test_addresses_are_resolved_as_those_of_events(
    sent: str, facts: Received, infer_ip: str | None, address: str
):
    assert read(sent, facts, infer_ip).texts.get("user.ip_address") == address


ADDRESSES = ("user.ip_address", "user.ip", "client.address", "http.client_ip", "net.peer.ip", "net.sock.peer.addr",
    "network.peer.address", "client_ip", "http.request.header.x-forwarded-for", "http.request.header.x_real_ip")  # fmt: skip


def test_a_project_without_addresses_keeps_none_under_any_key():
    sent = ", ".join(f'"{key}": {{"value": "10.0.0.1"}}' for key in ADDRESSES)
    others = '"server.address": {"value": "db-1"}, "ip": {"value": 167772161}'
    kept = read(f"{{{sent}, {others}}}", Received(1, client_ip="203.0.113.9", store_ips=False), "auto")
    assert (kept.texts, kept.numbers) == ({"server.address": "db-1"}, {})
    assert set(read(f"{{{sent}}}").texts) == set(ADDRESSES)


def test_a_number_is_found_under_its_key_as_text_too():
    kept = read('{"user.id": {"value": 42}, "n": {"value": "1.5"}, "t": {"value": "x"}}')
    assert kept.take("user.id") == "42"
    assert kept.take("user.id") == ""
    assert kept.take_number("n") == 1.5
    assert kept.take_number("t") is None
    assert kept.texts == {"t": "x"}


@pytest.mark.parametrize("text", ["inf", "-Infinity", "nan", "1e999"])
def test_a_text_that_is_no_finite_number_stays_a_text(text: str):
    kept = read(f'{{"n": {{"value": "{text}"}}}}')
    assert kept.take_number("n") is None
    assert kept.texts == {"n": text}


def test_more_attributes_than_anybody_needs_are_left_out():
    sent = ", ".join(f'"k{n}": {{"value": {n}}}' for n in range(MAX_ATTRIBUTES + 3))
    kept = read(f"{{{sent}}}")
    assert (len(kept.numbers), kept.left_out) == (MAX_ATTRIBUTES, 3)


@pytest.mark.parametrize(("number", "text"), [(5.0, "5"), (2.5, "2.5"), (1e300, "1e+300"), (-3.0, "-3")])
def test_numbers_read_as_people_write_them(number: float, text: str):
    assert number_text(number) == text
