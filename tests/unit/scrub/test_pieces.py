"""The pieces that one search goes through instead of each part by itself."""

import msgspec
import pytest

from tests.unit.normalize.build import Json, event
from vedette.core.patterns import BytesPattern
from vedette.scrub.pieces import Name, seen_among, seen_in
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.scrub.scrub import scrub

SCRUBBER = compile_settings(ScrubSettings())
LOOK = SCRUBBER.glance
SECRET = "password=hunter2"
FRAME = {"function": "f", "filename": "f.py"}
HELD = {"frames": [FRAME, {**FRAME, "vars": {"a": SECRET}}]}


def seen(payload: Json) -> set[Name]:
    return set(seen_in(event(payload), LOOK))


@pytest.mark.parametrize(
    ("payload", "piece"),
    [
        ({"extra": {"a": SECRET}}, "extra"),
        ({"breadcrumbs": [{"message": SECRET}]}, "breadcrumbs"),
        ({"tags": {"a": SECRET}}, "origin"),
        ({"contexts": {"c": {"a": SECRET}}}, "origin"),
        ({"user": {"data": {"a": SECRET}}}, "origin"),
        ({"transaction": SECRET}, "origin"),
        ({"server_name": SECRET}, "origin"),
        ({"csp": {"a": SECRET}}, "origin"),
        ({"unknown": SECRET}, "origin"),
        ({"request": {"url": "/", "data": {"a": SECRET}}}, "request"),
        ({"request": {"headers": {"Authorization": "x"}}}, "request"),
        ({"logentry": {"message": SECRET}}, "logentry"),
        ({"logentry": {"message": "x", "params": [SECRET]}}, "logentry"),
        ({"exception": [{"type": "A"}, {"type": "B", "value": SECRET}]}, ("exception", 1)),
        ({"exception": [{"type": "A", "mechanism": {"data": {"a": SECRET}}}]}, ("exception", 0)),
        ({"exception": [{"type": "A", "stacktrace": HELD}]}, ("exception", 0)),
        ({"exception": [{"type": "A", "raw_stacktrace": HELD}]}, ("exception", 0)),
        ({"threads": [{"id": 1, "stacktrace": HELD}]}, ("thread", 0)),
        ({"threads": [{"id": 1}, {"id": 2, "raw_stacktrace": HELD}]}, ("thread", 1)),
    ],
)
def test_a_secret_is_seen_in_the_piece_that_it_is_in_and_in_no_other(payload: Json, piece: Name):
    assert seen(payload) == {piece}
    assert seen({"message": "plain", "extra": {"a": 1}, "breadcrumbs": [{"message": "b"}], **payload}) == {
        piece
    }


def test_pieces_after_a_find_are_gone_through_too():
    payload = {
        "extra": {"a": SECRET, "b": SECRET},
        "request": {"url": "/", "data": {"a": SECRET}},
        "exception": [{"type": "A", "value": SECRET}, {"type": "B"}, {"type": "C", "stacktrace": HELD}],
    }
    assert seen(payload) == {"extra", "request", ("exception", 0), ("exception", 2)}


@pytest.mark.parametrize(
    "payload",
    [
        *({name: SECRET} for name in ("transaction", "server_name", "unknown")),
        *({name: {"a": SECRET}} for name in ("extra", "tags", "csp", "hpkp", "expectct", "expectstaple")),
        {"breadcrumbs": [{"message": SECRET}]},
        {"contexts": {"c": {"a": SECRET}}},
        *({"user": {name: SECRET}} for name in ("id", "username", "name", "email", "segment", "other")),
        *({"request": {"url": "/", name: SECRET}} for name in ("url", "fragment", "data")),
        {"request": {"url": "/", "env": {"a": SECRET}}},
        {"request": {"url": "/?password=hunter2"}},
        {"request": {"url": "/", "headers": {"Authorization": "hunter2"}}},
        {"request": {"url": "/", "cookies": {"sessionid": "hunter2"}}},
        *({"logentry": {"message": "x", name: SECRET}} for name in ("message", "formatted")),
        {"logentry": {"message": "x", "params": [SECRET]}},
        {"exception": [{"type": "A", "value": SECRET}]},
        {"exception": [{"type": "A", "mechanism": {"description": SECRET}}]},
        *({"exception": [{"type": "A", "mechanism": {name: {"a": SECRET}}}]} for name in ("data", "meta")),
        *({"exception": [{"type": "A", name: HELD}]} for name in ("stacktrace", "raw_stacktrace")),
        {"stacktrace": HELD},
        *({"threads": [{"id": 1, name: HELD}]} for name in ("stacktrace", "raw_stacktrace")),
    ],
    ids=str,
)
def test_whatever_scrubbing_reads_is_in_a_piece(payload: Json):
    """The fields of a piece are named where it is made and where it is scrubbed."""
    assert b"hunter2" in msgspec.json.encode(event(payload))
    assert b"hunter2" not in msgspec.json.encode(scrub(event(payload), SCRUBBER))


@pytest.mark.parametrize("field", ["context_line", "filename", "module", "function", "abs_path"])
def test_names_and_source_of_frames_are_not_gone_through(field: str):
    frame = {**FRAME, "pre_context": ["token = 1", "b"], field: SECRET}
    assert seen({"exception": [{"type": "A", "stacktrace": {"frames": [frame]}}]}) == set()


def test_without_a_pattern_something_is_seen_in_all():
    assert {"extra", "request", ("exception", 0)} <= set(seen_in(event({"exception": [{"type": "A"}]}), None))


def test_a_match_over_two_texts_counts_for_the_first_and_hides_none_in_the_second():
    look = BytesPattern(b"a,?b")
    assert seen_among([b"a", b"b"], look) == [0]
    assert seen_among([b"a", b"bab", b"", b"a", b"ab"], look) == [0, 1, 4]
    assert seen_among([b"b", b"", b"a"], look) == []
    assert seen_among([], look) == []
