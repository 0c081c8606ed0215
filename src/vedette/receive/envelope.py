"""The `envelope` endpoint."""

from collections import Counter
from collections.abc import Sequence

from vedette.core.ids import new_event_id
from vedette.projects.keys import KeyInfo
from vedette.receive.answers import Answer, accepted
from vedette.receive.body import BodyReader, Received
from vedette.receive.gate import Gate, over_limit
from vedette.receive.intake import Intake
from vedette.receive.refusal import Counted, Refusal
from vedette.receive.request import Request
from vedette.wire.envelope import EnvelopeHeader, ScannedItem
from vedette.wire.items import EVENT_TYPES, category_of


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
        event_id = scan.event_id or _minted(scan.items)
        await self._intake.keep(
            "envelope",
            request,
            key,
            event_id,
            items,
            limited=verdict.limited,
            encoding=request.content_encoding,
            body=received.inline,
            file=received.file,
        )
        if verdict.limited:
            raise over_limit(verdict, ())  # the pipeline counts the items left out
        return accepted(event_id, verdict.limits)


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


def _minted(items: Sequence[ScannedItem]) -> str:
    """A fresh id where an item makes an event and the header named none."""
    return new_event_id() if any(item.head.type in EVENT_TYPES for item in items) else ""
