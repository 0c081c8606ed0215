"""The state table, cell by cell."""

import pytest

from vedette.issues.archives import LEAST_HOURLY, hourly_limit
from vedette.issues.lifecycle import State, Trigger, after, first_priority, state_of

NEW, ONG, ESC, REG = State.NEW, State.ONGOING, State.ESCALATING, State.REGRESSED
RES, UES, UCO, FOR = State.RESOLVED, State.UNTIL_ESCALATING, State.UNTIL_CONDITION, State.FOREVER
BEFORE = (NEW, ONG, ESC, REG, RES, UES, UCO, FOR)

TABLE = {
    Trigger.RESOLVE: (RES, RES, RES, RES, RES, RES, RES, RES),
    Trigger.UNRESOLVE: (NEW, ONG, ESC, REG, ONG, ONG, ONG, ONG),
    Trigger.ARCHIVE_UNTIL_ESCALATING: (UES, UES, UES, UES, UES, UES, UES, UES),
    Trigger.ARCHIVE_UNTIL_CONDITION: (UCO, UCO, UCO, UCO, UCO, UCO, UCO, UCO),
    Trigger.ARCHIVE_FOREVER: (FOR, FOR, FOR, FOR, FOR, FOR, FOR, FOR),
    Trigger.REGRESS: (NEW, ONG, ESC, REG, REG, UES, UCO, FOR),
    Trigger.ESCALATE: (NEW, ONG, ESC, REG, RES, ESC, UCO, FOR),
    Trigger.REACH: (NEW, ONG, ESC, REG, RES, UES, ESC, FOR),
    Trigger.EXPIRE: (NEW, ONG, ESC, REG, RES, UES, ONG, FOR),
    Trigger.SETTLE: (ONG, ONG, ONG, ONG, RES, UES, UCO, FOR),
}
CELLS = [
    (state, trigger, expected)
    for trigger, row in TABLE.items()
    for state, expected in zip(BEFORE, row, strict=True)
]


@pytest.mark.parametrize(("state", "trigger", "expected"), CELLS)
def test_each_cell_of_the_table_leads_where_it_says(state: State, trigger: Trigger, expected: State) -> None:
    assert after(state, trigger) is expected


def test_every_trigger_has_its_row() -> None:
    assert set(TABLE) == set(Trigger)


@pytest.mark.parametrize("state", State)
def test_a_state_is_found_again_from_its_row(state: State) -> None:
    assert state_of(state.status, state.substatus) is state


def test_an_issue_that_is_being_deleted_is_in_no_state() -> None:
    assert state_of("deleting", None) is None


@pytest.mark.parametrize(
    ("level", "is_unhandled", "priority"),
    [
        ("fatal", False, "high"),
        ("error", True, "high"),
        ("error", False, "medium"),
        ("warning", True, "medium"),
        ("info", True, "low"),
        ("debug", False, "low"),
    ],
)
def test_a_new_issue_gets_the_priority_of_its_level(level: str, is_unhandled: bool, priority: str) -> None:
    assert first_priority(level, is_unhandled=is_unhandled) == priority


@pytest.mark.parametrize(
    ("hours", "limit"),
    [
        ([], LEAST_HOURLY),
        ([0] * 168, LEAST_HOURLY),
        ([100] * 168, 100),  # steady: one more is news
        ([0] * 84 + [200] * 84, 400),  # a daily rhythm
        ([0] * 167 + [10_000], 2368),  # a storm: the next one of its kind escalates
    ],
)
def test_the_hourly_limit_follows_from_the_hours_before(hours: list[int], limit: int) -> None:
    assert hourly_limit(hours) == limit
