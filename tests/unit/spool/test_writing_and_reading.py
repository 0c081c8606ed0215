"""The spool on a real disk: order, torn tails, damage, tailing, retention."""

import asyncio
import os
import time
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import msgspec
import pytest

from tests.support.spools import TestSpool, record
from vedette.core.time import SECOND_US
from vedette.spool.disk import OsDisk
from vedette.spool.folder import lock_folder, new_uuid, open_spool, segment_numbers, segment_path
from vedette.spool.letters import DeadLetters, replay
from vedette.spool.reader import LIST_EVERY_S
from vedette.spool.record import Position, SpoolRecord, decode_record, position_text
from vedette.spool.retention import Retention
from vedette.spool.segment import SegmentError
from vedette.spool.writer import INLINE_BYTES, SpoolBusy, SpoolWriter


@pytest.fixture
def spool(tmp_path: Path) -> TestSpool:
    return TestSpool(tmp_path / "spool")


def segment(spool: TestSpool, number: int = 1) -> Path:
    return segment_path(spool.folder.writer_folder("web-0"), number)


def _open_at_once(root: Path, meet: Barrier, found: "Queue[str]") -> None:
    meet.wait(20)
    found.put(open_spool(root).uuid)


@pytest.mark.thorough
def test_processes_that_start_side_by_side_open_one_spool(tmp_path: Path) -> None:
    """What one of them acknowledged in a folder of its own no pipeline would read."""
    fork = get_context("fork")
    for round_ in range(20):
        meet, answers = fork.Barrier(4), fork.Queue()
        root = tmp_path / str(round_)
        processes = [fork.Process(target=_open_at_once, args=(root, meet, answers)) for _ in range(4)]
        for process in processes:
            process.start()
        assert len({answers.get(timeout=20) for _ in processes}) == 1
        for process in processes:
            process.join()
        assert not list(root.glob("*.draft"))


def test_records_come_back_as_they_went_in_and_in_order(spool: TestSpool) -> None:
    writer = spool.writer()
    sent = [
        SpoolRecord(
            "envelope",
            5,
            1,
            2,
            3,
            event_id="a" * 32,
            content_encoding="gzip",
            client_ip="::1",
            user_agent="ua",
            sentry_client="sentry.python/2",
            origin="https://x",
            limited=("error",),
            body=bytes([number]),
        )
        for number in range(50)
    ]
    positions = writer.append_now(sent)
    found = spool.reader().read().records
    assert [spooled.record for spooled in found] == sent
    assert [spooled.position for spooled in found] == positions
    assert [spooled.following for spooled in found][:-1] == positions[1:]
    writer.close_now()


def test_records_of_an_earlier_version_are_read_with_defaults() -> None:
    found = decode_record(msgspec.msgpack.encode(["envelope", 5, 1]))
    assert found == SpoolRecord("envelope", 5, 1)


def test_reading_goes_on_from_any_position(spool: TestSpool) -> None:
    writer = spool.writer()
    positions = writer.append_now([record(bytes([number])) for number in range(5)])
    assert spool.bodies(positions[3]) == [b"\x03", b"\x04"]
    assert [
        spooled.record.body for spooled in spool.reader(positions[1]).read(until=positions[3]).records
    ] == [
        b"\x01",
        b"\x02",
    ]
    writer.close_now()


def test_a_batch_is_bounded_by_records_and_by_bytes(spool: TestSpool) -> None:
    writer = spool.writer()
    writer.append_now([record(bytes(1000)) for _ in range(10)])
    reader = spool.reader()
    assert len(reader.read(max_records=3).records) == 3
    assert 1 <= len(reader.read(max_bytes=2500).records) <= 2
    assert len(reader.read(max_bytes=10).records) >= 1  # one larger than the bound comes all the same
    writer.close_now()


@pytest.mark.parametrize("large", [0, 7, 150])
def test_records_on_the_border_of_two_pieces_and_larger_than_one_come_in_one_batch(
    spool: TestSpool, large: int
) -> None:
    bodies = [bytes([number % 256]) * (number * 37 % 6000) for number in range(300)]
    bodies[large] = os.urandom(INLINE_BYTES - 1)
    writer = spool.writer()
    writer.append_now([record(body) for body in bodies])
    writer.close_now()
    assert [one.record.body for one in spool.reader().read().records] == bodies
    bounded = spool.reader().read(max_bytes=INLINE_BYTES + 10_000).records
    assert [one.record.body for one in bounded] == bodies[: len(bounded)]
    assert sum(map(len, bodies[: len(bounded)])) < INLINE_BYTES + 10_000 < sum(map(len, bodies))


@pytest.mark.parametrize("most", [0, 1, 15, 16, 17, 5000])
def test_little_room_takes_a_record_at_a_time_and_loses_none(spool: TestSpool, most: int) -> None:
    bodies = [os.urandom(size) for size in (100, 300_000, 7_000, INLINE_BYTES - 1, 50)]
    writer = spool.writer()
    for body in bodies:
        writer.append_now([record(body)])
    writer.close_now()
    spool.writer().close_now()  # begins another segment: this one is final
    reader = spool.reader()
    found: list[bytes] = []
    while batch := reader.read(max_bytes=most).records:
        found += [one.record.body for one in batch]
    assert found == bodies


def test_a_reader_follows_a_live_writer_over_segments(spool: TestSpool) -> None:
    reader = spool.reader()
    assert reader.read().records == []  # no folder yet
    writer = spool.writer(segment_bytes=200)
    seen: list[bytes] = []
    for number in range(20):
        writer.append_now([record(bytes([number]))])
        seen += [spooled.record.body for spooled in reader.read().records]
    assert seen == [bytes([number]) for number in range(20)]
    assert reader.read().records == []
    assert len(segment_numbers(spool.folder.writer_folder("web-0"))) >= 5
    assert spool.bodies() == seen
    assert reader.unread_bytes() == 0
    assert spool.reader().unread_bytes() > 1000
    writer.close_now()


async def test_appends_of_many_tasks_share_their_commits(spool: TestSpool) -> None:
    writer = spool.writer()

    async def send(task: int) -> list[Position]:
        return [await writer.append(record(f"{task}/{number}".encode())) for number in range(20)]

    sent = await asyncio.gather(*(send(task) for task in range(16)))
    positions = sorted(position for mine in sent for position in mine)
    await writer.close()
    found = spool.reader().read(max_records=1000).records
    assert sorted(spooled.position for spooled in found) == positions
    assert len({spooled.record.body for spooled in found}) == 320
    assert writer.commits < 320 / 4
    for task in range(16):  # each task's own come in its order
        mine = [
            spooled.record.body for spooled in found if spooled.record.body.startswith(f"{task}/".encode())
        ]
        assert mine == [f"{task}/{number}".encode() for number in range(20)]


async def test_a_client_that_goes_away_does_not_hold_up_the_others(spool: TestSpool) -> None:
    writer = spool.writer()
    gone = asyncio.create_task(writer.append(record(b"gone")))
    stays = asyncio.create_task(writer.append(record(b"stays")))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    await writer.close()
    assert b"stays" in spool.bodies()


def test_a_torn_tail_loses_only_the_torn_record_wherever_it_tears(spool: TestSpool) -> None:
    writer = spool.writer()
    positions = writer.append_now([record(b"first"), record(b"second")])
    writer.close_now()
    whole = segment(spool).read_bytes()
    for length in range(positions[1].offset, len(whole)):
        segment(spool).write_bytes(whole[:length])
        reader = spool.reader()
        batch = reader.read()
        assert [spooled.record.body for spooled in batch.records] == [b"first"]
        assert reader.read().records == []  # it waits: the writer may be writing
        reader.close()
    segment(spool).write_bytes(whole[:-1])
    writer = spool.writer()
    writer.append_now([record(b"third")])
    reader = spool.reader()
    assert [spooled.record.body for spooled in reader.records()] == [b"first", b"third"]
    writer.close_now()


def test_a_torn_head_is_stepped_over_once_a_newer_segment_is_there(spool: TestSpool) -> None:
    spool.folder.writer_folder("web-0").mkdir()
    for length in (0, 10, 31):
        segment(spool).write_bytes(b"VEDSPOOL" + bytes(24)[: max(0, length - 8)] if length else b"")
        assert spool.reader().read().records == []
    writer = spool.writer()
    writer.append_now([record(b"x")])
    assert spool.bodies() == [b"x"]
    writer.close_now()


@pytest.mark.parametrize("tail", [b"\x00" * 5000, b"garbage" * 100])
def test_a_tail_of_other_bytes_is_reported_as_torn(spool: TestSpool, tail: bytes) -> None:
    writer = spool.writer()
    writer.append_now([record(b"first")])
    writer.close_now()
    with segment(spool).open("ab") as file:
        file.write(tail)
    writer = spool.writer()
    writer.append_now([record(b"second")])
    reader = spool.reader()
    assert [spooled.record.body for spooled in reader.read().records] == [b"first"]
    batch = reader.read()
    assert [spooled.record.body for spooled in batch.records] == [b"second"]
    assert [(damage.size_bytes, damage.is_torn) for damage in batch.damage] == [(len(tail), True)]
    writer.close_now()


def test_any_flipped_byte_loses_its_record_alone_and_is_reported(spool: TestSpool) -> None:
    writer = spool.writer()
    positions = writer.append_now([record(b"first"), record(b"second"), record(b"third")])
    writer.close_now()
    whole = segment(spool).read_bytes()
    for offset in range(positions[1].offset, positions[2].offset):
        broken = bytearray(whole)
        broken[offset] ^= 0x41
        segment(spool).write_bytes(bytes(broken))
        reader = spool.reader()
        bodies: list[bytes] = []
        damage: list[Position] = []
        while (batch := reader.read()).records:
            bodies += [spooled.record.body for spooled in batch.records]
            damage += [place.position for place in batch.damage if not place.is_torn]
        reader.close()
        assert (bodies, damage) == ([b"first", b"third"], [positions[1]])


def test_a_body_that_looks_like_a_record_is_never_taken_for_one(spool: TestSpool) -> None:
    other = TestSpool(spool.root.parent / "other")
    writer = other.writer()
    writer.append_now([record(b"forged", project_id=666)])
    writer.close_now()
    forged = segment_path(other.folder.writer_folder("web-0"), 1).read_bytes()
    writer = spool.writer()
    positions = writer.append_now([record(forged), record(b"last")])
    writer.close_now()
    broken = bytearray(segment(spool).read_bytes())
    broken[positions[0].offset + 9] ^= 1
    segment(spool).write_bytes(bytes(broken))
    assert spool.bodies() == [b"last"]


def test_a_segment_of_a_newer_version_is_refused(spool: TestSpool) -> None:
    spool.folder.writer_folder("web-0").mkdir()
    segment(spool).write_bytes(b"VEDSPOOL" + (2).to_bytes(4, "little") + bytes(20))
    with pytest.raises(SegmentError, match="version 2"):
        spool.reader().read()


def test_a_large_body_lies_outside_and_comes_back_whole(spool: TestSpool) -> None:
    large = os.urandom(INLINE_BYTES + 1)
    writer = spool.writer()
    writer.append_now([record(b"small"), record(large)])
    assert segment(spool).stat().st_size < 1000
    assert spool.bodies() == [b"small", large]
    writer.close_now()


def test_drafts_of_bodies_are_removed_by_the_next_writer(spool: TestSpool) -> None:
    writer = spool.writer()
    body = writer.new_body()
    body.write(b"x")
    writer.close_now()
    assert body.path.exists()
    spool.writer().close_now()
    assert not body.path.exists()


def test_two_writers_are_refused(spool: TestSpool) -> None:
    writer = spool.writer()
    with pytest.raises(SpoolBusy):
        spool.writer()
    other = spool.writer("web-1")
    other.close_now()
    writer.close_now()
    spool.writer().close_now()


def test_one_pipeline_owns_a_writers_folder_at_a_time(spool: TestSpool) -> None:
    folder = spool.folder.writer_folder("web-0")
    lock = lock_folder(folder, "owner")
    assert lock is not None
    with lock:
        assert lock_folder(folder, "owner") is None
    again = lock_folder(folder, "owner")
    assert again is not None
    again.release()


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a" * 65])
def test_a_writers_name_is_a_plain_file_name(spool: TestSpool, name: str) -> None:
    with pytest.raises(ValueError, match="not a writer's name"):
        spool.folder.writer_folder(name)


def test_segments_go_when_done_for_long_enough_and_the_newest_stays(spool: TestSpool) -> None:
    now = 0

    def clock() -> int:
        return now

    writer = spool.writer(segment_bytes=100)
    for number in range(5):
        writer.append_now([record(bytes([number]) * 100), record(bytes(INLINE_BYTES + 1))])
    folder = spool.folder.writer_folder("web-0")
    retention = Retention(folder, clock=clock, keep_s=600)
    assert retention.clear(Position(3, 50)) == 0
    now = 599 * SECOND_US
    assert retention.clear(Position(9, 0)) == 0
    now = 600 * SECOND_US
    assert retention.clear(Position(9, 0)) > 2 * INLINE_BYTES
    assert segment_numbers(folder) == [3, 4, 5]
    assert retention.clear(Position(9, 0), at_once=True) > 0
    assert segment_numbers(folder) == [5]
    assert len(list((folder / "bodies").iterdir())) == 1
    writer.close_now()
    writer = spool.writer()  # numbers are never used again
    assert writer.append_now([record(b"next")])[0].segment == 6
    writer.close_now()


def test_a_reader_of_removed_segments_goes_on_with_the_first_there_is(spool: TestSpool) -> None:
    writer = spool.writer(segment_bytes=100)
    for number in range(3):
        writer.append_now([record(bytes([number]) * 100)])
    segment(spool, 1).unlink()
    assert spool.bodies() == [b"\x01" * 100, b"\x02" * 100]
    writer.close_now()


def test_commits_to_several_folders_take_turns(spool: TestSpool) -> None:
    names = ("web-0-0", "web-0-1")
    writer = spool.writer(*names)
    sent = [*(bytes([number]) for number in range(5)), b"x" * (INLINE_BYTES + 1)]
    for body in sent:
        writer.append_now([record(body)])
    found = [spool.bodies(name=name) for name in names]
    assert found == [sent[::2], sent[1::2]]
    assert all(lock_folder(spool.folder.writer_folder(name), "writer") is None for name in names)
    writer.close_now()
    assert all(lock_folder(spool.folder.writer_folder(name), "writer") for name in names)


def test_a_new_uuid_keeps_the_records(spool: TestSpool) -> None:
    writer = spool.writer()
    writer.append_now([record(b"x")])
    writer.close_now()
    before = spool.folder.uuid
    spool.folder = new_uuid(spool.root)
    assert spool.folder.uuid != before
    assert spool.bodies() == [b"x"]


@pytest.mark.parametrize("is_renamed", [False, True])
def test_a_change_of_uuid_that_was_interrupted_is_finished(spool: TestSpool, is_renamed: bool) -> None:
    spool.folder.writer_folder("web-0").mkdir()
    (spool.root / "uuid.next").write_text("f" * 32 + "\n")
    if is_renamed:
        spool.folder.path.rename(spool.root / ("f" * 32))
    folder = open_spool(spool.root)
    assert folder.uuid == "f" * 32
    assert folder.writers() == ["web-0"]
    assert open_spool(spool.root) == folder


def test_a_dead_letter_is_kept_once_and_comes_back_under_its_position(spool: TestSpool) -> None:
    letters = DeadLetters(spool.root.parent / "dead-letters", clock=spool.clock)
    for _ in range(2):
        letters.put("u/web-0/1/32", record(b""), b"poison" * 200_000, "ValueError: no")
    assert [(letter.name, letter.reason) for letter in letters.all()] == [("u-web-0-1-32", "ValueError: no")]
    writer = spool.writer("retry")
    assert letters.retry(writer, name="other") == 0
    assert letters.retry(writer) == 1
    assert letters.count() == 0
    writer.close_now()
    reader = spool.reader(name="retry")
    (spooled,) = reader.read().records
    assert spooled.record.replay_of == "u/web-0/1/32"
    assert reader.body(spooled) == b"poison" * 200_000


def test_a_dead_letter_has_its_name_on_disk_before_the_cursor_moves_on(spool: TestSpool) -> None:
    synced: list[Path] = []

    class Watched(OsDisk):
        def sync_folder(self, folder: Path) -> None:
            synced.append(folder)
            assert (folder / "u-web-0-1-32.letter").exists()

    folder = spool.root.parent / "dead-letters"
    DeadLetters(folder, clock=spool.clock, disk=Watched()).put("u/web-0/1/32", record(b""), b"", "no")
    assert synced == [folder]


def test_a_range_can_be_replayed(spool: TestSpool) -> None:
    writer = spool.writer()
    positions = writer.append_now([record(bytes([number])) for number in range(4)])
    into = spool.writer("replay")
    assert replay(spool.folder, "web-0", positions[1], positions[3], into) == 2
    found = spool.reader(name="replay").read().records
    assert [spooled.record.replay_of for spooled in found] == [
        position_text(spool.folder.uuid, "web-0", position) for position in positions[1:3]
    ]
    writer.close_now()
    into.close_now()


@pytest.mark.thorough
async def test_who_shared_a_commit_may_share_the_next_and_who_is_alone_does_not_wait(
    spool: TestSpool,
) -> None:
    folder = spool.folder.writer_folder("web-0")
    writer = SpoolWriter(folder, clock=spool.clock, space=spool.space(), company_wait_s=1.0)
    await asyncio.gather(*(writer.append(record(b"x")) for _ in range(4)))

    async def later(seconds: float) -> None:
        await asyncio.sleep(seconds)
        await writer.append(record(b"y"))

    await asyncio.gather(*(later(share / 100) for share in range(4)))
    assert writer.commits == 2
    await asyncio.sleep(1.0)
    began = time.monotonic()
    for number in range(3, 6):
        await writer.append(record(b"z"))
        assert writer.commits == number
    assert time.monotonic() - began < 2
    await writer.close()


async def test_an_append_without_a_task_tells_where_the_record_lies(spool: TestSpool) -> None:
    writer = spool.writer()
    told: list[Position | Exception] = []
    for number in range(3):
        writer.append_soon(record(bytes([number])), told.append)
    assert told == []
    await writer.append(record(b"\x03"))
    assert [spool.bodies(position)[0] for position in told if isinstance(position, Position)] == [
        b"\x00",
        b"\x01",
        b"\x02",
    ]
    await writer.close()


async def test_one_answer_that_fails_does_not_hold_up_the_others(spool: TestSpool) -> None:
    writer = spool.writer()

    def fail(result: Position | Exception) -> None:
        raise RuntimeError(result)

    writer.append_soon(record(b"x"), fail)
    await asyncio.wait_for(writer.append(record(b"y")), 10)
    await asyncio.wait_for(writer.append(record(b"z")), 10)
    assert spool.bodies() == [b"x", b"y", b"z"]
    await writer.close()


@pytest.mark.thorough
def test_a_reader_that_waits_finds_the_next_segment_at_once_and_past_a_gap_in_a_second(
    spool: TestSpool,
) -> None:
    writer = spool.writer(segment_bytes=1)
    reader = spool.reader()
    writer.append_now([record(b"1")])
    assert [found.record.body for found in reader.read().records] == [b"1"]
    assert not reader.read().records
    writer.append_now([record(b"2")])
    assert [found.record.body for found in reader.read().records] == [b"2"]
    assert not reader.read().records
    writer.append_now([record(b"3")])
    writer.append_now([record(b"4")])
    segment(spool, 3).unlink()  # as where a disk refused to make it
    deadline = time.monotonic() + LIST_EVERY_S + 10
    while not (records := reader.read().records):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert [found.record.body for found in records] == [b"4"]
    writer.close_now()
    reader.close()


def test_a_reader_syncs_what_it_handed_out_and_only_once(
    spool: TestSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, reader = spool.writer(), spool.reader()
    synced: list[str] = []
    sync = os.fdatasync

    def told(fd: int) -> None:
        synced.append(Path(f"/proc/self/fd/{fd}").resolve().name)
        sync(fd)

    writer.append_now([record(b"1"), record(b"2")])
    monkeypatch.setattr("vedette.spool.reader.os.fdatasync", told)
    reader.sync()
    assert synced == [], "nothing was handed out"
    for count in (1, 2):
        assert reader.read(max_records=1).records
        assert not reader.read(until=reader.position).records
        reader.sync()
        reader.sync()
        assert synced == [segment(spool).name] * count
    monkeypatch.undo()
    writer.close_now()
