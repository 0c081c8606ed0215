"""What the hourly counts say of issues is asked for once, until something tells that it has changed."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from vedette.core.time import HOUR_US, MINUTE_US
from vedette.errors.groups import Group
from vedette.errors.issue_stats import Counts, Hours, Steps, Summary
from vedette.errors.summaries import KEPT_US, MOST, Counted, Question, Summaries, question

NOW_US = 500_000 * HOUR_US + 10 * MINUTE_US
BARS = (Steps(NOW_US - HOUR_US, HOUR_US, 24),)
ASKED = question(Hours(NOW_US - 24 * HOUR_US, NOW_US), BARS, ())


class Engine:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, groups: Sequence[Group], _: Question) -> Mapping[int, Summary]:
        self.asked.append([group.issue_id for group in groups])
        number = len(self.asked)
        return {
            group.issue_id: Summary(Counts(number, 1), Counts(number, 1), [])
            for group in groups
            if group.issue_id != 404
        }


def counted(issue_id: int, times_seen: int = 5) -> Counted:
    return Counted(issue_id, times_seen, NOW_US)


def groups(*issue_ids: int) -> list[Group]:
    return [Group(1, 1000 + issue_id, issue_id) for issue_id in issue_ids]


@pytest.fixture
def engine() -> Engine:
    return Engine()


def test_the_same_issues_are_asked_for_once(engine: Engine) -> None:
    summaries = Summaries()
    first = summaries.of([counted(1), counted(2)], groups(1, 2), ASKED, engine, NOW_US)
    assert summaries.of([counted(2), counted(1)], groups(2, 1), ASKED, engine, NOW_US) == first
    assert engine.asked == [[1, 2]]


def test_only_issues_that_are_unknown_are_asked_for(engine: Engine) -> None:
    summaries = Summaries()
    summaries.of([counted(1)], groups(1), ASKED, engine, NOW_US)
    found = summaries.of([counted(1), counted(2)], groups(1, 2), ASKED, engine, NOW_US)
    assert engine.asked == [[1], [2]]
    assert {issue_id: one.ever.events for issue_id, one in found.items()} == {1: 1, 2: 2}


def test_an_issue_without_events_is_remembered_as_such(engine: Engine) -> None:
    summaries = Summaries()
    for _ in range(2):
        assert summaries.of([counted(404)], groups(404), ASKED, engine, NOW_US) == {}
    assert engine.asked == [[404]]


CHANGES: dict[str, tuple[Counted, list[Group], Question, int]] = {
    "an event was counted": (counted(1, 6), groups(1), ASKED, NOW_US),
    "an event came at a later time": (Counted(1, 5, NOW_US + 1), groups(1), ASKED, NOW_US),
    "another issue was merged in": (counted(1), [*groups(1), Group(1, 77, 1)], ASKED, NOW_US),
    "its events were deleted": (counted(1), [Group(1, 1001, 1, since_us=NOW_US)], ASKED, NOW_US),
    "the window is another": (counted(1), groups(1), question(Hours(NOW_US - HOUR_US, NOW_US), BARS, ()), NOW_US),
    "the bars are others": (counted(1), groups(1), msgspec.structs.replace(ASKED, bars=()), NOW_US),
    "an environment is asked for": (counted(1), groups(1), msgspec.structs.replace(ASKED, environments=("dev",)), NOW_US),
    "it is some minutes old": (counted(1), groups(1), ASKED, NOW_US + KEPT_US),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_asked_for_again_once(engine: Engine, change: str) -> None:
    summaries = Summaries()
    summaries.of([counted(1)], groups(1), ASKED, engine, NOW_US)
    one, of_it, asked, now_us = CHANGES[change]
    for _ in range(2):
        summaries.of([one], of_it, asked, engine, now_us)
    assert len(engine.asked) == 2


def test_a_window_that_touches_the_same_hours_is_the_same_question() -> None:
    later = question(Hours(NOW_US - 24 * HOUR_US + MINUTE_US, NOW_US + MINUTE_US), BARS, ())
    assert later == ASKED
    assert later.window == Hours(NOW_US - 24 * HOUR_US - 10 * MINUTE_US, NOW_US + 50 * MINUTE_US)
    assert question(Hours(NOW_US - 24 * HOUR_US, NOW_US + HOUR_US), BARS, ()) != ASKED
    assert question(Hours(), (), ()).window == Hours()


def test_no_more_than_so_many_are_kept(engine: Engine) -> None:
    summaries = Summaries()
    ids = range(1000, 1000 + MOST + 1)
    summaries.of([counted(issue_id) for issue_id in ids], groups(*ids), ASKED, engine, NOW_US)
    summaries.of([counted(ids[-1])], groups(ids[-1]), ASKED, engine, NOW_US)
    assert len(engine.asked) == 1
    summaries.of([counted(ids[0])], groups(ids[0]), ASKED, engine, NOW_US)
    assert engine.asked[1:] == [[ids[0]]]
