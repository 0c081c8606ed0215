"""Envelope framing: headers and payload positions, on bytes.

Knows bytes and headers; knows nothing of projects or payloads. The scanner takes the body
in pieces of any size and keeps none of it but the headers.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Raw

from vedette.core.ids import EventId, is_hex, parse_event_id
from vedette.wire.items import REFUSED_TYPE, ItemKind, kind_of
from vedette.wire.limits import Limits, Tally, TooLarge, check_alone, check_size

_EMPTY_OBJECT = Raw(b"{}")
_Head = TypeVar("_Head", bound=msgspec.Struct)


class EnvelopeError(ValueError):
    """Bytes that are no envelope: what is wrong, and at which byte."""

    def __init__(self, detail: str, offset: int) -> None:
        super().__init__(f"{detail} (byte {offset})")
        self.offset = offset


class EnvelopeHeader(msgspec.Struct, frozen=True):
    """The first line. Text fields are as sent; `trace` and `sdk` are JSON, `{}` when absent."""

    event_id: str | None = None  # 32 lower-case hex digits once scanned
    dsn: str = ""
    sent_at: str | float = ""
    trace: Raw = _EMPTY_OBJECT
    sdk: Raw = _EMPTY_OBJECT


class ItemHead(msgspec.Struct, frozen=True):
    """The header of one item; a field of another type than this counts as absent."""

    type: str
    length: int | None = None
    content_type: str = ""
    filename: str = ""
    attachment_type: str = ""
    item_count: int = 0
    platform: str = ""
    meta_length: int = 0
    attachment_length: int = 0
    span_id: str | None = None
    sampled: bool | None = None
    sentry_release: str = ""
    sentry_environment: str = ""


class ScannedItem(msgspec.Struct, frozen=True):
    """Where one payload lies in the decompressed body."""

    head: ItemHead
    start: int
    size: int
    is_repeated: bool  # of a type that may come once, and came before


class EnvelopeScan(msgspec.Struct, frozen=True):
    """Headers of an envelope, items in wire order."""

    header: EnvelopeHeader
    items: list[ScannedItem]

    @property
    def event_id(self) -> EventId | None:
        return None if self.header.event_id is None else EventId(self.header.event_id)


class Item(msgspec.Struct, frozen=True):
    """One item with its payload, undecoded."""

    head: ItemHead
    payload: bytes
    is_repeated: bool = False

    @property
    def type(self) -> str:
        return self.head.type


class Envelope(msgspec.Struct, frozen=True):
    header: EnvelopeHeader
    items: list[Item]


def parse_envelope(body: bytes, limits: Limits) -> Envelope:
    """Headers and items of one envelope, payloads left undecoded.

    `body` is decompressed. Items keep wire order; one without `length` ends at the next
    newline. Unknown types are kept. A second singleton is kept and marked `is_repeated`.

    Raises `EnvelopeError` with the byte offset when a header is not JSON or the body ends
    early; `TooLarge` past a limit.
    """
    scan = scan_envelope(body, limits)
    items = [
        Item(item.head, body[item.start : item.start + item.size], item.is_repeated) for item in scan.items
    ]
    return Envelope(scan.header, items)


def scan_envelope(body: bytes, limits: Limits) -> EnvelopeScan:
    """Headers of a whole decompressed body. Raises as `parse_envelope` does."""
    return _scan_single(body, limits) or scan_pieces((body,), limits)


def _scan_single(body: bytes, limits: Limits) -> EnvelopeScan | None:
    """The scan of an envelope that holds one item and nothing odd, as most do; None for any other.

    Half of what the scanner costs, which also takes bodies in pieces, and says what is wrong with them.
    """
    first = body.find(b"\n")
    second = body.find(b"\n", first + 1)
    longest = min(limits.header_bytes, limits.headers_bytes // 2)
    if not (0 < first <= longest and 0 < second - first <= longest and len(body) <= limits.envelope_bytes):
        return None
    try:
        header = _with_plain_id(_header_decoder.decode(body[:first]), 0)
        head = _item_decoder.decode(body[first + 1 : second])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, EnvelopeError):
        return None
    if head.type == REFUSED_TYPE:
        return None
    start, size = second + 1, head.length
    if size is None:
        end = body.find(b"\n", start)
        size = (len(body) if end < 0 else end) - start
    left = len(body) - start - size
    if size < 0 or left not in (0, 1) or (left and not body.endswith(b"\n")):
        return None
    kind = kind_of(head.type, head.content_type)
    if size > kind.max_bytes or kind.entry_bytes:
        check_alone(head.type, kind, size, head.item_count)
    return EnvelopeScan(header, [ScannedItem(head, start, size, is_repeated=False)])


def scan_pieces(pieces: Iterable[bytes], limits: Limits) -> EnvelopeScan:
    """Headers of a decompressed body that comes in pieces. Raises as `parse_envelope` does."""
    scanner = EnvelopeScanner(limits)
    for piece in pieces:
        scanner.feed(piece)
    return scanner.finish()


class EnvelopeScanner:
    """Reads one envelope piece by piece; holds the headers and at most one unfinished line.

    A state is the method that reads on from an offset of the piece at hand and returns the
    offset it came to; kept unbound, for a scanner that holds itself stays until somebody looks for cycles.
    """

    def __init__(self, limits: Limits) -> None:
        self.header: EnvelopeHeader | None = None  # as soon as its line is complete
        self._limits = limits
        self._tally = Tally(limits)
        self._items: list[ScannedItem] = []
        self._state: Callable[[EnvelopeScanner, bytes, int], int] = EnvelopeScanner._read_line
        self._line = b""
        self._headers_bytes = 0
        self._base = 0  # offset in the body of the piece at hand
        self._head: ItemHead | None = None
        self._kind: ItemKind | None = None
        self._start = 0
        self._size = 0
        self._missing = 0
        self._is_repeated = False
        self._has_ended = False

    def feed(self, piece: bytes) -> None:
        """Read on. Raises `EnvelopeError`, `TooLarge`."""
        if self._base + len(piece) > self._limits.envelope_bytes:
            raise TooLarge("envelope", f"envelope is over {self._limits.envelope_bytes} bytes")
        position, end = 0, len(piece)
        while position < end:
            position = self._state(self, piece, position)
        self._base += end

    def finish(self) -> EnvelopeScan:
        """The scan, once all is fed. Raises `EnvelopeError` when the body ends early."""
        if self._line:
            line, self._line = self._line, b""
            self._take_line(line, self._base - len(line), self._base)
        if self.header is None:
            raise EnvelopeError("envelope is empty", 0)
        if self._head is not None:
            if self._missing:
                raise EnvelopeError(f"payload ends {self._missing} bytes early", self._base)
            self._close_item()
        return EnvelopeScan(self.header, self._items)

    def _read_line(self, piece: bytes, position: int) -> int:
        end = piece.find(b"\n", position)
        stop = len(piece) if end < 0 else end
        if len(self._line) + stop - position > self._limits.header_bytes:
            raise TooLarge("envelope", f"header is over {self._limits.header_bytes} bytes")
        if end < 0:
            self._line += piece[position:]
            return stop
        line = self._line + piece[position:end]
        self._line = b""
        self._take_line(line, self._base + end - len(line), self._base + end + 1)
        return end + 1

    def _take_line(self, line: bytes, offset: int, payload_start: int) -> None:
        self._headers_bytes += len(line)
        if self._headers_bytes > self._limits.headers_bytes:
            raise TooLarge("envelope", f"headers are over {self._limits.headers_bytes} bytes together")
        if self.header is None:
            self.header = _read_header(line, offset)
        elif not line.strip() and not self._has_ended:
            self._has_ended = True
        elif self._has_ended:
            raise EnvelopeError("data after the end of the envelope", offset)
        else:
            self._open_item(_read_item_head(line, offset), payload_start)

    def _open_item(self, head: ItemHead, start: int) -> None:
        kind = kind_of(head.type, head.content_type)
        self._is_repeated = self._tally.open(head.type, kind)
        if head.length:
            check_size(head.type, kind, head.length)
        self._head, self._kind = head, kind
        self._start, self._size = start, 0
        self._missing = head.length or 0
        self._state = EnvelopeScanner._read_open if head.length is None else EnvelopeScanner._read_sized

    def _read_sized(self, piece: bytes, position: int) -> int:
        taken = min(self._missing, len(piece) - position)
        self._missing -= taken
        self._size += taken
        if position + taken == len(piece):
            return position + taken
        if piece[position + taken] != 0x0A:
            raise EnvelopeError("payload is longer than its length", self._base + position + taken)
        self._close_item()
        return position + taken + 1

    def _read_open(self, piece: bytes, position: int) -> int:
        assert self._head is not None
        assert self._kind is not None
        end = piece.find(b"\n", position)
        self._size += (len(piece) if end < 0 else end) - position
        if end < 0:
            check_size(self._head.type, self._kind, self._size)
            return len(piece)
        self._close_item()
        return end + 1

    def _close_item(self) -> None:
        assert self._head is not None
        assert self._kind is not None
        head, self._head = self._head, None
        self._tally.close(head.type, self._kind, self._size, head.item_count)
        self._items.append(ScannedItem(head, self._start, self._size, self._is_repeated))
        self._state = EnvelopeScanner._read_line


def _read_header(line: bytes, offset: int) -> EnvelopeHeader:
    return _with_plain_id(_decode_head(line, offset, _header_decoder, EnvelopeHeader), offset)


def _with_plain_id(header: EnvelopeHeader, offset: int) -> EnvelopeHeader:
    if header.event_id is None or is_hex(header.event_id, 32):
        return header
    event_id = parse_event_id(header.event_id)
    if event_id is None:
        raise EnvelopeError("event_id is no uuid", offset)
    return msgspec.structs.replace(header, event_id=event_id)


def _read_item_head(line: bytes, offset: int) -> ItemHead:
    head = _decode_head(line, offset, _item_decoder, ItemHead)
    if head.length is not None and head.length < 0:
        raise EnvelopeError("length is negative", offset)
    if head.type == REFUSED_TYPE:
        raise EnvelopeError(f"items of type {REFUSED_TYPE} are not taken", offset)
    return head


_header_decoder = msgspec.json.Decoder(EnvelopeHeader)
_item_decoder = msgspec.json.Decoder(ItemHead)


def _decode_head(line: bytes, offset: int, decoder: msgspec.json.Decoder[_Head], kind: type[_Head]) -> _Head:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_leniently(line, offset, kind)


def _decode_leniently(line: bytes, offset: int, kind: type[_Head]) -> _Head:
    """The header without the fields whose type is wrong; what decides the framing stays strict."""
    try:
        raw = msgspec.json.decode(line, type=dict[str, Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EnvelopeError(f"header is no json object: {error}", offset) from error
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.name not in raw:
            continue
        try:
            values[field.name] = msgspec.json.decode(raw[field.name], type=cast("type[Any]", field.type))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if field.name in ("type", "length", "event_id"):
                raise EnvelopeError(f"header has a bad {field.name}", offset) from error
    if kind is ItemHead and "type" not in values:
        raise EnvelopeError("item header has no type", offset)
    return kind(**values)
