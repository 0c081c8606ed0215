"""The API's rate limits, counted by hand."""

from vedette.api.limits import Limiter


def test_a_window_holds_so_many_and_begins_again() -> None:
    limiter = Limiter(per_window=2, concurrent=10)
    rooms = [limiter.enter("a", 59) for _ in range(3)]
    assert [(room.remaining, room.is_over) for room in rooms] == [(1, False), (0, False), (0, True)]
    assert rooms[0].reset_s == 60
    assert not limiter.enter("b", 59).is_over
    assert not limiter.enter("a", 60).is_over


def test_only_so_many_run_at_once() -> None:
    limiter = Limiter(per_window=100, concurrent=2)
    assert [limiter.enter("a", 0).is_over for _ in range(3)] == [False, False, True]
    limiter.leave("a")
    assert not limiter.enter("a", 0).is_over
    assert not limiter.enter("b", 0).is_over


def test_memory_is_bounded_however_many_callers_come() -> None:
    limiter = Limiter()
    for number in range(12_000):
        limiter.enter(str(number), 0)
        limiter.leave(str(number))
    assert len(limiter._counts) <= 10_001  # pyright: ignore[reportPrivateUsage] - what the test is about
    assert limiter._running == {}  # pyright: ignore[reportPrivateUsage]
