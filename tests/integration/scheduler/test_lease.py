"""Who may act as the scheduler: one at a time, and nobody by a lease that has run out."""

import pytest

from tests.conftest import SetClock
from vedette.core.time import SECOND_US
from vedette.scheduler.loop import LEASE_S, RENEW_S, Hold
from vedette.storage.records import leases
from vedette.storage.records.database import Records


def test_one_at_a_time_and_the_next_when_it_has_run_out(records: Records, clock: SetClock) -> None:
    first, second = Hold(records, "first", clock), Hold(records, "second", clock)
    assert (first.is_ours(), second.is_ours()) == (True, False)
    clock.now_us += (LEASE_S - 1) * SECOND_US
    assert second.is_ours() is False
    clock.now_us += 2 * SECOND_US
    assert (second.is_ours(), first.is_ours()) == (True, False)


def test_a_hold_is_written_anew_before_it_runs_out_and_not_at_each_question(
    records: Records, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    take_lease = leases.take_lease

    def counted(*arguments: object, now_us: int, **more: object) -> int | None:
        taken.append(now_us)
        return take_lease(*arguments, now_us=now_us, **more)  # type: ignore[arg-type] - passed on as they came

    monkeypatch.setattr("vedette.scheduler.loop.take_lease", counted)
    hold, other = Hold(records, "first", clock), Hold(records, "second", clock)
    for _ in range(120):
        assert hold.is_ours()
        clock.now_us += SECOND_US // 2
    assert len(taken) == 60 // (LEASE_S - RENEW_S)
    assert not other.is_ours()


def test_a_process_that_slept_past_its_lease_asks_again(records: Records, clock: SetClock) -> None:
    asleep, other = Hold(records, "asleep", clock), Hold(records, "other", clock)
    assert asleep.is_ours()
    clock.now_us += 3600 * SECOND_US
    assert other.is_ours()
    assert not asleep.is_ours()


def test_a_clock_that_was_set_back_makes_no_lease_longer(records: Records, clock: SetClock) -> None:
    hold, other = Hold(records, "first", clock), Hold(records, "second", clock)
    assert hold.is_ours()
    clock.now_us -= 3600 * SECOND_US
    assert hold.is_ours()
    clock.now_us += (LEASE_S + 1) * SECOND_US
    assert other.is_ours()
    assert not hold.is_ours()
