"""The scheduler's clock: unread spools hold it, however long; a node that is gone does not."""

from pathlib import Path

import pytest

from tests.conftest import SetClock
from tests.support.spools import TestSpool, record
from vedette.core.time import MINUTE_US, SECOND_US
from vedette.pipeline.assembly import assemble_worker
from vedette.pipeline.presence import ON_ITS_WAY_US, announce
from vedette.pipeline.worker import Worker
from vedette.scheduler.watermark import GONE_US, LAG_US, SETTLE_US, SILENT_US, Watermark
from vedette.storage.records.database import Records
from vedette.storage.records.notes import PAUSED, SILENT, read_note, write_note
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.connection import Address


class Node:
    """A writer, its pipeline and the scheduler's clock over one store. Telemetry is away."""

    def __init__(self, folder: Path, records: Records, clock: SetClock) -> None:
        self.records, self.clock = records, clock
        self.spool = TestSpool(folder / "spool", clock=clock)
        self.writer = self.spool.writer()
        self.mark = Watermark(records)
        self.worker: Worker = assemble_worker(
            records,
            Telemetry(Address(unix=folder / "nobody.sock")),
            clock=clock,
            owner="test",
            dead_letters=folder / "dead",
            retention_days=90,
        )

    def announce(self) -> None:
        folder = self.spool.folder
        with self.records.connect() as connection:
            announce(connection, folder.uuid, "web-0", folder.writer_folder("web-0"), self.clock())

    def take(self) -> None:
        self.worker.take(self.spool.folder.uuid, "web-0", self.spool.folder.writer_folder("web-0"))

    def work(self) -> None:
        self.worker.step()
        self.worker.beat()

    def pass_time(self, seconds: float, *, announced: bool = True, working: bool = False) -> int:
        """Time passes, half a minute at a time; where the mark is then."""
        end, mark = self.clock() + round(seconds * SECOND_US), 0
        while self.clock() < end:
            self.clock.advance(30)
            if announced:
                self.announce()
            if working:
                self.work()
            mark = self.mark.at(self.clock())
        return mark


@pytest.fixture
def node(tmp_path: Path, records: Records, clock: SetClock) -> Node:
    node = Node(tmp_path, records, clock)
    node.announce()
    node.mark.at(clock())
    return node


def test_it_follows_an_idle_pipeline(node: Node) -> None:
    node.take()
    assert node.pass_time(60, working=True) == node.clock() - max(LAG_US, ON_ITS_WAY_US)


def test_it_says_nothing_until_everybody_could_speak(records: Records, clock: SetClock) -> None:
    mark = Watermark(records)
    assert mark.at(clock()) == 0
    clock.advance(SETTLE_US / SECOND_US)
    assert mark.at(clock()) == clock() - LAG_US


def test_a_spool_that_nobody_reads_holds_it(node: Node) -> None:
    began_us = node.clock()
    node.writer.append_now([record(b"unread")])
    assert node.pass_time(3600) == began_us
    assert read_note(node.records, SILENT)["writers"] == []


def test_a_paused_pipeline_holds_it(node: Node) -> None:
    node.take()
    node.pass_time(60, working=True)
    node.writer.append_now([record(b"waits")])
    received_us = node.clock()
    write_note(node.records, PAUSED, {"until_us": received_us + 3600 * SECOND_US}, received_us)
    assert node.pass_time(1800, working=True) <= received_us


def test_a_range_that_stays_open_holds_it(node: Node) -> None:
    """The telemetry store is away for an hour."""
    node.take()
    node.pass_time(60, working=True)
    node.writer.append_now([record(b'{}\n{"type":"event"}\n{"message":"waits"}')])
    received_us = node.clock()
    assert node.pass_time(3600, working=True) <= received_us


def test_a_node_that_is_gone_is_left_out_and_shown(node: Node) -> None:
    node.writer.append_now([record(b"unread")])
    held_us = node.pass_time(SILENT_US / SECOND_US - 60, announced=False)
    assert held_us < node.clock() - 10 * MINUTE_US
    assert node.pass_time(120, announced=False) == node.clock() - LAG_US
    assert [one["writer"] for one in read_note(node.records, SILENT)["writers"]] == ["web-0"]
    node.announce()  # it is back
    assert node.mark.at(node.clock()) == held_us
    assert read_note(node.records, SILENT)["writers"] == []


def test_a_time_without_the_store_is_no_silence(node: Node) -> None:
    node.writer.append_now([record(b"unread")])
    held_us = node.pass_time(60)
    node.clock.advance(3600)  # nobody could speak, nor could we ask
    assert node.mark.at(node.clock()) == 0
    assert node.pass_time(60) == held_us


def test_a_spool_left_behind_for_good_is_forgotten(node: Node) -> None:
    node.clock.advance(GONE_US / SECOND_US + 1)
    assert node.pass_time(60, announced=False) == node.clock() - LAG_US
    assert read_note(node.records, SILENT)["writers"] == []
