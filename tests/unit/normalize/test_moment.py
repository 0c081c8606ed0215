"""Timestamps, clock drift, range (protocol: normalisation 2, clock drift)."""

import pytest

from tests.unit.normalize.build import DAY_US, MINUTE_US, NOW_US, SECOND_US, event, notes, plain
from vedette.core.time import to_iso
from vedette.normalize.event import Received

NOW_S = NOW_US / SECOND_US


@pytest.mark.parametrize(
    ("sent", "expected_us"),
    [
        (NOW_S, NOW_US),
        (NOW_S - 0.5, NOW_US - SECOND_US // 2),
        (int(NOW_S), NOW_US),
        (str(NOW_S), NOW_US),
        (to_iso(NOW_US), NOW_US),
        (to_iso(NOW_US)[:-1], NOW_US),
        (to_iso(NOW_US)[:-1] + ".123456789Z", NOW_US + 123_457),
        (None, NOW_US),
        ("yesterday", NOW_US),
        (True, NOW_US),
        ({"a": 1}, NOW_US),
        (-1, NOW_US),
    ],
)
def test_a_timestamp_is_text_or_seconds_and_else_the_time_of_receipt(sent: object, expected_us: int):
    assert event(timestamp=sent).timestamp_us == expected_us


@pytest.mark.parametrize(
    ("age_us", "kept", "note"),
    [
        (0, True, None),
        (-59 * SECOND_US, True, None),
        (-2 * MINUTE_US, False, "future_timestamp"),
        (29 * DAY_US, True, None),
        (31 * DAY_US, False, "past_timestamp"),
    ],
)
def test_an_event_outside_the_range_lands_at_the_time_of_receipt(age_us: int, kept: bool, note: str | None):
    found = event(timestamp=(NOW_US - age_us) / SECOND_US)
    assert found.timestamp_us == (NOW_US - age_us if kept else NOW_US)
    assert notes(found) == ([] if note is None else [(note, "timestamp")])


@pytest.mark.parametrize(("drift_min", "corrected"), [(54, False), (56, True), (-54, False), (-56, True)])
def test_a_clock_that_is_fifty_five_minutes_off_is_corrected(drift_min: int, corrected: bool):
    sent_at_us = NOW_US - drift_min * MINUTE_US
    facts = Received(received_us=NOW_US, sent_at_us=sent_at_us)
    found = event({"timestamp": sent_at_us / SECOND_US - 1}, facts)
    expected_us = NOW_US - SECOND_US if corrected else sent_at_us - SECOND_US
    if drift_min == -54:
        expected_us = NOW_US  # not drift, but still in the future
    assert found.timestamp_us == expected_us
    assert (("clock_drift", "timestamp") in notes(found)) is corrected


def test_an_offline_event_with_a_right_clock_keeps_its_own_time():
    facts = Received(received_us=NOW_US, sent_at_us=NOW_US - SECOND_US)
    assert event({"timestamp": (NOW_US - 5 * DAY_US) / SECOND_US}, facts).timestamp_us == NOW_US - 5 * DAY_US


def test_breadcrumbs_move_with_their_event():
    facts = Received(received_us=NOW_US, sent_at_us=NOW_US - 120 * MINUTE_US)
    at_us = NOW_US - 121 * MINUTE_US
    crumbs = [{"timestamp": at_us / SECOND_US}, {"timestamp": to_iso(at_us)}, {"message": "no time"}]
    found = plain(event({"timestamp": at_us / SECOND_US, "breadcrumbs": crumbs}, facts))
    times = [crumb.get("timestamp") for crumb in found["breadcrumbs"]]
    assert times == [(NOW_US - MINUTE_US) / SECOND_US] * 2 + [None]


def test_the_drift_note_names_both_clocks():
    facts = Received(received_us=NOW_US, sent_at_us=NOW_US - 120 * MINUTE_US)
    note = plain(event({"timestamp": NOW_S}, facts))["errors"][0]
    assert note["value"] == {"sdk_time": to_iso(NOW_US - 120 * MINUTE_US), "server_time": to_iso(NOW_US)}
