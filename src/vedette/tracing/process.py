"""Items of tracing, from their bytes to their rows. The table of contents of this feature."""

from collections.abc import Sequence

import msgspec

from vedette.filters.inbound import Filtered, FilterSettings, which_filter
from vedette.filters.spans import SpanFacts, which_span_filter
from vedette.normalize.received import InvalidPayload, Received
from vedette.normalize.sampling import weight_of
from vedette.projects.handling import Delivery, Handling
from vedette.scrub.attributes import is_clean
from vedette.scrub.rules import Scrubber
from vedette.scrub.scrub import scrub
from vedette.tracing.ai import add_ai, is_ai
from vedette.tracing.container import MAX_SPANS, Streamed, is_own_request, standalone_span, streamed_spans
from vedette.tracing.decode import decode_container, decode_span
from vedette.tracing.describe import describe
from vedette.tracing.detect import Told, find_problems
from vedette.tracing.occurrence import Found, found_in_segment, found_in_transaction
from vedette.tracing.prices import Price
from vedette.tracing.problems import Thresholds
from vedette.tracing.scrubbing import scrub_span
from vedette.tracing.selftime import fill_self_times
from vedette.tracing.span import Scene, Span
from vedette.tracing.store import Columns, Place, span_columns, time_columns
from vedette.tracing.transaction import decode_transaction, spans_of
from vedette.tracing.vitals import add_vitals

OWN_REQUESTS = "sdk-requests"  # the filter of spans that SDKs make of their own requests to us


class TracingConfig(msgspec.Struct, frozen=True):
    """What a project says about its traces, at one epoch."""

    handling: Handling
    filters: FilterSettings
    prices: dict[str, Price] = {}  # of models: the organization's own
    thresholds: Thresholds = Thresholds()


class Traced(msgspec.Struct):
    """What an item came to: rows, and how many of its spans ended otherwise, by (outcome's) reason."""

    event_id: str = ""  # of a transaction
    count: int = 0  # of its spans
    spans: Columns = ()  # of `spans`, without the last
    times: Columns = ()  # of `trace_times`
    size_bytes: int = 0
    found: list[Found] = []  # problems, each on its way to an issue
    filtered: dict[str, int] = {}
    invalid: dict[str, int] = {}


def process_transaction(payload: bytes, delivery: Delivery, config: TracingConfig) -> Traced:
    """Raises `InvalidPayload`, `Filtered`."""
    received = delivery.facts()
    try:
        transaction = decode_transaction(payload, received)
    except RecursionError as error:
        raise InvalidPayload("invalid_json", "nested too deep") from error
    if reason := which_filter(transaction.event, config.filters, received.client_ip):
        raise Filtered(reason, (("span", len(transaction.spans) + 1),))
    transaction.event = event = scrub(transaction.event, config.handling.scrubber)
    spans, scene, unusable = spans_of(transaction, weight_of(delivery.trace))
    scrub_span(spans[0], None)
    scrubber = _needed(transaction.spans_json, config.handling.scrubber)
    for span in spans[1:]:
        scrub_span(span, scrubber)
    told = _told(spans, config)
    spans[0].payload = msgspec.json.encode(event)
    place = Place(delivery.project_id, config.handling.keep_days, received.received_us)
    return Traced(
        event.event_id,
        len(told),
        span_columns(told, [scene], place),
        time_columns(spans, place.keep_days),
        len(payload),
        [found_in_transaction(problem, event) for problem in find_problems(told, config.thresholds)],
        invalid={"invalid_span": unusable} if unusable else {},
    )


def process_container(payload: bytes, delivery: Delivery, config: TracingConfig) -> Traced:
    """Raises `InvalidPayload` where the container cannot be read at all."""
    received = delivery.facts()
    container = decode_container(payload)
    over = len(container.entries[MAX_SPANS:])
    del container.entries[MAX_SPANS:]
    scrubber = _needed(payload, config.handling.scrubber)
    streamed, unusable = streamed_spans(container, received, weight_of(delivery.trace), scrubber)
    traced = _traced(streamed, len(payload), delivery, config)
    traced.invalid = {"invalid_span": unusable, "too_large:span": over}
    return traced


def process_span(payload: bytes, delivery: Delivery, config: TracingConfig) -> Traced:
    """A standalone span. Raises `InvalidPayload`."""
    received = delivery.facts()
    try:
        decoded, mended = decode_span(payload)
    except RecursionError as error:
        raise InvalidPayload("invalid_json", "nested too deep") from error
    scrubber = _needed(mended, config.handling.scrubber)
    streamed = standalone_span(decoded, received, weight_of(delivery.trace), scrubber)
    if streamed is None:
        raise InvalidPayload("invalid_span", "without ids and times")
    return _traced([streamed], len(payload), delivery, config)


def _traced(
    streamed: Sequence[Streamed], size_bytes: int, delivery: Delivery, config: TracingConfig
) -> Traced:
    received = delivery.received
    filtered: dict[str, int] = {}
    kept: list[Streamed] = []
    for span, scene in streamed:
        reason = _filter_of(span, scene, config.filters, received)
        if reason:
            filtered[reason] = filtered.get(reason, 0) + 1
        else:
            kept.append(Streamed(span, scene))
    if not kept:
        return Traced(size_bytes=size_bytes, filtered=filtered)
    spans = [span for span, _ in kept]
    told = _told(spans, config)
    place = Place(delivery.project_id, config.handling.keep_days, received.received_us)
    scenes = [scene for _, scene in kept]
    return Traced(
        count=len(told),
        spans=span_columns(told, scenes, place),
        times=time_columns(spans, place.keep_days),
        size_bytes=size_bytes,
        found=_found(told, scenes, config.thresholds, received.received_us),
        filtered=filtered,
    )


def _told(spans: Sequence[Span], config: TracingConfig) -> list[Told]:
    """The spans with all that is made of them, and what each did."""
    fill_self_times(spans)
    for span in spans:
        if span.numbers:
            add_vitals(span.numbers, span.op)
        if is_ai(span):
            add_ai(span, config.prices)
    return [Told(span, describe(span)) for span in spans]


def _found(
    told: Sequence[Told], scenes: Sequence[Scene], thresholds: Thresholds, received_us: int
) -> list[Found]:
    """Problems of each segment, as far as its spans came together."""
    segments: dict[tuple[str, int], list[int]] = {}
    for number, one in enumerate(told):
        segments.setdefault((one.span.trace_id, one.span.segment_id), []).append(number)
    found: list[Found] = []
    for numbers in segments.values():
        first = numbers[0]
        for problem in find_problems([told[number] for number in numbers], thresholds):
            found.append(found_in_segment(problem, told[first].span, scenes[first], received_us))
    return found


def _filter_of(span: Span, scene: Scene, filters: FilterSettings, received: Received) -> str | None:
    if is_own_request(span):
        return OWN_REQUESTS
    texts = span.texts
    facts = SpanFacts(
        transaction=scene.transaction,
        release=scene.release,
        url=texts.get("url.full") or texts.get("http.url") or "",
        user_agent=texts.get("user_agent.original", ""),
        user_ip=texts.get("user.ip_address", ""),
        is_localhost=texts.get("sentry.is_localhost") == "true",
    )
    return which_span_filter(facts, filters, received.client_ip)


def _needed(payload: bytes, scrubber: Scrubber) -> Scrubber | None:
    return None if is_clean(payload, scrubber) else scrubber
