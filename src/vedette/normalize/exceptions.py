"""Exceptions and threads: the chain, whole and in order."""

from vedette.core.event import (
    ABSENT,
    ExceptionChain,
    ExceptionValue,
    Mechanism,
    Stacktrace,
    Thread,
    Threads,
)
from vedette.core.remarks import Path
from vedette.normalize import bounds, frames
from vedette.normalize.notes import Notes
from vedette.normalize.parts import Exceptions, ThreadList


def chain(
    sent: Exceptions | list[ExceptionValue] | None,
    loose: Stacktrace | None,
    platform: str,
    notes: Notes,
) -> tuple[ExceptionChain | None, Stacktrace | None]:
    """The exceptions, and the event's own stack trace where none of them took it in.

    A stack trace beside the only exception that has none is that exception's (old clients).
    """
    values = sent.values if isinstance(sent, Exceptions) else sent or []
    if not all(map(_says_something, values)):
        notes.error("missing_attribute", "exception.values")
        values = [value for value in values if _says_something(value)]
    if loose is not None and len(values) == 1 and values[0].stacktrace is None:
        values[0].stacktrace, loose = loose, None
    for index, value in enumerate(values):
        _finish(value, platform, ("exception", "values", index), notes)
    loose = frames.finish(loose, platform, ("stacktrace",), notes)
    return (ExceptionChain(values) if values else None), loose


def _says_something(value: ExceptionValue) -> bool:
    return bool(value.type or value.value) or value.stacktrace is not None


def _finish(value: ExceptionValue, platform: str, path: Path, notes: Notes) -> None:
    value.type = value.type or None
    value.stacktrace = frames.finish(value.stacktrace, platform, (*path, "stacktrace"), notes)
    if value.raw_stacktrace is not None:
        value.raw_stacktrace = frames.finish(value.raw_stacktrace, platform, (*path, "raw_stacktrace"), notes)
    if value.mechanism is not None:
        _finish_mechanism(value.mechanism, (*path, "mechanism"), notes)


def _finish_mechanism(mechanism: Mechanism, path: Path, notes: Notes) -> None:
    mechanism.type = mechanism.type or "generic"
    if mechanism.data is not ABSENT:
        mechanism.data = bounds.bounded_object(
            mechanism.data, bounds.DATA_DEPTH, bounds.DATA_BYTES, (*path, "data"), notes
        )
    if mechanism.meta is not ABSENT:
        mechanism.meta = bounds.bounded_object(
            mechanism.meta, bounds.DATA_DEPTH, bounds.DATA_BYTES, (*path, "meta"), notes
        )


def threads(sent: ThreadList | list[Thread] | None, platform: str, notes: Notes) -> Threads | None:
    """The threads, each with its trace finished; None when there are none."""
    values = sent.values if isinstance(sent, ThreadList) else sent or []
    for index, thread in enumerate(values):
        path = ("threads", "values", index)
        thread.stacktrace = frames.finish(thread.stacktrace, platform, (*path, "stacktrace"), notes)
        thread.raw_stacktrace = frames.finish(
            thread.raw_stacktrace, platform, (*path, "raw_stacktrace"), notes
        )
        if thread.held_locks is not ABSENT:
            thread.held_locks = bounds.bounded_object(
                thread.held_locks, bounds.DATA_DEPTH, bounds.BODY_BYTES, (*path, "held_locks"), notes
            )
    return Threads(values) if values else None
