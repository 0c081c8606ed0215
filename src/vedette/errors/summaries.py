"""What the hourly counts say of issues, remembered between the lists that show them.

Knows what an answer depends on; knows nothing of how it is read.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock

import msgspec

from vedette.core.time import HOUR_US, MINUTE_US
from vedette.errors.groups import Group
from vedette.errors.issue_stats import Hours, Steps, Summary

# What an issue's counters do not tell: hours that expire, a replica that lags behind.
KEPT_US = 5 * MINUTE_US
MOST = 2_000  # summaries, each about 1 kB


class Question(msgspec.Struct, frozen=True):
    """What is to be summed up of each issue; equal within an hour."""

    window: Hours | None
    bars: tuple[Steps, ...]
    environments: tuple[str, ...]


class Counted(msgspec.Struct, frozen=True):
    """An issue's counters in records, which grow after its events are in telemetry."""

    issue_id: int
    times_seen: int
    last_seen_us: int


Key = tuple[Counted, tuple[Group, ...], Question]
Ask = Callable[[Sequence[Group], Question], Mapping[int, Summary]]


def question(window: Hours | None, bars: Iterable[Steps], environments: tuple[str, ...]) -> Question:
    return Question(window and _whole(window), tuple(bars), environments)


def _whole(window: Hours) -> Hours:
    """The window up to the ends of the hours that it touches: it counts the same."""
    from_us, to_us = window.from_us, window.to_us
    return msgspec.structs.replace(
        window,
        from_us=None if from_us is None else from_us // HOUR_US * HOUR_US,
        to_us=None if to_us is None else -(-to_us // HOUR_US) * HOUR_US,
    )


class Summaries:
    """Summaries of one telemetry store, at most `MOST`, each as long as nothing tells that it has changed.

    An answer is taken for as new as the counters that were read before it: what is counted later asks again.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[Key, tuple[int, Summary | None]] = OrderedDict()

    def of(
        self, issues: Sequence[Counted], groups: Sequence[Group], asked: Question, ask: Ask, now_us: int
    ) -> dict[int, Summary]:
        """Each issue with any events; `ask` is called for those of which nothing is known, if any."""
        by_issue: defaultdict[int, list[Group]] = defaultdict(list)
        for group in groups:
            by_issue[group.issue_id].append(group)
        keys: dict[int, Key] = {one.issue_id: (one, tuple(by_issue[one.issue_id]), asked) for one in issues}
        found = self._remembered(keys, now_us)
        unknown = [issue_id for issue_id in keys if issue_id not in found]
        if unknown:
            answer = ask([group for issue_id in unknown for group in by_issue[issue_id]], asked)
            fresh = {issue_id: answer.get(issue_id) for issue_id in unknown}
            self._remember({keys[issue_id]: (now_us, summary) for issue_id, summary in fresh.items()})
            found |= fresh
        return {issue_id: summary for issue_id, summary in found.items() if summary is not None}

    def _remembered(self, keys: Mapping[int, Key], now_us: int) -> dict[int, Summary | None]:
        found: dict[int, Summary | None] = {}
        with self._lock:
            for issue_id, key in keys.items():
                known = self._known.get(key)
                if known and now_us - known[0] < KEPT_US:
                    found[issue_id] = known[1]
        return found

    def _remember(self, fresh: Mapping[Key, tuple[int, Summary | None]]) -> None:
        with self._lock:
            for key, value in fresh.items():
                self._known[key] = value
                self._known.move_to_end(key)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
