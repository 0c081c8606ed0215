"""One container of metrics, from its bytes to rows."""

import math

import msgspec

from vedette.core.ids import parse_span_id, parse_trace_id
from vedette.metrics.decode import SentMetric, decode
from vedette.metrics.store import Row, StoredMetric, row
from vedette.normalize.attributes import attributes_of, cut_texts
from vedette.normalize.moment import EntryTimes
from vedette.normalize.received import Received
from vedette.normalize.sampling import own_weight
from vedette.normalize.source import SentSdk, add_agent, connection_agent, sdk_of, take_source
from vedette.projects.handling import Delivery
from vedette.scrub.attributes import METRIC, is_clean, scrub_entry
from vedette.scrub.rules import Scrubber

TYPES = ("counter", "gauge", "distribution")
MAX_NAME = 200  # characters
MAX_UNIT = 64
_NO_UNIT = ("", "none")
_encode = msgspec.json.encode


class Metrics(msgspec.Struct, frozen=True):
    """What a container came to."""

    rows: list[Row]
    refused: int  # entries that are no metrics


class _Job(msgspec.Struct, frozen=True):
    """What all entries of a container share."""

    facts: Received
    times: EntryTimes
    infer_ip: str | None
    agent: dict[str, str]  # attributes that the connection tells of
    sdk: SentSdk
    scrubber: Scrubber | None  # None: there is nothing to find


def process(payload: bytes, delivery: Delivery) -> Metrics:
    """The container's metrics as rows. Raises `InvalidPayload` when it is no container."""
    contents = decode(payload)
    handling = delivery.handling
    facts = delivery.facts()
    job = _Job(
        facts,
        EntryTimes(facts),
        contents.settings.infer_ip,
        connection_agent(contents.settings.infer_user_agent, facts.user_agent),
        sdk_of(delivery.sdk),
        None if is_clean(payload, handling.scrubber) else handling.scrubber,
    )
    rows: list[Row] = []
    refused = contents.refused
    for number, sent in enumerate(contents.entries):
        metric = _metric(sent, f"{delivery.item_key}{number:016x}", job)
        if metric is None:
            refused += 1
        else:
            rows.append(row(metric, delivery.project_id, handling.keep_days, job.facts.received_us))
    return Metrics(rows, refused)


def _metric(sent: SentMetric, item_id: str, job: _Job) -> StoredMetric | None:
    """None for an entry that says no name, no known type or no number."""
    name = sent.name.strip()[:MAX_NAME]
    if not name or sent.type not in TYPES or not math.isfinite(sent.value):
        return None
    try:
        attributes = attributes_of(sent.attributes, job.facts, job.infer_ip)
        add_agent(job.agent, attributes.texts)
    except RecursionError:  # an attribute nested past what can be written
        return None
    if job.scrubber is not None and not is_clean(_encode((name, sent.attributes)), job.scrubber):
        name = scrub_entry(METRIC, name, attributes.texts, attributes.numbers, job.scrubber)
    if attributes.is_long:
        cut_texts(attributes.texts)
    unit = (sent.unit or "").strip()[:MAX_UNIT]
    return StoredMetric(
        name=name,
        type=sent.type,
        unit="" if unit in _NO_UNIT else unit,
        ts_us=job.times.at(sent.timestamp),
        item_id=item_id,
        value=sent.value,
        trace_id=parse_trace_id(sent.trace_id) if sent.trace_id else "",
        span_id=parse_span_id(sent.span_id) if sent.span_id else 0,
        source=take_source(attributes, job.sdk),
        weight=own_weight(attributes),
        attributes=attributes,
    )
