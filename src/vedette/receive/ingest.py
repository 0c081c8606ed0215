"""`POST /v1/ingest` and `GET /health`: errors, transactions and LLM calls in a form people write by hand.

Checks come in one order: who sends (401, 403), how much (413), whether it is JSON and what it must be (400). A
batch is taken whole or not at all.
"""

import uuid
from functools import cache
from urllib.parse import parse_qsl

import msgspec

from vedette.core.outcomes import Category
from vedette.receive.answers import CORS, Answer
from vedette.receive.body import BodyReader
from vedette.receive.gate import Gate, over_limit
from vedette.receive.intake import Intake
from vedette.receive.refusal import Counted, Refusal
from vedette.receive.request import Request
from vedette.wire.auth import Credentials
from vedette.wire.compression import CompressionError, InflatedTooLarge, inflate
from vedette.wire.ingest import (
    MAX_BYTES,
    BadIngest,
    ErrorItem,
    IngestItem,
    TransactionItem,
    read_ingest,
    schema,
)
from vedette.wire.rate_limits import rate_limit_headers

_JSON = ((b"content-type", b"application/json"), *CORS)
_KEY_HEADERS = (b"x-open-sentry-key", b"x-sentry-clone-key")


def health() -> Answer:
    return Answer(200, _JSON, b'{"status":"ok"}')


@cache
def published_schema() -> Answer:
    """JSON Schema of the payload, for whoever writes a client."""
    headers = ((b"content-type", b"application/schema+json"), *CORS)
    return Answer(200, headers, msgspec.json.encode(schema()))


class IngestEndpoint:
    """Takes one item a request, or up to twenty."""

    def __init__(self, gate: Gate, bodies: BodyReader, intake: Intake) -> None:
        self._gate = gate
        self._bodies = bodies
        self._intake = intake

    async def handle(self, request: Request) -> Answer:
        """Answers 202 with the batch's id once it is on disk. Raises `Refusal`, `ClientGone`."""
        if request.method != "POST":
            raise Refusal(405, "Method not allowed", "method", form="error")
        try:
            return await self._take(request)
        except Refusal as refusal:
            raise _in_its_words(refusal) from refusal

    async def _take(self, request: Request) -> Answer:
        public_key = _public_key(request)
        if not public_key:
            raise Refusal(401, "Missing auth key", "no_auth")
        key = await self._gate.admit(request, Credentials(public_key))
        body, _ = await self._bodies.read(request, MAX_BYTES, keep_bytes=MAX_BYTES)
        items = _items(body, request.said.content_encoding)
        counted = [_counted(item) for item in items]
        verdict = await self._gate.weigh(key, counted)
        if verdict.limited:
            raise over_limit(verdict, counted)
        batch_id = uuid.uuid4()
        await self._intake.keep(
            "ingest", request, key, batch_id.hex, counted, encoding=request.said.content_encoding, body=body
        )
        headers = (*_JSON, *rate_limit_headers(verdict.limits))
        return Answer(202, headers, f'{{"id":"{batch_id}"}}'.encode())


def _public_key(request: Request) -> str:
    for name in _KEY_HEADERS:
        if found := request.text(name).strip():
            return found
    return dict(parse_qsl(request.query.decode("latin-1"))).get("key", "")


def _items(body: bytes, encoding: str) -> list[IngestItem]:
    try:
        return read_ingest(inflate(body, encoding, MAX_BYTES))
    except InflatedTooLarge as error:
        raise Refusal(413, "Payload too large", "too_large:ingest") from error
    except CompressionError as error:
        raise Refusal(400, "Invalid JSON", "invalid_compression") from error
    except BadIngest as error:
        reason = "invalid_json" if str(error) == "Invalid JSON" else "payload"
        raise Refusal(400, str(error), reason) from error


def _counted(item: IngestItem) -> Counted:
    if isinstance(item, ErrorItem):
        return Counted(Category.ERROR)
    return Counted(Category.TRANSACTION if isinstance(item, TransactionItem) else Category.SPAN)


_WORDS = {
    401: "Missing auth key",
    403: "Invalid DSN key",
    413: "Payload too large",
    429: "Too many requests",
    503: "Temporarily unavailable",
}


def _in_its_words(refusal: Refusal) -> Refusal:
    """The same refusal as this endpoint's clients read it. An empty body is no JSON."""
    refusal.detail = _WORDS.get(refusal.status, refusal.detail)
    if refusal.reason == "no_data":
        refusal.detail = "Invalid JSON"
    refusal.form = "error"
    return refusal
