"""Questions about single events: the latest, the next, one by its id, a page of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec

from vedette.errors.conditions import TAG_COLUMNS
from vedette.errors.selection import EventFilter, event_filter_where, project_where
from vedette.errors.statements import run
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.expressions import Parameters, time_sql


class EventRow(msgspec.Struct, frozen=True):
    """An event as lists show it: everything but its payload. Missing texts are empty."""

    event_id: str
    project_id: int
    group_hash: int  # unsigned
    ts_us: int
    received_us: int
    type: str
    level: str
    platform: str
    title: str
    culprit: str
    message: str
    location: str
    logger: str
    transaction: str
    environment: str
    release: str
    dist: str
    server_name: str
    user: str
    user_id: str
    user_email: str
    user_username: str
    user_ip: str
    browser_name: str
    os_name: str
    handled: int  # -1 unknown
    mechanism: str
    exception_types: list[str]
    exception_values: list[str]
    trace_id: str
    replay_id: str
    http_url: str
    other_tags: dict[str, str]
    size: int

    def tags(self) -> list[tuple[str, str]]:
        """All tags, those with columns of their own among them, by key."""
        own = {key: getattr(self, column) for key, column in TAG_COLUMNS.items() if key != "handled"}
        own["handled"] = _HANDLED.get(self.handled, "")
        return sorted({**self.other_tags, **{key: value for key, value in own.items() if value}}.items())


_HANDLED = {1: "yes", 0: "no"}


_RENAMED = {"ts_us": "ts", "received_us": "received", "other_tags": "tags"}
_COLUMNS = ", ".join(_RENAMED.get(name, name) for name in EventRow.__struct_fields__)


class EventCursor(NamedTuple):
    """The last event of the page before: the next page goes on after it."""

    ts_us: int
    event_id: str


class EventQueries:
    """Reads of single events. Every call may raise `TelemetryError`."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def by_id(
        self, project_ids: Sequence[int], event_id: str, *, ts_us: int | None = None
    ) -> EventRow | None:
        """The event with this id (32 hex); knowing its time makes it a read of one place."""
        parameters = Parameters()
        where = f"{project_where(project_ids, parameters)} AND event_id = {parameters.add(event_id, 'UUID')}"
        if ts_us is not None:
            where += f" AND ts = {time_sql(ts_us, parameters)}"
        return _first(self._events("events", parameters, where, limit=1))

    def latest(self, events: EventFilter) -> EventRow | None:
        return _first(self.page(events, 1))

    def oldest(self, events: EventFilter) -> EventRow | None:
        return _first(self.page(events, 1, oldest_first=True))

    def recommended(self, events: EventFilter) -> EventRow | None:
        """Of the newest hundred the one that tells most; the newest of several that do."""
        parameters = Parameters()
        where = event_filter_where(events, parameters)
        rows = run(self._telemetry, "recommended", parameters, {"where": where, "columns": "event_id, ts"})
        return self.by_id(events.project_ids, rows[0][0], ts_us=rows[0][1]) if rows else None

    def page(
        self,
        events: EventFilter,
        limit: int,
        *,
        after: EventCursor | None = None,
        oldest_first: bool = False,
    ) -> list[EventRow]:
        """Up to `limit` events, newest first unless told otherwise, going on after a cursor."""
        parameters = Parameters()
        where = event_filter_where(events, parameters)
        if after is not None:
            where = f"{where} AND {_beyond(after, parameters, newer=oldest_first)}"
        name = "events_oldest" if oldest_first else "events"
        return self._events(name, parameters, where, limit=limit)

    def sample(self, events: EventFilter, limit: int, offset: int = 0) -> list[EventRow]:
        """Events in an order that has nothing to do with time, the same at each call."""
        parameters = Parameters()
        where = event_filter_where(events, parameters)
        return self._events("events_sample", parameters, where, limit=limit, offset=offset)

    def neighbours(self, events: EventFilter, event: EventRow) -> tuple[str | None, str | None]:
        """Ids of the events just before and just after this one, by time."""
        at = EventCursor(event.ts_us, event.event_id)
        return (
            self._next_id("events", _until(events, at), at),
            self._next_id("events_oldest", _since(events, at), at),
        )

    def payload(self, event: EventRow) -> bytes:
        """The event's own JSON; empty if it has gone meanwhile."""
        return self.payloads([event]).get(event.event_id, b"")

    def payloads(self, events: Iterable[EventRow]) -> dict[str, bytes]:
        """The JSON of each event by its id."""
        parameters = Parameters()
        places = [_place(event, parameters) for event in events]
        if not places:
            return {}
        rows = run(self._telemetry, "payloads", parameters, {"where": " OR ".join(places)})
        return {event_id: payload.encode() for event_id, payload in rows}

    def count(self, events: EventFilter, limit: int) -> int:
        """How many events match, counted up to `limit`."""
        parameters = Parameters()
        where = event_filter_where(events, parameters)
        return run(self._telemetry, "event_count", parameters, {"where": where}, {"limit": limit})[0][0]

    def _next_id(self, name: str, events: EventFilter, after: EventCursor) -> str | None:
        parameters = Parameters()
        where = event_filter_where(events, parameters)
        where = f"{where} AND {_beyond(after, parameters, newer=name == 'events_oldest')}"
        pieces = {"where": where, "columns": "event_id"}  # all columns would cost the engine twice as much
        rows = run(self._telemetry, name, parameters, pieces, {"limit": 1})
        return rows[0][0] if rows else None

    def _events(self, name: str, parameters: Parameters, where: str, **values: int) -> list[EventRow]:
        pieces = {"where": where, "columns": _COLUMNS}
        return [EventRow(*row) for row in run(self._telemetry, name, parameters, pieces, values)]


def _place(event: EventRow, parameters: Parameters) -> str:
    project = parameters.add(event.project_id, "UInt64")
    group = parameters.add(event.group_hash, "UInt64")
    event_id = parameters.add(event.event_id, "UUID")
    at = time_sql(event.ts_us, parameters)
    return f"(project_id = {project} AND group_hash = {group} AND ts = {at} AND event_id = {event_id})"


def _beyond(cursor: EventCursor, parameters: Parameters, *, newer: bool) -> str:
    """Strictly after the cursor in the page's order."""
    at, op = time_sql(cursor.ts_us, parameters), ">" if newer else "<"
    event_id = parameters.add(cursor.event_id, "UUID")
    return f"ts {op}= {at} AND (ts {op} {at} OR event_id {op} {event_id})"


def _until(events: EventFilter, at: EventCursor) -> EventFilter:
    ends = [end for end in (events.to_us, at.ts_us + 1) if end is not None]
    return replace(events, to_us=min(ends))


def _since(events: EventFilter, at: EventCursor) -> EventFilter:
    return replace(events, from_us=max(events.from_us or 0, at.ts_us))


def _first(rows: Sequence[EventRow]) -> EventRow | None:
    return rows[0] if rows else None
