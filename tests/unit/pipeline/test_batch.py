"""Records as a batch: what remains of one that breaks the program."""

import gc

import msgspec
import pytest
from sqlalchemy.exc import OperationalError

from vedette.core.outcomes import Outcome, OutcomeCount
from vedette.pipeline.batch import make_batch
from vedette.pipeline.configs import EpochConfigs, ProjectConfig, project_config
from vedette.pipeline.ranges import Claim
from vedette.pipeline.units import Batch
from vedette.projects.options import Filters, PipelineConfig
from vedette.spool.record import Position, Spooled, SpoolRecord

MINUTE_US = 60_000_000
CLAIM = Claim("spool", "web-0", "me")
REPORT = b'{"type":"client_report"}\n{"discarded_events":[{"category":"error","reason":"queue_overflow","quantity":3}]}\n'
EVENT = b'{"type":"event"}\n{"message":"x"}\n'
OUTCOMES = msgspec.msgpack.encode([OutcomeCount(7, 1, "error", Outcome.INVALID, "cors", 2)])


def spooled(number: int, body: bytes, project_id: int = 7) -> Spooled:
    record = SpoolRecord("envelope", MINUTE_US, project_id, 1, body=b"{}\n" + body)
    return Spooled(Position(1, number), Position(1, number + 1), record)


def refusals(number: int) -> Spooled:
    record = SpoolRecord("outcomes", MINUTE_US, 0, body=OUTCOMES)
    return Spooled(Position(1, number), Position(1, number + 1), record)


CONFIGS = EpochConfigs(lambda _: project_config(PipelineConfig(), 30))


def batch_of(*records: Spooled) -> Batch:
    """Events of project 8 break the program."""

    def config(project_id: int) -> ProjectConfig:
        if project_id == 8:
            raise RuntimeError("broken")
        return project_config(PipelineConfig(), 30)

    return make_batch(CLAIM, records, lambda one: one.record.body, EpochConfigs(config))


def test_a_record_that_breaks_the_program_leaves_one_outcome_and_nothing_else() -> None:
    batch = batch_of(spooled(0, REPORT + EVENT, project_id=8))
    assert [dead.reason for dead in batch.dead] == ["RuntimeError: broken"]
    assert batch.units == []
    assert dict(batch.outcomes) == {(8, 1, "default", int(Outcome.INVALID), "internal", MINUTE_US): 1}


def test_what_its_neighbours_counted_stays() -> None:
    batch = batch_of(
        spooled(0, REPORT),
        refusals(1),
        spooled(2, REPORT + EVENT, project_id=8),
        spooled(3, REPORT + EVENT),
    )
    assert dict(batch.outcomes) == {
        (7, 1, "error", int(Outcome.CLIENT_DISCARD), "queue_overflow", MINUTE_US): 6,
        (7, 1, "error", int(Outcome.INVALID), "cors", MINUTE_US): 2,
        (8, 1, "default", int(Outcome.INVALID), "internal", MINUTE_US): 1,
    }
    assert [unit.position for unit in batch.units] == ["spool/web-0/1/3"]
    assert batch.records == 4


def test_a_record_that_breaks_amid_others_takes_none_of_its_slice_with_it() -> None:
    batch = batch_of(*[spooled(number, EVENT, project_id=8 if number % 3 else 7) for number in range(120)])
    assert [unit.position for unit in batch.units] == [
        f"spool/web-0/1/{number}" for number in range(0, 120, 3)
    ]
    assert len(batch.dead) == 80
    assert batch.records == 120


def test_payloads_over_the_most_that_a_range_may_hold_are_left_to_the_next() -> None:
    records = [spooled(number, EVENT) for number in range(120)]
    payload = len(b'{"message":"x"}')
    for most, taken in ((1, 1), (payload, 1), (payload + 1, 2), (60 * payload, 60), (10**6, 120)):
        assert (
            make_batch(CLAIM, records, lambda one: one.record.body, CONFIGS, most_bytes=most).records == taken
        )


def ignoring_localhost(project_id: int) -> ProjectConfig:
    if project_id == 8:
        raise RuntimeError("broken")
    return project_config(PipelineConfig(filters=Filters(localhost=True)), 30)


@pytest.mark.parametrize(
    "body",
    [
        EVENT,
        EVENT + EVENT + REPORT,
        b'{"type":"event"}\n{"environment":5}\n',
        b'{"type":"event"}\n[]\n',
        b'{"type":"event"}\n{"message":\n',
        b'{"type":"event"}\n{"message":' + b"[" * 2000 + b"]" * 2000 + b"}\n",
        b'{"type":"event"}\n{"request":{"url":"http://localhost/"}}\n',
        b'{"type":"event"}\n{"type":"transaction"}\n',
        b'{"type":"transaction"}\n[]\n',
        b'{"type":"span"}\n[]\n',
        b'{"type":"log","item_count":1,"content_type":"application/vnd.sentry.items.log+json"}\n[\n',
        b'{"type":"trace_metric","item_count":1}\n[\n',
        b'{"type":"client_report"}\n[\n',
        b'{"type":"no_such"}\n{}\n',
        b"no envelope\n",
    ],
)
@pytest.mark.parametrize("project_id", [7, 8])
def test_what_came_to_nothing_holds_no_memory_until_somebody_looks_for_cycles(
    body: bytes, project_id: int
) -> None:
    def cycles() -> int:
        records = [spooled(0, EVENT), spooled(1, body, project_id), spooled(2, EVENT)]
        make_batch(CLAIM, records, lambda one: one.record.body, EpochConfigs(ignoring_localhost))
        return gc.collect()

    cycles()  # what is made once, and kept
    gc.disable()
    try:
        assert cycles() == 0
    finally:
        gc.enable()


def test_a_range_is_tried_again_where_no_configuration_can_be_read() -> None:
    """Not put aside record by record: what an open range has claimed must come out of it again."""

    def away(_: int) -> ProjectConfig:
        raise OperationalError("SELECT", {}, Exception("away"))

    for body in (EVENT, b'{"type":"transaction"}\n{}\n'):
        with pytest.raises(OperationalError):
            make_batch(CLAIM, [spooled(0, body)], lambda one: one.record.body, EpochConfigs(away))
