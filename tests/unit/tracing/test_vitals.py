import pytest

from vedette.tracing.vitals import add_vitals, score


def vitals(op: str, **sent: float) -> dict[str, float]:
    numbers = {key.replace("__", "."): value for key, value in sent.items()}
    add_vitals(numbers, op)
    return {
        key.removeprefix("measurements."): value for key, value in numbers.items() if "measurements" in key
    }


@pytest.mark.parametrize(
    ("value", "good", "middling", "expected"),
    [
        (1200, 1200, 2400, 0.9),
        (2400, 1200, 2400, 0.5),
        (0, 0.1, 0.25, 1.0),
        (0.25, 0.1, 0.25, 0.5),
        (60_000, 1200, 2400, 0.0),
    ],
)
def test_a_score_is_nine_tenths_at_good_and_half_at_middling(
    value: float, good: float, middling: float, expected: float
) -> None:
    assert score(value, good, middling) == pytest.approx(expected, abs=0.001)


def test_streamed_vitals_are_measurements_with_scores() -> None:
    found = vitals("pageload", browser__web_vital__lcp__value=2400, browser__web_vital__ttfb__request_time=5)
    assert (found["lcp"], found["ttfb.requesttime"]) == (2400, 5)
    assert (found["score.lcp"], found["score.total"]) == pytest.approx((0.5, 0.5))


def test_the_total_weighs_the_vitals_that_are_there() -> None:
    found = vitals("pageload", measurements__lcp=1200, measurements__cls=0.25)
    assert found["score.weight.lcp"] == pytest.approx(2 / 3)
    assert found["score.total"] == pytest.approx(0.9 * 2 / 3 + 0.5 / 3, abs=0.001)


def test_what_is_no_page_has_no_score() -> None:
    assert "score.total" not in vitals("http.server", measurements__lcp=1200)


def test_a_phone_that_slept_did_not_start_slowly() -> None:
    found = vitals(
        "app.start",
        measurements__app_start_cold=200_000,
        measurements__frames_total=100,
        measurements__frames_slow=5,
    )
    assert "app_start_cold" not in found
    assert found["frames_slow_rate"] == 0.05
