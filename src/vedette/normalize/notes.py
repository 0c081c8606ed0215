"""Notes of one event: processing errors for people, and remarks on what was cut."""

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, ProcessingNote
from vedette.core.remarks import Path, Remarks
from vedette.scrub.edges import edge

_MAX_ERRORS = 100
_MAX_NAME = 256
_MAX_VALUE_BYTES = 1024
_ELLIPSIS = "..."


class Notes:
    """Collects while an event is normalised; empty for a canonical one."""

    __slots__ = ("errors", "remarks")

    def __init__(self) -> None:
        self.errors: list[ProcessingNote] = []
        self.remarks = Remarks()

    def error(self, kind: str, name: str | None = None, value: object = None) -> None:
        """Add one entry of the event's `errors`. A value that is long or not JSON is left out."""
        if len(self.errors) < _MAX_ERRORS:
            self.errors.append(
                ProcessingNote(type=kind, name=name and name[:_MAX_NAME], value=_as_raw(value))
            )

    def invalid(self, path: Path, value: object = None) -> None:
        self.error("invalid_data", ".".join(str(step) for step in path), value)

    def cut(self, text: str, limit: int, path: Path) -> str:
        """The text, at most `limit` characters long; the last three of a cut text are `...`."""
        if len(text) <= limit:
            return text
        size = edge(text, limit - len(_ELLIPSIS))
        self.remarks.add(path, "!limit", "s", (size, size + len(_ELLIPSIS)), len(text))
        return text[:size] + _ELLIPSIS


def _as_raw(value: object) -> Raw:
    if value is None:
        return ABSENT
    if isinstance(value, str) and len(value) > _MAX_VALUE_BYTES:
        value = value[: edge(value, _MAX_VALUE_BYTES - len(_ELLIPSIS))] + _ELLIPSIS
    try:
        text = msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return ABSENT
    return Raw(text) if len(text) <= _MAX_VALUE_BYTES * 4 else ABSENT
