"""The `store` endpoint of clients older than envelopes, and its form for an `<img>`."""

from urllib.parse import parse_qs

from vedette.core.ids import new_event_id, parse_event_id
from vedette.core.outcomes import Category
from vedette.normalize.sanitize import mend
from vedette.receive.answers import Answer, accepted, pixel
from vedette.receive.body import BodyReader, as_refusal
from vedette.receive.envelope import EnvelopeEndpoint
from vedette.receive.gate import Gate, over_limit
from vedette.receive.intake import Intake
from vedette.receive.refusal import Counted, Refusal
from vedette.receive.request import Request
from vedette.wire.compression import CompressionError, inflate
from vedette.wire.limits import Limits
from vedette.wire.store import StoreError, StoreHead, decode_store_body, read_store_head


class StoreEndpoint:
    """Takes one event a request, in whatever form its body has."""

    def __init__(
        self, gate: Gate, bodies: BodyReader, intake: Intake, envelopes: EnvelopeEndpoint, limits: Limits
    ) -> None:
        self._gate = gate
        self._bodies = bodies
        self._intake = intake
        self._envelopes = envelopes
        self._limit = limits.store_bytes

    async def handle(self, request: Request) -> Answer:
        """Answers 200 once the event is on disk: its id, or a GIF for GET. Raises `Refusal`, `ClientGone`."""
        if request.method not in ("GET", "POST"):
            raise Refusal(405, "events are sent by POST or GET", "method")
        if request.method == "POST" and "x-sentry-envelope" in request.text(b"content-type"):
            return await self._envelopes.handle(request)
        key = await self._gate.admit(request, self._gate.credentials(request))
        is_pixel = request.method == "GET"
        body = _sentry_data(request) if is_pixel else await self._body(request)
        encoding = "" if is_pixel else request.said.content_encoding
        head = self._head(body, encoding)
        items = [Counted(Category.TRANSACTION if head.type == "transaction" else Category.ERROR)]
        verdict = await self._gate.weigh(key, items)
        if verdict.is_nothing_left:
            raise over_limit(verdict, items)
        event_id = head.event_id or new_event_id()
        await self._intake.keep("store", request, key, event_id, items, encoding=encoding, body=body)
        return pixel(verdict.limits) if is_pixel else accepted(event_id, verdict.limits)

    async def _body(self, request: Request) -> bytes:
        body, _ = await self._bodies.read(request, self._limit, keep_bytes=self._limit)
        return body

    def _head(self, body: bytes, encoding: str) -> StoreHead:
        try:
            head = _read_head(decode_store_body(inflate(body, encoding, self._limit), self._limit))
        except CompressionError as error:
            raise as_refusal(error) from error
        except StoreError as error:
            raise Refusal(400, "invalid event", "invalid_json", causes=(str(error),)) from error
        if head.event_id is None:
            return head
        event_id = parse_event_id(head.event_id)
        if event_id is None:
            raise Refusal(400, "event_id is no uuid", "payload")
        return StoreHead(event_id, head.type)


def _read_head(json: bytes) -> StoreHead:
    """Also of what only the pipeline's mending makes JSON: half of an emoji is no reason to lose an event."""
    try:
        return read_store_head(json)
    except StoreError:
        return read_store_head(mend(json))


def _sentry_data(request: Request) -> bytes:
    """The parameter's bytes, whatever their encoding: each is one character of latin-1."""
    query = request.query.decode("latin-1")
    values = parse_qs(query, encoding="latin-1").get("sentry_data", [])
    if not values:
        raise Refusal(400, "no sentry_data in the query", "no_data")
    return values[0].encode("latin-1")
