"""What a selection has that the rest has not."""

from vedette.explore.attribute_values import Distribution
from vedette.explore.compare import differences


def test_the_key_that_tells_most_comes_first() -> None:
    selected = Distribution(100, {"plan": {"pro": 95, "free": 5}, "zone": {"a": 50, "b": 50}})
    rest = Distribution(1000, {"plan": {"pro": 10, "free": 990}, "zone": {"a": 500, "b": 500}})
    plan, zone = differences(selected, rest)
    assert (plan.key, zone.key) == ("plan", "zone")
    assert plan.score > 1 and zone.score < 0.05
    assert plan.values[0].value == "pro"
    assert plan.values[0].lift > 50


def test_a_key_that_only_the_selection_has_tells_too() -> None:
    found = differences(Distribution(10, {"new": {"x": 10}}), Distribution(100, {}))
    assert found[0].key == "new" and found[0].score > 1


def test_of_nothing_there_is_nothing_to_tell() -> None:
    assert differences(Distribution(0, {}), Distribution(5, {"a": {"b": 5}})) == []
    assert differences(Distribution(5, {"a": {"b": 5}}), Distribution(0, {})) == []
