"""What a page starts with: who is asking and where from, then the API's answers that it shows first.

The answers come from the API itself, asked in this process with the page's own cookies, so
that nothing is decided twice about who may see what.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, cast

import orjson
import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from vedette import __version__
from vedette.api.services import Services
from vedette.api.visit import PAGE, PageVisits
from vedette.projects.setup import is_needed
from vedette.ui.app import Scope as PageScope
from vedette.ui.first import first_requests

log = structlog.get_logger("vedette.web")


class Boot:
    """Builds the two blocks of a page."""

    def __init__(self, services: Services, api: ASGIApp) -> None:
        self._services = services
        self._api = api
        self._is_set_up = False

    async def __call__(self, scope: PageScope) -> AsyncGenerator[dict[str, Any], None]:
        """First who is asking, and which answers will come; these are made while the page begins."""
        is_set_up = self._is_set_up or await asyncio.to_thread(self._check_set_up)
        visits: PageVisits = {}
        scope = {**scope, "state": {PAGE: visits}}
        user = await self._ask(scope, "/users/me/")
        query = scope["query_string"].decode("latin-1")
        paths = first_requests(scope["path"], query) if user else []
        answers = asyncio.create_task(self._answers(scope, paths))
        try:
            organizations = await self._ask(scope, "/organizations/") if user else None
            yield {
                "version": __version__,
                "prefix": self._services.settings.prefix,
                "user": user["body"] if user else None,
                "organizations": organizations["body"] if organizations else [],
                "setup": not is_set_up,
                "mail": self._services.mailer.can_send,
                "coming": paths,
            }
            yield await answers
        finally:
            answers.cancel()  # nobody waits for them: it was a HEAD, or failed

    async def _answers(self, scope: PageScope, paths: Sequence[str]) -> dict[str, Any]:
        """Answer by path; a path that is refused has none, and is asked for again by whoever shows the refusal."""
        # the first takes longest; all of the others at once would hold it up
        parts = await asyncio.gather(self._in_turn(scope, paths[:1]), self._in_turn(scope, paths[1:]))
        return {path: answer for part in parts for path, answer in part.items() if answer}

    async def _in_turn(self, scope: PageScope, paths: Sequence[str]) -> dict[str, dict[str, Any] | None]:
        return {path: await self._tried(scope, path) for path in paths}

    async def _tried(self, scope: PageScope, path: str) -> dict[str, Any] | None:
        try:
            return await self._ask(scope, path)
        except Exception:  # the page's head has left: it must end, and asks for what its end lacks
            log.exception("answer_not_made", path=path)
            return None

    def _check_set_up(self) -> bool:
        with self._services.records.read() as session:
            self._is_set_up = not is_needed(session)
        return self._is_set_up

    async def _ask(self, scope: PageScope, path: str) -> dict[str, Any] | None:
        """The API's answer to this page's visitor; None unless it is a 200."""
        plain, _, query = path.partition("?")
        target = f"/api/0{plain}"
        inner: dict[str, Any] = {
            **scope,
            "method": "GET",
            "path": target,
            "raw_path": target.encode(),
            "query_string": query.encode(),
            "headers": [pair for pair in scope["headers"] if pair[0] in (b"cookie", b"host")],
            "state": dict(scope["state"]),  # each its own: answers are made side by side
        }
        return await _answer(self._api, cast("Scope", inner))


async def _answer(app: ASGIApp, scope: Scope) -> dict[str, Any] | None:
    statuses: list[int] = []
    headers: dict[bytes, bytes] = {}
    body = bytearray()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
            headers.update(message["headers"])
        elif message["type"] == "http.response.body":
            body.extend(message["body"])

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    await app(scope, cast("Receive", receive), cast("Send", send))
    if statuses != [200]:
        return None
    answer: dict[str, Any] = {
        "body": orjson.Fragment(bytes(body))
    }  # JSON as it came: a trace's is half a megabyte
    if b"link" in headers:
        answer["link"] = headers[b"link"].decode("latin-1")
    if b"x-hits" in headers:
        answer["hits"] = int(headers[b"x-hits"])
    return answer
