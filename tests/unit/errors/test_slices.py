import pytest

from vedette.core.time import DAY_US
from vedette.errors.issue_scan import next_start

NOW = 1000 * DAY_US


@pytest.mark.parametrize(
    ("covered_days", "found", "wanted", "days"),
    [
        (0, 0, 26, 1),  # first a day
        (1, 13, 26, 3),  # then twice as much
        (1, 2, 26, 14),  # or as much as it seems to take
        (3, 20, 26, 9),
        (1, 0, 26, 90),  # nothing found: all the rest at once
        (80, 5, 26, 90),  # never beyond the start
    ],
)
def test_slices_grow_with_what_is_missing(covered_days: int, found: int, wanted: int, days: int) -> None:
    start = next_start(NOW - 90 * DAY_US, NOW, NOW - covered_days * DAY_US, found, wanted)
    assert (NOW - start) // DAY_US == days


def test_slices_reach_the_start() -> None:
    start, count = NOW, 0
    while start > NOW - 90 * DAY_US:
        start = next_start(NOW - 90 * DAY_US, NOW, start, 1000, 26)
        count += 1
    assert (start, count) == (NOW - 90 * DAY_US, 6)
