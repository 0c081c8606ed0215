"""Effects happen once, wherever the pipeline dies."""

import gzip
import json
import signal
import time
from pathlib import Path

import pytest

from tests.integration.pipeline.node import Node
from tests.support.feed import envelope
from vedette.core.ids import new_event_id
from vedette.spool.letters import count_letters
from vedette.storage.records.schema import Project


def test_what_is_spooled_is_stored_grouped_and_counted(node: Node) -> None:
    sent = node.send(60, issues=12)
    assert node.process() == 0
    assert sorted(node.stored()) == sorted(sent)
    assert (node.issues(), node.counted()) == (12, 60)


@pytest.mark.parametrize(
    "failpoint", ["after_read", "after_t1", "after_errors", "after_hours", "after_outcomes", "after_t2"]
)
def test_a_pipeline_killed_between_two_steps_loses_and_doubles_nothing(node: Node, failpoint: str) -> None:
    sent = node.send(40, issues=8)
    assert node.process(f"{failpoint}:kill") == -signal.SIGKILL
    assert node.process() == 0
    assert sorted(node.stored()) == sorted(sent)
    assert (node.issues(), node.counted()) == (8, 40)


def large_event() -> tuple[str, bytes]:
    """Nine hundred kilobytes, which gzip makes one of."""
    event_id = new_event_id()
    event = json.dumps({"event_id": event_id, "message": "large", "extra": {"a": "x" * 900_000}})
    header = json.dumps({"event_id": event_id})
    return event_id, gzip.compress(f'{header}\n{{"type":"event"}}\n{event}\n'.encode())


def test_events_that_inflate_a_thousandfold_are_taken_in_several_ranges(node: Node) -> None:
    sent = [large_event() for _ in range(50)]
    node.append(sent)
    assert node.process("after_t2:kill") == -signal.SIGKILL
    assert 0 < len(node.stored()) < 50
    assert node.process("after_errors:kill") == -signal.SIGKILL
    assert node.process() == 0
    assert sorted(node.stored()) == sorted(event_id for event_id, _ in sent)
    assert node.counted() == 50


@pytest.mark.parametrize(
    "failpoint", ["after_read", "after_t1", "after_errors", "after_hours", "after_outcomes", "after_t2"]
)
def test_a_pipeline_that_sleeps_while_another_takes_over_wakes_to_nothing(node: Node, failpoint: str) -> None:
    sent = node.send(40, issues=8)
    sleeper = node.start(f"{failpoint}:stop")
    until_stopped(sleeper.pid)
    assert node.process() == 0
    sent += node.send(20, issues=8, seed="2")
    assert node.process() == 0
    sleeper.send_signal(signal.SIGCONT)
    assert sleeper.wait(60) == 0
    assert sorted(node.stored()) == sorted(sent)
    assert (node.issues(), node.counted()) == (8, 60)
    outcomes = node.engine.telemetry.query_rows(
        "SELECT outcome, sum(quantity) FROM outcomes GROUP BY outcome"
    )
    assert [[int(value) for value in row] for row in outcomes.rows] == [[0, 60]]


def until_stopped(pid: int) -> None:
    """Wait until a process has got SIGSTOP."""
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "T":
        assert time.monotonic() < deadline, "it did not stop"
        time.sleep(0.02)


def test_an_event_id_sent_twice_counts_once(node: Node) -> None:
    sent = node.send(20, issues=4, seed="a")
    node.send(20, issues=4, seed="a")
    assert node.process() == 0
    assert sorted(node.stored()) == sorted(sent)
    assert node.counted() == 20
    outcomes = node.engine.telemetry.query(
        "SELECT outcome, reason, toUInt32(sum(quantity)) AS n FROM outcomes GROUP BY outcome, reason ORDER BY outcome"
    )
    assert [(row["outcome"], row["reason"], row["n"]) for row in outcomes] == [
        (0, "", 20),
        (3, "duplicate", 20),
    ]


def test_a_dead_engine_only_makes_the_spool_longer(node: Node) -> None:
    sent = node.send(10, issues=2)
    node.engine.stop(signal.SIGKILL)
    process_in_background = node.process  # it waits and retries; the engine comes back meanwhile
    node.engine.start()
    assert process_in_background() == 0
    assert sorted(node.stored()) == sorted(sent)


def test_a_body_whose_file_is_gone_does_not_stop_what_comes_behind_it(node: Node) -> None:
    large = {"event_id": new_event_id(), "extra": {"blob": "x" * (600 * 1024)}}
    node.append([(str(large["event_id"]), envelope(("event", json.dumps(large).encode())))], encoding="")
    (lost,) = (node.folder / "spool").rglob("*.body")
    lost.unlink()
    sent = node.send(10, issues=2)
    assert node.process() == 0
    assert sorted(node.stored()) == sorted(sent)
    assert count_letters(node.folder / "dead") == 1
    assert node.outcomes()["default", 3, "internal"] == 1


def test_a_quota_lets_through_what_it_says_and_counts_the_rest(node: Node) -> None:
    with node.records.write() as session:
        project = session.get_one(Project, node.project_id)
        project.options = {"quotas": [{"count": 15, "window_s": 86400}]}
    node.send(20, issues=4)
    assert node.process() == 0
    assert (len(node.stored()), node.counted()) == (15, 15)
    outcomes = node.engine.telemetry.query(
        "SELECT outcome, reason, toUInt32(sum(quantity)) AS n FROM outcomes GROUP BY outcome, reason ORDER BY outcome"
    )
    assert [(row["outcome"], row["reason"], row["n"]) for row in outcomes] == [(0, "", 15), (2, "quota", 5)]
