"""How long a small range waits for company: from receipt, wherever its records lay meanwhile."""

import os

import pytest
from sqlalchemy.engine import Connection

from tests.integration.pipeline.node import Node
from vedette.core.time import SECOND_US
from vedette.pipeline import worker
from vedette.pipeline.effects import Plan
from vedette.pipeline.units import Batch
from vedette.roles import now_us


def test_a_record_that_lay_unread_for_long_waits_no_longer(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = node.send(3, 1)
    monkeypatch.setattr(worker, "LINGER_S", 60.0)
    ahead_us = 0
    working = node.worker(lambda: now_us() + ahead_us)
    assert [working.step(), len(working.works[0].pending), node.stored()] == [False, 3, []]
    ahead_us = 60 * SECOND_US
    assert working.step()
    assert sorted(node.stored()) == sorted(ids)


def test_a_range_is_on_disk_before_it_is_opened_and_not_synced_while_it_waits(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.send(3, 1)
    steps: list[str] = []
    sync, plan = os.fdatasync, worker.plan_effects

    def told_sync(fd: int) -> None:
        steps.append("sync")
        sync(fd)

    def told_plan(connection: Connection, batch: Batch, *, now_us: int) -> Plan:
        steps.append("T1")
        return plan(connection, batch, now_us=now_us)

    monkeypatch.setattr(worker, "plan_effects", told_plan)
    monkeypatch.setattr(worker, "LINGER_S", 60.0)
    working = node.worker()
    monkeypatch.setattr("vedette.spool.reader.os.fdatasync", told_sync)
    assert (working.step(), working.step(), steps) == (False, False, [])
    monkeypatch.setattr(worker, "LINGER_S", 0.0)
    assert working.step()
    assert steps == ["sync", "T1"]
