"""What attributes measure, told by the beginning of their names."""

from vedette.tracing.dataset import SPANS


def test_a_duration_says_that_it_is_in_milliseconds() -> None:
    measure = SPANS.measure("messaging.message.receive.latency")
    assert measure is not None
    assert measure.shown_unit == "millisecond"


def test_a_unit_of_its_own_comes_before_that_of_its_type() -> None:
    measure = SPANS.measure("gen_ai.server.time_to_first_token")
    assert measure is not None
    assert measure.shown_unit == "second"


def test_plain_numbers_have_none() -> None:
    measure = SPANS.measure("measurements.cls")
    assert measure is not None
    assert measure.shown_unit is None
