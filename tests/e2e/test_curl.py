"""The examples of the ingest API by curl, as printed, against a fresh server: each becomes what it says it is."""

import json
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.server import Api, Server

pytestmark = pytest.mark.e2e

ERROR = """{
  "type": "error",
  "exception": {
    "type": "TypeError",
    "value": "Cannot read property 'x' of undefined",
    "stacktrace": {
      "frames": [
        {
          "filename": "app/page.tsx",
          "function": "loadData",
          "lineno": 42,
          "colno": 12,
          "inApp": true
        }
      ]
    }
  },
  "message": "optional fallback message",
  "breadcrumbs": [
    {
      "category": "navigation",
      "message": "User opened settings",
      "level": "info",
      "timestamp": "2026-05-30T12:00:00.000Z"
    }
  ],
  "tags": { "region": "us-east" },
  "user": { "id": "user_123", "email": "dev@example.com" },
  "environment": "production",
  "release": "web@2.4.1",
  "timestamp": "2026-05-30T12:00:01.000Z"
}"""
TRANSACTION = """{
  "type": "transaction",
  "name": "GET /api/checkout",
  "traceId": "trace-abc-123",
  "durationMs": 245,
  "status": "ok",
  "environment": "production",
  "spans": [
    {
      "spanId": "span-1",
      "op": "db.query",
      "description": "SELECT * FROM orders",
      "durationMs": 40,
      "parentSpanId": "root-span-id"
    }
  ],
  "timestamp": "2026-05-30T12:00:02.000Z"
}"""
GENERATION = """{
  "type": "ai_generation",
  "provider": "openrouter",
  "model": "anthropic/claude-sonnet-4",
  "inputTokens": 1200,
  "outputTokens": 340,
  "totalCostUsd": 0.00482,
  "latencyMs": 1820,
  "timeToFirstTokenMs": 420,
  "status": "ok",
  "traceId": "trace-abc-123",
  "tags": { "feature": "chat" },
  "environment": "production",
  "timestamp": "2026-05-30T12:00:03.000Z"
}"""
FIRST = '{"type":"error","exception":{"type":"Error","value":"test from curl"}}'
BATCH = """[
  { "type": "error", "exception": { "type": "Error", "value": "first" } },
  { "type": "error", "exception": { "type": "Error", "value": "second" } }
]"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("curl") / "data").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def api(server: Server) -> Api:
    """After all examples were sent, each by its own curl."""
    for body in (FIRST, ERROR, TRANSACTION, GENERATION, BATCH):
        status, answer = ingest(server, body)
        assert status == 202, answer
        assert list(answer) == ["id"]
        assert str(uuid.UUID(answer["id"])) == answer["id"]
    return server.api()


def curl(*arguments: str) -> tuple[int, Any]:
    """Status and JSON of one call."""
    command = ["curl", "-sS", "--max-time", "10", "-w", "\n%{http_code}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def ingest(server: Server, body: str) -> tuple[int, Any]:
    key = server.dsn().partition("://")[2].partition("@")[0]
    headers = ("-H", "Content-Type: application/json", "-H", f"X-Open-Sentry-Key: {key}")
    return curl("-X", "POST", f"{server.url}/v1/ingest", *headers, "-d", body)


def until(found: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return result


def explored(api: Api, query: str, *fields: str) -> list[dict[str, Any]]:
    """Rows of the spans that match, seen as Explore sees them."""
    return api.get(
        "/organizations/acme/events/", dataset="spans", field=list(fields), query=query, statsPeriod="90d"
    )["data"]


def test_health(server: Server) -> None:
    assert curl(f"{server.url}/health") == (200, {"status": "ok"})


def test_a_wrong_key_is_told(server: Server) -> None:
    headers = ("-H", "Content-Type: application/json", "-H", "X-Open-Sentry-Key: YOUR_PUBLIC_KEY")
    answer = curl("-X", "POST", f"{server.url}/v1/ingest", *headers, "-d", FIRST)
    assert answer == (403, {"error": "Invalid DSN key"})


@pytest.mark.row(150)
@pytest.mark.row(151)
def test_errors_are_issues(api: Api) -> None:
    assert api.until_issues("test from curl", 1)[0]["title"] == "Error: test from curl"
    assert {issue["title"] for issue in api.until_issues("error.type:Error", 3)} == {
        "Error: test from curl",
        "Error: first",
        "Error: second",
    }
    (issue,) = api.until_issues("region:us-east release:web@2.4.1 environment:production", 1)
    assert issue["metadata"]["filename"] == "app/page.tsx"
    event = api.get(f"/organizations/acme/issues/{issue['id']}/events/latest/")
    assert event["user"]["email"] == "dev@example.com"
    entries = {entry["type"]: entry["data"] for entry in event["entries"]}
    (exception,) = entries["exception"]["values"]
    assert exception["value"] == "Cannot read property 'x' of undefined"
    frame = exception["stacktrace"]["frames"][0]
    assert (frame["function"], frame["lineNo"], frame["inApp"]) == ("loadData", 42, True)
    assert entries["breadcrumbs"]["values"][0]["message"] == "User opened settings"


def test_a_transaction_is_a_trace_with_its_spans(api: Api) -> None:
    (row,) = until(
        lambda: explored(api, "is_transaction:true", "transaction", "trace", "span.duration"),
        "no transaction",
    )
    assert (row["transaction"], row["span.duration"]) == ("GET /api/checkout", 245)
    trace = api.get(f"/organizations/acme/trace/{row['trace']}/")
    (root,) = (node for node in trace if node["is_transaction"])
    assert [(child["op"], child["name"]) for child in root["children"]] == [
        ("db.query", "SELECT * FROM orders")
    ]


def test_a_generation_is_an_llm_call_in_the_same_trace(api: Api) -> None:
    fields = (
        "gen_ai.request.model",
        "gen_ai.cost.total_tokens",
        "gen_ai.usage.input_tokens",
        "trace",
        "feature",
    )
    (call,) = until(lambda: explored(api, "has:gen_ai.request.model", *fields), "no call")
    assert call["gen_ai.request.model"] == "anthropic/claude-sonnet-4"
    assert call["gen_ai.cost.total_tokens"] == pytest.approx(0.00482)
    assert (call["gen_ai.usage.input_tokens"], call["feature"]) == (1200, "chat")
    (row,) = explored(api, "is_transaction:true", "trace")
    assert call["trace"] == row["trace"]
