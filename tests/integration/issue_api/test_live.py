"""The live stream: what listeners hear, and how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.feed import Feed, error
from vedette.api import live
from vedette.api.live import Hub
from vedette.issues.live import Watch
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Issue, Organization
from vedette.storage.telemetry.client import Telemetry


def watched(records: Records) -> Watch:
    with records.read() as session:
        return Watch(session.scalars(select(Organization.id)).one())


def look(records: Records, watch: Watch, clock: SetClock) -> list[tuple[str, int]]:
    with records.read() as session:
        return [(one.kind, one.issue_id) for one in watch.look(session, clock())]


def test_a_watch_tells_what_is_new_once(
    ada: Client, feed: Feed, project_id: int, records: Records, clock: SetClock
) -> None:
    feed.send(project_id, error("A"))
    with records.read() as session:
        a = session.scalars(select(Issue.id)).one()
    watch = watched(records)
    assert look(records, watch, clock) == [], "what was there before is no news"
    assert look(records, watch, clock) == []
    clock.advance(2)
    feed.send(project_id, error("A"), error("B"))
    ada.put(f"/issues/{a}/", {"priority": "low"})
    assert sorted(look(records, watch, clock)) == [("new", a + 1), ("seen", a), ("set_priority", a)]
    clock.advance(2)
    assert look(records, watch, clock) == []


async def first(stream: AsyncIterator[bytes], count: int) -> list[bytes]:
    return [await asyncio.wait_for(anext(stream), 10) for _ in range(count)]


def told(chunk: bytes) -> dict[str, Any]:
    return json.loads(chunk.removeprefix(b"data: "))


@pytest.mark.parametrize("sees", [True, False])
def test_a_poke_is_heard_at_once_by_those_who_see_the_project(
    ada: Client, feed: Feed, project_id: int, records: Records, clock: SetClock, sees: bool
) -> None:
    feed.send(project_id, error("A"))
    with records.read() as session:
        organization_id = session.scalars(select(Organization.id)).one()

    async def listen() -> list[bytes]:
        hub = Hub(records, clock, poll_s=30)
        stream = hub.listen(organization_id, frozenset({project_id if sees else -1}))
        chunks = await first(stream, 1)
        await asyncio.sleep(0.3)  # the first look, after which things are news
        clock.advance(1)
        await asyncio.to_thread(feed.send, project_id, error("A"))
        hub.poke(organization_id, "issues")
        if sees:
            chunks += await first(stream, 1)
        else:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(stream), 1)
        await hub.close()
        return chunks

    chunks = asyncio.run(listen())
    assert chunks[0].startswith(b"retry:")
    if sees:
        assert told(chunks[1]) == {
            "topic": "issues",
            "kind": "seen",
            "issue": "1",
            "project": str(project_id),
            "at": "2026-01-02T03:04:06Z",
        }


def test_closing_the_hub_ends_its_streams(records: Records, clock: SetClock) -> None:
    async def run() -> int:
        hub = Hub(records, clock, poll_s=30)
        streams = [hub.listen(1, frozenset()) for _ in range(3)]
        for stream in streams:
            await first(stream, 1)
        rest = [asyncio.ensure_future(_drained(stream)) for stream in streams]
        await asyncio.sleep(0.05)
        await hub.close()
        return sum(await asyncio.wait_for(asyncio.gather(*rest), 5))

    assert asyncio.run(run()) == 0


async def _drained(stream: AsyncIterator[bytes]) -> int:
    return len([chunk async for chunk in stream])


def test_a_listener_that_does_not_read_costs_a_bounded_amount(
    records: Records, telemetry: Telemetry, project_id: int, clock: SetClock
) -> None:
    async def run() -> int:
        hub = Hub(records, clock, poll_s=30, telemetry=telemetry)
        stream = hub.listen(1, frozenset(), {project_id: "api"})
        await first(stream, 1)
        for number in range(10_000):
            hub.on_reject(project_id, "unknown_key", f"try {number}")
        rest = asyncio.ensure_future(_drained(stream))
        await asyncio.sleep(0.05)
        await hub.close()
        return await asyncio.wait_for(rest, 5)

    assert 0 < asyncio.run(run()) < 500


def test_a_process_with_too_many_listeners_says_so(
    ada: Client, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_MOST_LISTENERS", 0)
    answer = ada.get("/organizations/acme/live/?topics=issues")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
