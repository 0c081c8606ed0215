"""One container of logs, from its bytes to rows."""

import msgspec

from vedette.core.ids import parse_span_id, parse_trace_id
from vedette.logs.decode import SentLog, decode
from vedette.logs.patterns import pattern_hash
from vedette.logs.severity import resolve
from vedette.logs.store import Row, StoredLog, row
from vedette.normalize.attributes import Attributes, attributes_of, cut_texts
from vedette.normalize.moment import EntryTimes
from vedette.normalize.received import Received
from vedette.normalize.sizes import utf8_size
from vedette.normalize.source import SentSdk, add_agent, connection_agent, sdk_of, take_source
from vedette.projects.handling import Delivery
from vedette.scrub.attributes import LOG, is_clean, scrub_entry
from vedette.scrub.rules import Scrubber

MAX_BODY = 65_536  # characters
MAX_SEQUENCE = 2**32 - 1
BODY_LENGTH = "vedette.body.length"  # of a body that was cut
LEFT_OUT = "vedette.attributes.left_out"  # how many attributes were over the limit

_encode = msgspec.json.encode


class Logs(msgspec.Struct, frozen=True):
    """What a container came to. `size_bytes`: of bodies, keys and values as sent, what `log_byte` counts."""

    rows: list[Row]
    size_bytes: int
    refused: int  # entries that are no logs
    traces: dict[str, tuple[int, int]]  # trace id → first and last time, in microseconds


class _Job(msgspec.Struct, frozen=True):
    """What all entries of a container share."""

    facts: Received
    times: EntryTimes
    infer_ip: str | None
    agent: dict[str, str]  # attributes that the connection tells of
    sdk: SentSdk
    scrubber: Scrubber | None  # None: there is nothing to find


def process(payload: bytes, delivery: Delivery) -> Logs:
    """The container's logs as rows. Raises `InvalidPayload` when it is no container."""
    contents = decode(payload)
    scrubber = delivery.handling.scrubber
    facts = delivery.facts()
    job = _Job(
        facts,
        EntryTimes(facts),
        contents.settings.infer_ip,
        connection_agent(contents.settings.infer_user_agent, facts.user_agent),
        sdk_of(delivery.sdk),
        None if is_clean(payload, scrubber) else scrubber,
    )
    rows: list[Row] = []
    size_bytes = 0
    refused = contents.refused
    traces: dict[str, tuple[int, int]] = {}
    for number, sent in enumerate(contents.entries):
        try:
            log = _log(sent, f"{delivery.item_key}{number:016x}", job)
        except RecursionError:  # an attribute nested past what can be written
            refused += 1
            continue
        size_bytes += utf8_size(sent.body) + log.attributes.size_bytes
        rows.append(row(log, delivery.project_id, delivery.handling.keep_days, job.facts.received_us))
        if log.trace_id:
            first, last = traces.get(log.trace_id, (log.ts_us, log.ts_us))
            traces[log.trace_id] = (min(first, log.ts_us), max(last, log.ts_us))
    return Logs(rows, size_bytes, refused, traces)


def _log(sent: SentLog, item_id: str, job: _Job) -> StoredLog:
    attributes = attributes_of(sent.attributes, job.facts, job.infer_ip)
    add_agent(job.agent, attributes.texts)
    body = sent.body
    if job.scrubber is not None and not is_clean(_encode((body, sent.attributes)), job.scrubber):
        body = scrub_entry(LOG, body, attributes.texts, attributes.numbers, job.scrubber)
    if attributes.is_long:
        cut_texts(attributes.texts)
    level, severity = resolve(
        sent.level, _first(sent.severity_number, attributes.take_number("sentry.severity_number"))
    )
    template = attributes.take("sentry.message.template")
    return StoredLog(
        ts_us=job.times.at(sent.timestamp),
        sequence=_sequence(attributes.take_number("sentry.timestamp.sequence")),
        item_id=item_id,
        trace_id=parse_trace_id(sent.trace_id) if sent.trace_id else "",
        span_id=parse_span_id(sent.span_id) if sent.span_id else 0,
        level=level,
        severity=severity,
        template=template,
        pattern_hash=pattern_hash(body, template),
        origin=attributes.take("sentry.origin"),
        source=take_source(attributes, job.sdk),
        body=_bounded(body, attributes),
        attributes=attributes,
    )


def _first(one: float | None, other: float | None) -> float | None:
    return other if one is None else one


def _sequence(number: float | None) -> int:
    return int(number) if number is not None and 0 <= number <= MAX_SEQUENCE else 0


def _bounded(body: str, attributes: Attributes) -> str:
    """The body within its limit; what went is told by attributes of our own."""
    if attributes.left_out:
        attributes.numbers[LEFT_OUT] = float(attributes.left_out)
    if len(body) <= MAX_BODY:
        return body
    attributes.numbers[BODY_LENGTH] = float(len(body))
    return body[: MAX_BODY - 3] + "..."
