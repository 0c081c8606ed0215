"""Records of one range, read into what they come to. A pure function of records and configuration."""

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy.exc import DBAPIError

from vedette.core.outcomes import Outcome, OutcomeCount
from vedette.core.stages import bare
from vedette.core.time import MINUTE_US
from vedette.errors.process import ErrorEvent
from vedette.normalize.received import InvalidPayload
from vedette.pipeline.features import (
    Configs,
    Filtered,
    Rerouted,
    Unsupported,
    made_ahead,
    take,
    take_error,
)
from vedette.pipeline.items import RawItem, Unreadable, items_of
from vedette.pipeline.ranges import Claim
from vedette.pipeline.units import SLICE_BYTES, SLICE_UNITS, Batch, DeadLetter, Origin
from vedette.spool.record import Spooled, position_text
from vedette.wire.reports import ReportError, read_report

MOST_PAYLOAD_BYTES = (
    32 << 20
)  # of a range's items: in all their forms together they take some twelve times that


class _Opened(msgspec.Struct):
    """A record with what is in it, or why it could not be read; `made`: error events by the number of their item."""

    spooled: Spooled
    body: bytes = b""  # where it holds no items
    items: Sequence[RawItem] = ()
    failed: Exception | None = None
    made: dict[int, ErrorEvent | Exception] = {}

    def forget_where(self) -> None:
        """Have no exception hold the frames that it was raised in, and with them itself and the batch."""
        for one in (self.failed, *self.made.values()):
            if isinstance(one, Exception):
                bare(one)


def make_batch(
    claim: Claim,
    records: Sequence[Spooled],
    read_body: Callable[[Spooled], bytes],
    configs: Configs,
    *,
    most_bytes: int | None = None,
) -> Batch:
    """Everything the records hold. Never raises for what a client sent; `DBAPIError` without the records store.

    `most_bytes`: of payloads, after which it takes no further record; `Batch.records` says how
    many it has taken. Sizes on disk do not tell: a kilobyte may inflate to a megabyte.
    """
    batch = Batch()
    while batch.records < len(records) and (left := _left(batch, most_bytes)) > 0:
        fresh = records[batch.records : batch.records + SLICE_UNITS]
        for opened in _with_events(_opened(fresh, read_body, left), configs):
            _take_opened(batch, claim, opened, configs)
            batch.pack(at_least=SLICE_UNITS)
    batch.pack()
    return batch


def _left(batch: Batch, most_bytes: int | None) -> int:
    """Bytes of payloads that the next slice may hold before no further record is opened for it."""
    return SLICE_BYTES if most_bytes is None else min(SLICE_BYTES, most_bytes - batch.payload_bytes)


def _opened(
    records: Sequence[Spooled], read_body: Callable[[Spooled], bytes], most_bytes: int
) -> list[_Opened]:
    """The first of the records, at least one, and no further ones once their payloads have so many bytes."""
    found: list[_Opened] = []
    size = 0
    for spooled in records:
        if size >= most_bytes:
            break
        try:
            one = _open(spooled, read_body(spooled))
        except Exception as error:
            one = _Opened(spooled, failed=error)
        size += sum([len(item.payload) for item in one.items])
        found.append(one)
    return found


def _open(spooled: Spooled, body: bytes) -> _Opened:
    if spooled.record.kind == "outcomes":
        return _Opened(spooled, body)
    return _Opened(spooled, items=items_of(spooled.record, body))


def _with_events(opened: list[_Opened], configs: Configs) -> list[_Opened]:
    """The same records, with the error events of all of them made together."""
    due = [
        (one, number, item)
        for one in opened
        for number, item in enumerate(one.items)
        if item.type == "event" and not item.refused and item.category not in one.spooled.record.limited
    ]
    made = made_ahead([(item, one.spooled.record.project_id) for one, _, item in due], configs)
    for (one, number, _), event in zip(due, made, strict=True):
        one.made[number] = event
    return opened


def _take_opened(batch: Batch, claim: Claim, opened: _Opened, configs: Configs) -> None:
    spooled = opened.spooled
    batch.records += 1
    batch.received_us = spooled.record.received_at_us
    before = batch.mark()
    try:
        _take_record(batch, claim, opened, configs)
    except DBAPIError:  # no configuration without the records store: the range is tried again as a whole
        raise
    except Exception as error:  # a bug of ours must not stop the spool: the record is kept aside
        batch.take_back(before)
        batch.dead.append(DeadLetter(spooled, f"{type(error).__name__}: {error}"[:500]))
        batch.count(spooled, "default", Outcome.INVALID, "internal")
    finally:
        opened.forget_where()


def _take_record(batch: Batch, claim: Claim, opened: _Opened, configs: Configs) -> None:
    spooled = opened.spooled
    record = spooled.record
    if isinstance(opened.failed, Unreadable):
        batch.count(spooled, "default", Outcome.INVALID, opened.failed.reason)
        return
    if opened.failed is not None:
        raise opened.failed
    if record.kind == "outcomes":
        for count in msgspec.msgpack.decode(opened.body, type=list[OutcomeCount]):
            key = (count.project_id, count.key_id or 0, count.category, int(count.outcome), count.reason)
            batch.add((*key, _minute(record.received_at_us)), count.quantity)
        return
    position = record.replay_of or position_text(claim.spool, claim.writer, spooled.position)
    for number, item in enumerate(opened.items):
        _take_item(batch, item, Origin(spooled, position, number), configs, opened.made.get(number))


def _take_item(
    batch: Batch, item: RawItem, origin: Origin, configs: Configs, made: ErrorEvent | Exception | None = None
) -> None:
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
            if made is None:
                take(batch, item, origin, configs)
            else:
                take_error(batch, item, origin, configs, made)
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
