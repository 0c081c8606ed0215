"""Events as small as a test needs them."""

from typing import Any

import msgspec

from vedette.core.event import Event, ExceptionChain, ExceptionValue, Frame, LogEntry, Mechanism, Stacktrace
from vedette.group import (
    Grouping,
    GroupingConfig,
    GroupingOptions,
    group,
    parse_fingerprint_rules,
    parse_stack_trace_rules,
)

EVENT_ID = "0" * 32


def event(platform: str = "python", **fields: Any) -> Event:
    return Event(event_id=EVENT_ID, platform=platform, **fields)


def decoded(payload: dict[str, Any]) -> Event:
    """A canonical event from its JSON."""
    return msgspec.json.decode(msgspec.json.encode({"event_id": EVENT_ID, **payload}), type=Event)


def frame(function: str | None = None, module: str | None = None, **fields: Any) -> Frame:
    """An in-app frame unless told otherwise."""
    fields.setdefault("in_app", True)
    return Frame(function=function, module=module, **fields)


def stack(*frames: Frame) -> Stacktrace:
    return Stacktrace(frames=list(frames))


def error(
    *frames: Frame,
    type: str | None = "ValueError",
    value: str | None = "bad",
    mechanism: Mechanism | None = None,
    **fields: Any,
) -> ExceptionValue:
    trace = stack(*frames) if frames else None
    return ExceptionValue(type=type, value=value, mechanism=mechanism, stacktrace=trace, **fields)


def raised(*exceptions: ExceptionValue, platform: str = "python", **fields: Any) -> Event:
    """An event of these exceptions, oldest first."""
    return event(platform, exception=ExceptionChain(list(exceptions)), **fields)


def said(message: str, platform: str = "python", **fields: Any) -> Event:
    return event(platform, logentry=LogEntry(formatted=message), **fields)


def config(fingerprints: str = "", stacks: str = "", **options: Any) -> GroupingConfig:
    return GroupingConfig(
        fingerprint_rules=parse_fingerprint_rules(fingerprints),
        stack_trace_rules=parse_stack_trace_rules(stacks),
        options=GroupingOptions(**options),
    )


def grouped(of: Event, by: GroupingConfig | None = None) -> Grouping:
    return group(of, by or GroupingConfig())


def joins(a: Event, b: Event, by: GroupingConfig | None = None) -> bool:
    """Whether the store would put both into one issue: they share a hash."""
    return bool(set(grouped(a, by).hashes) & set(grouped(b, by).hashes))
