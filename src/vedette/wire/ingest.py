"""`POST /v1/ingest`: errors, transactions and LLM calls in a form people write by hand.

Knows the payloads and nothing of projects; `ingest_items.py` makes envelope items of them. The structs are
the schema: `/v1/ingest/schema.json` is made from them.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

MAX_BYTES = 256 * 1024  # decompressed
MAX_ITEMS = 20

Text = Annotated[str, Meta(max_length=8192)]
Name = Annotated[str, Meta(min_length=1, max_length=1024)]
# Whole numbers, also as 245.0, which some languages write: floats hold them exactly.
Whole = Annotated[float, Meta(ge=-(2**53), le=2**53, multiple_of=1)]
Count = Annotated[float, Meta(ge=0, le=2**53, multiple_of=1)]
Milliseconds = Annotated[float, Meta(ge=0, le=2**53 / 1000)]
Cost = Annotated[float, Meta(ge=0)]
Texts = dict[str, str]


class BadIngest(ValueError):
    """A body that is not taken; the text is the error the sender is told."""


class _Struct(msgspec.Struct, rename="camel", omit_defaults=True):
    """Unknown fields are passed over; an explicit null is like an absent field where one is optional."""


class StackFrame(_Struct):
    """One call, the oldest first."""

    filename: str | None = None
    function: str | None = None
    lineno: Whole | None = None
    colno: Whole | None = None
    in_app: bool | None = None


class Stacktrace(_Struct):
    frames: list[StackFrame]


class IngestException(_Struct):
    type: Text
    value: Text
    stacktrace: Stacktrace | None = None


class Breadcrumb(_Struct):
    category: str | None = None
    message: str | None = None
    level: str | None = None
    timestamp: str | None = None


class ErrorItem(_Struct, tag_field="type", tag="error"):
    exception: IngestException
    message: Text | None = None
    breadcrumbs: list[Breadcrumb] | None = None
    tags: Texts | None = None
    user: Texts | None = None
    environment: str | None = None
    release: str | None = None
    timestamp: str | None = None


class IngestSpan(_Struct):
    """A part of a transaction. It lies after the sibling before it, from its parent's start on."""

    span_id: Name
    op: str
    duration_ms: Milliseconds
    description: Text | None = None
    parent_span_id: str | None = None


class TransactionItem(_Struct, tag_field="type", tag="transaction"):
    """`timestamp` is the end; it started `duration_ms` before."""

    name: Name
    trace_id: Name
    duration_ms: Count
    status: Literal["ok", "error", "cancelled"] | None = None
    environment: str | None = None
    spans: Annotated[list[IngestSpan], Meta(max_length=1000)] | None = None
    timestamp: str | None = None


class GenerationItem(_Struct, tag_field="type", tag="ai_generation"):
    """One call of a language model. Costs are in US dollars."""

    provider: Name
    model: Name
    input_tokens: Count
    output_tokens: Count | None = None
    total_cost_usd: Cost | None = None
    input_cost_usd: Cost | None = None
    output_cost_usd: Cost | None = None
    latency_ms: Milliseconds | None = None
    time_to_first_token_ms: Milliseconds | None = None
    status: Literal["ok", "error"] | None = None
    trace_id: str | None = None
    span_id: str | None = None
    tags: Texts | None = None
    user: Texts | None = None
    metadata: dict[str, Any] | None = None
    environment: str | None = None
    timestamp: str | None = None


IngestItem = ErrorItem | TransactionItem | GenerationItem
IngestPayload = IngestItem | Annotated[list[IngestItem], Meta(min_length=1, max_length=MAX_ITEMS)]

_decode = msgspec.json.Decoder(IngestItem).decode
_decode_batch = msgspec.json.Decoder(
    Annotated[list[IngestItem], Meta(min_length=1, max_length=MAX_ITEMS)]
).decode


def read_ingest(body: bytes) -> list[IngestItem]:
    """The items of a decompressed body, one or up to 20.

    Raises `BadIngest`: `Invalid JSON`, or `Invalid payload` when one item is not as it must be.
    """
    try:
        return _decode_batch(body) if body.lstrip()[:1] == b"[" else [_decode(body)]
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadIngest("Invalid payload" if _is_json(body) else "Invalid JSON") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadIngest("Invalid JSON") from error


def _is_json(body: bytes) -> bool:
    """Whether all of it is JSON: what breaks the schema may stand before what breaks the syntax."""
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def schema() -> dict[str, Any]:
    """JSON Schema of the payload (draft 2020-12)."""
    (top,), components = msgspec.json.schema_components([IngestPayload], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "IngestPayload",
        **top,
        "$defs": components,
    }
