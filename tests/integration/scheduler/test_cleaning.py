"""Claims of event ids go when their day is over, however many there are, and stay until then."""

from collections import Counter
from itertools import count

import pytest
from sqlalchemy import insert, select

from tests.conftest import SetClock
from vedette.core.time import DAY_US, HOUR_US
from vedette.scheduler import cleaning
from vedette.scheduler.cleaning import EventIds
from vedette.storage.records.database import Records
from vedette.storage.records.schema import EventSeen

_ids = count(1)


def claim(records: Records, days: dict[int, int], project_id: int = 1) -> None:
    """So many claims of each day, their ids in no order of days."""
    spread = [(day, next(_ids) * 7919 % 65_536) for day, number in days.items() for _ in range(number)]
    rows = [
        {"project_id": project_id, "event_id": at.to_bytes(16, "big"), "claim": 1, "day": day}
        for day, at in spread
    ]
    with records.connect() as connection:
        connection.execute(insert(EventSeen), rows)


def left(records: Records) -> Counter[tuple[int, int]]:
    with records.read() as session:
        rows = session.execute(select(EventSeen.project_id, EventSeen.day))
        return Counter((project_id, day) for project_id, day in rows)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "_CHUNK", 10)


def test_claims_go_when_the_day_after_theirs_has_passed(records: Records, clock: SetClock) -> None:
    today = clock() // DAY_US
    for project_id in (1, 2):
        claim(records, {today - 3: 21, today - 2: 30, today - 1: 17, today: 12}, project_id)
    ids = EventIds(records)
    assert ids.forget(clock()) == 102
    stay = {(project_id, day): n for project_id in (1, 2) for day, n in ((today - 1, 17), (today, 12))}
    assert left(records) == stay
    assert ids.forget(clock()) == 0
    assert ids.forget(clock() + DAY_US) == 34
    assert ids.forget(clock() + 2 * DAY_US) == 24
    assert ids.forget(clock()) == 0, "of none"


def test_a_run_that_has_done_enough_leaves_the_rest_to_the_next(
    records: Records, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = clock() // DAY_US
    claim(records, {today - 2: 45, today: 45})
    monkeypatch.setattr(cleaning, "_CHUNKS_A_RUN", 4)
    ids = EventIds(records)
    dropped = [ids.forget(clock()) for _ in range(3)]
    assert (sum(dropped), 0 < dropped[0] < 40, left(records)) == (45, True, {(1, today): 45})


def test_yesterdays_claims_go_early_when_there_are_too_many(
    records: Records, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = clock() // DAY_US
    claim(records, {today - 1: 30, today: 30})
    monkeypatch.setattr(cleaning, "EVENT_IDS_MOST", 59)
    ids = EventIds(records)
    assert ids.forget(clock()) == 0, "how many there are is known after a walk"
    assert ids.forget(clock()) == 30
    assert ids.forget(clock()) == 0
    assert left(records) == {(1, today): 30}


def test_where_nothing_has_aged_it_looks_once_an_hour(records: Records, clock: SetClock) -> None:
    today = clock() // DAY_US
    ids = EventIds(records)
    claim(records, {today: 12})
    assert ids.forget(clock()) == 0
    claim(records, {today - 2: 5})  # of a spool that has waited
    assert ids.forget(clock() + HOUR_US - 1) == 0
    assert ids.forget(clock() + HOUR_US) == 5
