"""Requests that are refused: the status tables of the protocol, error bodies, headers and counts."""

import asyncio
import base64
import gzip
import resource
import socket
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
import zstandard

from tests.support.ingest import (
    FENCED,
    GONE,
    KEY,
    OTHER,
    REVOKED,
    UNKNOWN,
    IngestServer,
    chunked,
    request,
)
from vedette.wire.rate_limits import RateLimit

AUTH = {"X-Sentry-Auth": f"Sentry sentry_key={KEY}, sentry_version=7"}
ENVELOPE = b'{}\n{"type":"event"}\n{}\n'
EVENT = b'{"message":"hello"}'
MIB = 1 << 20


def auth(text: str) -> dict[str, str]:
    return {"X-Sentry-Auth": text}


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


# method, path, headers, body → status, reason of the outcome
CASES: list[tuple[str, str, str, dict[str, str], bytes, int, str]] = [
    # who sends
    ("no credentials", "POST", "/api/7/envelope/", {}, ENVELOPE, 401, "no_auth"),
    ("no credentials, no envelope", "POST", "/api/7/envelope/", {}, b"{}\nx", 401, "no_auth"),
    ("no credentials for store", "POST", "/api/7/store/", {}, EVENT, 401, "no_auth"),
    ("no credentials, no project", "POST", "/api/store/", {}, EVENT, 401, "no_auth"),
    ("unparsable header", "POST", "/api/7/envelope/", auth("nonsense"), ENVELOPE, 401, "invalid_auth"),
    (
        "header without a key",
        "POST",
        "/api/7/envelope/",
        auth("Sentry sentry_version=7"),
        ENVELOPE,
        401,
        "invalid_auth",
    ),
    ("bad basic", "POST", "/api/7/envelope/", {"Authorization": "Basic !"}, ENVELOPE, 401, "invalid_auth"),
    ("empty basic", "POST", "/api/7/envelope/", basic(":x"), ENVELOPE, 401, "invalid_auth"),
    ("bearer alone", "POST", "/api/7/envelope/", {"Authorization": "Bearer x"}, ENVELOPE, 401, "no_auth"),
    ("bad dsn in the envelope", "POST", "/api/7/envelope/", {}, b'{"dsn":"x"}\n', 401, "invalid_dsn"),
    (
        "keys that differ",
        "POST",
        f"/api/7/envelope/?sentry_key={UNKNOWN}",
        AUTH,
        ENVELOPE,
        401,
        "multiple_auth",
    ),
    (
        "key and dsn that differ",
        "POST",
        "/api/7/envelope/",
        AUTH,
        f'{{"dsn":"https://{OTHER}@h/7"}}\n'.encode() + ENVELOPE[3:],
        401,
        "multiple_auth",
    ),
    ("unknown key", "POST", f"/api/7/envelope/?sentry_key={UNKNOWN}", {}, ENVELOPE, 403, "unknown_key"),
    ("unknown key for store", "POST", f"/api/7/store/?sentry_key={UNKNOWN}", {}, EVENT, 403, "unknown_key"),
    (
        "unknown key in a dsn",
        "POST",
        "/api/7/envelope/",
        {},
        f'{{"dsn":"https://{UNKNOWN}@h/7"}}\n'.encode(),
        403,
        "unknown_key",
    ),
    ("revoked key", "POST", f"/api/7/envelope/?sentry_key={REVOKED}", {}, ENVELOPE, 403, "disabled_key"),
    ("project gone", "POST", f"/api/9/envelope/?sentry_key={GONE}", {}, ENVELOPE, 403, "project_gone"),
    ("key of another project", "POST", "/api/8/envelope/", AUTH, ENVELOPE, 403, "project_id"),
    ("key of another project for store", "POST", "/api/8/store/", AUTH, EVENT, 403, "project_id"),
    (
        "dsn of another project",
        "POST",
        "/api/7/envelope/",
        {},
        f'{{"dsn":"https://{KEY}@h/8"}}\n'.encode(),
        403,
        "project_id",
    ),
    (
        "origin not allowed",
        "POST",
        f"/api/7/envelope/?sentry_key={FENCED}",
        {"Origin": "https://x.y"},
        ENVELOPE,
        403,
        "cors",
    ),
    (
        "origin not allowed for store",
        "POST",
        f"/api/7/store/?sentry_key={FENCED}",
        {"Origin": "https://x.y"},
        EVENT,
        403,
        "cors",
    ),
    (
        "version 9",
        "POST",
        "/api/7/envelope/",
        auth(f"Sentry sentry_key={KEY}, sentry_version=9"),
        ENVELOPE,
        400,
        "auth_version",
    ),
    (
        "version x",
        "POST",
        f"/api/7/envelope/?sentry_key={KEY}&sentry_version=x",
        {},
        ENVELOPE,
        400,
        "auth_version",
    ),
    ("malformed key", "POST", "/api/7/envelope/?sentry_key=a%20b", {}, ENVELOPE, 400, "invalid_key"),
    ("malformed project id", "POST", "/api/shop/envelope/", AUTH, ENVELOPE, 400, "project_id"),
    ("malformed project id for store", "POST", "/api/7x/store/", AUTH, EVENT, 400, "project_id"),
    # what is sent
    ("empty body", "POST", "/api/7/envelope/", AUTH, b"", 400, "no_data"),
    ("empty body for store", "POST", "/api/7/store/", AUTH, b"", 400, "no_data"),
    ("not an envelope", "POST", "/api/7/envelope/", AUTH, b"nonsense", 400, "invalid_envelope"),
    (
        "truncated item",
        "POST",
        "/api/7/envelope/",
        AUTH,
        b'{}\n{"type":"event","length":9}\n{}',
        400,
        "invalid_envelope",
    ),
    ("bad item header", "POST", "/api/7/envelope/", AUTH, b"{}\nnonsense\n{}", 400, "invalid_envelope"),
    ("bad event id", "POST", "/api/7/envelope/", AUTH, b'{"event_id":"x"}\n', 400, "invalid_envelope"),
    (
        "internal type",
        "POST",
        "/api/7/envelope/",
        AUTH,
        b'{}\n{"type":"integration"}\n{}',
        400,
        "invalid_envelope",
    ),
    ("bad utf-8 in a header", "POST", "/api/7/envelope/", AUTH, b'{"a":"\xff"}\n', 200, ""),
    ("bad json for store", "POST", "/api/7/store/", AUTH, b'{"a":', 400, "invalid_json"),
    ("neither json nor base64", "POST", "/api/7/store/", AUTH, b"???", 400, "invalid_json"),
    (
        "base64 of nothing",
        "POST",
        "/api/7/store/",
        AUTH,
        base64.b64encode(b"hello!"),
        400,
        "invalid_compression",
    ),
    ("bad event id for store", "POST", "/api/7/store/", AUTH, b'{"event_id":"x"}', 400, "payload"),
    (
        "deep json for store",
        "POST",
        "/api/7/store/",
        AUTH,
        b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        400,
        "invalid_json",
    ),
    (
        "corrupt gzip",
        "POST",
        "/api/7/envelope/",
        {**AUTH, "Content-Encoding": "gzip"},
        b"nonsense",
        400,
        "invalid_compression",
    ),
    (
        "cut gzip",
        "POST",
        "/api/7/envelope/",
        {**AUTH, "Content-Encoding": "gzip"},
        gzip.compress(ENVELOPE)[:-4],
        400,
        "invalid_compression",
    ),
    (
        "corrupt br",
        "POST",
        "/api/7/envelope/",
        {**AUTH, "Content-Encoding": "br"},
        b"nonsense",
        400,
        "invalid_compression",
    ),
    (
        "corrupt zstd",
        "POST",
        "/api/7/store/",
        {**AUTH, "Content-Encoding": "zstd"},
        b"nonsense",
        400,
        "invalid_compression",
    ),
    (
        "unknown encoding",
        "POST",
        "/api/7/envelope/",
        {**AUTH, "Content-Encoding": "lzma"},
        ENVELOPE,
        415,
        "content_encoding",
    ),
    (
        "unknown encoding for store",
        "POST",
        "/api/7/store/",
        {**AUTH, "Content-Encoding": "x"},
        EVENT,
        415,
        "content_encoding",
    ),
    (
        "large event",
        "POST",
        "/api/7/envelope/",
        AUTH,
        b'{}\n{"type":"event"}\n' + b" " * (MIB + 1),
        413,
        "too_large:event",
    ),
    (
        "large declared event",
        "POST",
        "/api/7/envelope/",
        AUTH,
        b'{}\n{"type":"event","length":9999999}\n',
        413,
        "too_large:event",
    ),
    ("large store event", "POST", "/api/7/store/", AUTH, b" " * (MIB + 1), 413, "too_large:envelope"),
    (
        "10,000 items",
        "POST",
        "/api/7/envelope/",
        AUTH,
        b"{}\n" + b'{"type":"x"}\n\n' * 10_000,
        413,
        "too_large:envelope",
    ),
    (
        "101 sessions",
        "POST",
        "/api/7/envelope/",
        AUTH,
        b"{}\n" + b'{"type":"session"}\n{}\n' * 101,
        413,
        "too_large:session",
    ),
    (
        "large item header",
        "POST",
        "/api/7/envelope/",
        AUTH,
        b"{}\n" + b"[" * 70_000,
        413,
        "too_large:envelope",
    ),
    ("GET of an envelope", "GET", "/api/7/envelope/", AUTH, b"", 405, "method"),
    ("PUT of an event", "PUT", "/api/7/store/", AUTH, EVENT, 405, "method"),
    ("GET without data", "GET", f"/api/7/store/?sentry_key={KEY}", {}, b"", 400, "no_data"),
    ("no such path", "POST", "/api/7/nothing/", AUTH, b"", 404, ""),
    ("the api", "POST", "/api/0/envelope/", AUTH, ENVELOPE, 404, ""),
]


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "reason"),
    [c[1:] for c in CASES],
    ids=[c[0] for c in CASES],
)
def test_each_failure_has_its_status(
    server: IngestServer,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    status: int,
    reason: str,
) -> None:
    response = server.post(path, body, method=method, headers=headers)
    assert response.status == status
    assert response.headers["access-control-allow-origin"] == "*"
    assert "x-sentry-rate-limits" in response.headers["access-control-expose-headers"]
    if status == 200:
        return
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"detail", "causes"}
    assert response.headers["x-sentry-error"] == response.detail
    assert server.records() == []
    if reason:
        assert server.rejected[0][0] == claimed_project(path)
        assert [outcome[4] for outcome in server.outcomes()] == [reason]
        assert [rejection[1] for rejection in server.rejected] == [reason]


def claimed_project(path: str) -> int:
    """The project that a refusal is shown to: that of the path, unless a known key says another."""
    return {"/api/8/envelope/": 7, "/api/8/store/": 7, "/api/9/envelope/": 9}.get(
        path.partition("?")[0], 7 if path.startswith("/api/7/") else 0
    )


def test_each_failure_of_a_chunked_body_has_the_same_status(server: IngestServer) -> None:
    for _, method, path, headers, body, status, _ in CASES:
        if method == "POST" and body:
            halves = [part for part in (body[: len(body) // 2], body[len(body) // 2 :]) if part]
            assert server.send(chunked(path, halves, headers=headers)).status == status


def test_a_cause_is_named(server: IngestServer) -> None:
    response = server.post("/api/7/envelope/", b'{}\n{"type":"event","length":9}\n{}', headers=AUTH)
    assert response.detail == "invalid envelope"
    assert "payload ends 7 bytes early (byte 33)" in response.causes


def test_what_a_stranger_wrote_is_no_header(server: IngestServer) -> None:
    response = server.post(f"/api/7/envelope/?sentry_key={KEY}&sentry_version=%0d%0aSet-Cookie:x", ENVELOPE)
    assert response.status == 400
    assert "set-cookie" not in response.headers


def test_refusals_are_counted_for_project_key_and_category(server: IngestServer) -> None:
    server.post(f"/api/7/envelope/?sentry_key={UNKNOWN}", ENVELOPE)
    server.post(f"/api/7/envelope/?sentry_key={REVOKED}", ENVELOPE)
    server.post(f"/api/7/envelope/?sentry_key={REVOKED}", ENVELOPE)
    assert sorted(server.outcomes(), key=str) == [
        (7, 12, "default", "invalid", "disabled_key", 2),
        (7, None, "default", "invalid", "unknown_key", 1),
    ]
    assert server.rejected[0] == (7, "unknown_key", "unknown key")


# ── limits ────────────────────────────────────────────────────────────────────────────────

ERRORS = RateLimit(60, ("default", "error", "security"), "key", "key_rate")
MIXED = b'{}\n{"type":"event"}\n{}\n{"type":"attachment","length":1}\nx\n{"type":"session"}\n{}\n'


def test_a_request_over_its_limit_is_429_and_says_for_how_long(server: IngestServer) -> None:
    server.keys.active_limits = (ERRORS,)
    response = server.post("/api/7/envelope/", ENVELOPE, headers={**AUTH, "Origin": "https://shop.example"})
    assert response.status == 429
    assert response.headers["retry-after"] == "60"
    assert response.headers["x-sentry-rate-limits"] == "60:default;error;security:key:key_rate"
    assert response.headers["access-control-allow-origin"] == "*"
    assert server.records() == []
    assert server.outcomes() == [(7, 11, "error", "rate_limited", "key_rate", 1)]


def test_of_a_mixed_envelope_the_rest_is_kept_and_the_answer_is_429(server: IngestServer) -> None:
    server.keys.active_limits = (ERRORS,)
    assert server.post("/api/7/envelope/", MIXED, headers=AUTH).status == 429
    (record,) = server.records()
    assert record.limited == ("attachment", "error")  # an attachment follows its event
    assert server.outcomes() == []  # the pipeline counts what it leaves out


def test_a_limit_on_attachments_does_not_stop_their_event_or_a_minidump(server: IngestServer) -> None:
    server.keys.active_limits = (RateLimit(60, ("attachment",), "project", "quota"),)
    assert server.post("/api/7/envelope/", ENVELOPE, headers=AUTH).status == 200
    dump = b'{}\n{"type":"attachment","attachment_type":"event.minidump","length":1}\nx'
    assert server.post("/api/7/envelope/", dump, headers=AUTH).status == 200
    alone = b'{}\n{"type":"attachment","length":1}\nx'
    assert server.post("/api/7/envelope/", alone, headers=AUTH).status == 429


def test_a_limit_of_another_category_is_told_on_a_200(server: IngestServer) -> None:
    server.keys.active_limits = (RateLimit(30, ("trace_metric",), "organization", "quota"),)
    response = server.post("/api/7/envelope/", ENVELOPE, headers=AUTH)
    assert response.status == 200
    assert response.headers["x-sentry-rate-limits"] == "30:trace_metric;metric:organization:quota"


def test_a_limit_on_everything_leaves_client_reports(server: IngestServer) -> None:
    server.keys.active_limits = (RateLimit(5, (), "organization", "quota"),)
    response = server.post("/api/7/envelope/", ENVELOPE, headers=AUTH)
    assert (response.status, response.headers["x-sentry-rate-limits"]) == (429, "5::organization:quota")
    report = b'{}\n{"type":"client_report"}\n{}'
    assert server.post("/api/7/envelope/", report, headers=AUTH).status == 200


def test_a_large_body_over_its_limit_leaves_no_file(server: IngestServer) -> None:
    server.keys.active_limits = (RateLimit(5, (), "project", "quota"),)
    large = b'{}\n{"type":"attachment"}\n' + bytes(2 * MIB)
    for _ in range(3):
        assert server.post("/api/7/envelope/", large, headers=AUTH).status == 429
    bodies = server.spool.folder.writer_folder("web-0") / "bodies"
    assert [path for path in bodies.iterdir() if path.suffix == ".part"] == []


def test_a_store_event_over_its_limit_is_429_too(server: IngestServer) -> None:
    server.keys.active_limits = (ERRORS,)
    assert server.post("/api/7/store/", EVENT, headers=AUTH).status == 429
    assert server.post("/api/7/store/", b'{"type":"transaction"}', headers=AUTH).status == 200


def test_without_keys_clients_are_told_to_come_back(server: IngestServer) -> None:
    server.keys.is_available = False
    response = server.post("/api/7/envelope/", ENVELOPE, headers=AUTH)
    assert (response.status, response.headers["retry-after"]) == (503, "5")


# ── a full spool, bombs, slow and vanishing clients ───────────────────────────────────────


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[IngestServer]:
    server = IngestServer(tmp_path)
    yield server
    server.stop()


def test_a_full_spool_is_429_and_recovers_and_loses_nothing(crowded: IngestServer) -> None:
    filler = crowded.spool.folder.path / "other"
    filler.mkdir()
    assert crowded.post("/api/7/envelope/", ENVELOPE, headers=AUTH).status == 200
    crowded.space._max_bytes = 100_000  # pyright: ignore[reportPrivateUsage] - stands for a setting
    (filler / "file").write_bytes(bytes(200_000))
    time.sleep(0.6)
    response = crowded.post("/api/7/envelope/", ENVELOPE, headers=AUTH)
    assert (response.status, response.headers["retry-after"]) == (429, "30")
    assert crowded.post("/api/relay/healthcheck/ready/", method="GET").status == 503
    assert crowded.post("/_health/", method="GET").status == 200
    large = b'{}\n{"type":"attachment"}\n' + bytes(2 * MIB)
    assert crowded.post("/api/7/envelope/", large, headers=AUTH).status == 429
    (filler / "file").unlink()
    time.sleep(0.6)
    assert crowded.post("/api/7/envelope/", ENVELOPE, headers=AUTH).status == 200
    assert len(crowded.records()) == 2
    bodies = crowded.spool.folder.writer_folder("web-0") / "bodies"
    assert list(bodies.iterdir()) == []


def sink_bomb(size: int) -> bytes:
    """An envelope whose one attachment is too large, in few bytes."""
    return b'{}\n{"type":"attachment"}\n' + bytes(size)


BOMBS = {
    "gzip of 1 MB": (
        "gzip",
        gzip.compress(bytes(1 << 30), 1)[:MIB] if False else gzip.compress(sink_bomb(250 * MIB), 1),
    ),
    "deflate": ("deflate", zlib.compress(sink_bomb(250 * MIB), 1)),
    "br": ("br", brotli.compress(sink_bomb(250 * MIB), quality=1)),
    "zstd": (
        "zstd",
        zstandard.ZstdCompressor(level=1, write_content_size=False).compress(sink_bomb(250 * MIB)),
    ),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("path", ["/api/7/envelope/", "/api/7/store/"])
def test_a_bomb_is_413_in_bounded_memory(server: IngestServer, name: str, path: str) -> None:
    coding, bomb = BOMBS[name]
    before = resident_bytes()
    response = server.post(path, bomb, headers={**AUTH, "Content-Encoding": coding})
    assert response.status == 413
    assert resident_bytes() - before < 64 * MIB
    assert server.records() == []


def test_a_body_declared_too_large_is_refused_unread(server: IngestServer) -> None:
    head = request("/api/7/envelope/", headers=AUTH).replace(
        b"Content-Length: 0", b"Content-Length: 300000000"
    )
    assert server.send(head).status == 413


def test_a_stranger_is_refused_before_the_body_is_read(server: IngestServer) -> None:
    head = request(f"/api/7/envelope/?sentry_key={UNKNOWN}").replace(
        b"Content-Length: 0", b"Content-Length: 100000"
    )
    assert server.send(head).status == 403


def test_huge_request_headers_are_refused_without_harm(server: IngestServer) -> None:
    before = resident_bytes()
    data = request("/api/7/envelope/", ENVELOPE, headers={**AUTH, "X-Huge": "x" * (8 * MIB)})
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        try:
            connection.sendall(data)
            connection.recv(1000)
        except ConnectionError:
            pass
    assert resident_bytes() - before < 64 * MIB
    assert server.post("/api/7/envelope/", ENVELOPE, headers=AUTH).status == 200


def test_a_client_that_hangs_up_leaves_nothing_behind(server: IngestServer) -> None:
    head = request("/api/7/envelope/", headers=AUTH).replace(b"Content-Length: 0", b"Content-Length: 3000000")
    for size in (10, 2_000_000):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(head + b'{}\n{"type":"attachment"}\n' + bytes(size))
            time.sleep(0.1)
    time.sleep(0.3)
    assert server.records() == []
    bodies = server.spool.folder.writer_folder("web-0") / "bodies"
    assert [path for path in bodies.iterdir() if path.suffix == ".part"] == []


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def test_refusals_are_spooled_as_outcomes(crowded: IngestServer) -> None:
    crowded.post(f"/api/7/envelope/?sentry_key={REVOKED}", ENVELOPE)
    await asyncio.sleep(1.3)
    reader = crowded.spool.reader()
    (spooled,) = reader.read().records
    assert spooled.record.kind == "outcomes"
    assert b"disabled_key" in spooled.record.body
