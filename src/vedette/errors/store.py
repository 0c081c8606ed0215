"""An event as a row of the telemetry table `errors`.

A row is a pure function of the event and its grouping: nothing here reads a clock or a
database, so that a retry after a crash makes the same row again.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from vedette.core.event import Event, Frame, Request, Sdk, User, user_hash
from vedette.core.ids import parse_event_id
from vedette.group import Mentioned, mentioned_by
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
_encode = msgspec.json.Encoder().encode
_HANDLED = {"yes": 1, "no": 0}
_NOBODY = User()
_NO_REQUEST = Request()
_NO_SDK = Sdk()


class Place(msgspec.Struct, frozen=True):
    """Where a row belongs: what of it is not in the event itself."""

    project_id: int
    group_hash: int  # unsigned
    keep_days: int


class _Link(msgspec.Struct, frozen=True):
    """The ids that link an event to other signals, out of `contexts.trace` and `contexts.replay`."""

    trace_id: str = ""
    span_id: str = ""
    replay_id: str = ""


_UNLINKED = _Link()
_decode_link = msgspec.json.Decoder(_Link).decode


def payload_of(event: Event) -> bytes:
    """What is kept of an event to show it: the whole of it as JSON."""
    return _encode(event)


def row(
    event: Event,
    description: Description,
    search: str,
    payload: bytes,
    place: Place,
    mentioned: Mentioned | None = None,
) -> Row:
    """The event's row, in the order of the table's columns; the range decides the last of them.

    `mentioned`: what the frames of its exceptions are called, where that is known.
    """
    user = event.user or _NOBODY
    request = event.request or _NO_REQUEST
    sdk = event.sdk or _NO_SDK
    tags = event.tags
    other_tags = {key: value for key, value in tags.items() if key not in _COLUMN_TAGS}
    user_tag = tags.get("user", "")
    exceptions = event.exception.values if event.exception else ()
    trace_id, span_id, replay_id = _linked(event)
    names = mentioned or mentioned_by(_frames(event))
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
        trace_id,
        span_id,
        replay_id,
        request.method or "",
        request.url or "",
        tags.get("mechanism", ""),
        [exception.type or "" for exception in exceptions],
        [exception.value or "" for exception in exceptions],
        names.filenames,
        names.functions,
        names.modules,
        names.paths,
        names.packages,
        names.in_app,
        other_tags,
        list(map(tag_hash, other_tags, other_tags.values())),
        search,
        payload,
        len(payload),
    )


def _linked(event: Event) -> tuple[str, str, str]:
    """Trace, span, replay; each empty where there is none."""
    trace = _decode_context(event, "trace")
    replay_id = _decode_context(event, "replay").replay_id or event.tags.get("replayId")
    return (
        parse_event_id(trace.trace_id) or "" if trace.trace_id else "",
        trace.span_id[:16],
        parse_event_id(replay_id) or "" if replay_id else "",
    )


def _decode_context(event: Event, name: str) -> _Link:
    raw = event.contexts.get(name)
    if raw is None:
        return _UNLINKED
    try:
        return _decode_link(raw)
    except msgspec.DecodeError:
        return _UNLINKED


def _frames(event: Event) -> Sequence[Frame]:
    """All frames of the exceptions; of the crashed or only thread where there are none."""
    if event.exception:
        stacks = [value.stacktrace for value in event.exception.values]
    elif event.threads:
        stacks = [thread.stacktrace for thread in event.threads.values if thread.crashed or thread.current]
    else:
        stacks = [event.stacktrace]
    if len(stacks) == 1:
        return stacks[0].frames if stacks[0] else ()
    return [frame for stack in stacks if stack for frame in stack.frames]


def _handled(tag: str | None) -> int:
    return _HANDLED.get(tag or "", -1)


def search_text(event: Event, description: Description) -> str:
    texts = dict.fromkeys(
        (description.title, description.message, description.culprit, event.transaction or "")
    )
    texts.pop("", None)
    return "\n".join(texts).lower()
