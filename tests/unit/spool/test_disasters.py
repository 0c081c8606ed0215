"""Full disks, failing disks, lost power, killed writers: nothing acknowledged is lost."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.disks import ForgetfulDisk
from tests.support.examples import QUICK
from tests.support.spools import START_US, TestSpool, record
from vedette.core.time import SECOND_US
from vedette.spool.space import Room, SpoolFull
from vedette.spool.writer import INLINE_BYTES, SpoolFailed


@pytest.fixture
def disk() -> ForgetfulDisk:
    return ForgetfulDisk()


class Time:
    def __init__(self) -> None:
        self.now_us = START_US

    def __call__(self) -> int:
        return self.now_us


async def test_power_may_be_lost_after_any_acknowledgement(tmp_path: Path, disk: ForgetfulDisk) -> None:
    spool = TestSpool(tmp_path, disk=disk)
    acknowledged: list[bytes] = []
    for round_number in range(5 if QUICK else 30):
        writer = spool.writer(segment_bytes=3000)
        for number in range(random.randrange(8)):
            size = INLINE_BYTES if number == 3 else 10
            body = f"{round_number}/{number}/".encode() + bytes(size)
            if len(body) > INLINE_BYTES:
                writer.append_now([record(body)])
            else:
                await writer.append(record(body))
            acknowledged.append(body)
        unfinished = asyncio.create_task(writer.append(record(b"never acknowledged")))
        await asyncio.sleep(0)
        unfinished.cancel()
        await writer.close()
        disk.lose_power()
        assert [body for body in spool.bodies() if body != b"never acknowledged"] == acknowledged


def test_what_a_reader_hands_out_outlives_a_power_loss_too(tmp_path: Path, disk: ForgetfulDisk) -> None:
    """Of what it has synced itself. Here: a batch read twice is the same batch."""
    spool = TestSpool(tmp_path, disk=disk)
    writer = spool.writer()
    writer.append_now([record(b"a"), record(b"b")])
    reader = spool.reader()
    first = reader.read().records
    writer.close_now()
    disk.lose_power()
    assert spool.reader().read().records == first


def test_a_full_disk_refuses_and_loses_nothing_and_recovers(tmp_path: Path, disk: ForgetfulDisk) -> None:
    time = Time()
    spool = TestSpool(tmp_path, disk=disk, clock=time)
    writer = spool.writer()
    writer.append_now([record(b"before")])
    disk.room = 50
    with pytest.raises(SpoolFull):
        writer.append_now([record(b"refused" * 100)])
    disk.room = None
    with pytest.raises(SpoolFull):  # for a second it does not even try
        writer.append_now([record(b"too soon")])
    time.now_us += SECOND_US
    writer.append_now([record(b"after")])
    assert spool.bodies() == [b"before", b"after"]
    writer.close_now()


def test_a_disk_without_room_for_a_segment_head_recovers_too(tmp_path: Path, disk: ForgetfulDisk) -> None:
    time = Time()
    spool = TestSpool(tmp_path, disk=disk, clock=time)
    writer = spool.writer()
    disk.room = 10
    for _ in range(3):
        time.now_us += SECOND_US
        with pytest.raises(SpoolFull):
            writer.append_now([record(b"refused")])
    disk.room = None
    time.now_us += SECOND_US
    writer.append_now([record(b"after")])
    assert spool.bodies() == [b"after"]
    writer.close_now()


async def test_a_disk_that_fails_to_sync_fails_every_waiting_append(
    tmp_path: Path, disk: ForgetfulDisk
) -> None:
    time = Time()
    spool = TestSpool(tmp_path, disk=disk, clock=time)
    writer = spool.writer()
    await writer.append(record(b"before"))
    disk.fails_to_sync = True
    results = await asyncio.gather(
        *(writer.append(record(f"failed {number}".encode())) for number in range(5)), return_exceptions=True
    )
    assert all(isinstance(result, SpoolFailed) for result in results)
    disk.fails_to_sync = False
    time.now_us += SECOND_US
    await writer.append(record(b"after"))
    await writer.close()
    disk.lose_power()
    bodies = [body for body in spool.bodies() if not body.startswith(b"failed")]
    assert bodies == [b"before", b"after"]


@pytest.mark.parametrize(
    ("max_bytes", "free", "room"),
    [
        (10_000, 1000, Room.OPEN),
        (1000, 1000, Room.OPEN),
        (990, 1000, Room.RESERVE),
        (900, 1000, Room.FULL),
        (10_000, 999, Room.RESERVE),
        (10_000, 949, Room.FULL),
    ],
)
def test_both_marks_hold_and_have_a_reserve(tmp_path: Path, max_bytes: int, free: int, room: Room) -> None:
    spool = TestSpool(tmp_path, disk=ForgetfulDisk(free=free))
    (spool.folder.path / "web-0").mkdir()
    (spool.folder.path / "web-0" / "0000000000000001.seg").write_bytes(bytes(999))
    space = spool.space(max_bytes=max_bytes, min_free_bytes=1000)
    assert space.room() == room
    if room < Room.OPEN:
        with pytest.raises(SpoolFull):
            space.require()
    if room > Room.FULL:
        space.require(urgent=True)


def test_room_is_looked_at_again_after_half_a_second(tmp_path: Path) -> None:
    time = Time()
    spool = TestSpool(tmp_path, clock=time)
    space = spool.space(max_bytes=500)
    assert space.room() == Room.OPEN
    (spool.folder.path / "w").mkdir()
    (spool.folder.path / "w" / "large").write_bytes(bytes(1000))
    assert space.room() == Room.OPEN
    time.now_us += SECOND_US // 2
    assert space.room() == Room.FULL
    (spool.folder.path / "w" / "large").unlink()
    time.now_us += SECOND_US // 2
    assert space.room() == Room.OPEN


WRITER = """
import sys
from pathlib import Path
from tests.support.spools import TestSpool, record

spool = TestSpool(Path(sys.argv[1]))
writer = spool.writer(segment_bytes=20_000)
number = 0
while True:
    body = f"{sys.argv[2]}/{number}/".encode() + bytes(number * 37 % 4000)
    writer.append_now([record(body)] * 1)
    sys.stdout.write(f"{sys.argv[2]}/{number}/\\n")
    sys.stdout.flush()
    number += 1
"""


@pytest.mark.thorough
def test_a_writer_killed_again_and_again_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for round_number in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(round_number)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert child.stdout is not None
        for _ in range(60 + 17 * round_number):
            acknowledged.append(child.stdout.readline().strip())
        child.send_signal(signal.SIGKILL)
        acknowledged += child.stdout.read().split()
        child.wait()
        child.stdout.close()
    spool = TestSpool(tmp_path)
    found = [body.rstrip(b"\x00").decode() for body in spool.bodies()]
    assert [name for name in found if name in set(acknowledged)] == acknowledged
    assert len(found) <= len(acknowledged) + 5  # at most the one in flight at each kill
