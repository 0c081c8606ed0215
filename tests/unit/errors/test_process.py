"""What one event tells of itself on its way into an issue."""

from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest

from vedette.core.event import Event
from vedette.errors.process import process
from vedette.group import GroupingConfig
from vedette.group.config import LATEST
from vedette.group.registry import ALGORITHMS
from vedette.group.v2026_11_01.algorithm import Found
from vedette.normalize.received import Received
from vedette.pipeline.configs import PipelineConfig, project_config

PAYLOAD = b'{"exception": {"values": [{"type": "KeyError", "value": "3"}]}}'
CONFIG = project_config(PipelineConfig(), 90).errors
RECEIVED = Received(received_us=1_790_000_000_000_000)


def test_the_hashes_of_the_earlier_version_go_with_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(event: Event, config: GroupingConfig) -> Found:
        return Found([], None, None)

    def built_in_rule(event: Event) -> None: ...

    nothing_found = SimpleNamespace(find=find, built_in_rule=built_in_rule)
    monkeypatch.setitem(ALGORITHMS, "2027-01-01", nothing_found)
    moved = replace(CONFIG.grouping, version="2027-01-01", secondary_version=LATEST)
    before = process(PAYLOAD, RECEIVED, 1, CONFIG).candidate
    after = process(PAYLOAD, RECEIVED, 1, msgspec.structs.replace(CONFIG, grouping=moved)).candidate
    assert before.secondary == ()
    assert after.secondary == before.hashes
    assert after.hashes != before.hashes
