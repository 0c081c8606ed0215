"""The ASGI app of receiving: routes, errors to answers, start and stop."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import structlog

from vedette.core.time import Clock
from vedette.projects.keys import Keys
from vedette.receive.answers import Answer, ASGIApp, Message, Receive, Scope, Send, plain, preflight, refused
from vedette.receive.body import BodyReader
from vedette.receive.envelope import EnvelopeEndpoint, OnAnswer, ShortWay
from vedette.receive.gate import Gate
from vedette.receive.heads import AnswerHeads, KnownHead, KnownHeads
from vedette.receive.ingest import IngestEndpoint, health, published_schema
from vedette.receive.intake import Intake
from vedette.receive.otlp import OtlpEndpoint
from vedette.receive.paths import Endpoint, Route, find_route
from vedette.receive.refusal import ClientGone, Refusal
from vedette.receive.rejections import OnReject, Rejections
from vedette.receive.request import ClientAddress, Request, read_request
from vedette.receive.store import StoreEndpoint
from vedette.spool.space import Room
from vedette.spool.writer import SpoolWriter
from vedette.wire.limits import Limits

_log = structlog.get_logger(__name__)


class Receiver:
    """Takes what SDKs send. An ASGI app; paths that are not its own go to `otherwise`.

    `start` before the first request, `stop` after the last: they run the spooling of
    refusals. Neither opens nor closes the spool writer or the keys.
    """

    def __init__(
        self,
        keys: Keys,
        spool: SpoolWriter,
        *,
        clock: Clock,
        prefix: str,
        trusted_proxies: Sequence[str],
        limits: Limits,
        on_reject: OnReject | None,
        otherwise: ASGIApp | None,
    ) -> None:
        self.rejections = Rejections(spool, clock=clock, on_reject=on_reject)
        self.statuses: Counter[int] = Counter()  # answers given, by status
        self.heads = KnownHeads()
        self.answer_heads = AnswerHeads()
        self._spool = spool
        self._prefix = prefix.rstrip("/")
        self._addresses = ClientAddress(trusted_proxies)
        self._otherwise = otherwise
        self._bodies = BodyReader(spool, limits)
        gate = Gate(keys)
        intake = Intake(spool, clock=clock)
        envelopes = EnvelopeEndpoint(gate, self._bodies, intake)
        self._short_way = ShortWay(gate, intake, limits, self.statuses)
        store = StoreEndpoint(gate, self._bodies, intake, envelopes, limits)
        self._handlers: dict[Endpoint, Callable[[Request], Awaitable[Answer]]] = {
            "envelope": envelopes.handle,
            "store": store.handle,
            "ingest": IngestEndpoint(gate, self._bodies, intake).handle,
            "otlp_traces": OtlpEndpoint(gate, self._bodies, intake, "otlp_traces").handle,
            "otlp_logs": OtlpEndpoint(gate, self._bodies, intake, "otlp_logs").handle,
            "health": self._health,
            "ingest_health": self._ingest_health,
            "ingest_schema": self._ingest_schema,
            "relay_health": self._relay_health,
        }

    async def start(self) -> None:
        self.rejections.start()

    async def stop(self) -> None:
        await self.rejections.stop()
        self._bodies.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._route(scope["path"] if scope["type"] == "http" else "")
        if route is None:
            await self._pass_on(scope, receive, send)
            return
        request = read_request(scope, route, receive, self._addresses)
        try:
            answer = await self._answer(request)
        except ClientGone:
            return
        self.statuses[answer.status] += 1
        await answer.send(send)

    def is_envelope(self, scope: Scope) -> bool:
        """Whether `take` may be tried once the body is there."""
        route = self._route(scope["path"])
        return route is not None and route.endpoint == "envelope" and scope["method"] == "POST"

    def request_of(self, scope: Scope) -> Request:
        """The request of a scope for which `is_envelope` holds, for `take`."""
        route = self._route(scope["path"])
        assert route is not None
        return read_request(scope, route, _no_more, self._addresses)

    def request_with(self, head: KnownHead, client: tuple[str, int] | None) -> Request:
        """The request of a head that was remembered, sent by a client that may be another.

        It may be given to `take` again for each message with this head from this client.
        """
        client_ip = self._addresses.find(client[0] if client else "", head.said.forwarded_for)
        return Request(
            "POST", head.route, head.headers, head.said, head.query, client_ip, _no_more, head.credentials
        )

    def take(self, request: Request, body: bytes, done: OnAnswer) -> bool:
        """Take an envelope without a task: False when it must be called as an app instead.

        `done` gets the answer once the envelope is on disk, None if it must be called all the same.
        """
        try:
            return self._short_way.take(request, body, done)
        except Exception:  # the edge: our bug must not pass for a broken request; the app answers it
            _log.exception("short way failed")
            return False

    def _route(self, path: str) -> Route | None:
        return find_route(path.removeprefix(self._prefix) if self._prefix else path)

    async def _answer(self, request: Request) -> Answer:
        if request.method == "OPTIONS":
            asked = b"access-control-request-private-network" in request.headers
            return preflight(private_network=asked)
        try:
            return await self._handlers[request.route.endpoint](request)
        except Refusal as refusal:
            return self._refuse(request, refusal)
        except Exception:  # the edge: our bug must not reach the client as a broken connection
            _log.exception("request failed", path=request.route.endpoint)
            return self._refuse(request, Refusal(500, "internal error", "internal"))

    def _refuse(self, request: Request, refusal: Refusal) -> Answer:
        self.rejections.add(refusal, request.project_id, None if request.key is None else request.key.key_id)
        return refused(refusal)

    async def _health(self, request: Request) -> Answer:
        return plain(200, "ok")

    async def _ingest_health(self, request: Request) -> Answer:
        return health()

    async def _ingest_schema(self, request: Request) -> Answer:
        return published_schema()

    async def _relay_health(self, request: Request) -> Answer:
        if self._spool.space.room() is not Room.OPEN:
            return plain(503, "spool is full")
        return plain(200, "ok")

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" and self._otherwise is None:
            await self._lifespan(receive, send)
        elif self._otherwise is not None:
            await self._otherwise(self._with_client(scope), receive, send)
        elif scope["type"] == "http":
            self.statuses[404] += 1
            await refused(Refusal(404, "no such path", "path")).send(send)

    def _with_client(self, scope: Scope) -> Scope:
        """The scope with the client's own address: whom throttles count and logs name."""
        if scope["type"] != "http" or not scope.get("client"):
            return scope
        peer, port = scope["client"]
        forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        return {**scope, "client": (self._addresses.find(peer, forwarded.decode("latin-1")), port)}

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})


async def _no_more() -> Message:
    return {"type": "http.disconnect"}


def create_receive(
    keys: Keys,
    spool: SpoolWriter,
    *,
    clock: Clock,
    prefix: str = "",
    trusted_proxies: Sequence[str] = (),
    limits: Limits | None = None,
    on_reject: OnReject | None = None,
    otherwise: ASGIApp | None = None,
) -> Receiver:
    """The receiving app.

    `prefix`: the path everything is mounted below (`/vedette`), also accepted without.
    `on_reject(project_id, reason, detail)`: told of each refusal, on the event loop.
    `otherwise`: gets the requests that are not for receiving, lifespan included; without
    it they get 404, and lifespan starts and stops this app. Raises `ValueError` for a
    trusted proxy that is neither address nor network.
    """
    return Receiver(
        keys,
        spool,
        clock=clock,
        prefix=prefix,
        trusted_proxies=trusted_proxies,
        limits=limits or Limits(),
        on_reject=on_reject,
        otherwise=otherwise,
    )
