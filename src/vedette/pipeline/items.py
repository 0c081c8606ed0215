"""Spool records as items: inflated, framed, each with what the receiver knew about it."""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Raw

from vedette.core.outcomes import Category
from vedette.core.time import parse_time
from vedette.normalize.received import Received
from vedette.spool.record import SpoolRecord
from vedette.wire.compression import CompressionError, InflatedTooLarge, inflate, inflate_pieces, parse_coding
from vedette.wire.envelope import (
    EnvelopeError,
    EnvelopeHeader,
    EnvelopeScan,
    ScannedItem,
    scan_envelope,
    scan_pieces,
)
from vedette.wire.ingest import MAX_BYTES as MAX_INGEST
from vedette.wire.ingest import BadIngest, read_ingest
from vedette.wire.ingest_items import SPAN_CONTAINER, made_of
from vedette.wire.items import MIB, UNKNOWN, category_of, kind_of
from vedette.wire.limits import Limits, TooLarge
from vedette.wire.otlp import OtlpError, log_containers, span_containers
from vedette.wire.store import StoreError, decode_store

LIMITS = Limits()
MAX_OTLP = 12 * MIB
_NOTHING = Raw(b"{}")
AT_ONCE_BYTES = 4 << 20  # of a body inflated; of more than that only what is read is held
_NOT_READ = frozenset({"attachment", "unreal_report"})  # nor are unknown types: all others are smaller


class Unreadable(ValueError):
    """The record's body is no envelope and no event; `reason` is the outcome's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RawItem(msgspec.Struct, frozen=True):
    """One item, undecoded. `payload` may be left out where the item's type is not read."""

    type: str
    category: str
    payload: bytes
    received: Received
    quantity: int = 1
    refused: str = ""  # reason for which it cannot be taken, known from its header alone
    content_type: str = ""  # of the item's header
    trace: Raw = _NOTHING  # dynamic sampling context of the envelope, JSON
    sdk: Raw = _NOTHING  # of the envelope, JSON

    def counts(self) -> tuple[tuple[str, int], ...]:
        """What it counts as where it is not looked into; logs count in bytes as well."""
        whole = (self.category, self.quantity)
        if self.type == "log":
            return (whole, (Category.LOG_BYTE, max(1, len(self.payload))))
        return (whole,)


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
        scan, payloads = _framed(body, record.content_encoding)
    except CompressionError as error:
        raise Unreadable("invalid_compression") from error
    except (BadIngest, OtlpError) as error:
        raise Unreadable("invalid_ingest" if record.kind == "ingest" else "invalid_otlp") from error
    except (EnvelopeError, StoreError) as error:
        raise Unreadable("invalid_json" if record.kind == "store" else "invalid_envelope") from error
    except TooLarge as error:
        raise Unreadable(f"too_large:{error.what}") from error
    received = _received(record, parse_time(scan.header.sent_at or None))
    return [
        _raw_item(item, payload, received, scan.header)
        for item, payload in zip(scan.items, payloads, strict=True)
    ]


def _framed(body: bytes, content_encoding: str) -> tuple[EnvelopeScan, list[bytes]]:
    """The envelope's headers, and a payload for each item."""
    try:
        plain = inflate(body, content_encoding, AT_ONCE_BYTES)
    except InflatedTooLarge:
        return _framed_large(body, parse_coding(content_encoding))
    scan = scan_envelope(plain, LIMITS)
    return scan, [plain[item.start : item.start + item.size] for item in scan.items]


def _framed_large(body: bytes, coding: str) -> tuple[EnvelopeScan, list[bytes]]:
    """In two passes, so that a bomb, or a hundred megabytes of attachments, are never in memory at once."""
    scan = scan_pieces(inflate_pieces(body, coding), LIMITS)
    spans = [(item.start, item.size if _is_read(item) else 0) for item in scan.items]
    return scan, cut(inflate_pieces(body, coding), spans)


def _is_read(item: ScannedItem) -> bool:
    head = item.head
    is_known = kind_of(head.type, head.content_type) is not UNKNOWN
    return is_known and head.type not in _NOT_READ and not item.is_repeated


def cut(pieces: Iterable[bytes], spans: Sequence[tuple[int, int]]) -> list[bytes]:
    """The bytes of each span (start, size) of a text that comes in pieces; spans ascend."""
    found = [b""] * len(spans)
    base = at = 0
    for piece in pieces:
        end = base + len(piece)
        while at < len(spans) and spans[at][0] < end:
            start, size = spans[at]
            found[at] += piece[max(start - base, 0) : max(start + size - base, 0)]
            if start + size > end:
                break  # goes on in the next piece
            at += 1
        base = end
    return found


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


def _raw_item(item: ScannedItem, payload: bytes, received: Received, header: EnvelopeHeader) -> RawItem:
    return RawItem(
        type=item.head.type,
        category=category_of(item.head.type, item.head.attachment_type),
        payload=payload,
        received=received,
        quantity=_quantity(item),
        refused="duplicate_item" if item.is_repeated else "",
        content_type=item.head.content_type,
        trace=header.trace,
        sdk=header.sdk,
    )


def _quantity(item: ScannedItem) -> int:
    """Attachments count in bytes, containers in entries, all else as one."""
    if item.head.type == "attachment":
        return max(1, item.size)
    return max(1, item.head.item_count)
