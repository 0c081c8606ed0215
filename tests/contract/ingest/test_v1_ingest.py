"""`/v1/ingest` and `/health`: each row of the reference's tables, over real HTTP."""

import gzip
import json
import re
import uuid
from collections.abc import Mapping

import msgspec
import pytest

from tests.support.ingest import KEY, OTHER, REVOKED, UNKNOWN, IngestServer, Response, chunked
from vedette.pipeline.items import RawItem, items_of
from vedette.spool.record import SpoolRecord
from vedette.wire.ingest import MAX_BYTES

ERROR = {"type": "error", "exception": {"type": "Error", "value": "test from curl"}}
TRANSACTION = {
    "type": "transaction",
    "name": "GET /api/checkout",
    "traceId": "trace-abc-123",
    "durationMs": 245,
}
GENERATION = {
    "type": "ai_generation",
    "provider": "openrouter",
    "model": "anthropic/claude-sonnet-4",
    "inputTokens": 12,
}


def post(
    server: IngestServer, body: object, *, path: str = f"/v1/ingest?key={KEY}", **headers: str
) -> Response:
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.post(path, data, headers={"Content-Type": "application/json"} | sent)


def items(server: IngestServer) -> list[RawItem]:
    (record,) = server.records()
    return items_of(record, record.body)


def payload(item: RawItem) -> dict[str, object]:
    return msgspec.json.decode(item.payload, type=dict[str, object])


@pytest.mark.row(99)
def test_health_is_exact_and_asks_nobody(server: IngestServer):
    server.keys.is_available = False
    response = server.post("/health", method="GET")
    assert (response.status, response.body) == (200, b'{"status":"ok"}')
    assert response.headers["content-type"] == "application/json"


@pytest.mark.row(98)
@pytest.mark.row(100)
@pytest.mark.row(106)
@pytest.mark.row(107)
@pytest.mark.row(151)
def test_the_first_example_is_accepted_with_a_dashed_batch_id(server: IngestServer):
    response = post(server, ERROR, path="/v1/ingest", X_Open_Sentry_Key=KEY)
    assert response.status == 202
    answer = response.json()
    assert list(answer) == ["id"]
    assert str(uuid.UUID(str(answer["id"]))) == answer["id"]
    (item,) = items(server)
    assert (item.type, item.category) == ("event", "error")
    assert item.received.event_id != str(answer["id"]).replace("-", "")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("/v1/ingest", {"X-Open-Sentry-Key": KEY}, marks=pytest.mark.row(102)),
        pytest.param("/v1/ingest", {"X-Sentry-Clone-Key": KEY}, marks=pytest.mark.row(103)),
        pytest.param(
            f"/v1/ingest?key={KEY}", {"Content-Type": "text/plain;charset=UTF-8"}, marks=pytest.mark.row(104)
        ),
        pytest.param(f"/v1/ingest/?key={KEY}", {}, marks=pytest.mark.row(104)),
    ],
)
def test_each_way_to_name_the_key(server: IngestServer, path: str, headers: dict[str, str]):
    response = server.post(path, msgspec.json.encode(ERROR), headers=headers)
    assert response.status == 202
    assert response.headers["access-control-allow-origin"] == "*"
    assert len(items(server)) == 1


@pytest.mark.row(101)
@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 202), (20, 202), (21, 400)])
def test_a_batch_has_one_to_twenty_items(server: IngestServer, count: int, status: int):
    response = post(server, [ERROR] * count)
    assert response.status == status
    if status == 202:
        ids = {item.received.event_id for item in items(server)}
        assert len(ids) == count  # the same words twice are two events
    else:
        assert response.body == b'{"error":"Invalid payload"}'


@pytest.mark.row(108)
@pytest.mark.parametrize("body", [b"nope", b"", b'{"type":', b"\xff\xfe", b'{"type":"error","exception":{}'])
def test_what_is_no_json(server: IngestServer, body: bytes):
    response = post(server, body)
    assert (response.status, response.body) == (400, b'{"error":"Invalid JSON"}')
    assert server.records() == []


def without(item: Mapping[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in item.items() if key != name}


WRONG: list[object] = [
    1,
    "text",
    None,
    {},
    {"type": "other"},
    without(ERROR, "type"),
    without(ERROR, "exception"),
    {"type": "error", "exception": {"type": "E"}},
    {"type": "error", "exception": {"value": "v"}},
    {**ERROR, "tags": {"a": 1}},
    {**ERROR, "user": {"id": 5}},
    {**ERROR, "breadcrumbs": {}},
    {"type": "error", "exception": {"type": "E", "value": "v", "stacktrace": {"frames": [{"lineno": "x"}]}}},
    without(TRANSACTION, "name"),
    without(TRANSACTION, "traceId"),
    without(TRANSACTION, "durationMs"),
    {**TRANSACTION, "durationMs": 1.5},
    {**TRANSACTION, "durationMs": -1},
    {**TRANSACTION, "status": "odd"},
    {**TRANSACTION, "spans": [{"spanId": "a"}]},
    without(GENERATION, "provider"),
    without(GENERATION, "model"),
    without(GENERATION, "inputTokens"),
    {**GENERATION, "status": "cancelled"},
    [ERROR, {"type": "other"}],
]


@pytest.mark.row(109)
@pytest.mark.row(114)
@pytest.mark.parametrize("body", WRONG, ids=[json.dumps(body)[:60] for body in WRONG])
def test_what_is_json_and_no_item(server: IngestServer, body: object):
    response = post(server, body)
    assert (response.status, response.body) == (400, b'{"error":"Invalid payload"}')
    assert server.records() == []


@pytest.mark.row(110)
def test_without_a_key(server: IngestServer):
    response = post(server, ERROR, path="/v1/ingest")
    assert (response.status, response.body) == (401, b'{"error":"Missing auth key"}')


@pytest.mark.row(111)
@pytest.mark.parametrize("key", [UNKNOWN, REVOKED, "nonsense"])
def test_with_a_key_that_may_not(server: IngestServer, key: str):
    response = post(server, ERROR, path=f"/v1/ingest?key={key}")
    assert (response.status, response.body) == (403, b'{"error":"Invalid DSN key"}')


def sized(size: int) -> bytes:
    body = msgspec.json.encode({**ERROR, "message": ""})
    return body[:-2] + b'"' + b" " * (size - len(body)) + b"}"


@pytest.mark.row(112)
def test_the_limit_is_256_kib_of_what_is_inside(server: IngestServer):
    assert post(server, sized(MAX_BYTES)).status == 202
    server.records()
    too_large = (413, b'{"error":"Payload too large"}')
    over = post(server, sized(MAX_BYTES + 1))
    assert (over.status, over.body) == too_large
    squeezed = post(server, gzip.compress(sized(MAX_BYTES + 1)), Content_Encoding="gzip")
    assert (squeezed.status, squeezed.body) == too_large
    assert post(server, gzip.compress(sized(MAX_BYTES)), Content_Encoding="gzip").status == 202
    server.records()
    head = chunked(f"/v1/ingest?key={KEY}", [b"x" * (MAX_BYTES + 1)])[:-5]  # the rest never comes
    assert server.send(head).status == 413


@pytest.mark.row(113)
def test_checks_come_in_one_order(server: IngestServer):
    """401 before 403 before 413 before the two of 400: each request is wrong in all later ways, too."""
    huge_and_broken = b"{" * (MAX_BYTES + 1)
    assert post(server, huge_and_broken, path="/v1/ingest").status == 401
    assert post(server, huge_and_broken, path=f"/v1/ingest?key={UNKNOWN}").status == 403
    assert post(server, huge_and_broken).status == 413
    assert post(server, b'{"type":"other",').body == b'{"error":"Invalid JSON"}'
    assert post(server, b'{"type":"other"}').body == b'{"error":"Invalid payload"}'


def test_other_methods_and_a_preflight(server: IngestServer):
    response = server.post("/v1/ingest", method="GET")
    assert (response.status, response.body) == (405, b'{"error":"Method not allowed"}')
    preflight = server.post("/v1/ingest", method="OPTIONS", headers={"Origin": "http://a.example"})
    assert preflight.status == 200
    assert "x-open-sentry-key" in preflight.headers["access-control-allow-headers"]


def test_the_key_decides_the_project(server: IngestServer):
    post(server, ERROR, path=f"/v1/ingest?key={OTHER}")
    (record,) = server.records()
    assert record.project_id == 8


def test_the_schema_is_published(server: IngestServer):
    response = server.post("/v1/ingest/schema.json", method="GET")
    schema = response.json()
    assert response.status == 200
    assert re.match(r"https://json-schema\.org/", str(schema["$schema"]))
    assert {"ErrorItem", "TransactionItem", "GenerationItem", "StackFrame", "Breadcrumb"} <= set(
        msgspec.convert(schema["$defs"], dict[str, object])
    )


def test_a_record_gives_the_same_items_each_time(server: IngestServer):
    post(server, [ERROR, TRANSACTION, GENERATION])
    (record,) = server.records()
    assert items_of(record, record.body) == items_of(record, record.body)
    other: SpoolRecord = msgspec.structs.replace(record, event_id="e" * 32)
    assert (
        items_of(other, other.body)[0].received.event_id != items_of(record, record.body)[0].received.event_id
    )
