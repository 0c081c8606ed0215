"""A bounded memo for pure functions. Knows nothing of what it remembers."""

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Results by key, at most `2 * capacity`; what was not asked for lately is forgotten.

    With `size_of`, `capacity` is of their sizes together, which the newest one may pass.

    Two generations instead of a linked list: a hit costs one dict lookup. Safe between threads
    as each step is one dict operation; the worst a race does is to compute a result twice.
    """

    __slots__ = ("_earlier", "_size", "_size_of", "capacity", "recent")

    def __init__(self, capacity: int, size_of: Callable[[K, V], int] | None = None) -> None:
        self.capacity = capacity
        self._size_of = size_of
        self._size = 0  # of what is recent
        self.recent: dict[K, V] = {}
        self._earlier: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The remembered result, or None."""
        found = self.recent.get(key)
        if found is None:
            found = self._earlier.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: K, value: V) -> V:
        """`value`, remembered."""
        if self._size >= self.capacity:
            self._earlier, self.recent, self._size = self.recent, {}, 0
        self._size += 1 if self._size_of is None else self._size_of(key, value)
        self.recent[key] = value
        return value

    def __len__(self) -> int:
        return len(self.recent) + len(self._earlier)
