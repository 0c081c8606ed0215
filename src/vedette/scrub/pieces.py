"""What rules for the whole event read of it, as a few pieces of JSON that one search goes through.

No such rule reads the names and the source of frames, which are a third of an event's JSON: they are in no piece.
"""

from collections.abc import Collection
from operator import attrgetter

import msgspec

from vedette.core.event import ABSENT, Event, Sdk, Stacktrace
from vedette.core.patterns import Buffer, BytesPattern

Name = str | tuple[str, int]
Pieces = dict[Name, Buffer]  # JSON by the part it is of

_encode = msgspec.json.Encoder().encode
# With raw parts that no rule reads, here and below: what readers of JSON choke on is looked for in all of them.
_ORIGIN = attrgetter(
    *("csp", "hpkp", "expectct", "expectstaple", "other"),
    *("transaction", "server_name", "tags", "contexts", "user"),
    *("debug_meta", "occurrence", "meta"),
)
_NO_SDK = Sdk()


def seen_in(event: Event, look: BytesPattern | None) -> Pieces:
    """The pieces in which the pattern finds something, all of them where there is none."""
    pieces = _pieces(event)
    if look is None:
        return pieces
    found = seen_among(pieces.values(), look)
    items = list(pieces.items()) if found else []
    return dict(items[index] for index in found)


def _pieces(event: Event) -> Pieces:
    sdk = event.sdk or _NO_SDK
    pieces: Pieces = {
        "extra": event.extra,
        "breadcrumbs": event.breadcrumbs,
        "origin": _encode((_ORIGIN(event), sdk.packages, sdk.settings)),
        "request": _encode(event.request),
        "logentry": _encode(event.logentry),
        "errors": _encode(event.errors),
    }
    if event.exception is not None:
        for index, value in enumerate(event.exception.values):
            texts = _encode((value.value, value.mechanism))
            pieces["exception", index] = _with_frames(texts, value.stacktrace, value.raw_stacktrace)
    if event.stacktrace is not None:
        pieces["stacktrace"] = _with_frames(b"", event.stacktrace)
    if event.threads is not None:
        for index, thread in enumerate(event.threads.values):
            stacks = thread.stacktrace, thread.raw_stacktrace
            pieces["thread", index] = _with_frames(thread.held_locks, *stacks)
    if event.template is not None:
        pieces["template"] = _with_frames(b"", Stacktrace([event.template]))
    return pieces


def _with_frames(first: Buffer, *traces: Stacktrace | None) -> bytes:
    """With the raw parts of their frames, of which most have none."""
    parts = [first]
    for trace in traces:
        for frame in trace.frames if trace is not None else ():
            if frame.vars is not ABSENT:
                parts.append(frame.vars)
            if frame.data is not ABSENT:
                parts.append(frame.data)
            if frame.lock is not ABSENT:
                parts.append(frame.lock)
    return b",".join(parts)


def seen_among(texts: Collection[Buffer], look: BytesPattern) -> list[int]:
    """Which of these texts the pattern finds something in.

    Matches are found in their order, so the texts before one have none: all are gone through but once.
    """
    text = b",".join(texts)
    match = look.find(text)
    found: list[int] = []
    end = -1
    for index, one in enumerate(texts):
        if match < 0:
            break
        end += 1 + len(one)
        if match < end:
            found.append(index)
            match = look.find(text, end)
    return found
