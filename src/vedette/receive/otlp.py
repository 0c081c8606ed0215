"""OTLP over HTTP: traces and logs of any OpenTelemetry exporter, protobuf or JSON.

`/api/{project}/integration/otlp/v1/traces` with the credentials of SDKs. The exporter prints a 4xx and gives up, and
tries again after 429 and 503.
"""

from functools import partial
from typing import Literal

from vedette.core.outcomes import Category
from vedette.receive.answers import CORS, Answer
from vedette.receive.body import BodyReader, as_refusal
from vedette.receive.gate import Gate, over_limit
from vedette.receive.intake import Intake
from vedette.receive.refusal import Counted, Refusal
from vedette.receive.request import Request
from vedette.wire.compression import CompressionError, inflate
from vedette.wire.items import MIB
from vedette.wire.otlp_read import OtlpError, count_logs, count_spans
from vedette.wire.rate_limits import rate_limit_headers

MAX_BYTES = 12 * MIB  # inflated, as of a container
MAX_ENTRIES = 20_000  # of a request: collectors send some 8,000; a span of 60 bytes comes to kilobytes here
AT_ONCE_BYTES = MIB // 16  # what the event loop reads itself, under a millisecond


class OtlpEndpoint:
    """Takes one export request of its kind."""

    def __init__(
        self, gate: Gate, bodies: BodyReader, intake: Intake, kind: Literal["otlp_traces", "otlp_logs"]
    ) -> None:
        self._gate = gate
        self._bodies = bodies
        self._intake = intake
        self._kind: Literal["otlp_traces", "otlp_logs"] = kind

    async def handle(self, request: Request) -> Answer:
        """Answers 200 with an empty export response once it is on disk. Raises `Refusal`, `ClientGone`."""
        if request.method != "POST":
            raise Refusal(405, "OTLP is sent by POST", "method")
        key = await self._gate.admit(request, self._gate.credentials(request))
        body, _ = await self._bodies.read(request, MAX_BYTES, keep_bytes=MAX_BYTES)
        check = partial(self._count, body, request.said.content_encoding)
        # what is packed may be twelve megabytes: too much for the event loop
        is_small = not request.said.content_encoding and len(body) <= AT_ONCE_BYTES
        entries = check() if is_small else await self._bodies.in_thread(check)
        items = [Counted(self._category, max(1, entries))]
        if entries > MAX_ENTRIES:
            told = f"{entries} {self._category}s in one request, at most {MAX_ENTRIES}"
            raise Refusal(413, told, "too_many_entries", items=tuple(items))
        verdict = await self._gate.weigh(key, items)
        if verdict.is_nothing_left:
            raise over_limit(verdict, items)
        await self._intake.keep(
            self._kind, request, key, "", items, encoding=request.said.content_encoding, body=body
        )
        return _taken(request, rate_limit_headers(verdict.limits))

    @property
    def _category(self) -> Category:
        return Category.SPAN if self._kind == "otlp_traces" else Category.LOG_ITEM

    def _count(self, body: bytes, encoding: str) -> int:
        """How many entries there are: what cannot be read is told to the sender, who is still there."""
        try:
            plain = inflate(body, encoding, MAX_BYTES)
            return count_spans(plain) if self._kind == "otlp_traces" else count_logs(plain)
        except CompressionError as error:
            raise as_refusal(error) from error
        except OtlpError as error:
            raise Refusal(400, str(error), "invalid_otlp") from error


def _taken(request: Request, limits: list[tuple[bytes, bytes]]) -> Answer:
    """An export response with nothing in it, in the form that was sent."""
    if "json" in request.text(b"content-type"):
        return Answer(200, ((b"content-type", b"application/json"), *CORS, *limits), b"{}")
    return Answer(200, ((b"content-type", b"application/x-protobuf"), *CORS, *limits), b"")
