"""Which of the apps behind the one port gets which path."""

import asyncio
from typing import Any

import pytest

from vedette.web import Message, Receive, Scope, Send, Site


def app(name: str) -> Any:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": f"{name} {scope['path']}".encode()})

    return answer


def ask(path: str) -> tuple[int, bytes, dict[bytes, bytes]]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    site = Site("/vedette", app("api"), app("pages"), lambda: None)
    scope: Scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": []}
    asyncio.run(site(scope, receive, send))
    return sent[0]["status"], sent[1]["body"], dict(sent[0]["headers"])


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", b"pages /"),
        ("/vedette", b"pages /"),
        ("/vedette/issues/", b"pages /issues/"),
        ("/vedetteapi/0/", b"pages /vedetteapi/0/"),
        ("/apis/", b"pages /apis/"),
        ("/api/0/auth/", b"api /api/0/auth/"),
        ("/vedette/api/0/auth/", b"api /api/0/auth/"),
        ("/api/0", b"api /api/0"),
    ],
)
def test_each_path_has_its_app(path: str, answer: bytes) -> None:
    assert ask(path)[:2] == (200, answer)


@pytest.mark.parametrize(
    "path", ["/api/1/cron/nightly/", "/vedette/api/1/security/", "/api/embed/error-page/"]
)
def test_an_endpoint_that_is_not_there_is_no_page(path: str) -> None:
    status, body, headers = ask(path)
    assert (status, body) == (404, b'{"detail":"no such endpoint","causes":[]}')
    assert headers[b"access-control-allow-origin"] == b"*"
