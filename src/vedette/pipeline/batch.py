"""Records of one range, read into what they come to. A pure function of records and configuration."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from vedette.core.outcomes import Outcome, OutcomeCount
from vedette.core.time import DAY_US, MINUTE_US
from vedette.errors.process import ErrorConfig, ErrorEvent, Filtered, Unsupported, process
from vedette.normalize.received import InvalidPayload
from vedette.pipeline.items import RawItem, Unreadable, items_of
from vedette.pipeline.ranges import Claim
from vedette.spool.record import Spooled, position_text
from vedette.wire.reports import ReportError, read_report


class Configs(Protocol):
    """Projects' configuration at the range's epoch."""

    def errors(self, project_id: int) -> ErrorConfig: ...


class BatchEvent(msgspec.Struct):
    """An error event of the range, with where it came from."""

    error: ErrorEvent
    project_id: int
    key_id: int
    position: str  # whose claim of the event id counts as one's own
    day: int  # of receipt, since the epoch
    keep_days: int


class DeadLetter(msgspec.Struct, frozen=True):
    """A record that broke the program: kept aside with the reason, to be tried again."""

    spooled: Spooled
    reason: str


OutcomeKey = tuple[int, int, str, int, str, int]  # project, key, category, outcome, reason, minute (µs)


class Batch(msgspec.Struct):
    events: list[BatchEvent] = []
    outcomes: Counter[OutcomeKey] = msgspec.field(default_factory=Counter[OutcomeKey])
    dead: list[DeadLetter] = []
    received_us: int = 0  # of the last record


def make_batch(
    claim: Claim, records: Sequence[Spooled], read_body: Callable[[Spooled], bytes], configs: Configs
) -> Batch:
    """Everything the records hold. Never raises for what a client sent."""
    batch = Batch()
    for spooled in records:
        batch.received_us = spooled.record.received_at_us
        try:
            _take(batch, claim, spooled, read_body(spooled), configs)
        except Exception as error:  # a bug of ours must not stop the spool: the record is kept aside
            batch.dead.append(DeadLetter(spooled, f"{type(error).__name__}: {error}"[:500]))
            _count(batch, spooled, "default", Outcome.INVALID, "internal")
    return batch


def _take(batch: Batch, claim: Claim, spooled: Spooled, body: bytes, configs: Configs) -> None:
    record = spooled.record
    if record.kind == "outcomes":
        for count in msgspec.msgpack.decode(body, type=list[OutcomeCount]):
            key = (count.project_id, count.key_id or 0, count.category, int(count.outcome), count.reason)
            batch.outcomes[*key, _minute(record.received_at_us)] += count.quantity
        return
    position = record.replay_of or position_text(claim.spool, claim.writer, spooled.position)
    try:
        items = items_of(record, body)
    except Unreadable as error:
        _count(batch, spooled, "default", Outcome.INVALID, error.reason)
        return
    for item in items:
        _take_item(batch, spooled, item, position, configs)


def _take_item(batch: Batch, spooled: Spooled, item: RawItem, position: str, configs: Configs) -> None:
    record = spooled.record
    if item.type == "client_report":
        _take_report(batch, spooled, item)
    elif item.category in record.limited:
        _count(batch, spooled, item.category, Outcome.RATE_LIMITED, "quota", item.quantity)
    elif item.refused:
        _count(batch, spooled, item.category, Outcome.INVALID, item.refused, item.quantity)
    elif item.type == "event":
        _take_error(batch, spooled, item, position, configs)
    else:
        _count(batch, spooled, item.category, Outcome.LOST, "unsupported", item.quantity)


def _take_error(batch: Batch, spooled: Spooled, item: RawItem, position: str, configs: Configs) -> None:
    record = spooled.record
    config = configs.errors(record.project_id)
    try:
        error = process(item.payload, item.received, record.project_id, config)
    except Filtered as filtered:
        _count(batch, spooled, item.category, Outcome.FILTERED, str(filtered))
    except Unsupported as unsupported:
        _count(batch, spooled, unsupported.category, Outcome.LOST, "unsupported")
    except InvalidPayload as invalid:
        _count(batch, spooled, item.category, Outcome.INVALID, invalid.reason)
    else:
        day = record.received_at_us // DAY_US
        event = BatchEvent(error, record.project_id, record.key_id, position, day, config.keep_days)
        batch.events.append(event)


def _take_report(batch: Batch, spooled: Spooled, item: RawItem) -> None:
    try:
        report = read_report(item.payload)
    except ReportError:
        _count(batch, spooled, item.category, Outcome.INVALID, "invalid_json")
        return
    for category, reason, quantity in report:
        _count(batch, spooled, category, Outcome.CLIENT_DISCARD, reason, quantity)


def _count(
    batch: Batch, spooled: Spooled, category: str, outcome: Outcome, reason: str, quantity: int = 1
) -> None:
    record = spooled.record
    minute = _minute(record.received_at_us)
    batch.outcomes[record.project_id, record.key_id, category, int(outcome), reason, minute] += quantity


def _minute(at_us: int) -> int:
    return at_us - at_us % MINUTE_US
