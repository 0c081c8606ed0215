"""An event as a row of the telemetry table `errors`.

A row is a pure function of the event and its grouping: nothing here reads a clock or a
database, so that a retry after a crash makes the same row again.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from vedette.core.event import ABSENT, Event, Frame, Request, Sdk, User, user_hash
from vedette.core.ids import parse_event_id
from vedette.normalize.title import Description
from vedette.storage.telemetry.tables import tag_hash

Row = tuple[Any, ...]  # one value per column of the table `errors`, in its order, but for the last, `batch`

# Tags that have a column of their own are not written a second time.
_COLUMN_TAGS = frozenset(
    (
        *("level", "logger", "environment", "release", "dist", "server_name", "transaction", "user"),
        *("browser.name", "os.name", "url", "mechanism", "handled"),
    )
)
_FILENAME, _FUNCTION, _MODULE, _ABS_PATH, _PACKAGE, _IN_APP = (
    attrgetter(name) for name in ("filename", "function", "module", "abs_path", "package", "in_app")
)  # with `map` a third of what a loop costs: there may be hundreds of frames
_encode = msgspec.json.Encoder().encode
_NOBODY = User()
_NO_REQUEST = Request()
_NO_SDK = Sdk()


class Place(msgspec.Struct, frozen=True):
    """Where a row belongs: what of it is not in the event itself."""

    project_id: int
    group_hash: int  # unsigned
    keep_days: int


class _Link(msgspec.Struct):
    """The ids that link an event to other signals, out of `contexts.trace` and `contexts.replay`."""

    trace_id: str = ""
    span_id: str = ""
    replay_id: str = ""


_decode_link = msgspec.json.Decoder(_Link).decode


def payload_of(event: Event) -> bytes:
    """What is kept of an event to show it: the whole of it as JSON."""
    return _encode(event)


def row(event: Event, description: Description, search: str, payload: bytes, place: Place) -> Row:
    """The event's row, in the order of the table's columns; the range decides the last of them."""
    user = event.user or _NOBODY
    request = event.request or _NO_REQUEST
    sdk = event.sdk or _NO_SDK
    link = _link(event)
    tags = event.tags
    other_tags = {key: value for key, value in tags.items() if key not in _COLUMN_TAGS}
    user_tag = tags.get("user", "")
    exceptions = event.exception.values if event.exception else ()
    frames = _frames(event)
    return (
        place.keep_days,
        place.project_id,
        place.group_hash,
        event.timestamp_us,
        event.received_us,
        event.event_id,
        event.platform,
        event.level,
        event.type,
        description.title,
        description.culprit,
        description.message,
        description.location or "",
        event.logger or "",
        event.transaction or "",
        event.environment or "",
        event.release or "",
        event.dist or "",
        event.server_name or "",
        user_tag,
        user.id or "",
        user.email or "",
        user.username or "",
        user.ip_address or "",
        user_hash(user_tag),
        tags.get("browser.name", ""),
        tags.get("os.name", ""),
        sdk.name or "",
        sdk.version or "",
        _handled(tags.get("handled")),
        link.trace_id,
        link.span_id,
        link.replay_id,
        request.method or "",
        request.url or "",
        tags.get("mechanism", ""),
        [exception.type or "" for exception in exceptions],
        [exception.value or "" for exception in exceptions],
        _distinct(map(_FILENAME, frames)),
        _distinct(map(_FUNCTION, frames)),
        _distinct(map(_MODULE, frames)),
        _distinct(map(_ABS_PATH, frames)),
        _distinct(map(_PACKAGE, frames)),
        sorted(set(map(bool, map(_IN_APP, frames)))),
        other_tags,
        [tag_hash(key, value) for key, value in other_tags.items()],
        search,
        payload,
        len(payload),
    )


def _link(event: Event) -> _Link:
    link = _decode_context(event, "trace")
    replay_id = _decode_context(event, "replay").replay_id or event.tags.get("replayId", "")
    return _Link(parse_event_id(link.trace_id) or "", link.span_id[:16], parse_event_id(replay_id) or "")


def _decode_context(event: Event, name: str) -> _Link:
    raw = event.contexts.get(name, ABSENT)
    if raw is ABSENT:
        return _Link()
    try:
        return _decode_link(raw)
    except msgspec.DecodeError:
        return _Link()


def _frames(event: Event) -> Sequence[Frame]:
    """All frames of the exceptions; of the crashed or only thread where there are none."""
    if event.exception:
        stacks = [value.stacktrace for value in event.exception.values]
    elif event.threads:
        stacks = [thread.stacktrace for thread in event.threads.values if thread.crashed or thread.current]
    else:
        stacks = [event.stacktrace]
    return [frame for stack in stacks if stack for frame in stack.frames]


def _distinct(texts: Iterable[str | None]) -> list[str]:
    return list(filter(None, dict.fromkeys(texts)))


def _handled(tag: str | None) -> int:
    return {"yes": 1, "no": 0}.get(tag or "", -1)


def search_text(event: Event, description: Description) -> str:
    texts = (description.title, description.message, description.culprit, event.transaction or "")
    return "\n".join(dict.fromkeys(text for text in texts if text)).lower()
