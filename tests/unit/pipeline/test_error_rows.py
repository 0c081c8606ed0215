"""Rows of error events: packed in slices, dropped and cut afterwards."""

import msgspec
import pytest

from vedette.pipeline import units
from vedette.pipeline.batch import make_batch
from vedette.pipeline.configs import EpochConfigs, project_config
from vedette.pipeline.effects import Block, rows_of
from vedette.pipeline.ranges import Claim, Drop, Range
from vedette.pipeline.units import SLICE_UNITS, Batch
from vedette.projects.options import PipelineConfig
from vedette.spool.record import Position, Spooled, SpoolRecord
from vedette.storage.telemetry.native import Packed, encode_block
from vedette.storage.telemetry.tables import ERRORS

CLAIM = Claim("spool", "web-0", "me")
CONFIG = project_config(PipelineConfig(), 30)
COUNT = 2 * SLICE_UNITS + SLICE_UNITS // 2
LOG = b'{"items":[{"timestamp":1795736000,"level":"info","body":"x","trace_id":"%032x"}]}' % 7


def spooled(number: int) -> Spooled:
    """Events of five issues, some with tags; every tenth envelope holds logs, too."""
    event = {
        "message": f"issue {number % 5}",
        "tags": {"n": str(number)} if number % 3 else {},
        "user": {"id": number},
    }
    body = b'{"event_id":"%032x"}\n{"type":"event"}\n%s\n' % (number + 1, msgspec.json.encode(event))
    if number % 10 == 0:
        body += b'{"type":"log","item_count":1}\n%s\n' % LOG
    record = SpoolRecord("envelope", 1_795_736_000_000_000 + number, 7, 1, body=body)
    return Spooled(Position(1, number), Position(1, number + 1), record)


def batch_of(numbers: range | list[int]) -> Batch:
    return make_batch(
        CLAIM, list(map(spooled, numbers)), lambda one: one.record.body, EpochConfigs(lambda _: CONFIG)
    )


def errors_of(batch: Batch, dropped: list[int], split: tuple[int, ...]) -> list[Block]:
    drops = tuple(Drop(number, "duplicate") for number in dropped)
    opened = Range(Position(1, 0), Position(1, COUNT), 1, dropped=drops, blocks={"errors": split})
    return [block for block in rows_of(batch, opened, CLAIM) if block.table is ERRORS]


def encoded(block: Block) -> bytes:
    return b"".join(encode_block([(c.name, c.travels_as) for c in ERRORS.columns], block.columns))


def number_of(batch: Batch) -> dict[int, int]:
    """Record → its event's unit."""
    return {
        unit.error.candidate.received_us - 1_795_736_000_000_000: n
        for n, unit in enumerate(batch.units)
        if unit.error
    }


def test_a_range_is_written_the_same_in_slices_of_any_size(monkeypatch: pytest.MonkeyPatch):
    (sliced,) = errors_of(batch_of(range(COUNT)), [], (COUNT,))
    monkeypatch.setattr("vedette.pipeline.batch.SLICE_UNITS", 10 * COUNT)
    (whole,) = errors_of(batch_of(range(COUNT)), [], (COUNT,))
    monkeypatch.setattr(units, "SLICE_BYTES", 1000)
    (many,) = errors_of(batch_of(range(COUNT)), [], (COUNT,))
    assert encoded(sliced) == encoded(whole) == encoded(many)


def test_payloads_are_not_copied_before_they_travel():
    (block,) = errors_of(batch_of(range(COUNT)), [], (COUNT,))
    column = block.columns[[one.name for one in ERRORS.columns].index("payload")]
    assert isinstance(column, Packed)
    assert [one[:1] for one in column.encoded()[1::2]] == [b"{"] * COUNT


@pytest.mark.parametrize(
    "gone",
    [
        [0],
        [COUNT - 1],
        list(range(0, COUNT, 7)),
        list(range(SLICE_UNITS - 3, SLICE_UNITS + 3)),
        list(range(SLICE_UNITS)),
    ],
)
def test_what_is_dropped_in_any_slice_leaves_the_rows_of_the_others(gone: list[int]):
    batch = batch_of(range(COUNT))
    units_of = number_of(batch)
    left = [number for number in range(COUNT) if number not in set(gone)]
    (block,) = errors_of(batch, sorted(units_of[number] for number in gone), (len(left),))
    (alone,) = errors_of(batch_of(left), [], (len(left),))
    assert encoded(block) == encoded(alone)


def test_blocks_and_their_halves_are_cut_across_slices():
    first, second = errors_of(batch_of(range(COUNT)), [], (SLICE_UNITS + 30, COUNT - SLICE_UNITS - 30))
    (alone,) = errors_of(batch_of(range(SLICE_UNITS + 30)), [], (SLICE_UNITS + 30,))
    assert encoded(first) == encoded(alone)
    half = len(second.columns[0]) // 2
    rest = [column[half:] for column in second.columns]
    (last,) = errors_of(
        batch_of(range(SLICE_UNITS + 30 + half, COUNT)), [], (COUNT - SLICE_UNITS - 30 - half,)
    )
    assert b"".join(encode_block([(c.name, c.travels_as) for c in ERRORS.columns], rest)) == encoded(last)


def test_a_retry_makes_the_same_block():
    (once,) = errors_of(batch_of(range(COUNT)), [5, 150], (COUNT - 2,))
    (again,) = errors_of(batch_of(range(COUNT)), [5, 150], (COUNT - 2,))
    assert encoded(once) == encoded(again)


def test_a_packed_event_keeps_no_row():
    assert all(unit.error.row == () for unit in batch_of(range(COUNT)).units if unit.error)
