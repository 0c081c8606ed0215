"""Running statements: a lane of threads for inserts, one for reads, one for commands.

Inserts have threads of their own, so that no number of reads makes a pipeline wait; commands
(mutations, backups) run one at a time. Knows SQL, settings and time limits; no HTTP.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from vedette.storage.engine.bodies import BodyFile, ClientsRows
from vedette.storage.engine.embedded import Answer, Embedded
from vedette.storage.engine.errors import BAD_REQUEST, TOO_MANY_QUERIES, EngineError
from vedette.storage.engine.literals import quote
from vedette.storage.engine.settings import EngineSettings, read_limits
from vedette.storage.engine.statements import (
    Insert,
    Kind,
    insert_text,
    parse_insert,
    read_text,
    settings_clause,
)

_KILL_ATTEMPTS = 40  # 2 s; what does not die by then ends at its time limit
log = structlog.get_logger("engine")


@dataclass
class Job:
    """One request's statement: what to run and how it is going."""

    id: str
    kind: Kind
    sql: str
    logged: str  # the SQL before its parameters were filled in: they may hold personal data
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    format: str = "TabSeparated"
    body: BodyFile | ClientsRows | None = None
    encoding: str = ""
    future: Future[Answer] | None = None
    started: float = 0.0


class Lanes:
    """The engine's threads. `submit` never blocks; `cancel` ends a read whose client went away."""

    def __init__(self, engine: Embedded, settings: EngineSettings, monotonic: Callable[[], float]) -> None:
        self._engine = engine
        self._settings = settings
        self._monotonic = monotonic
        self._limits = read_limits(settings)
        self._reads = ThreadPoolExecutor(settings.read_threads, "read")
        self._inserts = ThreadPoolExecutor(settings.insert_threads, "insert")
        self._commands = ThreadPoolExecutor(1, "command")
        self._killer = ThreadPoolExecutor(1, "kill")
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._stopping = False

    def submit(self, job: Job) -> Future[Answer]:
        """Queue a job in the lane of its kind; its future raises `EngineError`."""
        lane, work = {
            "read": (self._reads, self._read),
            "insert": (self._inserts, self._insert),
            "command": (self._commands, self._command),
        }[job.kind]
        with self._lock:
            if self._stopping:
                raise EngineError(TOO_MANY_QUERIES, "the engine is stopping")
            if job.kind == "read" and self.waiting() >= self._settings.queued_reads:
                raise EngineError(TOO_MANY_QUERIES, "too many queries are waiting")
            self._jobs[job.id] = job
        job.future = lane.submit(self._timed, work, job)
        job.future.add_done_callback(lambda _: self._forget(job))
        return job.future

    def waiting(self) -> int:
        """Reads queued or running."""
        return sum(1 for job in self._jobs.values() if job.kind == "read")

    def cancel(self, job: Job) -> None:
        """Stop a read: one that waits never starts, one that runs is killed. Others finish."""
        if job.kind != "read" or job.future is None or job.future.cancel():
            return
        self._killer.submit(self._kill, job)

    def drain(self, seconds: float) -> bool:
        """Let inserts finish for so long, kill reads, stop taking work; True when nothing runs any more."""
        with self._lock:
            self._stopping = True
            jobs = list(self._jobs.values())
        for job in jobs:
            self.cancel(job)
        deadline = self._monotonic() + seconds
        for job in jobs:
            while job.future and not job.future.done() and self._monotonic() < deadline:
                time.sleep(0.01)
        for lane in (self._reads, self._inserts, self._commands, self._killer):
            lane.shutdown(wait=False, cancel_futures=True)
        return all(job.future is None or job.future.done() for job in jobs)

    def _forget(self, job: Job) -> None:
        with self._lock:
            self._jobs.pop(job.id, None)
        if job.body:
            job.body.close()

    def _timed(self, work: Callable[[Job], Answer], job: Job) -> Answer:
        job.started = self._monotonic()
        try:
            return work(job)
        finally:
            took_s = self._monotonic() - job.started
            if took_s >= self._settings.slow_query_s:
                log.warning(
                    "slow query", kind=job.kind, seconds=round(took_s, 3), id=job.id, sql=job.logged[:2000]
                )

    def _read(self, job: Job) -> Answer:
        settings = {**job.settings, "log_comment": job.id}
        for name, limit in self._limits.items():
            asked = settings.get(name, "")
            settings[name] = str(min(limit, int(asked)) if asked.isdigit() and int(asked) else limit)
        return self._engine.run(read_text(job.sql, settings), job.format)

    def _insert(self, job: Job) -> Answer:
        insert = parse_insert(job.sql)
        if insert is None:
            return self._insert_select(job)
        if job.body is None:
            raise EngineError(BAD_REQUEST, "the INSERT brings no rows")
        return self._engine.run(self._insert_sql(insert, job, job.body), "Null")

    def _insert_sql(self, insert: Insert, job: Job, body: BodyFile | ClientsRows) -> str:
        return insert_text(insert, body.path, job.encoding, job.settings)

    def _insert_select(self, job: Job) -> Answer:
        return self._engine.run_alone(job.sql, settings_clause(job.settings)[len("SETTINGS ") :])

    def _command(self, job: Job) -> Answer:
        return self._engine.run_alone(job.sql, settings_clause(job.settings)[len("SETTINGS ") :])

    def _kill(self, job: Job) -> None:
        """Until it is gone: a read may have been picked up by its thread and not yet by chDB."""
        for _ in range(_KILL_ATTEMPTS):
            if job.future is None or job.future.done():
                return
            self._engine.run(
                f"KILL QUERY WHERE Settings['log_comment'] = {quote(job.id.encode())} ASYNC", "Null"
            )
            time.sleep(0.05)
