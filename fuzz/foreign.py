"""Fuzz what is not an envelope: OTLP in both encodings, and `/v1/ingest`.

    .venv/bin/python fuzz/foreign.py --seconds 30 [--seed 7]

Each input must come out as items or as the parser's own error; what was read must turn into items of valid JSON.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "src"), str(HERE.parent)]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest  # noqa: E402

from fuzz.envelope import mutated  # noqa: E402
from vedette.wire.ingest import BadIngest, read_ingest  # noqa: E402
from vedette.wire.ingest_items import made_of  # noqa: E402
from vedette.wire.otlp import OtlpError, log_containers, span_containers  # noqa: E402

SPAN = {
    "trace_id": b"\1" * 16,
    "span_id": b"\2" * 8,
    "name": "a",
    "start_time_unix_nano": 5,
    "attributes": [{"key": "k", "value": {"int_value": 3}}],
}
SEEDS = [
    ExportTraceServiceRequest(resource_spans=[{"scope_spans": [{"spans": [SPAN]}]}]).SerializeToString(),
    b'{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":'
    b'[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"","name":"n",'
    b'"kind":2,"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","attributes":'
    b'[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"5"},{"doubleValue":"NaN"}]}}}]}]}]}]}',
    b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"5","severityNumber":9,"body":{"stringValue":"x"}}]}]}]}',
    b'[{"type":"error","exception":{"type":"E","value":"v","stacktrace":{"frames":[{"filename":"a","inApp":true}]}}},'
    b'{"type":"transaction","name":"n","traceId":"t","durationMs":5,"spans":[{"spanId":"a","op":"db","durationMs":1,'
    b'"parentSpanId":"a"}]},{"type":"ai_generation","provider":"p","model":"m","inputTokens":1,"totalCostUsd":0.5}]',
]  # fmt: skip


def read_all(data: bytes) -> None:
    """Every parser that a stranger reaches, and what comes after it."""
    for containers in (span_containers, log_containers):
        try:
            payloads = [made.payload for made in containers(data)]
        except OtlpError:
            continue
        for payload in payloads:
            json.loads(payload)
    try:
        items = read_ingest(data)
    except BadIngest:
        return
    for made in made_of(items, "ab" * 16, 1_780_000_000_000_000):
        json.loads(made.payload)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    ends = time.monotonic() + options.seconds
    tried = 0
    while time.monotonic() < ends:
        data = mutated(rng, rng.choice(SEEDS))
        try:
            read_all(data)
        except Exception as error:
            print(f"seed {options.seed}, input {tried}: {type(error).__name__}: {error}\n{data!r}")
            return 1
        tried += 1
    print(f"{tried} inputs, seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
