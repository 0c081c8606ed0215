"""Records of one range, read into what they come to. A pure function of records and configuration."""

from collections.abc import Callable, Sequence

import msgspec

from vedette.core.outcomes import Outcome, OutcomeCount
from vedette.core.time import MINUTE_US
from vedette.normalize.received import InvalidPayload
from vedette.pipeline.features import Configs, Filtered, Rerouted, Unsupported, take
from vedette.pipeline.items import RawItem, Unreadable, items_of
from vedette.pipeline.ranges import Claim
from vedette.pipeline.units import SLICE_UNITS, Batch, DeadLetter, Origin
from vedette.spool.record import Spooled, position_text
from vedette.wire.reports import ReportError, read_report

MOST_PAYLOAD_BYTES = (
    32 << 20
)  # of a range's items: in all their forms together they take some twelve times that


def make_batch(
    claim: Claim,
    records: Sequence[Spooled],
    read_body: Callable[[Spooled], bytes],
    configs: Configs,
    *,
    most_bytes: int | None = None,
) -> Batch:
    """Everything the records hold. Never raises for what a client sent.

    `most_bytes`: of payloads, after which it takes no further record; `Batch.records` says how
    many it has taken. Sizes on disk do not tell: a kilobyte may inflate to a megabyte.
    """
    batch = Batch()
    for spooled in records:
        if most_bytes is not None and batch.payload_bytes >= most_bytes:
            break
        batch.records += 1
        batch.received_us = spooled.record.received_at_us
        before = batch.mark()
        try:
            _take_record(batch, claim, spooled, read_body(spooled), configs)
        except Exception as error:  # a bug of ours must not stop the spool: the record is kept aside
            batch.take_back(before)
            batch.dead.append(DeadLetter(spooled, f"{type(error).__name__}: {error}"[:500]))
            batch.count(spooled, "default", Outcome.INVALID, "internal")
        batch.pack(at_least=SLICE_UNITS)
    batch.pack()
    return batch


def _take_record(batch: Batch, claim: Claim, spooled: Spooled, body: bytes, configs: Configs) -> None:
    record = spooled.record
    if record.kind == "outcomes":
        for count in msgspec.msgpack.decode(body, type=list[OutcomeCount]):
            key = (count.project_id, count.key_id or 0, count.category, int(count.outcome), count.reason)
            batch.add((*key, _minute(record.received_at_us)), count.quantity)
        return
    position = record.replay_of or position_text(claim.spool, claim.writer, spooled.position)
    try:
        items = items_of(record, body)
    except Unreadable as error:
        batch.count(spooled, "default", Outcome.INVALID, error.reason)
        return
    for number, item in enumerate(items):
        _take_item(batch, item, Origin(spooled, position, number), configs)


def _take_item(batch: Batch, item: RawItem, origin: Origin, configs: Configs) -> None:
    spooled = origin.spooled
    if item.type == "client_report":
        _take_report(batch, spooled, item)
    elif item.category in spooled.record.limited:
        _count_whole(batch, spooled, item, Outcome.RATE_LIMITED, "quota")
    elif item.refused:
        _count_whole(batch, spooled, item, Outcome.INVALID, item.refused)
    else:
        batch.payload_bytes += len(item.payload)
        try:
            take(batch, item, origin, configs)
        except Filtered as filtered:
            _count_whole(batch, spooled, item, Outcome.FILTERED, str(filtered))
            for category, quantity in filtered.others:
                batch.count(spooled, category, Outcome.FILTERED, str(filtered), quantity)
        except Rerouted as other:
            _take_item(batch, other.item, origin, configs)
        except Unsupported as unsupported:
            batch.count(spooled, unsupported.category, Outcome.LOST, "unsupported", item.quantity)
        except InvalidPayload as invalid:
            _count_whole(batch, spooled, item, Outcome.INVALID, invalid.reason)


def _take_report(batch: Batch, spooled: Spooled, item: RawItem) -> None:
    try:
        report = read_report(item.payload)
    except ReportError:
        batch.count(spooled, item.category, Outcome.INVALID, "invalid_json")
        return
    for category, reason, quantity in report:
        batch.count(spooled, category, Outcome.CLIENT_DISCARD, reason, quantity)


def _count_whole(batch: Batch, spooled: Spooled, item: RawItem, outcome: Outcome, reason: str) -> None:
    for category, quantity in item.counts():
        batch.count(spooled, category, outcome, reason, quantity)


def _minute(at_us: int) -> int:
    return at_us - at_us % MINUTE_US
