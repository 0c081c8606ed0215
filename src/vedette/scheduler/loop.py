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
    while not stop.wait(_TICK_S):
        if not _holds_lease(records, owner, clock):
            continue
        for task in tasks:
            if due[task.name] <= time.monotonic() and not stop.is_set():
                due[task.name] = time.monotonic() + task.every_s
                _run(task, clock())
    try:
        release_lease(records, LEASE, owner)
    except Exception as error:  # the store may be gone already; the lease runs out by itself
        log.info("lease_not_released", error=str(error)[:200])


def _holds_lease(records: Records, owner: str, clock: Clock) -> bool:
    try:
        return take_lease(records, LEASE, owner, now_us=clock(), for_us=LEASE_S * SECOND_US) is not None
    except Exception as error:  # an unreachable store is a reason to wait, not to end
        log.warning("lease_not_taken", error=str(error)[:200])
        return False


def _run(task: Task, now_us: int) -> None:
    try:
        task.run(now_us)
    except TelemetryUnavailable as error:
        log.warning("task_waits", task=task.name, error=str(error)[:200])
    except Exception:  # one task's trouble must not keep the others from running
        log.exception("task_failed", task=task.name)
