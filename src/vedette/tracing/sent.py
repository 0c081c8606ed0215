"""One span as sent → the span it is: what transactions and standalone spans have in common."""

from itertools import islice
from typing import Any

from vedette.core.ids import parse_event_id
from vedette.normalize.addresses import forget_addresses
from vedette.normalize.attributes import MAX_ATTRIBUTES, MAX_KEY, MAX_SENT, MAX_TEXT, Attributes
from vedette.normalize.received import Received
from vedette.tracing.decode import Measurement, SentSpan
from vedette.tracing.links import links_text
from vedette.tracing.scrubbing import MAX_DESCRIPTION
from vedette.tracing.span import Span, microseconds, placed, self_time, span_number
from vedette.tracing.status import status_of

MAX_MEASUREMENTS = 100
STATUS_CODE = "http.response.status_code"
_STATUS_KEYS = dict.fromkeys((STATUS_CODE, "http.status_code", "status_code")).keys()  # in this order
_MILLISECONDS = {"second": 1000.0, "microsecond": 0.001, "nanosecond": 0.000001, "minute": 60_000.0}


def v1_span(sent: SentSpan, trace_id: str, shift_us: int, facts: Received) -> Span | None:
    """The span of one sent; None without id, start or end. `trace_id` where it names none itself."""
    span_id = span_number(sent.span_id)
    start_us, end_us = microseconds(sent.start_timestamp), microseconds(sent.timestamp)
    if sent.trace_id and sent.trace_id != trace_id:
        trace_id = parse_event_id(sent.trace_id) or trace_id
    if not span_id or not trace_id or start_us is None or end_us is None:
        return None
    start_us, end_us = placed(start_us, end_us, shift_us, facts.received_us)
    bag = bag_of(sent.data, sent.tags, facts)
    description = sent.description or ""
    http_status = take_http_status(bag)
    return Span(
        trace_id,
        span_id,
        start_us,
        end_us,
        span_number(sent.parent_span_id),
        span_number(sent.segment_id),
        bool(sent.is_segment),
        (sent.op or "default")[:128],
        description[:MAX_SENT],
        status_of(sent.status, http_status),
        (sent.origin or "manual")[:64],
        http_status,
        self_time(sent.exclusive_time, end_us - start_us),
        "",
        bag.texts,
        bag.numbers,
        links_text(sent.links, facts),
        is_long=bag.is_long or len(description) > MAX_DESCRIPTION,
    )


def add_measurements(bag: Attributes, sent: dict[str, Measurement | None]) -> None:
    """Numbers under `measurements.NAME`; durations in milliseconds."""
    for name, measurement in list(sent.items())[:MAX_MEASUREMENTS]:
        if measurement is not None and measurement.value is not None:
            value = measurement.value * _MILLISECONDS.get(measurement.unit or "", 1.0)
            bag.put(f"measurements.{name}", value)


def take_http_status(bag: Attributes) -> int:
    """The HTTP status under any of its keys, kept as the number `http.response.status_code`; 0 for none."""
    numbers, texts = bag.numbers, bag.texts
    found = numbers.get(STATUS_CODE)
    if found is None:
        if _STATUS_KEYS.isdisjoint(texts) and _STATUS_KEYS.isdisjoint(numbers):
            return 0
        key = next(key for key in _STATUS_KEYS if key in numbers or key in texts)
        text = bag.text(key)
        if not text.isdigit() or len(text) > 3:
            return 0
        found = float(text)
        texts.pop(STATUS_CODE, None)
        numbers[STATUS_CODE] = found
    return int(found) if 0 <= found < 1000 else 0


def bag_of(data: dict[str, Any] | None, tags: dict[str, str] | None, facts: Received) -> Attributes:
    """Attributes as bare values, and tags where these say nothing."""
    bag = Attributes({}, {})
    texts, numbers = bag.texts, bag.numbers
    for key, value in islice(data.items(), MAX_ATTRIBUTES) if data else ():
        if type(value) is str and len(value) <= MAX_TEXT and len(key) <= MAX_KEY:
            if value:
                texts[key] = value
        elif type(value) is float and len(key) <= MAX_KEY:
            numbers[key] = value
        elif value is not None:
            bag.put(key, value)
    if tags:
        for key, value in islice(tags.items(), MAX_ATTRIBUTES - len(texts) - len(numbers)):
            if key not in numbers and key not in texts:
                bag.put(key, value)
    if not facts.store_ips:
        forget_addresses(texts, numbers)
    return bag
