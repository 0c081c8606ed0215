"""The scheduler's loop: a table of tasks, run while this process holds the lease.

The lease carries a fencing number; a process that was stopped and woken finds the lease
with another owner and does nothing. Every task may run twice without harm.
"""

import threading
import time
from collections.abc import Callable, Sequence

import msgspec
import structlog

from vedette.core.time import SECOND_US, Clock
from vedette.storage.records.database import Records
from vedette.storage.records.leases import release_lease, take_lease
from vedette.storage.telemetry.errors import TelemetryUnavailable

log = structlog.get_logger("vedette.scheduler")

LEASE = "scheduler"
LEASE_S = 15
RENEW_S = 10  # left of it: a hold that is asked for twice a second is written every five
_TICK_S = 0.5


class Task(msgspec.Struct, frozen=True):
    """Something to do every so often. `run` gets the time; what it raises is logged, no more."""

    name: str
    every_s: float
    run: Callable[[int], object]


def run_tasks(
    records: Records, tasks: Sequence[Task], clock: Clock, owner: str, stop: threading.Event
) -> None:
    """Run the tasks as they fall due until `stop` is set."""
    due = {task.name: 0.0 for task in tasks}
    hold = Hold(records, owner, clock)
    while not stop.wait(_TICK_S):
        if not hold.is_ours():
            continue
        for task in tasks:
            if due[task.name] <= time.monotonic() and not stop.is_set():
                due[task.name] = time.monotonic() + task.every_s
                _run(task, clock())
    try:
        release_lease(records, LEASE, owner)
    except Exception as error:  # the store may be gone already; the lease runs out by itself
        log.info("lease_not_released", error=str(error)[:200])


class Hold:
    """This process's hold on the lease: renewed before it runs out, never believed in after that."""

    def __init__(self, records: Records, owner: str, clock: Clock) -> None:
        self._records = records
        self._owner = owner
        self._clock = clock
        self._until_us = 0

    def is_ours(self) -> bool:
        """Whether this process may act now."""
        now_us = self._clock()
        left_us = self._until_us - now_us
        if not RENEW_S * SECOND_US < left_us <= LEASE_S * SECOND_US:  # more: the clock was set back
            self._until_us = now_us + LEASE_S * SECOND_US if self._take(now_us) else 0
        return self._until_us > 0

    def _take(self, now_us: int) -> bool:
        try:
            taken = take_lease(self._records, LEASE, self._owner, now_us=now_us, for_us=LEASE_S * SECOND_US)
        except Exception as error:  # an unreachable store is a reason to wait, not to end
            log.warning("lease_not_taken", error=str(error)[:200])
            return False
        return taken is not None


def _run(task: Task, now_us: int) -> None:
    try:
        task.run(now_us)
    except TelemetryUnavailable as error:
        log.warning("task_waits", task=task.name, error=str(error)[:200])
    except Exception:  # one task's trouble must not keep the others from running
        log.exception("task_failed", task=task.name)
