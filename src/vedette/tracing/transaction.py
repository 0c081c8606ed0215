"""A transaction: an event whose trace context is its segment span, with the spans within it."""

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, Event, present
from vedette.core.ids import parse_event_id
from vedette.core.time import parse_time
from vedette.normalize.attributes import Attributes
from vedette.normalize.event import normalize_parts
from vedette.normalize.received import InvalidPayload, Received
from vedette.normalize.sanitize import split
from vedette.normalize.tags import tag_value
from vedette.tracing.decode import (
    MEASUREMENTS,
    SPANS,
    TRACES,
    Lenient,
    Measurement,
    Moment,
    SentSpan,
    SentTrace,
)
from vedette.tracing.links import links_text
from vedette.tracing.names import without_ids
from vedette.tracing.sent import STATUS_CODE, add_measurements, bag_of, take_http_status, v1_span
from vedette.tracing.span import Scene, Span, microseconds, placed, self_time, span_number
from vedette.tracing.status import status_of

UNLABELED = "<unlabeled transaction>"
_NO_SPANS = Raw(b"[]")

# Tags that have a column of their own.
_COLUMN_TAGS = frozenset(
    ("level", "environment", "release", "dist", "server_name", "transaction", "user", "replayId")
)


class Transaction(msgspec.Struct):
    """A transaction decoded: the event, which is not scrubbed yet, and the spans as sent."""

    event: Event
    start_us: int
    shift_us: int  # what every time of it was moved by
    spans: list[SentSpan]
    unreadable: int
    spans_json: bytes  # of the spans as sent
    measurements: dict[str, Measurement | None]
    facts: Received


class _Info(msgspec.Struct):
    source: str | None = None


class _Context(msgspec.Struct):
    """Fields of the contexts `profile`, `replay` and `response`."""

    profile_id: str | None = None
    profiler_id: str | None = None
    replay_id: str | None = None
    status_code: int | None = None


_NO_CONTEXT = _Context()
_CONTEXTS = Lenient(_Context)
_INFOS = Lenient(_Info)
_decode_raws = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_moment = msgspec.json.Decoder(Moment).decode


def decode_transaction(payload: bytes, received: Received) -> Transaction:
    """Raises `InvalidPayload`: `invalid_json`, or `invalid_transaction` without times, ids or name of the trace."""
    payload, parts = split(payload)
    spans_json = parts.pop("spans", _NO_SPANS)
    start_us = _moment(parts.pop("start_timestamp", ABSENT))
    end_us = _moment(parts.get("timestamp", ABSENT))
    if start_us is None or end_us is None or end_us < start_us:
        raise InvalidPayload("invalid_transaction", "without a start and an end after it")
    found = SPANS.list(spans_json) if spans_json is not _NO_SPANS else []
    spans = [span for span in found if span is not None]
    measurements = _measurements(parts.get("measurements", ABSENT))
    source = _source(parts.get("transaction_info", ABSENT))
    event = normalize_parts(payload, parts, received)
    event.type = "transaction"
    _name(event, source)
    shift_us = event.timestamp_us - end_us
    return Transaction(
        event,
        start_us + shift_us,
        shift_us,
        spans,
        len(found) - len(spans),
        bytes(spans_json),
        measurements,
        received,
    )


def spans_of(sent: Transaction, weight: float) -> tuple[list[Span], Scene, int]:
    """The segment, then the spans that have ids and times; where they ran; how many have not.

    Of an event that is scrubbed already. Raises `InvalidPayload` without ids of the trace.
    """
    event = sent.event
    context = TRACES.one(event.contexts.get("trace", ABSENT)) or SentTrace()
    segment = _segment(sent, context)
    scene = _scene(event, weight)
    segment.links = links_text(context.links, sent.facts)
    spans = [segment]
    for sent_span in sent.spans:
        span = v1_span(sent_span, segment.trace_id, sent.shift_us, sent.facts)
        if span is not None:
            span.segment_id = segment.span_id
            span.is_segment = False
            span.parent_span_id = span.parent_span_id or segment.span_id
            spans.append(span)
    return spans, scene, sent.unreadable + len(sent.spans) - (len(spans) - 1)


def _segment(sent: Transaction, context: SentTrace) -> Span:
    event = sent.event
    trace_id, span_id = parse_event_id(context.trace_id or ""), span_number(context.span_id)
    if not trace_id or not span_id:
        raise InvalidPayload("invalid_transaction", "without trace_id and span_id in its trace context")
    bag = bag_of(context.data, None, sent.facts)
    _add_event(bag, event)
    add_measurements(bag, sent.measurements)
    http_status = take_http_status(bag) or _context_status(event)
    if http_status:
        bag.numbers[STATUS_CODE] = float(http_status)
    start_us, end_us = placed(sent.start_us, event.timestamp_us, 0, event.received_us)
    return Span(
        trace_id=trace_id,
        span_id=span_id,
        start_us=start_us,
        end_us=end_us,
        parent_span_id=span_number(context.parent_span_id),
        segment_id=span_id,
        is_segment=True,
        op=(context.op or "default")[:128],
        description=event.transaction or "",
        status=status_of(context.status, http_status),
        origin=(context.origin or "manual")[:64],
        http_status=http_status,
        self_us=self_time(context.exclusive_time, end_us - start_us),
        texts=bag.texts,
        numbers=bag.numbers,
        is_long=bag.is_long,
    )


def _add_event(bag: Attributes, event: Event) -> None:
    """What searches of transactions ask for: tags, the user, the request's method."""
    texts = bag.texts
    for key, value in event.tags.items():
        if key not in _COLUMN_TAGS:
            texts.setdefault(key, value)
    user = event.user
    if user is not None:
        for key, text in (
            ("user.id", user.id),
            ("user.username", user.username),
            ("user.name", user.name or user.username),  # as `name_user` has it
            ("user.email", user.email),
            ("user.ip_address", user.ip_address),
        ):
            if text:
                texts[key] = text
    if event.request is not None and event.request.method:
        texts.setdefault("http.request.method", event.request.method)


def _scene(event: Event, weight: float) -> Scene:
    sdk = event.sdk
    profile, replay = _context(event, "profile"), _context(event, "replay")
    profile_id = parse_event_id(profile.profile_id or profile.profiler_id or "")
    return Scene(
        transaction=event.transaction or "",
        transaction_id=event.event_id,
        environment=event.environment or "",
        release=event.release or "",
        dist=event.dist or "",
        platform=event.platform,
        server_name=event.server_name or "",
        sdk_name=(sdk.name or "") if sdk else "",
        sdk_version=(sdk.version or "") if sdk else "",
        user=event.tags.get("user", ""),
        profile_id=profile_id or "",
        replay_id=parse_event_id(replay.replay_id or event.tags.get("replayId", "")) or "",
        weight=weight,
    )


def _context_status(event: Event) -> int:
    code = _context(event, "response").status_code
    return code if code is not None and 0 < code < 1000 else 0


def _context(event: Event, name: str) -> _Context:
    raw = event.contexts.get(name)
    if raw is None:
        return _NO_CONTEXT
    return _CONTEXTS.one(raw) or _NO_CONTEXT


def _name(event: Event, source: str) -> None:
    """One without parts that differ between calls, where the SDK could not tell them."""
    name = event.transaction or UNLABELED
    if source == "url":
        name = without_ids(name)
    if name != event.transaction:
        event.transaction = name
        event.tags["transaction"] = tag_value(name)


def _source(raw: Raw) -> str:
    if raw is ABSENT:
        return "unknown"
    info = _INFOS.one(raw)
    return (info.source if info else None) or "unknown"


def _measurements(raw: Raw) -> dict[str, Measurement | None]:
    if not present(raw):
        return {}
    try:
        sent = _decode_raws(raw)
    except msgspec.ValidationError:
        return {}
    return {name: MEASUREMENTS.one(text) for name, text in sent.items()}


def _moment(raw: Raw) -> int | None:
    if not present(raw):
        return None
    try:
        return microseconds(_decode_moment(raw))
    except msgspec.ValidationError:
        return parse_time(msgspec.json.decode(raw))
