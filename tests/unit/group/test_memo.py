"""The memo forgets what is not asked for, and keeps its bound."""

from vedette.group.memo import Memo


def test_what_is_asked_for_stays_and_the_rest_goes() -> None:
    memo: Memo[int, str] = Memo(10)
    memo.put(0, "zero")
    for n in range(1, 1000):
        memo.put(n, str(n))
        assert memo.get(0) == "zero"
        assert len(memo) <= 20
    assert memo.get(1) is None


def test_the_bound_holds_when_old_results_come_back() -> None:
    memo: Memo[int, int] = Memo(4)
    for n in range(100):
        memo.put(n, n)
        memo.get(n - 3)
        memo.get(n - 7)
        assert len(memo) <= 8


def test_large_results_fill_it_sooner() -> None:
    memo: Memo[int, str] = Memo(100, lambda key, text: len(text))
    for n in range(100):
        memo.put(n, "x" * 40)
        assert len(memo) <= 6
    for n in range(1000):
        memo.put(n, "x")
    assert 100 <= len(memo) <= 200
