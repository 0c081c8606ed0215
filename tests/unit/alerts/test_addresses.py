"""Which addresses outgoing requests may reach."""

import socket

import pytest

from vedette.alerts.addresses import Allowed, Forbidden

FORBIDDEN = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo, client 10.0.0.1
    "2001:db8::1",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_private_addresses_are_refused_however_they_are_written(address: str) -> None:
    with pytest.raises(Forbidden):
        Allowed().resolve(address, 80)


@pytest.mark.parametrize("written", ["2130706433", "0x7f000001", "127.1", "localhost", "LOCALHOST.", "[::1]"])
def test_other_spellings_of_loopback_are_refused(written: str) -> None:
    with pytest.raises((Forbidden, OSError)):
        Allowed().resolve(written, 80)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_are_reached(address: str) -> None:
    assert Allowed().resolve(address, 443) == address


@pytest.mark.parametrize(
    ("entry", "host"),
    [("10.0.0.0/8", "10.1.2.3"), ("127.0.0.1", "localhost"), ("localhost", "localhost"), ("::1", "::1")],
)
def test_what_is_named_is_reached(entry: str, host: str) -> None:
    assert Allowed([entry, "::1", "127.0.0.1"]).resolve(host, 80)


def test_one_private_address_among_several_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, 1, 6, "", ("1.1.1.1", 80)), (socket.AF_INET, 1, 6, "", ("10.0.0.5", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with pytest.raises(Forbidden):
        Allowed().resolve("both.example", 80)
