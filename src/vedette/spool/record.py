"""What the spool keeps of one accepted request, and where it lies."""

from typing import Literal

import msgspec

RecordKind = Literal["envelope", "store", "outcomes", "ingest", "otlp_traces", "otlp_logs"]


class SpoolRecord(msgspec.Struct, frozen=True, array_like=True):
    """One accepted request, its body as it was received, still compressed.

    Written as an array: a later version adds fields at the end, with a default, and reads
    what an earlier one wrote. `outcomes` records hold msgpack of `list[OutcomeCount]`.
    """

    kind: RecordKind
    received_at_us: int
    project_id: int
    key_id: int = 0
    organization_id: int = 0
    event_id: str = ""  # that was answered to the client: it wins over any in the body
    content_encoding: str = ""
    client_ip: str = ""
    user_agent: str = ""
    sentry_client: str = ""
    origin: str = ""
    limited: tuple[str, ...] = ()  # categories used up at acceptance: their items are rate-limited
    replay_of: str = ""  # text of the position an earlier try had; claims of that one are our own
    body: bytes = b""
    outside_bytes: int = 0  # size of a body that lies in a file of its own


class Position(msgspec.Struct, frozen=True, order=True):
    """A place in one writer's spool: the segment's number and a byte offset in it."""

    segment: int = 0
    offset: int = 0


class Spooled(msgspec.Struct, frozen=True):
    """A record, where it begins, and where the next one does."""

    position: Position
    following: Position
    record: SpoolRecord


class Damage(msgspec.Struct, frozen=True):
    """Bytes that hold no readable record. `is_torn`: the end of a segment whose writer died,

    so nothing in it was acknowledged; otherwise acknowledged records are lost.
    """

    position: Position
    size_bytes: int
    is_torn: bool


def position_text(spool: str, writer: str, position: Position) -> str:
    """`uuid/writer/segment/offset`, unique over all nodes for all time."""
    return f"{spool}/{writer}/{position.segment}/{position.offset}"


def encode_record(record: SpoolRecord) -> bytes:
    return _encoder.encode(record)


def decode_record(data: bytes | memoryview) -> SpoolRecord:
    """Raises `msgspec.DecodeError` for bytes no version of the spool wrote."""
    return _decoder.decode(data)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(SpoolRecord)
