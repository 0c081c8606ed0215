"""The receiver in front of other apps, and alone."""

from pathlib import Path
from typing import Any

from tests.support.ingest import known_keys, now_us
from tests.support.spools import TestSpool
from vedette.receive.answers import Message, Receive, Scope, Send
from vedette.receive.app import create_receive


async def test_what_is_not_for_receiving_goes_on_to_the_other_app(tmp_path: Path) -> None:
    seen: list[str] = []

    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope.get("path", scope["type"]))

    writer = TestSpool(tmp_path).writer()
    app = create_receive(known_keys(), writer, clock=now_us, otherwise=other)
    paths = [
        "/",
        "/api/0/organizations/",
        "/api/0/envelope/",
        "/api/7/nothing/",
        "/static/app.js",
        "/" + "x" * 999,
    ]
    for path in paths:
        await app({"type": "http", "path": path, "headers": [], "method": "GET"}, _nothing, _nowhere)
    await app({"type": "lifespan"}, _nothing, _nowhere)
    assert seen == [*paths, "lifespan"]
    await writer.close()


async def test_alone_it_starts_and_stops_with_the_server(tmp_path: Path) -> None:
    writer = TestSpool(tmp_path).writer()
    app = create_receive(known_keys(), writer, clock=now_us)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "lifespan"}, _nothing, send)
    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    await writer.close()


async def _nothing() -> dict[str, Any]:
    return {"type": "lifespan.startup"}


async def _nowhere(_: Message) -> None:
    return None
