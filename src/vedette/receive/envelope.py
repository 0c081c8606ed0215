"""The `envelope` endpoint."""

from collections import Counter
from collections.abc import Callable, Sequence

from vedette.core.ids import new_event_id
from vedette.projects.keys import KeyInfo
from vedette.receive.answers import Answer, accepted
from vedette.receive.body import AT_ONCE_BYTES, BodyReader, Received
from vedette.receive.gate import Gate, over_limit
from vedette.receive.intake import Intake
from vedette.receive.refusal import Counted, Refusal
from vedette.receive.request import Request
from vedette.spool.record import Position
from vedette.spool.space import SpoolFull
from vedette.wire.compression import CompressionError, inflate
from vedette.wire.envelope import EnvelopeError, EnvelopeHeader, EnvelopeScan, ScannedItem, scan_envelope
from vedette.wire.items import EVENT_TYPES, category_of
from vedette.wire.limits import Limits, TooLarge

OnAnswer = Callable[[Answer | None], None]


class EnvelopeEndpoint:
    """Takes envelopes: authenticate, frame, weigh, spool, answer."""

    def __init__(self, gate: Gate, bodies: BodyReader, intake: Intake) -> None:
        self._gate = gate
        self._bodies = bodies
        self._intake = intake

    async def handle(self, request: Request) -> Answer:
        """Answers 200 once the envelope is on disk. Raises `Refusal`, `ClientGone`."""
        if request.method != "POST":
            raise Refusal(405, "envelopes are sent by POST", "method")
        sender = _Sender(self._gate, request)
        await sender.identify()
        received = await self._bodies.read_envelope(request, sender.see_header)
        assert sender.key is not None
        try:
            return await self._store(request, received, sender.key)
        finally:
            if received.file is not None:
                received.file.discard()  # unless the spool has taken it

    async def _store(self, request: Request, received: Received, key: KeyInfo) -> Answer:
        scan = received.scan
        items = count_items(scan.items)
        verdict = await self._gate.weigh(key, items)
        if not items:
            return accepted(scan.event_id or "", verdict.limits)
        if verdict.is_nothing_left:
            raise over_limit(verdict, items)
        event_id = scan.event_id or minted(scan.items)
        await self._intake.keep(
            "envelope",
            request,
            key,
            event_id,
            items,
            limited=verdict.limited,
            encoding=request.said.content_encoding,
            body=received.inline,
            file=received.file,
        )
        if verdict.limited:
            raise over_limit(verdict, ())  # the pipeline counts the items left out
        return accepted(event_id, verdict.limits)


class ShortWay:
    """An envelope's way without a task, for one of which nothing has to be awaited or explained.

    Until it is appended nothing has been changed: what does not pass here goes the long way from its
    beginning, where it is refused, weighed or waited for.
    """

    def __init__(self, gate: Gate, intake: Intake, limits: Limits, statuses: Counter[int]) -> None:
        """`statuses`: where answers are counted."""
        self._gate = gate
        self._intake = intake
        self._limits = limits
        self._statuses = statuses

    def take(self, request: Request, body: bytes, done: OnAnswer) -> bool:
        """Whether the envelope is on its way to disk; then `done` gets the answer, None if the disk refused."""
        key, encoding = self._gate.passes(request), request.said.content_encoding
        scan = None if key is None else self._scan(body, encoding)
        if scan is None or not scan.items:
            return False
        if scan.header.dsn:
            key = self._gate.passes(request, dsn=scan.header.dsn)
        if key is None:
            return False
        event_id = scan.header.event_id or minted(scan.items)

        def on_commit(result: Position | Exception) -> None:
            if isinstance(result, Exception):
                done(None)
            else:
                self._statuses[200] += 1
                done(accepted(event_id))

        try:
            self._intake.keep_soon(
                "envelope", request, key, event_id, encoding=encoding, body=body, done=on_commit
            )
        except SpoolFull:
            return False
        return True

    def _scan(self, body: bytes, encoding: str) -> EnvelopeScan | None:
        try:
            return scan_envelope(inflate(body, encoding, AT_ONCE_BYTES), self._limits)
        except (CompressionError, EnvelopeError, TooLarge):
            return None


class _Sender:
    """Who sends, found out as early as the request tells."""

    def __init__(self, gate: Gate, request: Request) -> None:
        self._gate = gate
        self._request = request
        self.key: KeyInfo | None = None

    async def identify(self) -> None:
        """By headers and query, where they say it: then nothing is read from a stranger."""
        credentials = self._gate.credentials(self._request)
        if credentials is not None:
            self.key = await self._gate.admit(self._request, credentials)

    async def see_header(self, header: EnvelopeHeader) -> None:
        """By the envelope's DSN, which must agree with what was said before. Raises `Refusal`."""
        if header.dsn or self.key is None:
            credentials = self._gate.credentials(self._request, dsn=header.dsn)
            self.key = await self._gate.admit(self._request, credentials)


def count_items(items: Sequence[ScannedItem]) -> list[Counted]:
    """How many items of each category an envelope has."""
    if len(items) == 1:
        return [Counted(category_of(items[0].head.type, items[0].head.attachment_type))]
    counts = Counter(category_of(item.head.type, item.head.attachment_type) for item in items)
    return [Counted(category, quantity) for category, quantity in counts.items()]


def minted(items: Sequence[ScannedItem]) -> str:
    """A fresh id where an item makes an event and the header named none."""
    return new_event_id() if any(item.head.type in EVENT_TYPES for item in items) else ""
