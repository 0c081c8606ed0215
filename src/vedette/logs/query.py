"""Questions about logs: a page of them, those around one, those of a trace, their patterns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from vedette.core.time import HOUR_US, MINUTE_US
from vedette.logs.patterns import pattern_text
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.statements import load_statements

_STATEMENTS = load_statements(Path(__file__).with_name("queries.sql"))
PATTERNS_OF = 500_000  # newest logs that patterns are found in
_EXAMPLE_BYTES = 1000
_AROUND_US = HOUR_US  # how far the neighbours of a log are looked for at first
_AROUND_MOST_US = 7 * 24 * HOUR_US
_TRACE_SLACK_US = 5 * MINUTE_US  # logs of a trace may be older or newer than its times say: clocks differ


class LogRow(msgspec.Struct, frozen=True):
    """A log as lists show it. Missing texts are empty."""

    item_id: str  # 32 hex digits
    project_id: int
    ts_us: int
    received_us: int
    sequence: int
    trace_id: str
    span_id: int  # 0 for none
    level: str
    severity: int
    body: str
    template: str
    environment: str
    release: str
    server_name: str
    sdk_name: str
    sdk_version: str
    origin: str
    user: str
    replay_id: str
    attributes: dict[str, str]
    numbers: dict[str, float]


_RENAMED = {"ts_us": "ts", "received_us": "received"}
COLUMNS = ", ".join(_RENAMED.get(name, name) for name in LogRow.__struct_fields__)


class LogCursor(NamedTuple):
    """The last log of the page before: the next page goes on after it."""

    ts_us: int
    sequence: int
    item_id: str


def cursor_of(row: LogRow) -> LogCursor:
    return LogCursor(row.ts_us, row.sequence, row.item_id)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Logs of some projects within a time: from `from_us` up to, not including, `to_us`.

    No environments: all of them. `condition`: a further expression over `logs`, made of our own
    column names and of parameters, whose values are in `values`.
    """

    project_ids: tuple[int, ...]
    from_us: int
    to_us: int
    environments: tuple[str, ...] = ()
    condition: str = ""
    values: Mapping[str, object] = field(default_factory=dict[str, object])

    def also(self, condition: str, **values: object) -> "LogFilter":
        """Those of them that meet one more condition."""
        both = f"({self.condition}) AND ({condition})" if self.condition else condition
        return replace(self, condition=both, values={**self.values, **values})


class Around(NamedTuple):
    """The logs just before and just after one, each oldest first."""

    before: list[LogRow]
    after: list[LogRow]


class Pattern(msgspec.Struct, frozen=True):
    """Logs that say the same but for ids and numbers."""

    pattern_hash: int
    pattern: str
    example: str
    count: int
    first_us: int
    last_us: int
    levels: dict[str, int]
    slices: dict[int, int]  # number of the slice of time → logs


class Patterns(msgspec.Struct, frozen=True):
    """`is_sampled`: there were more logs than were looked at, and these are of the newest."""

    patterns: list[Pattern]
    is_sampled: bool


class LogQueries:
    """Reads of logs. Every call may raise `TelemetryError`."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def page(self, logs: LogFilter, limit: int, *, after: LogCursor | None = None) -> list[LogRow]:
        """Up to `limit` logs, newest first, going on after a cursor."""
        return self._logs("newest", _beyond(logs, after, "<") if after else logs, limit)

    def by_id(self, logs: LogFilter, item_id: str) -> LogRow | None:
        found = self._logs("newest", logs.also("item_id = {item:UUID}", item=item_id), 1)
        return found[0] if found else None

    def around(self, row: LogRow, logs: LogFilter, limit: int) -> Around:
        """Up to `limit` logs of these on each side of one; looks further out until it has them, up to a week."""
        reach_us = _AROUND_US
        while True:
            near = replace(
                logs,
                from_us=max(logs.from_us, row.ts_us - reach_us),
                to_us=min(logs.to_us, row.ts_us + reach_us),
            )
            before = self._logs("newest", _beyond(near, cursor_of(row), "<"), limit)
            after = self._logs("oldest", _beyond(near, cursor_of(row), ">"), limit)
            if (len(before) == len(after) == limit) or reach_us >= _AROUND_MOST_US:
                return Around(before[::-1], after)
            reach_us *= 13

    def of_trace(self, logs: LogFilter, trace_id: str, limit: int) -> list[LogRow]:
        """Up to `limit` logs of a trace, oldest first. Empty for one that nothing is known of."""
        rows = self._ask("trace_times", {}, {"trace": trace_id})
        first_us, last_us = rows[0]
        if not last_us:
            return []
        within = replace(
            logs,
            from_us=max(logs.from_us, first_us - _TRACE_SLACK_US),
            to_us=min(logs.to_us, last_us + _TRACE_SLACK_US),
        )
        return self._logs("oldest", within.also("trace_id = {trace:UUID}", trace=trace_id), limit)

    def patterns(self, logs: LogFilter, limit: int, *, slices: int) -> Patterns:
        """The most frequent patterns; `slices`: into how many parts the time is cut."""
        slice_us = max(1, -(-(logs.to_us - logs.from_us) // slices))
        values = {
            "limit": limit,
            "newest": PATTERNS_OF,
            "slice_us": slice_us,
            "body_bytes": _EXAMPLE_BYTES,
        }
        where, bound = where_of(logs)
        rows = self._ask("patterns", {"where": where}, {**bound, **values})
        looked_at = rows[0][-1] if rows else 0
        return Patterns([_pattern(*row[:-1]) for row in rows], looked_at >= PATTERNS_OF)

    def _logs(self, name: str, logs: LogFilter, limit: int) -> list[LogRow]:
        where, values = where_of(logs)
        rows = self._ask(name, {"where": where, "columns": COLUMNS}, {**values, "limit": limit})
        return [LogRow(*row) for row in rows]

    def _ask(self, name: str, pieces: Mapping[str, str], values: Mapping[str, object]) -> list[list[Any]]:
        return ask(self._telemetry, name, pieces, values)


def ask(
    telemetry: Telemetry, name: str, pieces: Mapping[str, str], values: Mapping[str, object]
) -> list[list[Any]]:
    """The rows of a statement, with each `$piece` put in. Pieces are our own text, never a query's."""
    sql = _STATEMENTS[name].sql
    for piece, text in pieces.items():
        sql = sql.replace(f"${piece}", text)
    return list(telemetry.query_rows(sql, values))


def where_of(logs: LogFilter) -> tuple[str, dict[str, object]]:
    """The filter as an expression over `logs`, and its parameters."""
    values: dict[str, object] = {"from_us": logs.from_us, "to_us": logs.to_us, **logs.values}
    parts = [
        _projects(logs.project_ids, values),
        "ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')",
        "ts < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')",
    ]
    if logs.environments:
        parts.append("environment IN {environments:Array(String)}")
        values["environments"] = list(logs.environments)
    if logs.condition:
        parts.append(f"({logs.condition})")
    return " AND ".join(parts), values


def _projects(project_ids: Sequence[int], values: dict[str, object]) -> str:
    """One project is read in the table's order, so that a page of the newest is a read of its end."""
    if len(project_ids) == 1:
        values["project"] = project_ids[0]
        return "project_id = {project:UInt64}"
    values["projects"] = list(project_ids)
    return "project_id IN {projects:Array(UInt64)}"


def _beyond(logs: LogFilter, cursor: LogCursor, direction: str) -> LogFilter:
    """Those before (`<`) or after (`>`) a place in the order of time."""
    near = "to_us" if direction == "<" else "from_us"
    bound = cursor.ts_us + 1 if direction == "<" else cursor.ts_us
    closer = min(logs.to_us, bound) if direction == "<" else max(logs.from_us, bound)
    return replace(logs, **{near: closer}).also(
        f"(ts, sequence, item_id) {direction}"
        " (fromUnixTimestamp64Micro({at_us:Int64}, 'UTC'), {at_sequence:UInt32}, {at_item:UUID})",
        at_us=cursor.ts_us,
        at_sequence=cursor.sequence,
        at_item=cursor.item_id,
    )


def _pattern(
    pattern_hash: int,
    count: int,
    first_us: int,
    last_us: int,
    body: str,
    template: str,
    levels: Mapping[str, int],
    slices: Mapping[str, int],
) -> Pattern:
    return Pattern(
        pattern_hash,
        pattern_text(body, template),
        body,
        count,
        first_us,
        last_us,
        {level: int(lines) for level, lines in levels.items()},
        {int(number): int(lines) for number, lines in slices.items()},
    )
