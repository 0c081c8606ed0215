"""Events as the API's JSON: list items from the row alone, details with the stored payload."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec
from msgspec import Raw

from vedette.core.event import Event, ProcessingNote, User, present
from vedette.core.time import SECOND_US, to_iso
from vedette.errors.entries import entries_of, meta_of, raw_or
from vedette.errors.query import EventRow

Json = dict[str, Any]
_decode = msgspec.json.Decoder(Event).decode


class TagView(msgspec.Struct, omit_defaults=True):
    key: str
    value: str
    query: str | None = None  # of the user's tag: the search that finds it


class EventUserView(msgspec.Struct):
    id: str | None
    email: str | None
    username: str | None
    ip_address: str | None
    name: str | None = None
    geo: Json | None = None
    data: Raw | None = None


class EventView(msgspec.Struct, rename="camel", kw_only=True):
    """An event in a list."""

    id: str
    event_type: str = msgspec.field(name="event.type")
    group_id: str | None = msgspec.field(name="groupID")
    event_id: str = msgspec.field(name="eventID")
    project_id: str = msgspec.field(name="projectID")
    message: str
    title: str
    location: str | None
    culprit: str | None
    user: EventUserView | None
    tags: list[TagView]
    platform: str
    date_created: str
    crash_file: None = None
    metadata: Json


class EventDetailView(EventView, kw_only=True):
    """An event with all that is stored of it."""

    type: str
    size: int
    dist: str | None
    release: Json | None
    date_received: str
    entries: list[Json]
    contexts: dict[str, Raw]
    context: Raw
    packages: dict[str, str]
    sdk: Json | None
    errors: list[Json]
    meta: Json = msgspec.field(name="_meta")
    fingerprints: Sequence[str]
    grouping_config: Json
    user_report: None = None
    sdk_updates: list[Json] = []
    resolved_with: list[str] = []
    occurrence: Raw | None = None
    start_timestamp: None = None
    end_timestamp: None = None
    next_event_id: str | None = msgspec.field(name="nextEventID", default=None)
    previous_event_id: str | None = msgspec.field(name="previousEventID", default=None)


class Surroundings(msgspec.Struct, frozen=True):
    """What an event's page shows that is not in the event."""

    issue_id: int | None = None
    fingerprints: tuple[str, ...] = ()
    grouping_config: str = ""
    previous_id: str | None = None
    next_id: str | None = None
    release: Mapping[str, Any] | None = None  # the release's own JSON; its version alone if absent


def decode_payload(row: EventRow, payload: bytes) -> Event:
    """The stored event; what the row says, where the payload is gone or cannot be read."""
    try:
        return _decode(payload)
    except msgspec.DecodeError:
        return Event(
            event_id=row.event_id,
            timestamp_us=row.ts_us,
            received_us=row.received_us,
            platform=row.platform,
            tags=dict(row.tags()),
        )


def event_view(row: EventRow, issue_id: int | None) -> EventView:
    return EventView(**_item(row, issue_id, _user_of_row(row)))


def event_detail(row: EventRow, event: Event, around: Surroundings) -> EventDetailView:
    entries = entries_of(event)
    user = _user(event.user) if event.user else _user_of_row(row)
    return EventDetailView(
        **_item(row, around.issue_id, user),
        type=_type(row),
        size=row.size,
        dist=row.dist or None,
        release=_release(row, around),
        date_received=to_iso(row.received_us),
        entries=[entry.view() for entry in entries],
        contexts={name: context for name, context in event.contexts.items() if _is_object(context)},
        context=raw_or(event.extra, None) or Raw(b"{}"),
        packages=event.modules or {},
        sdk=_sdk(event),
        errors=[_note(note) for note in event.errors],
        meta=meta_of(event, entries),
        occurrence=raw_or(event.occurrence, None),
        fingerprints=around.fingerprints,
        grouping_config={"id": around.grouping_config, "enhancements": ""},
        previous_event_id=around.previous_id,
        next_event_id=around.next_id,
    )


def _item(row: EventRow, issue_id: int | None, user: EventUserView | None) -> Json:
    return {
        "id": row.event_id,
        "event_type": _type(row),
        "group_id": None if issue_id is None else str(issue_id),
        "event_id": row.event_id,
        "project_id": str(row.project_id),
        "message": row.message,
        "title": row.title,
        "location": row.location or None,
        "culprit": row.culprit or None,
        "user": user,
        "tags": [_tag(key, value) for key, value in row.tags()],
        "platform": row.platform,
        "date_created": to_iso(row.ts_us),
        "metadata": _metadata(row),
    }


def _type(row: EventRow) -> str:
    return row.type or "default"


def _metadata(row: EventRow) -> Json:
    if not row.exception_types and not row.exception_values:
        return {"title": row.title}
    named = {
        "type": row.exception_types[-1] if row.exception_types else None,
        "value": row.exception_values[-1] if row.exception_values else None,
        "filename": row.location or None,
    }
    return {"title": row.title, **{name: value for name, value in named.items() if value}}


def _tag(key: str, value: str) -> TagView:
    if key != "user":
        return TagView(key, value)
    kind, _, rest = value.partition(":")
    quoted = rest.replace("\\", "\\\\").replace('"', '\\"')
    return TagView(key, value, f'user.{kind}:"{quoted}"')


def _user_of_row(row: EventRow) -> EventUserView | None:
    if not row.user and not row.user_ip:
        return None
    return EventUserView(
        id=row.user_id or None,
        email=row.user_email or None,
        username=row.user_username or None,
        ip_address=row.user_ip or None,
    )


def _user(user: User) -> EventUserView:
    return EventUserView(
        id=user.id,
        email=user.email,
        username=user.username,
        ip_address=user.ip_address,
        name=user.name,
        geo=msgspec.to_builtins(user.geo) if user.geo else None,
        data=raw_or(user.data, None),
    )


def _is_object(raw: Raw) -> bool:
    """Clients refuse a whole event for one context that is not an object."""
    return bytes(raw).lstrip()[:1] == b"{"


def _release(row: EventRow, around: Surroundings) -> Json | None:
    if not row.release:
        return None
    return dict(around.release) if around.release else {"version": row.release}


def _sdk(event: Event) -> Json | None:
    sdk = event.sdk
    if sdk is None:
        return None
    return {
        "name": sdk.name,
        "version": sdk.version,
        "integrations": sdk.integrations or [],
        "packages": raw_or(sdk.packages, Raw(b"[]")),
    }


def _note(note: ProcessingNote) -> Json:
    """A processing note in the field's form: type, a sentence, and what it is about."""
    data: Json = {}
    if note.name is not None:
        data["name"] = note.name
    if present(note.value):
        data["value"] = note.value
    return {"type": note.type, "message": note.type.replace("_", " "), "data": data}


def raw_view(row: EventRow, payload: bytes) -> Json:
    """The event in the wire's own words, as far as it is stored."""
    try:
        stored: Json = msgspec.json.decode(payload, type=dict[str, Any])
    except msgspec.DecodeError:
        stored = {}
    unknown: object = stored.pop("other", None)
    stored.pop("timestamp_us", None)
    stored.pop("received_us", None)
    return {
        **(unknown if isinstance(unknown, dict) else {}),
        **stored,
        "event_id": row.event_id,
        "project": row.project_id,
        "timestamp": row.ts_us / SECOND_US,
        "received": row.received_us / SECOND_US,
        "type": _type(row),
        "title": row.title,
        "culprit": row.culprit,
        "location": row.location or None,
        "tags": [[key, value] for key, value in row.tags()],
    }


_VALUES = ("vars", "params", "mechanism", "registers")
_SHARED_ENTRIES = ("exception", "stacktrace", "threads", "message", "template")


def shared_event_view(row: EventRow, event: Event) -> Json:
    """What anybody with an issue's link may see of an event: where it failed, not for whom or with what."""
    entries = [entry.view() for entry in entries_of(event) if entry.type in _SHARED_ENTRIES]
    return {
        "id": row.event_id,
        "eventID": row.event_id,
        "title": row.title,
        "culprit": row.culprit or None,
        "platform": row.platform,
        "type": _type(row),
        "dateCreated": to_iso(row.ts_us),
        "metadata": _metadata(row),
        "tags": [],
        "user": None,
        "contexts": {},
        "context": {},
        "errors": [],
        "entries": [_without_values(entry) for entry in entries],
    }


def _without_values(part: Any) -> Any:
    """The same part without what was in variables, a message's parameters and a mechanism."""
    if isinstance(part, dict):
        kept = cast("Json", part)
        return {name: _without_values(value) for name, value in kept.items() if name not in _VALUES}
    if isinstance(part, list):
        items = cast("list[Any]", part)
        return [_without_values(item) for item in items]
    return part
