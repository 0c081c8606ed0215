"""OTLP as exporters send it, and the answers they must get."""

import gzip

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.ingest import KEY, UNKNOWN, IngestServer
from vedette.pipeline.items import items_of

SPAN = {
    "trace_id": b"\1" * 16,
    "span_id": b"\2" * 8,
    "name": "a",
    "start_time_unix_nano": 1,
    "end_time_unix_nano": 2,
}
BODY = ExportTraceServiceRequest(
    resource_spans=[{"scope_spans": [{"spans": [SPAN, SPAN]}]}]  # pyright: ignore[reportArgumentType] - dictionaries are taken for messages
).SerializeToString()
AUTH = {"x-sentry-auth": f"sentry sentry_key={KEY}"}
PROTOBUF = {"content-type": "application/x-protobuf"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/7/integration/otlp/v1/traces",  # the stock exporter
        "/api/7/integration/otlp/v1/traces/",  # official SDKs
        "/v1/traces",
    ],
)
def test_spans_are_taken_under_each_path(server: IngestServer, path: str):
    response = server.post(path, BODY, headers=AUTH | PROTOBUF)
    assert (response.status, response.headers["content-type"], response.body) == (
        200,
        "application/x-protobuf",
        b"",
    )
    (record,) = server.records()
    (item,) = items_of(record, record.body)
    assert (item.type, item.category, item.quantity) == ("span", "span", 2)


def test_compressed_protobuf_and_json_of_logs(server: IngestServer):
    assert (
        server.post(
            "/v1/traces", gzip.compress(BODY), headers=AUTH | PROTOBUF | {"content-encoding": "gzip"}
        ).status
        == 200
    )
    logs = (
        b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"5","body":{"stringValue":"x"}}]}]}]}'
    )
    response = server.post(
        "/api/7/integration/otlp/v1/logs", logs, headers=AUTH | {"content-type": "application/json"}
    )
    assert (response.status, response.body) == (200, b"{}")
    _, record = server.records()
    (item,) = items_of(record, record.body)
    assert (item.type, item.quantity) == ("log", 1)


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/v1/traces", {}, BODY, 401),
        ("/v1/traces", {"x-sentry-auth": f"sentry sentry_key={UNKNOWN}"}, BODY, 403),
        ("/api/8/integration/otlp/v1/traces", AUTH, BODY, 403),
        ("/api/x/integration/otlp/v1/traces", AUTH, BODY, 400),
        ("/v1/traces", AUTH, b"nonsense", 400),
        ("/v1/traces", AUTH, b"", 400),
    ],
)
def test_what_is_refused(server: IngestServer, path: str, headers: dict[str, str], body: bytes, status: int):
    assert server.post(path, body, headers=headers).status == status
    assert server.records() == []


@pytest.mark.parametrize(("count", "status"), [(20_000, 200), (20_001, 413)])
def test_a_request_has_so_many_spans(server: IngestServer, count: int, status: int):
    empty = b"\x12\x00"  # a span with nothing in it
    scope = b"\x12" + varint(count * len(empty)) + empty * count
    body = b"\x0a" + varint(len(scope)) + scope
    assert server.post("/v1/traces", body, headers=AUTH | PROTOBUF).status == status


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes((*found, number))


def test_a_bomb_is_cut_at_the_limit(server: IngestServer):
    bomb = gzip.compress(b"\0" * (13 << 20))
    assert server.post("/v1/traces", bomb, headers=AUTH | {"content-encoding": "gzip"}).status == 413
