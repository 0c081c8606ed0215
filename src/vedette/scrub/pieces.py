"""What rules for the whole event read of it, as a few pieces of JSON that one search goes through.

No such rule reads the names and the source of frames, which are a third of an event's JSON: they are in no piece.
"""

from operator import attrgetter

import msgspec

from vedette.core.event import Event, Stacktrace
from vedette.core.patterns import BytesPattern

Name = str | tuple[str, int]
Pieces = dict[Name, bytes]  # JSON by the part it is of

_encode = msgspec.json.Encoder().encode
# With raw parts that no rule reads, here and below: what readers of JSON choke on is looked for in all of them.
_ORIGIN = attrgetter(
    *(
        "csp",
        "hpkp",
        "expectct",
        "expectstaple",
        "other",
        "transaction",
        "server_name",
        "tags",
        "contexts",
        "user",
    ),
    *("debug_meta", "sdk", "occurrence", "meta"),
)
_OF_FRAME = attrgetter("vars", "data", "lock")


def seen_in(event: Event, look: BytesPattern | None) -> Pieces:
    """The pieces in which the pattern finds something, all of them where there is none."""
    pieces = _pieces(event)
    return pieces if look is None else _found(pieces, look)


def _pieces(event: Event) -> Pieces:
    pieces: Pieces = {
        "extra": bytes(event.extra),
        "breadcrumbs": bytes(event.breadcrumbs),
        "origin": _encode(_ORIGIN(event)),
        "request": _encode(event.request),
        "logentry": _encode(event.logentry),
        "errors": _encode(event.errors),
    }
    if event.exception is not None:
        for index, value in enumerate(event.exception.values):
            stacks = _raw_parts(value.stacktrace), _raw_parts(value.raw_stacktrace)
            pieces["exception", index] = _encode((value.value, value.mechanism, stacks))
    if event.stacktrace is not None:
        pieces["stacktrace"] = _encode(_raw_parts(event.stacktrace))
    if event.threads is not None:
        for index, thread in enumerate(event.threads.values):
            stacks = _raw_parts(thread.stacktrace), _raw_parts(thread.raw_stacktrace)
            pieces["thread", index] = _encode((thread.held_locks, stacks))
    if event.template is not None:
        pieces["template"] = _encode(_OF_FRAME(event.template))
    return pieces


def _raw_parts(trace: Stacktrace | None) -> list[object] | None:
    return None if trace is None else list(map(_OF_FRAME, trace.frames))


def _found(pieces: Pieces, look: BytesPattern) -> Pieces:
    """Matches are found in their order, so the pieces before one have none: all are gone through but once."""
    text = b",".join(pieces.values())
    match = look.search(text)
    found: Pieces = {}
    end = -1
    for name, json in pieces.items():
        if match is None:
            break
        end += 1 + len(json)
        if match.start() < end:
            found[name] = json
            match = look.search(text, end)
    return found
