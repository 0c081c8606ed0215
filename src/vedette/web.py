"""One port, three apps: receiving, the API, the pages. Also where the path prefix ends."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from vedette.receive.answers import refused
from vedette.receive.refusal import Refusal

# Litestar, uvicorn and our own apps each have their own name for the same three things.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class Site:
    """The API below `/api/0/`, nothing else below `/api/`, the pages elsewhere; with or without `prefix`."""

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
        await self._app_of(path)(scope, receive, send)

    def _app_of(self, path: str) -> ASGIApp:
        """Of what is below `/api/` only the API is left: a page there would tell an SDK that all is well."""
        if path == "/api/0" or path.startswith("/api/0/"):
            return self._api
        return _no_endpoint if path.startswith("/api/") else self._pages


async def _no_endpoint(scope: Scope, receive: Receive, send: Send) -> None:
    await refused(Refusal(404, "no such endpoint", "path")).send(send)
