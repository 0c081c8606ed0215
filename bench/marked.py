"""Requests that can be found again: transactions, logs, metrics and LLM calls, each request with a mark of its own.

A mark is acknowledged once its request was answered; then so many rows of it must be stored, no fewer and no more.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx

from bench.load import parse_dsn
from tests.e2e.server import Server
from vedette.config import Settings
from vedette.roles import Home

ENTRIES = 10  # log lines, and metrics, of one request
SPANS = 12  # of a transaction, beside its segment


class Post(NamedTuple):
    path: str
    body: bytes


class Kind(NamedTuple):
    """What is sent under a mark, and the statement that counts the rows of each mark."""

    name: str
    rows: int  # of one mark
    post: Callable[[str, int], Post]  # of a mark, to a project
    stored: str


class Tally(NamedTuple):
    """Marks of one kind: acknowledged, of these not all there, and of all those there too often."""

    acknowledged: int
    lost: int
    doubled: int


def _envelope(project: int, header: dict[str, Any], item: dict[str, Any], payload: dict[str, Any]) -> Post:
    body = b"\n".join(json.dumps(part).encode() for part in (header, item, payload))
    return Post(f"/api/{project}/envelope/", body)


def transaction(mark: str, project: int) -> Post:
    now, trace, root = time.time(), secrets.token_hex(16), secrets.token_hex(8)
    spans = [
        {
            "trace_id": trace,
            "span_id": secrets.token_hex(8),
            "parent_span_id": root,
            "op": "db",
            "description": f"SELECT {number} FROM orders",
            "start_timestamp": now - 0.2,
            "timestamp": now - 0.1,
        }
        for number in range(SPANS)
    ]
    context = {"trace_id": trace, "span_id": root, "op": "http.server"}
    payload = {
        "type": "transaction",
        "transaction": "GET /kill/",
        "platform": "python",
        "start_timestamp": now - 0.3,
        "timestamp": now,
        "contexts": {"trace": context},
        "spans": spans,
    }
    return _envelope(project, {"event_id": mark}, {"type": "transaction"}, {"event_id": mark, **payload})


def _container(kind: str, mark: str, project: int, entry: dict[str, Any]) -> Post:
    attributes = {"kill.mark": {"type": "string", "value": mark}}
    items = [{"timestamp": time.time(), **entry, "attributes": attributes} for _ in range(ENTRIES)]
    item = {
        "type": kind,
        "item_count": ENTRIES,
        "content_type": f"application/vnd.sentry.items.{kind.replace('_', '-')}+json",
    }
    return _envelope(project, {}, item, {"items": items})


def logs(mark: str, project: int) -> Post:
    entry = {"trace_id": secrets.token_hex(16), "level": "info", "body": "a line"}
    return _container("log", mark, project, entry)


def metrics(mark: str, project: int) -> Post:
    entry = {"trace_id": secrets.token_hex(16), "name": "orders", "type": "counter", "value": 1}
    return _container("trace_metric", mark, project, entry)


def generation(mark: str, project: int) -> Post:
    call = {"type": "ai_generation", "provider": "openai", "model": "gpt-4o", "inputTokens": 12}
    return Post("/v1/ingest", json.dumps({**call, "tags": {"kill.mark": mark}}).encode())


_BY_MARK = "SELECT attributes['kill.mark'] AS mark, count() FROM {} WHERE mark != '' GROUP BY mark"
KINDS = (
    Kind(
        "transactions",
        SPANS + 1,
        transaction,
        "SELECT replaceAll(toString(transaction_id), '-', '') AS mark, count() FROM spans"
        " WHERE transaction = 'GET /kill/' GROUP BY mark",
    ),
    Kind("logs", ENTRIES, logs, _BY_MARK.format("logs")),
    Kind("metrics", ENTRIES, metrics, _BY_MARK.format("metrics")),
    Kind("generations", 1, generation, _BY_MARK.format("spans")),
)


class Sender(threading.Thread):
    """Sends one request of each kind in turn until `stop`; what fails is not sent again."""

    def __init__(self, server: Server, rate: float) -> None:
        super().__init__(daemon=True)
        self.acknowledged: dict[str, set[str]] = {kind.name: set() for kind in KINDS}
        self._rate = rate
        self._stopped = threading.Event()
        self._dsn, self._url = server.dsn(), server.url

    def run(self) -> None:
        key, project = _key_and_project(self._dsn)
        headers = {"X-Sentry-Auth": f"Sentry sentry_key={key}, sentry_version=7", "X-Open-Sentry-Key": key}
        with httpx.Client(base_url=self._url, headers=headers, timeout=5) as client:
            number = 0
            while not self._stopped.wait(1 / self._rate):
                kind = KINDS[number % len(KINDS)]
                number += 1
                self._send(client, kind, project)

    def _send(self, client: httpx.Client, kind: Kind, project: int) -> None:
        mark = secrets.token_hex(16)
        post = kind.post(mark, project)
        try:
            answer = client.post(post.path, content=post.body)
        except httpx.TransportError:
            return
        if answer.is_success:
            self.acknowledged[kind.name].add(mark)

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def tally(server: Server, acknowledged: dict[str, set[str]], *, seconds: float) -> dict[str, Tally]:
    """What became of the marks, once all are there or `seconds` have passed."""
    telemetry = Home.of(Settings(data=server.folder)).telemetry()
    deadline = time.monotonic() + seconds
    try:
        while True:
            tallies: dict[str, Tally] = {}
            for kind in KINDS:
                rows = telemetry.query_rows(kind.stored, max_seconds=60)
                stored = {str(mark): int(count) for mark, count in rows}
                tallies[kind.name] = _tally(kind, acknowledged[kind.name], stored)
            if not any(one.lost for one in tallies.values()) or time.monotonic() > deadline:
                return tallies
            time.sleep(0.5)
    finally:
        telemetry.close()


def _tally(kind: Kind, acknowledged: set[str], stored: dict[str, int]) -> Tally:
    lost = sum(1 for mark in acknowledged if stored.get(mark, 0) < kind.rows)
    return Tally(len(acknowledged), lost, sum(1 for count in stored.values() if count > kind.rows))


def _key_and_project(dsn: str) -> tuple[str, int]:
    _, _, _, key, path = parse_dsn(dsn)
    return key, int(path.strip("/").split("/")[-2])
