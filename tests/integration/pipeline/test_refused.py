"""Rows that the telemetry store refuses: their writer waits, and goes on once they are taken."""

import pytest

from tests.integration.pipeline.node import Node
from vedette.pipeline import worker
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.errors import TelemetryRefused


def test_a_refused_range_is_kept_and_done_later(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = node.send(20, 3)
    insert = Telemetry.insert_columns

    def refuse(*_: object, **__: object) -> None:
        raise TelemetryRefused("errors: no such column")

    monkeypatch.setattr(worker, "RETRY_FIRST_S", 0.0)
    monkeypatch.setattr(worker, "LINGER_S", 0.0)
    monkeypatch.setattr(Telemetry, "insert_columns", refuse)
    working = node.worker()
    assert [working.step() for _ in range(3)] == [False, False, False]
    assert (working.works[0].failures, node.stored(), node.counted()) == (3, [], 0)
    monkeypatch.setattr(Telemetry, "insert_columns", insert)
    assert working.step()
    assert (sorted(node.stored()), node.counted()) == (sorted(ids), 20)
