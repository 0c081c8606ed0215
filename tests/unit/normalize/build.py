"""Events for the tests of this room: a payload in, the canonical event and what it says out."""

from typing import Any, cast

import msgspec

from vedette.core.event import Event, Frame
from vedette.core.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from vedette.normalize.event import Received, normalize

NOW_US = 1_790_000_000 * SECOND_US
FACTS = Received(received_us=NOW_US)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

__all__ = ["CHROME", "DAY_US", "FACTS", "HOUR_US", "MINUTE_US", "NOW_US", "SECOND_US"]

Json = dict[str, Any]


def event(payload: Json | bytes | None = None, facts: Received = FACTS, **fields: object) -> Event:
    """The canonical event of a payload: bytes, an object, or its fields."""
    if not isinstance(payload, bytes):
        payload = msgspec.json.encode((payload or {}) | fields)
    return normalize(payload, facts)


def plain(value: object) -> Json:
    """A struct as the JSON object it is stored as."""
    return cast("Json", msgspec.json.decode(msgspec.json.encode(value)))


def notes(of: Event) -> list[tuple[str, str | None]]:
    return [(note.type, note.name) for note in of.errors]


def remark(of: Event, *path: str | int) -> object:
    """The annotation at a path of `_meta`, or None."""
    node: Any = plain(of).get("_meta", {})
    for step in (*path, ""):
        node = cast("Json", node).get(str(step)) if isinstance(node, dict) else None
    return cast("object", node)


def frames_of(**frame: object) -> list[Frame]:
    """The frames of an exception with this one frame, after normalisation."""
    platform = frame.pop("event_platform", "python")
    value = {"type": "E", "stacktrace": {"frames": [frame]}}
    found = event(platform=platform, exception={"values": [value]})
    assert found.exception is not None
    trace = found.exception.values[0].stacktrace
    return trace.frames if trace is not None else []
