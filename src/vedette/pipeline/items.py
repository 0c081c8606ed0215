"""Spool records as items: inflated, framed, each with what the receiver knew about it."""

import msgspec
from msgspec import Raw

from vedette.core.time import parse_time
from vedette.normalize.received import Received
from vedette.spool.record import SpoolRecord
from vedette.wire.compression import CompressionError, inflate
from vedette.wire.envelope import EnvelopeError, EnvelopeHeader, Item, parse_envelope
from vedette.wire.ingest import MAX_BYTES as MAX_INGEST
from vedette.wire.ingest import BadIngest, read_ingest
from vedette.wire.ingest_items import SPAN_CONTAINER, made_of
from vedette.wire.items import MIB, category_of
from vedette.wire.limits import Limits, TooLarge
from vedette.wire.otlp import OtlpError, log_containers, span_containers
from vedette.wire.store import StoreError, decode_store

LIMITS = Limits()
MAX_OTLP = 12 * MIB
_NOTHING = Raw(b"{}")


class Unreadable(ValueError):
    """The record's body is no envelope and no event; `reason` is the outcome's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RawItem(msgspec.Struct, frozen=True):
    """One item, undecoded."""

    type: str
    category: str
    payload: bytes
    received: Received
    quantity: int = 1
    refused: str = ""  # reason for which it cannot be taken, known from its header alone
    content_type: str = ""  # of the item's header
    trace: Raw = _NOTHING  # dynamic sampling context of the envelope, JSON
    sdk: Raw = _NOTHING  # of the envelope, JSON


def items_of(record: SpoolRecord, body: bytes) -> list[RawItem]:
    """The items of one accepted request, in wire order. `body` is still compressed. Raises `Unreadable`."""
    try:
        if record.kind == "store":
            payload = decode_store(body, record.content_encoding, LIMITS.store_bytes)
            return [RawItem("event", "error", payload, _received(record, None))]
        if record.kind == "ingest":
            return _ingest_items(record, inflate(body, record.content_encoding, MAX_INGEST))
        if record.kind in ("otlp_traces", "otlp_logs"):
            return _otlp_items(record, inflate(body, record.content_encoding, MAX_OTLP))
        envelope = parse_envelope(inflate(body, record.content_encoding, LIMITS.envelope_bytes), LIMITS)
    except CompressionError as error:
        raise Unreadable("invalid_compression") from error
    except (BadIngest, OtlpError) as error:
        raise Unreadable("invalid_ingest" if record.kind == "ingest" else "invalid_otlp") from error
    except (EnvelopeError, StoreError) as error:
        raise Unreadable("invalid_json" if record.kind == "store" else "invalid_envelope") from error
    except TooLarge as error:
        raise Unreadable(f"too_large:{error.what}") from error
    received = _received(record, parse_time(envelope.header.sent_at or None))
    return [_raw_item(item, received, envelope.header) for item in envelope.items]


def _ingest_items(record: SpoolRecord, body: bytes) -> list[RawItem]:
    made = made_of(read_ingest(body), record.event_id, record.received_at_us)
    return [
        RawItem(
            one.type,
            category_of(one.type),
            one.payload,
            msgspec.structs.replace(_received(record, None), event_id=one.event_id or None),
            content_type=one.content_type,
        )
        for one in made
    ]


def _otlp_items(record: SpoolRecord, body: bytes) -> list[RawItem]:
    received = msgspec.structs.replace(
        _received(record, None), client_ip=None
    )  # a collector's, or a service's
    if record.kind == "otlp_logs":
        return [
            RawItem("log", "log_item", made.payload, received, made.entries) for made in log_containers(body)
        ]
    return [
        RawItem("span", "span", made.payload, received, made.entries, content_type=SPAN_CONTAINER)
        for made in span_containers(body)
    ]


def _received(record: SpoolRecord, sent_at_us: int | None) -> Received:
    return Received(
        received_us=record.received_at_us,
        sent_at_us=sent_at_us,
        client_ip=record.client_ip or None,
        user_agent=record.user_agent or None,
        event_id=record.event_id or None,
    )


def _raw_item(item: Item, received: Received, header: EnvelopeHeader) -> RawItem:
    return RawItem(
        type=item.type,
        category=category_of(item.type, item.head.attachment_type),
        payload=item.payload,
        received=received,
        quantity=_quantity(item),
        refused="duplicate_item" if item.is_repeated else "",
        content_type=item.head.content_type,
        trace=header.trace,
        sdk=header.sdk,
    )


def _quantity(item: Item) -> int:
    """Attachments count in bytes, containers in entries, all else as one."""
    if item.type == "attachment":
        return max(1, len(item.payload))
    return max(1, item.head.item_count)
