"""A client of the API in the same process: what a test sends, and what comes back."""

import asyncio
from typing import Any

import httpx
from litestar.types import ASGIApp

BASE_URL = "http://testserver"


class Client:
    """Sends requests to an ASGI app. Redirects are not followed; cookies are kept."""

    def __init__(self, app: ASGIApp, runner: asyncio.Runner, token: str | None = None) -> None:
        self._app = app
        self._runner = runner
        self.cookies = httpx.Cookies()
        self.headers: dict[str, str] = {"Authorization": f"Bearer {token}"} if token else {}

    def with_token(self, token: str) -> "Client":
        return Client(self._app, self._runner, token)

    def anew(self) -> "Client":
        """Another browser: no cookies, no credentials."""
        return Client(self._app, self._runner)

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """`path` is below /api/0; `headers=` are added to the client's own."""
        headers = {**self.headers, **given.pop("headers", {})}
        return self._runner.run(self.ask(method, f"/api/0{path}", headers=headers, **given))

    async def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """As `request`, within a loop of the test's own; `path` is whole."""
        transport = httpx.ASGITransport(self._app)  # type: ignore[arg-type]  # the same protocol by another name
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, cookies=self.cookies) as client:
            response = await client.request(method, path, **given)
            self.cookies = client.cookies
            return response

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.request("GET", path, **given)

    def post(self, path: str, json: object = None, **given: Any) -> httpx.Response:
        return self.request("POST", path, json={} if json is None else json, **given)

    def put(self, path: str, json: object = None, **given: Any) -> httpx.Response:
        return self.request("PUT", path, json={} if json is None else json, **given)

    def delete(self, path: str, **given: Any) -> httpx.Response:
        return self.request("DELETE", path, **given)
