"""Logs and metrics through the API: context, patterns, tail, names."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.deliveries import container
from tests.support.feed import Feed
from vedette.api.live import Hub
from vedette.api.services import Services
from vedette.core.time import MINUTE_US, SECOND_US
from vedette.explore.ask import Bounds
from vedette.logs.query import LogFilter, LogQueries, cursor_of
from vedette.logs.search import condition_of
from vedette.logs.tail import LINES_PER_S, Tail
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry

TRACE = "973b24434ce84ee7a97496a2efdff748"
CONTEXT = "/organizations/acme/logs/context/"
PATTERNS = "/organizations/acme/logs/patterns/"
NAMES = "/organizations/acme/metrics/names/"


def log(body: str, at_us: int, **more: Any) -> dict[str, Any]:
    attributes = more.pop("attributes", {})
    sent = {key: {"value": value, "type": "string"} for key, value in attributes.items()}
    return {"body": body, "timestamp": at_us / SECOND_US, "level": "info", "attributes": sent, **more}


@pytest.fixture
def fifteen(feed: Feed, project_id: int, clock: SetClock) -> list[str]:
    """The bodies of fifteen logs, one a second, every third of a trace, every fifth of another server."""
    bodies = [f"log {chr(97 + number)}" for number in range(15)]
    entries = [
        log(
            body,
            clock() - (15 - number) * SECOND_US,
            trace_id=TRACE if number % 3 == 0 else None,
            attributes={
                "sentry.environment": "production",
                "server.address": "two" if number % 5 == 0 else "one",
            },
        )
        for number, body in enumerate(bodies)
    ]
    feed.send_items(project_id, ("log", container(*entries)))
    return bodies


def everything(project_id: int, clock: SetClock) -> LogFilter:
    return LogFilter((project_id,), clock() - 60 * MINUTE_US, clock() + MINUTE_US)


def id_of(telemetry: Telemetry, body: str) -> str:
    return str(
        telemetry.query_rows("SELECT item_id FROM logs WHERE body = {b:String}", {"b": body}).rows[0][0]
    )


def test_pages_go_on_where_the_last_ended(
    telemetry: Telemetry, fifteen: list[str], project_id: int, clock: SetClock
) -> None:
    queries, logs = LogQueries(telemetry), everything(project_id, clock)
    seen: list[str] = []
    page = queries.page(logs, 4)
    while page:
        seen += [row.body for row in page]
        page = queries.page(logs, 4, after=cursor_of(page[-1]))
    assert seen == fifteen[::-1]


def test_logs_of_one_moment_keep_their_order(
    telemetry: Telemetry, feed: Feed, project_id: int, clock: SetClock
) -> None:
    entries = [log(f"{number}", clock()) for number in range(6)]
    for number, entry in enumerate(entries):
        entry["attributes"]["sentry.timestamp.sequence"] = {"value": number // 2, "type": "integer"}
    feed.send_items(project_id, ("log", container(*entries)))
    queries, logs = LogQueries(telemetry), everything(project_id, clock)
    first = queries.page(logs, 3)
    second = queries.page(logs, 3, after=cursor_of(first[-1]))
    assert [row.body for row in (*first, *second)] == ["5", "4", "3", "2", "1", "0"]


def test_logs_of_a_trace_are_found_by_its_times(
    telemetry: Telemetry, fifteen: list[str], project_id: int, clock: SetClock
) -> None:
    queries, logs = LogQueries(telemetry), everything(project_id, clock)
    assert [row.body for row in queries.of_trace(logs, TRACE, 10)] == fifteen[::3]
    assert queries.of_trace(logs, "0" * 31 + "1", 10) == []


@pytest.mark.parametrize(
    ("scope", "body", "before", "after"),
    [
        ("service", "log f", ["log d", "log e"], ["log g", "log h"]),
        ("host", "log f", ["log a"], ["log k"]),
        ("trace", "log g", ["log a", "log d"], ["log j", "log m"]),
        ("trace", "log f", [], []),
    ],
)
def test_a_log_is_shown_among_its_neighbours(
    ada: Client,
    telemetry: Telemetry,
    fifteen: list[str],
    scope: str,
    body: str,
    before: list[str],
    after: list[str],
) -> None:
    answer = ada.get(f"{CONTEXT}?item_id={id_of(telemetry, body)}&scope={scope}&limit=2").json()
    assert answer["log"]["message"] == body
    assert [one["message"] for one in answer["before"]] == before
    assert [one["message"] for one in answer["after"]] == after


def test_a_log_says_what_is_known_of_it(
    ada: Client, telemetry: Telemetry, feed: Feed, project_id: int, clock: SetClock
) -> None:
    attributes = {
        "sentry.release": "shop@1.0",
        "sentry.message.template": "hello %s",
        "user.email": "ada@x.io",
        "z": "last",
    }
    sent = log(
        "hello ada", clock(), level="warn", trace_id=TRACE, span_id="00000000000000ab", attributes=attributes
    )
    sent["attributes"]["count"] = {"value": 3, "type": "integer"}
    feed.send_items(project_id, ("log", container(sent)), sdk={"name": "sentry.go", "version": "1"})
    found = ada.get(f"{CONTEXT}?item_id={id_of(telemetry, 'hello ada')}").json()["log"]
    item_id = found.pop("id")
    assert found == {
        "sentry.item_id": item_id,
        "timestamp": found["timestamp"],
        "timestamp_precise": clock() * 1000,
        "severity": "warn",
        "severity_number": 13,
        "message": "hello ada",
        "message.template": "hello %s",
        "trace": TRACE,
        "span_id": "00000000000000ab",
        "project": "api",
        "project.id": str(project_id),
        "environment": "",
        "release": "shop@1.0",
        "server.address": "",
        "sdk.name": "sentry.go",
        "sdk.version": "1",
        "user": "email:ada@x.io",
        "replayId": "",
        "attributes": {"count": 3, "user.email": "ada@x.io", "z": "last"},
    }
    assert found["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"item_id={'0' * 32}", 404),
        ("item_id=nonsense", 404),
        ("", 400),
        (f"item_id={'0' * 32}&scope=planet", 400),
        (f"item_id={'0' * 32}&timestamp=yesterday", 400),
        (f"item_id={'0' * 32}&limit=0", 400),
        (f"item_id={'0' * 32}&project=other", 404),
    ],
)
def test_what_is_asked_wrongly_is_said(ada: Client, query: str, status: int) -> None:
    assert ada.get(f"{CONTEXT}?{query}").status_code == status


def test_patterns_are_counted_with_levels_and_times(
    ada: Client, feed: Feed, project_id: int, clock: SetClock
) -> None:
    entries = [log(f"order {number} placed", clock() - number * SECOND_US) for number in range(5)]
    entries += [log(f"order {number} failed", clock() - 1, level="error") for number in range(2)]
    feed.send_items(project_id, ("log", container(*entries)))
    answer = ada.get(f"{PATTERNS}?statsPeriod=24h").json()
    assert [(one["pattern"], one["count"], one["levels"]) for one in answer["patterns"]] == [
        ("order <number> placed", 5, {"info": 5}),
        ("order <number> failed", 2, {"error": 2}),
    ]
    assert answer["isSampled"] is False
    placed = answer["patterns"][0]
    assert placed["example"] == "order 0 placed"
    assert len(placed["series"]) == 24
    assert sum(count for _, count in placed["series"]) == 5
    assert ada.get(f"{PATTERNS}?environment=staging").json()["patterns"] == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("severity:error", 1),
        ("!severity:error", 2),
        ("shop:north", 2),
        ("size:>5", 1),
        ("order", 2),
        ("message:hello*", 1),
        (f"trace:{TRACE}", 1),
    ],
)
def test_patterns_and_the_tail_take_a_search(
    ada: Client, services: Services, feed: Feed, project_id: int, clock: SetClock, query: str, count: int
) -> None:
    entries = [
        log("order one", clock(), level="error", attributes={"shop": "north"}),
        log("order two", clock(), trace_id=TRACE, attributes={"shop": "south"}),
        log("hello", clock(), attributes={"shop": "north"}),
    ]
    entries[1]["attributes"]["size"] = {"value": 7, "type": "integer"}
    found = condition_of(query, Bounds(1, {project_id: "api"}, 0, 1, clock()))
    tail = Tail(
        services.telemetry, clock, LogFilter((project_id,), 0, 1, condition=found.sql, values=found.values)
    )
    feed.send_items(project_id, ("log", container(*entries)))
    patterns = ada.get(PATTERNS, params={"query": query}).json()["patterns"]
    assert sum(one["count"] for one in patterns) == count
    assert len(tail.look().lines) == count


@pytest.mark.parametrize("query", ["severity:", "count():>5", '"open'])
def test_a_search_that_cannot_be_is_refused(ada: Client, query: str) -> None:
    assert ada.get(PATTERNS, params={"query": query}).status_code == 400


def test_metrics_are_listed_with_types_and_units(
    ada: Client, feed: Feed, project_id: int, clock: SetClock
) -> None:
    at = clock() / SECOND_US
    entries = [
        {"name": "orders", "type": "counter", "value": 1, "timestamp": at},
        {"name": "orders", "type": "counter", "value": 2, "timestamp": at},
        {"name": "db.Time", "type": "distribution", "value": 2.5, "unit": "millisecond", "timestamp": at},
    ]
    feed.send_items(project_id, ("trace_metric", container(*entries)))
    answer = ada.get(NAMES).json()
    assert [(one["name"], one["type"], one["unit"], one["count"]) for one in answer] == [
        ("db.Time", "distribution", "millisecond", 1),
        ("orders", "counter", "none", 2),
    ]
    assert [one["name"] for one in ada.get(f"{NAMES}?query=*time*").json()] == ["db.Time"]
    paged = ada.get(f"{NAMES}?per_page=1")
    assert len(paged.json()) == 1 and 'results="true"' in paged.headers["link"]


# ── the tail ──────────────────────────────────────────────────────────────────────────────


def test_a_tail_tells_each_line_once_from_when_it_began(
    telemetry: Telemetry, feed: Feed, project_id: int, clock: SetClock
) -> None:
    feed.send_items(project_id, ("log", container(log("before", clock()))))
    clock.advance(1)
    tail = Tail(telemetry, clock, everything(project_id, clock))
    assert tail.look().lines == []
    feed.send_items(project_id, ("log", container(log("b", clock()), log("a", clock() - SECOND_US))))
    clock.advance(1)
    assert [row.body for row in tail.look().lines] == ["a", "b"]
    assert tail.look().lines == []
    feed.send_items(project_id, ("log", container(log("c", clock()))))
    clock.advance(1)
    assert [row.body for row in tail.look().lines] == ["c"]
    clock.advance(600)
    assert tail.look().lines == []


def test_a_tail_of_an_environment_tells_of_that_only(
    telemetry: Telemetry, feed: Feed, project_id: int, clock: SetClock
) -> None:
    tail = Tail(telemetry, clock, LogFilter((project_id,), 0, 1, environments=("staging",)))
    entries = [log(name, clock(), attributes={"sentry.environment": name}) for name in ("staging", "prod")]
    feed.send_items(project_id, ("log", container(*entries)))
    assert [row.body for row in tail.look().lines] == ["staging"]


def test_a_flood_is_cut_and_said(telemetry: Telemetry, feed: Feed, project_id: int, clock: SetClock) -> None:
    tail = Tail(telemetry, clock, everything(project_id, clock))
    entries = [log(f"{number}", clock() + number) for number in range(3 * LINES_PER_S)]
    feed.send_items(project_id, ("log", container(*entries)))
    clock.advance(1)
    arrived = tail.look()
    assert (len(arrived.lines), arrived.left_out) == (LINES_PER_S, 2 * LINES_PER_S)
    assert arrived.lines[-1].body == f"{3 * LINES_PER_S - 1}", "the newest are told"
    assert tail.look().lines == [], "what was left out does not come later"


def test_lines_arrive_on_the_stream_and_it_ends_with_the_server(
    telemetry: Telemetry, feed: Feed, project_id: int, records: Records, clock: SetClock
) -> None:
    tail = Tail(telemetry, clock, everything(project_id, clock))
    feed.send_items(project_id, ("log", container(log("hello", clock()))))

    def look() -> bytes:
        return "".join(row.body for row in tail.look().lines).encode()

    async def run() -> list[bytes]:
        hub = Hub(records, clock)
        stream: AsyncIterator[bytes] = hub.tail(look, 0.01)
        chunks = [await asyncio.wait_for(anext(stream), 10) for _ in range(2)]
        await hub.close()
        return [*chunks, *[chunk async for chunk in stream]]

    assert asyncio.run(run())[1:] == [b"hello"]


def test_the_api_streams_lines_as_events(
    ada: Client, services: Services, feed: Feed, project_id: int, clock: SetClock
) -> None:
    async def run() -> str:
        request = asyncio.create_task(
            ada.ask("GET", "/api/0/organizations/acme/logs/live/", headers=ada.headers)
        )
        await asyncio.sleep(0.5)
        await asyncio.to_thread(feed.send_items, project_id, ("log", container(log("hello", clock()))))
        await asyncio.sleep(1.5)
        assert isinstance(services.live, Hub)
        await services.live.close()
        answer = await request
        assert answer.headers["content-type"].startswith("text/event-stream")
        return answer.text

    lines = asyncio.run(run()).splitlines()
    assert lines[0].startswith("retry:")
    (told,) = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert (told["topic"], told["leftOut"]) == ("logs", 0)
    assert [one["message"] for one in told["logs"]] == ["hello"]
