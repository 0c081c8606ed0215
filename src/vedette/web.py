"""One port, three apps: receiving, the API, the pages. Also where the path prefix ends."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

# Litestar, uvicorn and our own apps each have their own name for the same three things.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class Site:
    """The API below `/api/0/`, the pages elsewhere, all below `prefix` (or without it)."""

    def __init__(self, prefix: str, api: ASGIApp, pages: ASGIApp, close: Callable[[], None]) -> None:
        """`close`: called once, after the last request."""
        self._prefix = prefix
        self._api = api
        self._pages = pages
        self.close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        if self._prefix and (path == self._prefix or path.startswith(f"{self._prefix}/")):
            path = path.removeprefix(self._prefix) or "/"
            raw = scope["raw_path"].removeprefix(self._prefix.encode()) or b"/"
            scope = {**scope, "path": path, "raw_path": raw}
        await (self._api if path.startswith("/api/0/") else self._pages)(scope, receive, send)
