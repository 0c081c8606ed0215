"""The one writer of its spool folders: group commit for tasks, plain appends for everybody else."""

import asyncio
import contextlib
import errno
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import msgspec
import structlog

from vedette.core.time import Clock
from vedette.spool.appender import SEGMENT_BYTES, Appender, BodyFile, Payload
from vedette.spool.disk import Disk, OsDisk
from vedette.spool.folder import FolderLock, lock_folder
from vedette.spool.record import Position, SpoolRecord, encode_record
from vedette.spool.space import Space, SpoolFull

INLINE_BYTES = 512 * 1024  # larger bodies go to a file of their own
COMPANY_WAIT_S = 0.002  # so long those who shared a commit have to come back: half as many commits of 8
_log = structlog.get_logger(__name__)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class SpoolBusy(Exception):
    """Another process writes to this folder."""


class SpoolFailed(Exception):
    """The disk refused for another reason than want of room; nothing was acknowledged."""


OnCommit = Callable[[Position | Exception], None]  # called on the event loop


class _Waiting(msgspec.Struct, gc=False):
    payload: Payload
    done: OnCommit


class SpoolWriter:
    """Accepted requests to disk, in order.

    Once `append` has returned, the record outlives a crash and a power loss: it is handed
    out at least once. A record whose append raised may be handed out, too. Appends that
    wait at the same time share one fsync. Where the last one was shared, the next begins a moment
    after it, so that those who were just answered can join; one that is alone does not wait.

    With several folders commits go to them in turn, so that each gets its share, however
    uneven connections are spread over processes; order holds within a folder.

    `append` belongs to one event loop; `append_now` may be called from any thread.
    """

    def __init__(
        self,
        *folders: Path,
        clock: Clock,
        space: Space,
        disk: Disk | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        company_wait_s: float = COMPANY_WAIT_S,
    ) -> None:
        """`folders`: `SpoolFolder.writer_folder(name)`, at least one. Raises `SpoolBusy`, `OSError`."""
        self._company_wait_s = company_wait_s
        self._locks = [_locked(folder) for folder in folders]
        self.space = space
        disk = disk or OsDisk()
        appenders = [
            Appender(folder, clock=clock, disk=disk, segment_bytes=segment_bytes) for folder in folders
        ]
        self._appenders = deque(appenders)  # the first is next
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None  # once there is something to commit
        self._batches: SimpleQueue[list[_Waiting] | None] = SimpleQueue()  # None: no more will come
        self._waiting: list[_Waiting] = []
        self._is_flushing = False
        self._not_before = 0.0  # by the loop's clock
        self._loop: asyncio.AbstractEventLoop | None = None  # asking each time costs a system call
        self.appended = 0  # records, and the fsyncs they took
        self.commits = 0

    async def append(
        self, record: SpoolRecord, *, body: BodyFile | None = None, urgent: bool = False
    ) -> Position:
        """Where the record lies, durably. `body`: a finished file that is the writer's from now on.

        Raises `SpoolFull`, `SpoolFailed`; then the record is not acknowledged.
        """
        payload = Payload(encode_record(record), None if body is None else body.hand_over())
        try:
            self.space.require(urgent=urgent)
        except SpoolFull:
            _drop_bodies([payload])
            raise
        future: asyncio.Future[Position] = asyncio.get_running_loop().create_future()

        def settle(result: Position | Exception) -> None:
            if future.done():  # its client went away
                return
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

        self._wait(_Waiting(payload, settle))
        return await future

    def append_soon(self, record: SpoolRecord, done: OnCommit) -> None:
        """As `append`, for callers without a task: `done` gets the position, or what `append` would raise.

        Raises `SpoolFull`; then `done` is not called.
        """
        self.space.require()
        self._wait(_Waiting(Payload(encode_record(record)), done))

    def _wait(self, waiting: _Waiting) -> None:
        loop = self._loop or asyncio.get_running_loop()
        self._loop = loop
        self._waiting.append(waiting)
        if not self._is_flushing:
            self._is_flushing = True
            self._flush_in_turn(loop)

    def _flush_in_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        wait_s = self._not_before - loop.time()
        if wait_s > 0:
            loop.call_later(wait_s, self._flush, loop)
        else:
            loop.call_soon(self._flush, loop)  # after those that are ready in this turn of the loop

    def append_now(self, records: list[SpoolRecord], *, urgent: bool = False) -> list[Position]:
        """Where the records lie, durably; blocks for the disk. Raises as `append` does.

        A body larger than `INLINE_BYTES` goes to a file of its own.
        """
        self.space.require(urgent=urgent)
        return self._commit([self._payload(record) for record in records])

    def new_body(self, *, urgent: bool = False) -> BodyFile:
        """A file for a body larger than `INLINE_BYTES`. Raises `SpoolFull`, `SpoolFailed`."""
        self.space.require(urgent=urgent)
        try:
            return self._appenders[0].new_body()
        except OSError as error:
            raise self._refusal(error) from error

    def _payload(self, record: SpoolRecord) -> Payload:
        if len(record.body) <= INLINE_BYTES:
            return Payload(encode_record(record))
        body = self.new_body(urgent=True)  # room was asked for
        try:
            body.write(record.body)
            body.finish()
        except OSError as error:
            body.discard()
            raise self._refusal(error) from error
        outside = msgspec.structs.replace(record, body=b"", outside_bytes=body.size_bytes)
        return Payload(encode_record(outside), body.hand_over())

    async def close(self) -> None:
        """Finish the appends under way and let go of the folder."""
        while self._is_flushing:
            await asyncio.sleep(0.005)
        self.close_now()

    def close_now(self) -> None:
        """Let go of the folder; appends still waiting stay unacknowledged."""
        if self._thread is not None:
            self._batches.put(None)
            self._thread.join()
        with self._turn:
            for appender in self._appenders:
                appender.close()
        for lock in self._locks:
            lock.release()

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting = self._waiting, []
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._commit_batches, args=(loop,), name="spool", daemon=True
            )
            self._thread.start()
        self._batches.put(batch)

    def _commit_batches(self, loop: asyncio.AbstractEventLoop) -> None:
        """The thread's work: a plain queue, for an executor's futures cost as much as the write itself."""
        while (batch := self._batches.get()) is not None:
            self._commit_batch(loop, batch)

    def _commit_batch(self, loop: asyncio.AbstractEventLoop, batch: list[_Waiting]) -> None:
        result: list[Position] | Exception
        try:
            result = self._commit([waiting.payload for waiting in batch])
        except Exception as error:  # every waiter must hear of it, whatever it was
            result = error
        with contextlib.suppress(RuntimeError):  # a loop that is closed has nobody to answer
            loop.call_soon_threadsafe(self._answer, loop, batch, result)

    def _answer(
        self, loop: asyncio.AbstractEventLoop, batch: list[_Waiting], result: list[Position] | Exception
    ) -> None:
        self._not_before = loop.time() + self._company_wait_s if len(batch) > 1 else 0.0
        if self._waiting:
            self._flush_in_turn(loop)
        else:
            self._is_flushing = False
        results = [result] * len(batch) if isinstance(result, Exception) else result
        for waiting, one in zip(batch, results, strict=True):
            try:
                waiting.done(one)
            except Exception:  # the others must hear of theirs
                _log.exception("answer failed")

    def _commit(self, payloads: list[Payload]) -> list[Position]:
        with self._turn:
            try:
                self._appenders.rotate(-1)
                positions = self._appenders[-1].append(payloads)
            except OSError as error:
                _drop_bodies(payloads)
                raise self._refusal(error) from error
            self.appended += len(positions)
            self.commits += 1
            return positions

    def _refusal(self, error: OSError) -> Exception:
        self.space.write_failed()
        if error.errno in _NO_ROOM:
            return SpoolFull(f"the disk is full: {error}")
        return SpoolFailed(f"the disk refused: {error}")


def _locked(folder: Path) -> FolderLock:
    lock = lock_folder(folder, "writer")
    if lock is None:
        raise SpoolBusy(f"another process writes to {folder}")
    return lock


def _drop_bodies(payloads: list[Payload]) -> None:
    """Remove the files of records that were not taken; those already named go with their segment."""
    for payload in payloads:
        if payload.body is not None:
            payload.body.unlink(missing_ok=True)
