"""Path prefixes and client addresses behind proxies."""

from collections.abc import Iterator

import pytest

from tests.support.ingest import KEY, IngestServer

AUTH = {"X-Sentry-Auth": f"Sentry sentry_key={KEY}"}
ENVELOPE = b'{}\n{"type":"event"}\n{}\n'


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IngestServer]:
    trusted = ("127.0.0.0/8", "10.0.0.1")
    server = IngestServer(tmp_path_factory.mktemp("ingest"), prefix="/vedette", trusted_proxies=trusted)
    yield server
    server.stop()


@pytest.mark.parametrize("path", ["/vedette/api/7/envelope/", "/api/7/envelope/", "/vedette//api/7/envelope"])
def test_the_server_may_be_mounted_below_a_prefix(proxied: IngestServer, path: str) -> None:
    assert proxied.post(path, ENVELOPE, headers=AUTH).status == 200


@pytest.mark.parametrize("path", ["/other/api/7/envelope/", "/vedetteapi/7/envelope/"])
def test_other_paths_are_not_taken(proxied: IngestServer, path: str) -> None:
    assert proxied.post(path, ENVELOPE, headers=AUTH).status == 404


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("", "127.0.0.1"),
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.0.0.1", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the first is what the client claims
        ("6.6.6.6, 203.0.113.9, 10.0.0.1, 127.0.0.1", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("nonsense", "127.0.0.1"),
        ("10.0.0.1", "10.0.0.1"),
    ],
)
def test_the_address_is_the_last_one_no_trusted_proxy_has(
    proxied: IngestServer, forwarded: str, address: str
) -> None:
    proxied.records()
    headers = {**AUTH, "X-Forwarded-For": forwarded} if forwarded else AUTH
    assert proxied.post("/api/7/envelope/", ENVELOPE, headers=headers).status == 200
    assert [record.client_ip for record in proxied.records()] == [address]


def test_a_stranger_cannot_forward(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = IngestServer(tmp_path_factory.mktemp("ingest"), trusted_proxies=("10.0.0.1",))
    server.post("/api/7/envelope/", ENVELOPE, headers={**AUTH, "X-Forwarded-For": "6.6.6.6"})
    assert [record.client_ip for record in server.records()] == ["127.0.0.1"]
    server.stop()
