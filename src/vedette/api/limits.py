"""Rate limits of the API: a fixed window per caller and endpoint, in each web process.

Generous: they keep a runaway script from starving people, they are not a quota. Several
web processes each count for themselves, so the true limit is that many times higher.
"""

from threading import Lock

import msgspec

WINDOW_S = 60
PER_WINDOW = 1200  # 20 a second, for one caller on one endpoint
CONCURRENT = 25
_MOST_CALLERS = 10_000  # a window's memory is bounded: beyond this, newcomers share one count


class Room(msgspec.Struct, frozen=True):
    """What is left for a caller, for the response's headers. `reset_s`: epoch seconds."""

    remaining: int
    reset_s: int
    concurrent_remaining: int
    is_over: bool = False


class Limiter:
    """Counts requests by caller and endpoint. Thread-safe."""

    def __init__(self, per_window: int = PER_WINDOW, concurrent: int = CONCURRENT) -> None:
        self.per_window = per_window
        self.concurrent = concurrent
        self._lock = Lock()
        self._window = 0
        self._counts: dict[str, int] = {}
        self._running: dict[str, int] = {}

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._window, self._counts, self._running = 0, {}, {}

    def enter(self, key: str, now_s: int) -> Room:
        """Count one request; the caller must `leave` with the same key unless it is over."""
        with self._lock:
            if now_s // WINDOW_S != self._window:
                self._window, self._counts = now_s // WINDOW_S, {}
            slot = key if key in self._counts or len(self._counts) < _MOST_CALLERS else ""
            count = self._counts[slot] = self._counts.get(slot, 0) + 1
            running = self._running.get(key, 0)
            over = count > self.per_window or running >= self.concurrent
            if not over:
                running += 1
                self._running[key] = running
        return Room(
            remaining=max(self.per_window - count, 0),
            reset_s=(now_s // WINDOW_S + 1) * WINDOW_S,
            concurrent_remaining=max(self.concurrent - running, 0),
            is_over=over,
        )

    def leave(self, key: str) -> None:
        with self._lock:
            left = self._running.get(key, 1) - 1
            if left > 0:
                self._running[key] = left
            else:
                self._running.pop(key, None)
