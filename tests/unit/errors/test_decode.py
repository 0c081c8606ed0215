"""One search of what rules read serves the scrubber and whoever must mend the payload."""

import msgspec
import pytest
from hypothesis import HealthCheck, given

from tests.support.examples import tries
from tests.unit.normalize.build import FACTS
from tests.unit.normalize.test_roads import encode, payload
from vedette.core.patterns import BytesPattern
from vedette.errors.decode import Decoded, InvalidPayload, Payload, decode
from vedette.errors.process import look_for
from vedette.normalize.event import normalize
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.scrub.scrub import scrub

SCRUBBER = compile_settings(ScrubSettings())
LOOK = look_for(SCRUBBER)


def decoded(sent: bytes, look: BytesPattern | None = LOOK) -> Decoded:
    [found] = decode([Payload(sent, FACTS, look)])
    assert isinstance(found, Decoded)
    return found


@pytest.mark.parametrize(
    "sent",
    [
        b'{"message":"nul \\u0000 byte","extra":{"a":"\\u0000"}}',
        b'{"extra":{"a":1e999}}',
        b'{"extra":{"a":NaN}}',
        b'{"extra":{"a":"\xff"}}',
        b'{"timestamp":1e999,"extra":{"password":"x","n":' + b"9" * 400 + b"}}",
        b'{"tags":{"a":"b\\u0000c"},"contexts":{"os":{"name":"x","version":"1\\u0000"}}}',
        b'{"exception":[{"type":"A","stacktrace":{"frames":[{"function":"f","context_line":"\\u0000"}]}}]}',
        b'{"exception":[{"type":"A","stacktrace":{"frames":[{"function":"f","data":{"a":1e999}}]}}]}',
        b'{"exception":[{"type":"A","raw_stacktrace":{"frames":[{"function":"f","lock":{"a":1e999}}]}}]}',
        b'{"exception":[{"type":"A","mechanism":{"type":"m","meta":{"a":1e999}}}]}',
        b'{"threads":[{"id":1,"held_locks":{"a":1e999},"stacktrace":{"frames":[{"function":"f"}]}}]}',
        b'{"stacktrace":{"frames":[{"function":"f","vars":{"a":1e999}}]}}',
        b'{"template":{"filename":"f","vars":{"a":1e999}}}',
        b'{"sdk":{"name":"a","version":"1","settings":{"a":1e999}},"debug_meta":{"a":"b"}}',
        b'{"debug_meta":{"images":[{"a":1e999}]}}',
        b'{"errors":[{"type":"invalid_data","value":1e999}]}',
        b'{"_meta":{"a":{"":{"len":1e999}}}}',
        b'{"logentry":{"message":"a","params":[1e999]},"unknown":{"a":1e999}}',
    ],
)
@pytest.mark.parametrize("look", [LOOK, None])
def test_a_payload_that_needs_mending_is_mended_whoever_looks(sent: bytes, look: BytesPattern | None):
    found = decoded(sent, look)
    assert msgspec.json.encode(found.event) == msgspec.json.encode(normalize(sent, FACTS))


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (b'{"message":"plain"}', False),
        (b'{"extra":{"password":"x"}}', True),
        (b'{"message":"a\\u0000"}', False),
        (b'{"message":"a\\u0000","extra":{"password":"x"}}', True),
        (
            b'{"exception":{"values":[{"type":"A","stacktrace":{"frames":[{"function":"password=x"}]}}]}}',
            False,
        ),
    ],
)
def test_the_search_tells_whether_anything_is_to_be_scrubbed(sent: bytes, seen: bool):
    assert bool(decoded(sent).seen) is seen


@tries(100, HealthCheck.too_slow, HealthCheck.data_too_large)
@given(payload)
def test_an_event_looked_at_once_ends_as_one_looked_at_by_every_stage(sent: dict[str, object]):
    named = encode({**sent, "event_id": "c" * 32})  # an id that is made comes from the bytes, mended or not
    found = decoded(named)
    once = scrub(found.event, SCRUBBER, seen=found.seen)
    assert msgspec.json.encode(once) == msgspec.json.encode(scrub(normalize(named, FACTS), SCRUBBER))


def test_what_is_no_event_stands_in_its_place_among_the_others():
    deep = b'{"extra":' * 2000 + b"1" + b"}" * 2000
    given = [b'{"message":"a"}', b"[]", deep, b'{"message":"\xff"}', b"", b'{"message":"b"}']
    found = decode([*[Payload(sent, FACTS, LOOK) for sent in given], ValueError("as given")])
    reasons = [one.reason if isinstance(one, InvalidPayload) else type(one).__name__ for one in found]
    assert reasons == [
        "Decoded",
        "invalid_json",
        "invalid_json",
        "Decoded",
        "invalid_json",
        "Decoded",
        "ValueError",
    ]
    texts = [one.event.logentry.formatted for one in found if isinstance(one, Decoded) and one.event.logentry]
    assert texts == ["a", "\ufffd", "b"]
