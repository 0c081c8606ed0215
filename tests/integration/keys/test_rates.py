"""Rate limits of keys, over several processes' worth of directories."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from tests.conftest import SetClock
from vedette.projects.rates import KeyRate, KeyRates
from vedette.storage.records.database import Records
from vedette.storage.records.schema import QuotaUsage


def several(records: Records, clock: SetClock, processes: int) -> list[KeyRates]:
    threads = ThreadPoolExecutor(2)
    return [KeyRates(records, clock=clock, processes=processes, threads=threads) for _ in range(processes)]


async def let_through(rates: KeyRates, rate: KeyRate, tries: int, key_id: int = 1) -> int:
    passed = 0
    for _ in range(tries):
        passed += await rates.take(key_id, rate, 1) is None
    return passed


@pytest.mark.parametrize(("processes", "count"), [(1, 100), (2, 100), (2, 1000), (4, 1000), (4, 10), (2, 1)])
async def test_the_limit_holds_over_all_processes_within_a_tenth(
    records: Records, clock: SetClock, processes: int, count: int
) -> None:
    rate = KeyRate(count, 60)
    parts = await asyncio.gather(
        *(let_through(rates, rate, count) for rates in several(records, clock, processes))
    )
    assert count * 0.9 <= sum(parts) <= count


async def test_uneven_load_may_use_the_whole_limit(records: Records, clock: SetClock) -> None:
    busy, idle = several(records, clock, 2)
    assert await let_through(idle, KeyRate(1000, 60), 1) == 1
    assert 900 <= await let_through(busy, KeyRate(1000, 60), 2000) <= 999


async def test_the_next_window_begins_anew_and_the_old_one_is_forgotten(
    records: Records, clock: SetClock
) -> None:
    (rates,) = several(records, clock, 1)
    rate = KeyRate(10, 60)
    assert await let_through(rates, rate, 20) == 10
    limit = await rates.take(1, rate, 1)
    assert limit is not None
    assert limit.retry_after_s == 60 - (clock.now_us // 1_000_000) % 60
    assert (limit.scope, limit.reason, limit.categories) == (
        "key",
        "key_rate",
        ("default", "error", "security"),
    )
    clock.advance(limit.retry_after_s)
    assert await let_through(rates, rate, 20) == 10
    with records.read() as session:
        assert session.scalar(select(func.count()).select_from(QuotaUsage)) == 1


async def test_keys_do_not_share_a_limit(records: Records, clock: SetClock) -> None:
    (rates,) = several(records, clock, 1)
    assert await let_through(rates, KeyRate(5, 60), 10, key_id=1) == 5
    assert await let_through(rates, KeyRate(5, 60), 10, key_id=2) == 5


async def test_many_at_once_take_no_more_than_there_is(records: Records, clock: SetClock) -> None:
    (rates,) = several(records, clock, 1)
    results = await asyncio.gather(*(rates.take(1, KeyRate(100, 60), 1) for _ in range(500)))
    assert results.count(None) == 100


async def test_without_the_store_each_process_lets_its_part_through(
    records: Records, clock: SetClock
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    event.listen(records.engine, "before_cursor_execute", fail)
    parts = [await let_through(rates, KeyRate(100, 60), 100) for rates in several(records, clock, 2)]
    event.remove(records.engine, "before_cursor_execute", fail)
    assert parts == [50, 50]
