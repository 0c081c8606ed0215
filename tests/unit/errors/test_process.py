"""What one event tells of itself on its way into an issue."""

from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest

from vedette.core.event import Event
from vedette.errors.process import ErrorConfig, ErrorEvent, Sent, Unsupported, process
from vedette.filters.inbound import Filtered
from vedette.group import GroupingConfig
from vedette.group.config import LATEST
from vedette.group.registry import ALGORITHMS
from vedette.group.v2026_11_01.algorithm import Found
from vedette.normalize.received import InvalidPayload, Received
from vedette.pipeline.configs import PipelineConfig, project_config

PAYLOAD = b'{"exception": {"values": [{"type": "KeyError", "value": "3"}]}}'
CONFIG = project_config(PipelineConfig(), 90).errors
RECEIVED = Received(received_us=1_790_000_000_000_000)


def sent(config: ErrorConfig, payload: bytes = PAYLOAD) -> Sent:
    return Sent(payload, RECEIVED, 1, config)


def test_the_hashes_of_the_earlier_version_go_with_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(event: Event, config: GroupingConfig) -> Found:
        return Found([], None, None)

    def built_in_rule(event: Event) -> None: ...

    nothing_found = SimpleNamespace(find=find, built_in_rule=built_in_rule)
    monkeypatch.setitem(ALGORITHMS, "2027-01-01", nothing_found)
    moved = replace(CONFIG.grouping, version="2027-01-01", secondary_version=LATEST)
    both = process([sent(CONFIG), sent(msgspec.structs.replace(CONFIG, grouping=moved))])
    before, after = [one.candidate for one in both if isinstance(one, ErrorEvent)]
    assert before.secondary == ()
    assert after.secondary == before.hashes
    assert after.hashes != before.hashes


def test_each_event_ends_by_itself_whatever_its_neighbours_do() -> None:
    robot = b'{"message":"x","request":{"headers":{"User-Agent":"Googlebot/2.1"}}}'
    payloads = [PAYLOAD, robot, b'{"type":"transaction"}', b"{", b'{"extra":{"password":"hunter2"}}']
    alone = [process([sent(CONFIG, payload)])[0] for payload in payloads]
    together = process([sent(CONFIG, payload) for payload in payloads])
    kinds = [ErrorEvent, Filtered, Unsupported, InvalidPayload, ErrorEvent]
    assert [type(one) for one in together] == [type(one) for one in alone] == kinds
    assert [str(one) for one in together] == [str(one) for one in alone]
    assert b"hunter2" not in msgspec.json.encode(together[-1])


def test_a_value_that_was_refused_under_a_secrets_name_is_scrubbed_where_nothing_else_is() -> None:
    payload = b'{"message":"x","errors":[{"type":"invalid_data","name":"extra.token","value":"hunter2"}]}'
    [made] = process([sent(CONFIG, payload)])
    assert isinstance(made, ErrorEvent)
    assert b"hunter2" not in msgspec.json.encode(made.row)
