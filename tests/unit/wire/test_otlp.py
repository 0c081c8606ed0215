"""OTLP requests, in both encodings, as containers of spans and logs."""

from base64 import b64decode
from typing import Any, cast

import msgspec
import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from vedette.wire import otlp
from vedette.wire.otlp import OtlpError, log_containers, span_containers
from vedette.wire.otlp_values import Span

TRACE = bytes(range(16))
START_NS = 1_780_000_000_123_456_789


def pair(key: str, **value: Any) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(**value))


def span(number: int, parent: int = 0, *, kind: int = 1, name: str = "work", **pairs: str) -> dict[str, Any]:
    return {
        "trace_id": TRACE,
        "span_id": number.to_bytes(8, "big"),
        "parent_span_id": parent.to_bytes(8, "big") if parent else b"",
        "name": name,
        "kind": kind,
        "start_time_unix_nano": START_NS,
        "end_time_unix_nano": START_NS + 2_000_000,
        "attributes": [pair(key.replace("__", "."), string_value=value) for key, value in pairs.items()],
    }


def bare(trace: str, span_id: str, parent: str = "") -> Span:
    return Span(trace, span_id, parent, "", 1, 0, 0, 0, "", [], [], [], "")


RESOURCE = {
    "attributes": [
        pair("service.name", string_value="shop"),
        pair("service.version", string_value="1.2"),
        pair("deployment.environment.name", string_value="prod"),
        pair("host.name", string_value="node-1"),
        pair("telemetry.sdk.language", string_value="python"),
    ]
}


def traces(*spans: dict[str, Any]) -> ExportTraceServiceRequest:
    return ExportTraceServiceRequest(
        resource_spans=[{"resource": RESOURCE, "scope_spans": [{"scope": {"name": "lib"}, "spans": spans}]}]  # pyright: ignore[reportArgumentType] - dictionaries are taken for messages
    )


def as_json(message: Any) -> bytes:
    """As exporters write it: ids in hex, not in base64."""
    return msgspec.json.encode(_hexed(MessageToDict(message, use_integers_for_enums=True)))


def _hexed(value: Any) -> Any:
    if isinstance(value, list):
        return [_hexed(item) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    ids = ("traceId", "spanId", "parentSpanId")
    fields = cast("dict[str, Any]", value)
    return {
        name: b64decode(str(item)).hex() if name in ids else _hexed(item) for name, item in fields.items()
    }


def entries(body: bytes) -> list[dict[str, Any]]:
    return [entry for made in span_containers(body) for entry in msgspec.json.decode(made.payload)["items"]]


def values(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: held["value"] for name, held in entry["attributes"].items()}


def test_both_encodings_say_the_same():
    request = traces(span(1, kind=2, http__request__method="GET"), span(2, 1))
    assert entries(request.SerializeToString()) == entries(as_json(request))


def test_a_span_keeps_its_place_its_times_and_its_service():
    root, child = entries(traces(span(1, kind=2, name="GET /a"), span(2, 1)).SerializeToString())
    assert (root["trace_id"], root["span_id"]) == (TRACE.hex(), "0" * 15 + "1")
    assert (root["is_segment"], child["is_segment"]) == (True, False)
    assert child["parent_span_id"] == root["span_id"]
    assert (root["start_timestamp"], round(root["end_timestamp"] - root["start_timestamp"], 6)) == (
        START_NS / 1e9,
        0.002,
    )
    found = values(child)
    assert found["sentry.segment.id"] == root["span_id"]
    assert found["sentry.segment.name"] == "GET /a"
    assert (found["service.name"], found["resource.service.name"]) == ("shop", "shop")
    assert (found["sentry.release"], found["sentry.environment"], found["server.address"]) == (
        "1.2",
        "prod",
        "node-1",
    )
    assert (found["sentry.platform"], found["sentry.sdk.name"]) == ("python", "opentelemetry.python")
    assert found["otel.scope.name"] == "lib"


def test_a_span_below_many_others_knows_its_segment_and_each_is_looked_at_once(
    monkeypatch: pytest.MonkeyPatch,
):
    looks = 0

    def counted(of: Span) -> bool:
        nonlocal looks
        looks += 1
        return not of.parent_span_id

    monkeypatch.setattr(otlp, "_is_segment", counted)
    chain = [bare("a", str(n), str(n - 1) if n else "") for n in range(3000)]
    segments = otlp.Segments(chain)
    assert all(segments.of(span) is chain[0] for span in reversed(chain))
    assert looks <= 2 * len(chain)


def test_spans_in_a_circle_have_no_segment_and_one_id_in_two_traces_is_two_spans():
    one, two = bare("a", "1", "2"), bare("a", "2", "1")
    other, below = bare("b", "2"), bare("b", "3", "2")
    segments = otlp.Segments([one, two, other, below])
    assert [segments.of(span) for span in (one, two, below)] == [None, None, other]


def test_what_a_resource_says_is_not_multiplied_without_bound():
    long = [pair("service.version", string_value="1.2"), pair("notes", string_value="x" * 20_000)]
    many = [span(n, 1) for n in range(1, 3001)]
    request = ExportTraceServiceRequest(
        resource_spans=[{"resource": {"attributes": long}, "scope_spans": [{"spans": many}]}]  # pyright: ignore[reportArgumentType] - dictionaries are taken for messages
    )
    made = span_containers(request.SerializeToString())
    assert [one.entries for one in made] == [1000, 1000, 1000]
    assert sum(len(one.payload) for one in made) < 36 << 20
    found = values(msgspec.json.decode(made[2].payload)["items"][0])
    assert (found["sentry.release"], "resource.notes" in found) == ("1.2", False)


@pytest.mark.parametrize(
    ("kind", "attributes", "op"),
    [
        (2, {"http__request__method": "GET"}, "http.server"),
        (3, {"http__method": "GET"}, "http.client"),
        (3, {"db__system__name": "postgresql"}, "db"),
        (3, {"gen_ai__operation__name": "chat"}, "gen_ai.chat"),
        (4, {"messaging__system": "kafka"}, "queue.publish"),
        (5, {"messaging__system": "kafka"}, "queue.process"),
        (3, {"rpc__system": "grpc"}, "rpc.client"),
        (1, {}, "default"),
    ],
)
def test_the_operation_is_what_the_fields_sdks_call_it(kind: int, attributes: dict[str, str], op: str):
    (entry,) = entries(traces(span(1, 9, kind=kind, **attributes)).SerializeToString())
    assert values(entry)["sentry.op"] == op


def test_errors_exceptions_and_links_are_kept():
    failed = span(1) | {
        "status": {"code": 2, "message": "boom"},
        "events": [
            {
                "name": "exception",
                "time_unix_nano": START_NS,
                "attributes": [pair("exception.type", string_value="E")],
            },
            {"name": "retry", "time_unix_nano": START_NS, "attributes": [pair("n", int_value=2)]},
        ],
        "links": [{"trace_id": TRACE, "span_id": b"\1" * 8}],
    }
    (entry,) = entries(traces(failed).SerializeToString())
    found = values(entry)
    assert (entry["status"], found["sentry.status.message"], found["exception.type"]) == (
        "error",
        "boom",
        "E",
    )
    assert msgspec.json.decode(found["otel.events"])[0]["attributes"] == {"n": 2}
    assert entry["links"] == [{"trace_id": TRACE.hex(), "span_id": "01" * 8, "attributes": {}}]


def test_values_of_every_type_arrive():
    given = span(1) | {
        "attributes": [
            pair("b", bool_value=True),
            pair("i", int_value=-(2**62)),
            pair("d", double_value=1.5),
            pair("bytes", bytes_value=b"\xff"),
            pair("list", array_value={"values": [{"string_value": "a"}, {"int_value": 1}]}),
            pair("map", kvlist_value={"values": [{"key": "k", "value": {"string_value": "v"}}]}),
            pair("none"),
        ]
    }
    for body in (traces(given).SerializeToString(), as_json(traces(given))):
        found = values(entries(body)[0])
        assert (found["b"], found["i"], found["d"], found["bytes"]) == (True, -(2**62), 1.5, "/w==")
        assert (found["list"], found["map"], found["none"]) == (["a", 1], {"k": "v"}, None)


def test_protobuf_whose_length_looks_like_json_is_protobuf():
    bodies = [traces(span(1, name="n" * size)).SerializeToString() for size in range(200)]
    assert all(len(entries(body)) == 1 for body in bodies)
    one = {"trace_id": TRACE, "span_id": b"\1" * 8, "name": "n" * 89}
    small = ExportTraceServiceRequest(resource_spans=[{"scope_spans": [{"spans": [one]}]}])  # pyright: ignore[reportArgumentType] - dictionaries are taken for messages
    body = small.SerializeToString()
    assert body[:2] == b"\n{"
    assert len(entries(body)) == 1


def test_a_large_request_is_cut_into_containers():
    request = traces(*[span(number + 1) for number in range(1500)])
    assert [made.entries for made in span_containers(request.SerializeToString())] == [1000, 500]


def test_logs_keep_level_body_and_trace():
    records = [
        {
            "time_unix_nano": START_NS,
            "severity_number": 17,
            "body": {"string_value": "it broke"},
            "trace_id": TRACE,
            "span_id": b"\2" * 8,
        },
        {
            "observed_time_unix_nano": START_NS,
            "severity_text": "WARNING",
            "body": {"kvlist_value": {"values": [{"key": "a", "value": {"int_value": 1}}]}},
        },
    ]
    request = ExportLogsServiceRequest(
        resource_logs=[{"resource": RESOURCE, "scope_logs": [{"log_records": records}]}]  # pyright: ignore[reportArgumentType] - as above
    )
    for body in (request.SerializeToString(), as_json(request)):
        (made,) = log_containers(body)
        first, second = msgspec.json.decode(made.payload)["items"]
        assert (first["level"], first["severity_number"], first["body"]) == ("error", 17, "it broke")
        assert (first["trace_id"], first["span_id"]) == (TRACE.hex(), "02" * 8)
        assert (second["level"], second["body"], second["timestamp"]) == ("warn", '{"a":1}', START_NS / 1e9)
        assert values(first)["server.address"] == "node-1"


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b'{"resourceSpans": 5}',
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}',
        b"{",
    ],
)
def test_what_is_no_otlp_is_refused(body: bytes):
    with pytest.raises(OtlpError):
        span_containers(body)
