"""Throws odd containers of logs and metrics at their stages.

    .venv/bin/python -m fuzz.logs [--seconds 10] [--seed N]

Whatever comes, a container is read or refused with a reason, each entry of it becomes a row or is counted as
refused, the same bytes give the same rows, rows can be written as the store takes them, and a planted password
is in none of them.
"""

import json
import random
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw

from fuzz._seeds import main
from vedette.logs.process import Logs
from vedette.logs.process import process as process_logs
from vedette.metrics.process import Metrics
from vedette.metrics.process import process as process_metrics
from vedette.normalize.container import MAX_ENTRIES
from vedette.normalize.received import InvalidPayload, Received
from vedette.projects.handling import Delivery, Handling
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.storage.telemetry.columns import Table
from vedette.storage.telemetry.native import encode_block
from vedette.storage.telemetry.tables import LOGS, METRICS

SECRET = "Tr0ub4dor&3"
_KEYS = (
    "body timestamp trace_id span_id level severity_number attributes name type value unit items version k"
)
_ATTRIBUTES = """sentry.release sentry.environment sentry.message.template sentry.timestamp.sequence k é
sentry.severity_number sentry.replay_id sentry.sdk.name user.id user.ip_address user.email server.address"""
KEYS = (*_KEYS.split(), "", "\x00", "é")
ATTRIBUTES = _ATTRIBUTES.split()
VALUES: tuple[Any, ...] = (
    *("", "x", "{{auto}}", "info", "WARNING", "counter", "gauge", "é" * 300, "a\x00b", "\ud800", "5", "nan"),
    *(0, -1, 9, 1.5, 10**30, -(10**400), 1e308, True, False, None, [], {}, [1, "a", None], {"a": {"b": []}}),
    *("973b24434ce84ee7a97496a2efdff748", "0" * 32, "00000000000000ab", " a b c d e f 0 1", 1_795_711_995.5),
    *("2026-11-26T16:53:15Z", "4111 1111 1111 1111", "order 17 of a@b.co at 10.0.0.1"),
)
Process = Callable[[bytes, Delivery], Logs | Metrics]
FEATURES: tuple[tuple[Process, Table], ...] = ((process_logs, LOGS), (process_metrics, METRICS))


class Maker:
    """Random containers and what is known of their receipt, from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self, depth: int = 3) -> Any:
        if depth and self.random.random() < 0.1:
            return {self.random.choice(KEYS): self.value(depth - 1)}
        return self.random.choice(VALUES)

    def attribute(self) -> Any:
        if self.random.random() < 0.2:
            return self.value()
        kind = self.random.choice(("string", "integer", "double", "boolean", "array", None, 5))
        return {"value": self.value(), "type": kind}

    def entry(self) -> Any:
        if self.random.random() < 0.1:
            return self.value()
        entry: dict[str, Any] = {"body": "b", "name": "n", "type": "counter", "value": 1}
        entry |= {self.random.choice(KEYS): self.value() for _ in range(self.random.randrange(5))}
        entry["attributes"] = {
            self.random.choice(ATTRIBUTES): self.attribute() for _ in range(self.random.randrange(6))
        }
        if self.random.random() < 0.5:
            entry["attributes"]["password"] = {"value": SECRET, "type": "string"}
        return entry if self.random.random() < 0.95 else {**entry, "attributes": self.value()}

    def payload(self) -> bytes:
        container = {
            "items": [self.entry() for _ in range(self.random.randrange(6))],
            "ingest_settings": self.random.choice(({}, {"infer_ip": "auto"}, {"infer_ip": 5}, None)),
        }
        text = _json(container)
        if self.random.random() < 0.3:
            at = self.random.randrange(len(text))
            text = text[:at] + bytes([self.random.randrange(256)]) + text[at + self.random.randrange(3) :]
        return text

    def delivery(self) -> Delivery:
        received_us = 1_795_712_000_000_000
        sent_at_us = self.random.choice((None, received_us, received_us - 10**11))
        received = Received(received_us, sent_at_us=sent_at_us, client_ip="203.0.113.9", user_agent="x")
        handling = Handling(compile_settings(ScrubSettings()), self.random.random() < 0.5, 90)
        return Delivery(7, "0" * 16, received, handling, Raw(_json(self.value())), Raw(_json(self.value())))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def check(maker: Maker) -> None:
    """Raises when a container comes to other than promised."""
    payload, delivery = maker.payload(), maker.delivery()
    for process, table in FEATURES:
        try:
            found = process(payload, delivery)
        except InvalidPayload as invalid:
            assert invalid.reason, "refused without a reason"
            continue
        assert found.rows == process(payload, delivery).rows, "not the same twice"
        columns = [(column.name, column.travels_as) for column in table.columns[:-1]]
        stored = b"".join(encode_block(columns, list(zip(*found.rows, strict=True)))) if found.rows else b""
        assert len(found.rows) + found.refused <= MAX_ENTRIES
        try:
            entries = len(msgspec.json.decode(payload)["items"])
        except (msgspec.MsgspecError, KeyError, TypeError, UnicodeDecodeError):
            continue  # it had to be mended first
        assert len(found.rows) + found.refused == entries, "an entry was lost"
        assert SECRET.encode() not in stored, "a secret was stored"


if __name__ == "__main__":
    main(__doc__, lambda seed: check(Maker(seed)))
