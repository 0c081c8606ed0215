"""Requests as real clients send them, and the answers they must get."""

import base64
import gzip
import json
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import brotli
import pytest
import zstandard

from tests.support.ingest import FENCED, KEY, OTHER, IngestServer, chunked, request
from vedette.spool.record import SpoolRecord
from vedette.wire.compression import inflate
from vedette.wire.store import decode_store

BODIES = sorted((Path(__file__).parents[3] / "bench" / "bodies").glob("*.envelope"))
ID = "9ec79c33ec9942ab8353589fcb2e04dc"
EVENT = b'{"event_id":"' + ID.encode() + b'","message":"hello"}'
ENVELOPE = b'{"event_id":"' + ID.encode() + b'"}\n{"type":"event","length":%d}\n%s\n' % (len(EVENT), EVENT)
QUERY = f"?sentry_version=7&sentry_key={KEY}&sentry_client=sentry.javascript.browser%2F11.10.0"
ANSWER = b'{"id":"' + ID.encode() + b'"}'
PYTHON_AUTH = f"Sentry sentry_key={KEY}, sentry_version=7, sentry_client=sentry.python/2.75.0"
BASE_HEADERS = {
    "content-type": "application/json",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-sentry-error, x-sentry-rate-limits, retry-after",
}


def the_record(server: IngestServer) -> SpoolRecord:
    (record,) = server.records()
    return record


def raw(text: str, body: bytes) -> bytes:
    """A recorded request: `{n}` stands for the body's length."""
    lines = text.strip().replace("{n}", str(len(body))).splitlines()
    return "\r\n".join(line.strip() for line in lines).encode() + b"\r\n\r\n" + body


def test_python_2_75_with_gzip(server: IngestServer) -> None:
    body = gzip.compress(ENVELOPE)
    response = server.send(
        raw(
            f"""
            POST /api/7/envelope/ HTTP/1.1
            Host: localhost:8377
            Accept-Encoding: identity
            Content-Length: {{n}}
            User-Agent: sentry.python/2.75.0
            X-Sentry-Auth: {PYTHON_AUTH}
            Content-Type: application/x-sentry-envelope
            Content-Encoding: gzip
            """,
            body,
        )
    )
    assert (response.status, response.body) == (200, ANSWER)
    assert response.headers.items() >= BASE_HEADERS.items()
    record = the_record(server)
    assert (record.kind, record.project_id, record.key_id, record.organization_id) == ("envelope", 7, 11, 3)
    assert (record.event_id, record.content_encoding, record.body) == (ID, "gzip", body)
    assert (record.client_ip, record.user_agent) == ("127.0.0.1", "sentry.python/2.75.0")
    assert (record.sentry_client, record.limited) == ("sentry.python/2.75.0", ())


def test_python_2_75_with_brotli(server: IngestServer) -> None:
    headers = {"X-Sentry-Auth": PYTHON_AUTH, "Content-Encoding": "br"}
    assert server.post("/api/7/envelope/", brotli.compress(ENVELOPE), headers=headers).body == ANSWER


def test_node_11_small_chunked_without_content_type(server: IngestServer) -> None:
    body = ENVELOPE.replace(b',"length":%d' % len(EVENT), b"")
    halves = [body[:40], body[40:]]
    assert server.send(chunked(f"/api/7/envelope/{QUERY}", halves)).body == ANSWER
    assert the_record(server).sentry_client == "sentry.javascript.browser/11.10.0"


def test_node_11_large_is_gzipped_and_chunked(server: IngestServer) -> None:
    body = gzip.compress(ENVELOPE)
    halves = [body[:10], body[10:]]
    response = server.send(chunked(f"/api/7/envelope/{QUERY}", halves, headers={"Content-Encoding": "gzip"}))
    assert response.body == ANSWER


def test_browser_11_from_another_origin(server: IngestServer) -> None:
    response = server.send(
        raw(
            f"""
            POST /api/7/envelope/{QUERY} HTTP/1.1
            Host: localhost:8377
            Connection: keep-alive
            Content-Length: {{n}}
            sec-ch-ua-platform: "Linux"
            User-Agent: Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/156.0
            Content-Type: text/plain;charset=UTF-8
            Accept: */*
            Origin: http://shop.example
            Referer: http://shop.example/
            """,
            ENVELOPE,
        )
    )
    assert (response.status, response.body) == (200, ANSWER)
    assert response.headers.items() >= BASE_HEADERS.items()
    assert the_record(server).origin == "http://shop.example"


def test_a_tunnel_sends_the_dsn_alone(server: IngestServer) -> None:
    header = f'{{"event_id":"{ID}","dsn":"https://{KEY}@vedette.example/7"}}\n'.encode()
    response = server.post("/api/7/envelope/", header + ENVELOPE.split(b"\n", 1)[1])
    assert (response.status, response.body) == (200, ANSWER)
    assert the_record(server).key_id == 11


def test_a_tunnel_may_add_credentials_that_agree(server: IngestServer) -> None:
    header = f'{{"dsn":"https://{KEY}@vedette.example/7"}}\n'.encode()
    body = header + b'{"type":"session"}\n{}'
    assert server.post(f"/api/7/envelope/{QUERY}", body).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Sentry-Auth": PYTHON_AUTH},
        {"Authorization": PYTHON_AUTH},
        {"Authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()},
        {"x-sentry-auth": f"sentry sentry_key={KEY}"},
    ],
    ids=["x-sentry-auth", "authorization", "basic", "lower case"],
)
def test_each_header_form_of_credentials(server: IngestServer, headers: dict[str, str]) -> None:
    assert server.post("/api/7/envelope/", ENVELOPE, headers=headers).body == ANSWER


@pytest.mark.parametrize(
    "path",
    [
        "/api/7/envelope/",
        "/api/7/envelope",
        "//api/7//envelope//",
        "/api/7/envelope///",
        "/api/007/envelope/",
    ],
)
def test_each_form_of_the_path(server: IngestServer, path: str) -> None:
    assert server.post(path, ENVELOPE, headers={"X-Sentry-Auth": PYTHON_AUTH}).body == ANSWER


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-sentry-envelope",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json",
        "nonsense",
    ],
)
def test_the_content_type_of_an_envelope_does_not_matter(server: IngestServer, content_type: str) -> None:
    headers = {"X-Sentry-Auth": PYTHON_AUTH, "Content-Type": content_type}
    assert server.post("/api/7/envelope/", ENVELOPE, headers=headers).body == ANSWER


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


CODINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", lambda data: brotli.compress(data, quality=4)),
    ("zstd", zstandard.compress),
    ("identity", bytes),
    ("GZIP", gzip.compress),
]


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_each_content_encoding_of_an_envelope_and_an_event(
    server: IngestServer, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    headers = {"X-Sentry-Auth": PYTHON_AUTH, "Content-Encoding": coding}
    for path, plain in (("/api/7/envelope/", ENVELOPE), ("/api/7/store/", EVENT)):
        response = server.post(path, compress(plain), headers=headers)
        assert (response.status, response.body) == (200, ANSWER)
        record = the_record(server)
        assert inflate(record.body, record.content_encoding, 1 << 20) == plain


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_what_sdks_sent_is_taken_byte_for_byte(server: IngestServer, path: Path) -> None:
    body = path.read_bytes()
    response = server.post("/api/7/envelope/", body, headers={"X-Sentry-Auth": PYTHON_AUTH})
    assert response.status == 200
    record = the_record(server)
    assert (record.body, response.json()) == (body, {"id": record.event_id} if record.event_id else {})
    assert bool(record.event_id) == (b'"event_id"' in body.partition(b"\n")[0])


@pytest.mark.parametrize(
    ("body", "answer", "is_kept"),
    [
        (b"{}\n" + b'{"type":"session"}\n{}\n', b"{}", True),
        (b"{}", b"{}", False),
        (b'{"event_id":"%s"}' % ID.encode(), ANSWER, False),
        (b'{}\n{"type":"from_the_future"}\nx', b"{}", True),
        (b'{"event_id":"9ec79c33-ec99-42ab-8353-589fcb2e04dc"}\n{"type":"event"}\n{}', ANSWER, True),
    ],
)
def test_an_envelope_is_answered_with_its_event_id_or_an_empty_object(
    server: IngestServer, body: bytes, answer: bytes, is_kept: bool
) -> None:
    response = server.post(f"/api/7/envelope/{QUERY}", body)
    assert (response.status, response.body) == (200, answer)
    assert len(server.records()) == is_kept


def test_an_event_without_id_gets_one(server: IngestServer) -> None:
    response = server.post(f"/api/7/envelope/{QUERY}", b'{}\n{"type":"event"}\n{}')
    assert response.json() == {"id": the_record(server).event_id}
    assert len(str(response.json()["id"])) == 32


def test_raven_python_6(server: IngestServer) -> None:
    body = zlib.compress(EVENT)
    auth = (
        f"Sentry sentry_timestamp=17.1, sentry_client=raven-python/6.10.0, sentry_version=7,sentry_key={KEY}"
    )
    response = server.send(
        raw(
            f"""
            POST /api/7/store/ HTTP/1.1
            Accept-Encoding: identity
            Content-Length: {{n}}
            Host: localhost:8377
            User-Agent: raven-python/6.10.0
            Content-Encoding: deflate
            Content-Type: application/octet-stream
            X-Sentry-Auth: {auth}
            Connection: close
            """,
            body,
        )
    )
    assert (response.status, response.body) == (200, ANSWER)
    record = the_record(server)
    assert (record.kind, record.event_id, record.sentry_client) == ("store", ID, "raven-python/6.10.0")


def test_raven_node_2(server: IngestServer) -> None:
    body = base64.b64encode(zlib.compress(EVENT))
    headers = {
        "X-Sentry-Auth": f"Sentry sentry_version=5, sentry_client=raven-node/2.6.4, sentry_key={KEY},sentry_secret=x",
        "Content-Type": "application/octet-stream",
    }
    assert server.post("/api/7/store/", body, headers=headers).body == ANSWER
    assert decode_store(the_record(server).body, "", 1 << 20) == EVENT


def test_a_store_path_without_project_finds_it_by_the_key(server: IngestServer) -> None:
    assert server.post("/api/store/", EVENT, headers={"X-Sentry-Auth": PYTHON_AUTH}).body == ANSWER
    assert the_record(server).project_id == 7


def test_a_store_event_with_bare_words_and_without_id(server: IngestServer) -> None:
    response = server.post(f"/api/7/store/{QUERY}", b'{"extra":{"x":NaN,"y":-Infinity}}')
    assert response.status == 200
    record = the_record(server)
    assert response.json() == {"id": record.event_id}
    assert decode_store(record.body, "", 1 << 20) == b'{"extra":{"x":null,"y":null}}'


def test_a_store_path_takes_an_envelope_that_says_so(server: IngestServer) -> None:
    headers = {"X-Sentry-Auth": PYTHON_AUTH, "Content-Type": "application/x-sentry-envelope"}
    assert server.post("/api/7/store/", ENVELOPE, headers=headers).body == ANSWER
    assert the_record(server).kind == "envelope"


@pytest.mark.parametrize("data", [base64.b64encode(zlib.compress(EVENT)), base64.b64encode(EVENT)])
def test_an_image_may_carry_an_event(server: IngestServer, data: bytes) -> None:
    path = f"/api/7/store/{QUERY}&sentry_data={data.decode()}"
    response = server.post(path, method="GET", headers={"Referer": "http://shop.example/"})
    assert (response.status, response.headers["content-type"]) == (200, "image/gif")
    assert response.body.startswith(b"GIF89a")
    record = the_record(server)
    assert (record.kind, record.event_id) == ("store", ID)
    assert decode_store(record.body, record.content_encoding, 1 << 20) == EVENT


@pytest.mark.parametrize("text", ["grüße", "日本", "\N{FACE WITH TEARS OF JOY}"])
def test_an_image_may_carry_an_event_as_plain_json(server: IngestServer, text: str) -> None:
    event = json.dumps({"event_id": ID, "message": text}, ensure_ascii=False).encode()
    assert server.post(f"/api/7/store/{QUERY}&sentry_data={quote(event)}", method="GET").status == 200
    assert decode_store(the_record(server).body, "", 1 << 20) == event


@pytest.mark.parametrize(
    "event", [rb'{"message":"half \ud83d"}', b'{"message":"a\x01b"}', b'\xef\xbb\xbf{"message":"x"}']
)
def test_a_store_event_that_can_be_mended_is_taken(server: IngestServer, event: bytes) -> None:
    assert server.post(f"/api/7/store/{QUERY}", event).status == 200
    the_record(server)


def test_several_requests_on_one_connection(server: IngestServer) -> None:
    one = request("/api/7/envelope/", ENVELOPE, headers={"X-Sentry-Auth": PYTHON_AUTH})
    kept = one.replace(b"Connection: close\r\n", b"")
    assert server.send(kept, rest=one).status == 200
    records = server.records()
    deadline = time.monotonic() + 10
    while len(records) < 2 and time.monotonic() < deadline:  # the second is answered to nobody who waits
        records += server.records()
    assert len(records) == 2


def test_a_large_envelope_goes_to_a_file_and_comes_back(server: IngestServer) -> None:
    attachment = os.urandom(3 << 20)
    body = ENVELOPE + b'{"type":"attachment","length":%d}\n' % len(attachment) + attachment
    response = server.post("/api/7/envelope/", body, headers={"X-Sentry-Auth": PYTHON_AUTH})
    assert (response.status, response.body) == (200, ANSWER)
    record = the_record(server)
    assert (record.body, record.outside_bytes) == (body, len(body))


def test_a_large_chunked_tunnel_is_identified_by_its_dsn(server: IngestServer) -> None:
    attachment = os.urandom(1 << 20)
    header = f'{{"dsn":"https://{KEY}@vedette.example/7"}}\n'.encode()
    body = header + b'{"type":"attachment","length":%d}\n' % len(attachment) + attachment
    packed = gzip.compress(body, 1)
    chunks = [packed[at : at + 50_000] for at in range(0, len(packed), 50_000)]
    response = server.send(chunked("/api/7/envelope/", chunks, headers={"Content-Encoding": "gzip"}))
    assert response.status == 200
    assert inflate(the_record(server).body, "gzip", 1 << 30) == body


@pytest.mark.parametrize("headers", [{}, {"Access-Control-Request-Private-Network": "true"}])
def test_a_preflight_is_answered(server: IngestServer, headers: dict[str, str]) -> None:
    asked = {
        "Origin": "http://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "sentry-trace, baggage, x-sentry-auth",
        **headers,
    }
    response = server.post("/api/7/envelope/", method="OPTIONS", headers=asked)
    assert response.status in (200, 204)
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["access-control-allow-methods"] == "POST, GET, OPTIONS"
    assert response.headers["access-control-max-age"] == "3600"
    allowed = set(response.headers["access-control-allow-headers"].split(", "))
    assert allowed >= {
        "x-sentry-auth",
        "sentry-trace",
        "baggage",
        "content-type",
        "content-encoding",
        "traceparent",
    }
    assert response.headers.get("access-control-allow-private-network") == ("true" if headers else None)


@pytest.mark.parametrize(
    "path", ["/_health/", "/_health", "/api/relay/healthcheck/ready/", "/api/relay/healthcheck/live/"]
)
def test_health_is_told_to_anybody(server: IngestServer, path: str) -> None:
    response = server.post(path, method="GET")
    assert (response.status, response.body) == (200, b"ok")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "https://example.com"}, 200),
        ({"Origin": "https://a.example.org"}, 200),
        ({"Referer": "https://example.com/page?q"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example", "Referer": "https://example.com/"}, 403),
        ({"Referer": "https://evil.example/"}, 403),
    ],
)
def test_a_project_may_allow_some_origins_only(
    server: IngestServer, headers: dict[str, str], status: int
) -> None:
    auth = {"X-Sentry-Auth": f"Sentry sentry_key={FENCED}"}
    response = server.post("/api/7/envelope/", ENVELOPE, headers={**headers, **auth})
    assert response.status == status
    assert response.headers["access-control-allow-origin"] == "*"
    if status == 403:
        assert server.outcomes() == [(7, 14, "default", "invalid", "cors", 1)]


def test_two_projects_do_not_mix(server: IngestServer) -> None:
    auth = {"X-Sentry-Auth": f"Sentry sentry_key={OTHER}"}
    assert server.post("/api/8/envelope/", ENVELOPE, headers=auth).status == 200
    assert server.post("/api/7/envelope/", ENVELOPE, headers=auth).status == 403
