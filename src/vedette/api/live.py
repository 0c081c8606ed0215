"""The live stream of an organization: server-sent events, told by polling the records.

One poll per organization and process serves all its listeners. A change made in this
process pokes it; what happens in others is seen at the next poll. A stream ends by itself
after ten minutes, so that a credential that was taken away does not listen for ever:
browsers come again by themselves.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from litestar import get
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from vedette.api.errors import Answer
from vedette.api.given import AnyRequest, TheAccess, TheServices
from vedette.api.live_projects import TOPIC, ProjectWatch, messages
from vedette.api.windows import projects_asked
from vedette.core.time import Clock, to_iso
from vedette.issues.live import News, Watch
from vedette.projects.access import find_project
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry

log = structlog.get_logger("vedette.api")

POLL_S = 2.0
KEEP_ALIVE_S = 15.0  # below the idle limits of common proxies
LIFE_S = 600.0
TOPICS = ("issues",)
_MOST_AT_ONCE = 50  # more pieces of news in one look are told as one
_MOST_LISTENERS = 1000
_TAILS_MOST = 100
_HELLO = b"retry: 3000\n: hello\n\n"
_STILL_THERE = b": still there\n\n"
_END: list[News] = []
Chunk = list[News] | bytes  # news of issues, which each listener sorts out, or what is for one listener
_WATCHED_MOST = 5
_WAITING_MOST = 200  # pieces that a listener which does not read leaves in memory; what comes then it misses


class Hub:
    """Listeners of one web process. `poke` is thread-safe; all else belongs to the event loop."""

    def __init__(
        self, records: Records, clock: Clock, poll_s: float = POLL_S, telemetry: Telemetry | None = None
    ) -> None:
        """Without `telemetry` there are no topics of single projects."""
        self._records = records
        self._telemetry = telemetry
        self._watches: list[tuple[ProjectWatch, asyncio.Queue[Chunk]]] = []
        self._clock = clock
        self._poll_s = poll_s
        self._feeds: dict[int, _Feed] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False
        self._closing = asyncio.Event()
        self._tails = 0

    def poke(self, organization_id: int, what: str) -> None:
        """Something changed: listeners hear of it now instead of at the next poll."""
        del what  # one look tells of everything
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, organization_id)

    def _wake(self, organization_id: int) -> None:
        feed = self._feeds.get(organization_id)
        if feed is not None:
            feed.woken.set()

    def on_reject(self, project_id: int, reason: str, detail: str) -> None:
        """This process has refused a request. Called on the event loop."""
        for watch, queue in self._watches:
            if watch.project_id == project_id:
                _offer(queue, messages([watch.rejected_here(reason, detail)]))

    @property
    def is_crowded(self) -> bool:
        """Whether there are as many listeners as one process serves."""
        return sum(len(feed.listeners) for feed in list(self._feeds.values())) >= _MOST_LISTENERS

    async def listen(
        self, organization_id: int, project_ids: frozenset[int], watched: Mapping[int, str] | None = None
    ) -> AsyncIterator[bytes]:
        """Chunks of an event stream about these projects, until the hub closes or ten minutes are over.

        `project_ids`: whose issues are told of. `watched`: id → slug of those whose own topic is wanted.
        """
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Chunk] = asyncio.Queue()
        feed = self._join(organization_id, queue)
        watching = [self._watch(id_, slug, queue) for id_, slug in (watched or {}).items()]
        ends_at = time.monotonic() + LIFE_S
        try:
            yield _HELLO
            while not self._is_closed and time.monotonic() < ends_at:
                try:
                    news = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
                except TimeoutError:
                    yield _STILL_THERE
                    continue
                if news is _END:
                    return
                if isinstance(news, bytes):
                    yield news
                    continue
                text = _written([one for one in news if one.project_id in project_ids])
                if text:
                    yield text
        finally:
            self._leave(organization_id, feed, queue)
            for task in watching:
                task.cancel()
            self._watches = [one for one in self._watches if one[1] is not queue]

    async def tail(self, look: Callable[[], bytes], every_s: float) -> AsyncIterator[bytes]:
        """Chunks of a stream of its own: what `look` tells, asked again and again in a thread.

        Ends as `listen` does.
        """
        if self._tails >= _TAILS_MOST:
            raise Answer(503, {"detail": "too many live streams"})
        self._tails += 1
        quiet_since = time.monotonic()
        ends_at = quiet_since + LIFE_S
        try:
            yield _HELLO
            while not self._is_closed and time.monotonic() < ends_at:
                text = await _looked(look)
                if not text and time.monotonic() - quiet_since >= KEEP_ALIVE_S:
                    text = _STILL_THERE
                if text:
                    quiet_since = time.monotonic()
                    yield text
                await self._wait(every_s)
        finally:
            self._tails -= 1

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    def _watch(self, project_id: int, slug: str, queue: "asyncio.Queue[Chunk]") -> "asyncio.Task[None]":
        telemetry = self._telemetry
        if telemetry is None:
            raise Answer(503, {"detail": "the telemetry store is not known here"})
        watch = ProjectWatch(self._records, telemetry, self._clock, project_id, slug)
        self._watches.append((watch, queue))
        return asyncio.get_running_loop().create_task(_keep_looking(watch, queue, self._poll_s / 2))

    async def close(self) -> None:
        """End all streams."""
        self._is_closed = True
        self._closing.set()
        for feed in list(self._feeds.values()):
            feed.tell(_END)
            feed.task.cancel()
        self._feeds.clear()

    def _join(self, organization_id: int, queue: "asyncio.Queue[Chunk]") -> "_Feed":
        feed = self._feeds.get(organization_id)
        if feed is None:
            feed = self._feeds[organization_id] = _Feed(
                self._records, self._clock, self._poll_s, organization_id
            )
        feed.listeners.append(queue)
        return feed

    def _leave(self, organization_id: int, feed: "_Feed", queue: "asyncio.Queue[Chunk]") -> None:
        feed.listeners.remove(queue)
        if not feed.listeners:
            feed.task.cancel()
            if self._feeds.get(organization_id) is feed:
                del self._feeds[organization_id]


class _Feed:
    """The poll of one organization, while somebody listens."""

    def __init__(self, records: Records, clock: Clock, poll_s: float, organization_id: int) -> None:
        self.listeners: list[asyncio.Queue[Chunk]] = []
        self.woken = asyncio.Event()
        self._records = records
        self._clock = clock
        self._poll_s = poll_s
        self._watch = Watch(organization_id)
        self.task = asyncio.get_running_loop().create_task(self._run())

    def tell(self, news: list[News]) -> None:
        for listener in self.listeners:
            _offer(listener, news)

    async def _run(self) -> None:
        while True:
            try:
                news = await asyncio.to_thread(self._look)
            except Exception as error:  # a store that is out for a while must not end the stream
                log.warning("live poll failed", error=str(error)[:200])
            else:
                if news:
                    self.tell(news)
            await self._pause()

    def _look(self) -> list[News]:
        with self._records.read() as session:
            return self._watch.look(session, self._clock())

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self.woken.wait(), self._poll_s)
        except TimeoutError:
            return
        self.woken.clear()


async def _looked(look: Callable[[], bytes]) -> bytes:
    try:
        return await asyncio.to_thread(look)
    except Exception as error:  # a store that is out for a while must not end the stream
        log.warning("live_poll_failed", error=str(error)[:200])
        return b""


async def _keep_looking(watch: ProjectWatch, queue: "asyncio.Queue[Chunk]", poll_s: float) -> None:
    while True:
        try:
            news = await asyncio.to_thread(watch.look)
            if news:
                _offer(queue, messages(news))
        except Exception as error:  # a store that is out for a while must not end the stream
            log.warning("live_poll_failed", error=str(error)[:200])
        await asyncio.sleep(poll_s)


def _offer(queue: "asyncio.Queue[Chunk]", chunk: Chunk) -> None:
    """Anybody can be refused as often as they like, so there is an end to what is kept of it."""
    if chunk is _END or queue.qsize() < _WAITING_MOST:
        queue.put_nowait(chunk)


def _written(news: Sequence[News]) -> bytes:
    if len(news) > _MOST_AT_ONCE:
        return _message({"topic": "issues", "kind": "many", "at": to_iso(news[-1].at_us)})
    return b"".join(
        _message(
            {
                "topic": "issues",
                "kind": one.kind,
                "issue": str(one.issue_id),
                "project": str(one.project_id),
                "at": to_iso(one.at_us),
            }
        )
        for one in news
    )


def _message(content: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(content) + b"\n\n"


@get("/organizations/{org:str}/live/", sync_to_thread=True)
def stream_news(services: TheServices, access: TheAccess, request: AnyRequest) -> Stream:
    """`topics`: which news, with commas between: `issues`, and `project:SLUG` for what one project receives."""
    topics = (request.query_params.get("topics") or "").split(",")
    slugs = [topic.removeprefix(TOPIC) for topic in topics if topic.startswith(TOPIC)][:_WATCHED_MOST]
    if services.live is None or not (slugs or set(topics) & set(TOPICS)):
        raise Answer(404, {"detail": f"there is no such topic; there is {', '.join(TOPICS)} and {TOPIC}SLUG"})
    if services.live.is_crowded:  # asked before the stream begins: then its status has been sent
        raise Answer(503, {"detail": "too many live streams"}, {"Retry-After": "30"})
    with services.records.read() as session:
        projects = (
            frozenset(projects_asked(session, request, access, None))
            if "issues" in topics
            else frozenset[int]()
        )
        watched = {
            project.id: project.slug for project in (find_project(session, access, slug) for slug in slugs)
        }
    return Stream(
        services.live.listen(access.organization.id, projects, watched),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # nginx would hold the events back
    )


HANDLERS: list[ControllerRouterHandler] = [stream_news]
