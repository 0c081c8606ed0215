"""One search of the event's JSON serves the scrubber and whoever must mend the payload."""

import msgspec
import pytest
from hypothesis import HealthCheck, given

from tests.support.examples import tries
from tests.unit.normalize.build import FACTS
from tests.unit.normalize.test_roads import encode, payload
from vedette.core.patterns import BytesPattern
from vedette.errors.decode import decode
from vedette.errors.process import look_for
from vedette.normalize.event import normalize
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.scrub.scrub import scrub

SCRUBBER = compile_settings(ScrubSettings())
LOOK = look_for(SCRUBBER)


@pytest.mark.parametrize(
    "sent",
    [
        b'{"message":"nul \\u0000 byte","extra":{"a":"\\u0000"}}',
        b'{"extra":{"a":1e999}}',
        b'{"extra":{"a":NaN}}',
        b'{"extra":{"a":"\xff"}}',
        b'{"timestamp":1e999,"extra":{"password":"x","n":' + b"9" * 400 + b"}}",
        b'{"tags":{"a":"b\\u0000c"},"contexts":{"os":{"name":"x","version":"1\\u0000"}}}',
    ],
)
@pytest.mark.parametrize("look", [LOOK, None])
def test_a_payload_that_needs_mending_is_mended_whoever_looks(sent: bytes, look: BytesPattern | None):
    found = decode(sent, FACTS, look)
    assert found.json == msgspec.json.encode(normalize(sent, FACTS)) == msgspec.json.encode(found.event)


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (b'{"message":"plain"}', False),
        (b'{"extra":{"password":"x"}}', True),
        (b'{"message":"a\\u0000"}', True),
    ],
)
def test_the_search_tells_whether_anything_is_to_be_scrubbed(sent: bytes, seen: bool):
    assert decode(sent, FACTS, LOOK).seen is seen


@tries(100, HealthCheck.too_slow, HealthCheck.data_too_large)
@given(payload)
def test_an_event_looked_at_once_ends_as_one_looked_at_by_every_stage(sent: dict[str, object]):
    found = decode(encode(sent), FACTS, LOOK)
    once = scrub(found.event, SCRUBBER, seen=found.seen)
    assert msgspec.json.encode(once) == msgspec.json.encode(scrub(normalize(encode(sent), FACTS), SCRUBBER))
