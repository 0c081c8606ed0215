"""Questions about many events at once: tags and their values, users, histograms, totals."""

from typing import Literal

import msgspec

from vedette.errors.conditions import TAG_COLUMNS
from vedette.errors.selection import EventFilter, event_filter_where
from vedette.errors.statements import run
from vedette.search.text import Text
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.expressions import Parameters, contains

NEWEST = 50_000  # shares are of so many of the newest events, if there are more


class TagKey(msgspec.Struct, frozen=True):
    """A tag: in how many events it is, and how many different values it has (near 1 %)."""

    key: str
    events: int
    value_count: int


class TagValue(msgspec.Struct, frozen=True):
    value: str
    events: int
    first_us: int
    last_us: int


class TagDetail(msgspec.Struct, frozen=True):
    """A tag's commonest values; `events` and `value_count` are of all of them."""

    key: str
    events: int
    value_count: int
    values: list[TagValue]


class SeenUser(msgspec.Struct, frozen=True):
    """A user that met the error; the latest of each of its fields, empty where unknown."""

    user: str  # `id:5`
    id: str
    email: str
    username: str
    ip: str
    events: int
    first_us: int
    last_us: int


class Totals(msgspec.Struct, frozen=True):
    """Events and different users; without events the times are 0."""

    events: int
    users: int
    first_us: int
    last_us: int


class Bar(msgspec.Struct, frozen=True):
    """Events of one step of a histogram with one value of what it is split by."""

    step: int  # counted from the start
    value: str
    events: int


ValueOrder = Literal["count", "date", "age"]
SplitBy = Literal["", "release", "level", "environment"]

_ORDERS: dict[ValueOrder, str] = {
    "count": "events DESC, value",
    "date": "last_seen DESC, value",
    "age": "first_seen, value",
}
# All tags of a row as pairs, those with columns of their own among them.
_COLUMN_PAIRS = ", ".join(f"('{key}', toString({column}))" for key, column in TAG_COLUMNS.items())
_ALL_PAIRS = f"arrayConcat(CAST(tags, 'Array(Tuple(String, String))'), [{_COLUMN_PAIRS}])"
_PAIRS = f"arrayFilter(pair -> pair.2 != '', {_ALL_PAIRS})"
_TAG_COLUMNS = "tags, handled, " + ", ".join(sorted(set(TAG_COLUMNS.values()) - {TAG_COLUMNS["handled"]}))


class TagQueries:
    """Reads over the events of a filter. Every call may raise `TelemetryError`."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def keys(self, events: EventFilter) -> list[TagKey]:
        """The tags of the newest events, the commonest first."""
        parameters = Parameters()
        pieces = {
            "where": event_filter_where(events, parameters),
            "pairs": _PAIRS,
            "tag_columns": _TAG_COLUMNS,
        }
        rows = run(self._telemetry, "tag_keys", parameters, pieces, {"newest": NEWEST})
        return [TagKey(*row) for row in rows]

    def top(self, events: EventFilter, values: int) -> list[TagDetail]:
        """Every tag of the newest events with its commonest values: what facets show."""
        parameters = Parameters()
        pieces = {
            "where": event_filter_where(events, parameters),
            "pairs": _PAIRS,
            "tag_columns": _TAG_COLUMNS,
        }
        rows = run(self._telemetry, "top_tags", parameters, pieces, {"newest": NEWEST, "limit": values})
        found: dict[str, TagDetail] = {}
        for key, value, count, first_us, last_us, total, value_count in rows:
            detail = found.setdefault(key, TagDetail(key, total, value_count, []))
            detail.values.append(TagValue(value, count, first_us, last_us))
        return list(found.values())

    def values(
        self, events: EventFilter, key: str, limit: int, offset: int = 0, order: ValueOrder = "count"
    ) -> TagDetail:
        """Values of one tag among the newest events; of an unknown tag: none."""
        parameters = Parameters()
        pieces = {
            "where": event_filter_where(events, parameters),
            "key": _value_of(key, parameters),
            "order": _ORDERS[order],
        }
        values = {"newest": NEWEST, "limit": limit, "offset": offset}
        rows = run(self._telemetry, "tag_values", parameters, pieces, values)
        total, value_count = rows[0][4:] if rows else (0, 0)
        return TagDetail(key, total, value_count, [TagValue(*row[:4]) for row in rows])

    def complete(self, events: EventFilter, key: str, prefix: str, limit: int) -> list[TagValue]:
        """Values of a tag that have the text somewhere, for a query being written."""
        parameters = Parameters()
        value = _value_of(key, parameters)
        where = event_filter_where(events, parameters)
        if prefix:
            where += f" AND {contains(value, Text((prefix,)), parameters)}"
        rows = run(
            self._telemetry, "tag_value_names", parameters, {"where": where, "key": value}, {"limit": limit}
        )
        return [TagValue(*row) for row in rows]

    def users(self, events: EventFilter, limit: int, offset: int = 0) -> list[SeenUser]:
        """Users, those with most events first."""
        parameters = Parameters()
        pieces = {"where": event_filter_where(events, parameters)}
        rows = run(self._telemetry, "users", parameters, pieces, {"limit": limit, "offset": offset})
        return [SeenUser(*row) for row in rows]

    def totals(self, events: EventFilter) -> Totals:
        parameters = Parameters()
        pieces = {"where": event_filter_where(events, parameters)}
        count, users, first_us, last_us = run(self._telemetry, "totals", parameters, pieces)[0]
        return Totals(count, users, first_us if count else 0, last_us if count else 0)

    def histogram(self, events: EventFilter, from_us: int, step_us: int, split_by: SplitBy = "") -> list[Bar]:
        """Events per step of time from `from_us` on; steps without events are left out."""
        parameters = Parameters()
        pieces = {"where": event_filter_where(events, parameters), "key": split_by or "''"}
        rows = run(self._telemetry, "histogram", parameters, pieces, {"from_us": from_us, "step_us": step_us})
        return [Bar(*row) for row in rows]


def _value_of(key: str, parameters: Parameters) -> str:
    """The value of a tag as an expression; empty where an event has none."""
    column = TAG_COLUMNS.get(key)
    return f"toString({column})" if column else f"tags[{parameters.add(key, 'String')}]"
