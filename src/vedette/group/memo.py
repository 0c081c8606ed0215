"""A bounded memo for pure functions. Knows nothing of what it remembers."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Results by key, at most `2 * capacity`; what was not asked for lately is forgotten.

    Two generations instead of a linked list: a hit costs one dict lookup. Safe between threads
    as each step is one dict operation; the worst a race does is to compute a result twice.
    """

    __slots__ = ("_earlier", "capacity", "recent")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
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
        if len(self.recent) >= self.capacity:
            self._earlier, self.recent = self.recent, {}
        self.recent[key] = value
        return value

    def __len__(self) -> int:
        return len(self.recent) + len(self._earlier)
