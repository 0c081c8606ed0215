"""Throws damaged and odd transactions and spans at tracing.

    .venv/bin/python fuzz/tracing.py [seconds]

Whatever the bytes: they become rows of whole columns that the engine's format can hold, or are refused with
`InvalidPayload` or `Filtered`. A surprise is printed with its payload, and ends the program.
"""

import random
import sys
import time
from pathlib import Path

import msgspec
from msgspec import Raw

from vedette.filters.inbound import Filtered, FilterSettings
from vedette.normalize.received import InvalidPayload, Received
from vedette.projects.handling import Delivery, Handling
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.storage.telemetry.native import encode_block
from vedette.storage.telemetry.tables import SPANS, TRACE_TIMES
from vedette.tracing.process import TracingConfig, process_container, process_span, process_transaction

BODY = Path(__file__).parent.parent / "bench" / "bodies" / "py_transaction.envelope"
FACTS = Received(
    received_us=1_795_000_000_000_000, sent_at_us=1_794_000_000_000_000, client_ip="198.51.100.7"
)
HANDLING = Handling(compile_settings(ScrubSettings()), True, 90)
CONFIG = TracingConfig(HANDLING, FilterSettings())
DELIVERY = Delivery(1, "0" * 16, FACTS, HANDLING, Raw(b"{}"), Raw(b'{"sample_rate":"0.5"}'))
KEYS = [
    *("gen_ai.usage.input_tokens", "gen_ai.request.model", "db.system", "db.query.text", "url.full"),
    *(
        "http.response.status_code",
        "sentry.segment.id",
        "sentry.op",
        "user.id",
        "browser.web_vital.lcp.value",
    ),
    *("measurements", "http.response_content_length", "messaging.destination.name", "sentry.exclusive_time"),
]
SCALARS: list[object] = [
    *(None, True, 0, -1, 2**70, 1.5, 1e300, -1e300, "", "x" * 9000, "\x00", "{{auto}}", "0" * 16, "f" * 32),
    *(
        "SELECT '",
        "/*",
        "GET http://[",
        "{",
        "[1",
        "2026-11-21T02:32:40Z",
        1794999990.5,
        "1e9",
        "９",
        "\U0001f600",
    ),
]
NOISE = [
    b"NaN",
    b"\xff",
    b"\\ud800",
    b"\\u0000",
    b"1e999",
    b"\x00",
    b'"',
    b"{",
    b"]",
    b",",
    b"null",
    b"9" * 400,
]


class Maker:
    """Random payloads from one seed."""

    def __init__(self, seed: int, whole: dict[str, object]) -> None:
        self.random = random.Random(seed)
        self.whole = whole

    def value(self, depth: int) -> object:
        kind = self.random.randrange(4 if depth else 2)
        if kind < 2:
            return self.random.choice(SCALARS)
        if kind == 2:
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        return {self.random.choice(KEYS): self.value(depth - 1) for _ in range(self.random.randrange(5))}

    def changed(self, value: object, depth: int = 8) -> object:
        """A real value with a few of its parts replaced."""
        if depth == 0 or self.random.random() < 0.03:
            return self.value(3)
        if isinstance(value, dict):
            return {key: self.changed(item, depth - 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.changed(item, depth - 1) for item in value]
        return value

    def streamed(self, span: dict[str, object]) -> dict[str, object]:
        attributes = {
            self.random.choice(KEYS): {
                "value": self.value(2),
                "type": self.random.choice(("integer", "string", None)),
            }
            for _ in range(self.random.randrange(8))
        }
        more = {
            "end_timestamp": span.get("timestamp"),
            "name": span.get("description"),
            "attributes": attributes,
        }
        return span | more | {"is_segment": self.random.random() < 0.2}

    def payload(self, made: object) -> bytes:
        try:
            body = msgspec.json.encode(made)
        except OverflowError:
            body = msgspec.json.encode(self.whole)
        for _ in range(self.random.choice((0, 0, 1, 3))):
            at = self.random.randrange(len(body) + 1)
            body = body[:at] + self.random.choice(NOISE) + body[at + self.random.randrange(3) :]
        return body


def check(maker: Maker) -> bytes:
    """One round; the payload it was of. Raises when something else happens than is promised."""
    spans = maker.whole["spans"]
    assert isinstance(spans, list)
    kind = maker.random.randrange(3)
    if kind == 0:
        body, process = maker.payload(maker.changed(maker.whole)), process_transaction
    elif kind == 1:
        items = [maker.streamed(span) for span in maker.random.sample(spans, 4)]
        body, process = (
            maker.payload(maker.changed({"items": items, "ingest_settings": {}})),
            process_container,
        )
    else:
        body, process = maker.payload(maker.changed(maker.random.choice(spans))), process_span
    try:
        traced = process(body, DELIVERY, CONFIG)
    except (InvalidPayload, Filtered):
        return body
    except Exception:
        print(repr(body))
        raise
    for table, found in ((SPANS, [*traced.spans, [""] * traced.count]), (TRACE_TIMES, traced.times)):
        columns = [(column.name, column.travels_as) for column in table.columns]
        if traced.count:
            encode_block(columns, found)
    for found in traced.found:
        msgspec.json.encode(found.event)
    return body


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    whole = msgspec.json.decode(BODY.read_bytes().split(b"\n")[2])
    end, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        try:
            check(Maker(rounds, whole))
        except Exception as error:  # whatever it is, it is the find
            print(f"seed {rounds}: {type(error).__name__}: {error}")
            return 1
        rounds += 1
    print(f"{rounds} rounds, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
