"""The `envelope` endpoint."""

from collections import Counter
from collections.abc import Sequence

from vedette.core.ids import new_event_id
from vedette.core.time import Clock
from vedette.projects.keys import KeyInfo
from vedette.receive.answers import Answer, accepted
from vedette.receive.body import BodyReader, Received, no_room
from vedette.receive.gate import Gate, over_limit
from vedette.receive.refusal import Counted, Refusal
from vedette.receive.request import Request
from vedette.spool.record import SpoolRecord
from vedette.spool.space import SpoolFull
from vedette.spool.writer import SpoolFailed, SpoolWriter
from vedette.wire.auth import Credentials
from vedette.wire.envelope import EnvelopeHeader, ScannedItem
from vedette.wire.items import EVENT_TYPES, category_of


class EnvelopeEndpoint:
    """Takes envelopes: authenticate, frame, weigh, spool, answer."""

    def __init__(self, gate: Gate, bodies: BodyReader, spool: SpoolWriter, *, clock: Clock) -> None:
        self._gate = gate
        self._bodies = bodies
        self._spool = spool
        self._clock = clock

    async def handle(self, request: Request) -> Answer:
        """Answers 200 once the envelope is on disk. Raises `Refusal`, `ClientGone`."""
        if request.method != "POST":
            raise Refusal(405, "envelopes are sent by POST", "method")
        sender = _Sender(self._gate, request)
        await sender.identify()
        received = await self._bodies.read_envelope(request, sender.see_header)
        assert sender.key is not None
        assert sender.credentials is not None
        try:
            return await self._store(request, received, sender.key, sender.credentials)
        finally:
            if received.file is not None:
                received.file.discard()  # unless the spool has taken it

    async def _store(
        self, request: Request, received: Received, key: KeyInfo, credentials: Credentials
    ) -> Answer:
        scan = received.scan
        items = count_items(scan.items)
        verdict = await self._gate.weigh(key, items)
        if verdict.is_nothing_left and items:
            raise over_limit(verdict, items)
        if not items:
            return accepted(scan.event_id or "", verdict.limits)
        event_id = scan.event_id or _minted(scan.items)
        record = SpoolRecord(
            "envelope",
            self._clock(),
            key.project_id,
            key.key_id,
            key.organization_id,
            event_id,
            request.content_encoding,
            request.client_ip,
            request.text(b"user-agent"),
            credentials.client,
            request.origin,
            verdict.limited,
            body=received.inline,
            outside_bytes=0 if received.file is None else received.file.size_bytes,
        )
        try:
            await self._spool.append(record, body=received.file)
        except (SpoolFull, SpoolFailed) as error:
            raise no_room(error, items) from error
        if verdict.limited:
            raise over_limit(verdict, ())  # the pipeline counts the items left out
        return accepted(event_id, verdict.limits)


class _Sender:
    """Who sends, found out as early as the request tells."""

    def __init__(self, gate: Gate, request: Request) -> None:
        self._gate = gate
        self._request = request
        self.credentials: Credentials | None = None
        self.key: KeyInfo | None = None

    async def identify(self) -> None:
        """By headers and query, where they say it: then nothing is read from a stranger."""
        self.credentials = self._gate.credentials(self._request)
        if self.credentials is not None:
            self.key = await self._gate.admit(self._request, self.credentials)

    async def see_header(self, header: EnvelopeHeader) -> None:
        """By the envelope's DSN, which must agree with what was said before. Raises `Refusal`."""
        if header.dsn or self.key is None:
            self.credentials = self._gate.credentials(self._request, dsn=header.dsn)
            self.key = await self._gate.admit(self._request, self.credentials)


def count_items(items: Sequence[ScannedItem]) -> list[Counted]:
    """How many items of each category an envelope has."""
    if len(items) == 1:
        return [Counted(category_of(items[0].head.type, items[0].head.attachment_type))]
    counts = Counter(category_of(item.head.type, item.head.attachment_type) for item in items)
    return [Counted(category, quantity) for category, quantity in counts.items()]


def _minted(items: Sequence[ScannedItem]) -> str:
    """A fresh id where an item makes an event and the header named none."""
    return new_event_id() if any(item.head.type in EVENT_TYPES for item in items) else ""
