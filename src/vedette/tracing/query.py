"""Reads of one trace: when it was, its spans, one span, one transaction."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from vedette.storage.telemetry.blocks import Columns
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.statements import load_statements
from vedette.tracing.waterfall import NUMBERS, TEXTS

MOST_SPANS = 20_000  # of a trace that is read at once; of a larger one the spans that tell most
_STATEMENTS = load_statements(Path(__file__).with_name("queries.sql"))
# A trace lies in a few granules: one of 1,000 out of 100 million spans takes two threads 14 ms of CPU, one 10.
_ONE_THREAD = {"max_threads": 1}
_T = TypeVar("_T")


class TraceTimes(NamedTuple):
    """Epoch microseconds: the first start and the last end."""

    first_us: int
    last_us: int


class SpanRow(msgspec.Struct, frozen=True, gc=False):
    """A span as a waterfall needs it. Ids are numbers, 0 for none; texts are empty for none."""

    project_id: int
    is_segment: int
    ts: int  # start, epoch microseconds
    duration_us: int
    self_us: int
    span_id: int
    parent_span_id: int
    segment_id: int
    transaction_id: str
    op: str
    category: str
    description: str
    status: str
    transaction: str
    environment: str
    platform: str
    sdk_name: str
    server_name: str
    http_status: int
    profile_id: str
    replay_id: str

    @property
    def end_us(self) -> int:
        return self.ts + self.duration_us


class WholeSpan(msgspec.Struct, frozen=True):
    """A span with everything that is stored of it. `links` and `payload` are JSON, empty for none."""

    project_id: int
    is_segment: int
    ts: int
    received: int
    duration_us: int
    self_us: int
    trace_id: str
    span_id: int
    parent_span_id: int
    segment_id: int
    transaction_id: str
    op: str
    category: str
    description: str
    normalized: str
    group_hash: int
    action: str
    domain: str
    system: str
    status: str
    origin: str
    transaction: str
    environment: str
    release: str
    dist: str
    platform: str
    server_name: str
    sdk_name: str
    sdk_version: str
    user: str
    http_status: int
    model: str
    profile_id: str
    replay_id: str
    weight: float
    attributes: dict[str, str]
    numbers: dict[str, float]
    links: str
    payload: str


class UsualDuration(msgspec.Struct, frozen=True):
    """Of spans alike, in microseconds; over at most the newest ten thousand."""

    spans: int
    mean: float
    median: float
    p95: float


class TraceQueries:
    """Every call may raise `TelemetryError`. `project_ids` are those the caller may see."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def times(self, trace_id: str) -> TraceTimes | None:
        """When a trace was; None for one that nothing is known of."""
        sql = _STATEMENTS["trace_times"].sql
        found = self._telemetry.query_columns(sql, {"trace_id": trace_id}, settings=_ONE_THREAD)
        if not found.count:
            return None
        return TraceTimes(min(found.numbers("first_us")), max(found.numbers("last_us")))

    def all_spans(self, project_ids: Sequence[int], trace_id: str, times: TraceTimes) -> list[SpanRow] | None:
        """Spans of a trace by start, each once if sent twice; None if there are more than `MOST_SPANS`."""
        where, values = _within(project_ids, trace_id, times)
        found = self._columns("trace_all_spans", _SPAN_COLUMNS, where, values | {"limit": MOST_SPANS + 1})
        return None if found.count > MOST_SPANS else _by_start(found)

    def spans(self, project_ids: Sequence[int], trace_id: str, times: TraceTimes) -> list[SpanRow]:
        """As `all_spans`; of more than `MOST_SPANS` segments, failures and longest: that takes a sort of them all."""
        where, values = _within(project_ids, trace_id, times)
        return _by_start(self._columns("trace_spans", _SPAN_COLUMNS, where, values | {"limit": MOST_SPANS}))

    def waterfall(
        self, project_ids: Sequence[int], trace_id: str, times: TraceTimes, *, parent: int | None = None
    ) -> Columns | None:
        """As `all_spans`: the columns that a waterfall needs, in no order, and a span as often as it was sent.

        `parent`: only the spans directly below that one.
        """
        where, values = _within(project_ids, trace_id, times, parent)
        found = self._columns(
            "trace_all_spans", _WATERFALL_COLUMNS, where, values | {"limit": MOST_SPANS + 1}
        )
        return None if found.count > MOST_SPANS else found

    def skeleton(
        self,
        project_ids: Sequence[int],
        trace_id: str,
        times: TraceTimes,
        *,
        limit: int,
        parent: int | None = None,
    ) -> Columns:
        """As `waterfall`, of a trace with more than `MOST_SPANS`: the spans that tell most, as in `spans`."""
        where, values = _within(project_ids, trace_id, times, parent)
        return self._columns("trace_spans", _WATERFALL_COLUMNS, where, values | {"limit": limit})

    def span(
        self, project_ids: Sequence[int], trace_id: str, times: TraceTimes, span_id: int
    ) -> WholeSpan | None:
        where, values = _within(project_ids, trace_id, times)
        pieces = {"where": where, "columns": _columns(WholeSpan)}
        return _first(WholeSpan, self._run("trace_span", pieces, values | {"span_id": span_id}))

    def ops(self, project_ids: Sequence[int], trace_id: str, times: TraceTimes) -> dict[str, int]:
        """How many spans of each operation, the commonest first."""
        where, values = _within(project_ids, trace_id, times)
        return {op: int(count) for op, count in self._run("trace_ops", {"where": where}, values)}

    def transactions(self, project_ids: Sequence[int], trace_id: str, times: TraceTimes) -> dict[str, int]:
        """Event ids of the trace's transactions, and how many spans came with each."""
        where, values = _within(project_ids, trace_id, times)
        return {
            event_id: int(count)
            for event_id, count in self._run("trace_transactions", {"where": where}, values)
        }

    def attributes(
        self, project_ids: Sequence[int], trace_id: str, times: TraceTimes
    ) -> list[tuple[str, int, list[tuple[str, int]]]]:
        """Each attribute: how many spans have it, and its commonest values with how many have those."""
        where, values = _within(project_ids, trace_id, times)
        rows = self._run("trace_attributes", {"where": where}, values)
        return [(key, int(spans), [(str(v), int(n)) for v, n in found]) for key, spans, found in rows]

    def transaction(self, project_ids: Sequence[int], event_id: str) -> WholeSpan | None:
        """The segment of a transaction by its event id (32 hex)."""
        pieces = {"where": _OF_PROJECTS, "columns": _columns(WholeSpan)}
        values = {"projects": list(project_ids), "event_id": event_id}
        return _first(WholeSpan, self._run("transaction", pieces, values))

    def spans_of(self, segment: WholeSpan, *, limit: int = 1000) -> list[WholeSpan]:
        """The other spans of a transaction, by start."""
        where = f"{_OF_PROJECTS} AND {_IN_TIME}"
        times = TraceTimes(segment.ts, segment.ts + segment.duration_us)
        values = {
            "projects": [segment.project_id],
            "event_id": segment.transaction_id,
            "limit": limit,
            **_time_values(times),
        }
        pieces = {"where": where, "columns": _columns(WholeSpan)}
        return [WholeSpan(*row) for row in self._run("transaction_spans", pieces, values)]

    def usual(self, project_id: int, op: str, description: str, since_us: int) -> UsualDuration | None:
        """What spans of this operation and description take."""
        where = f"{_OF_PROJECTS} AND ts >= fromUnixTimestamp64Micro({{since:Int64}})"
        values = {"projects": [project_id], "op": op, "description": description, "since": since_us}
        found = _first(UsualDuration, self._run("op_duration", {"where": where}, values))
        return found if found is not None and found.spans else None

    def _columns(self, name: str, columns: str, where: str, values: Mapping[str, object]) -> Columns:
        sql = _STATEMENTS[name].sql.replace("$where", where).replace("$columns", columns)
        return self._telemetry.query_columns(sql, values, settings=_ONE_THREAD)

    def _run(self, name: str, pieces: Mapping[str, str], values: Mapping[str, object]) -> list[list[Any]]:
        sql = _STATEMENTS[name].sql
        for piece, text in pieces.items():
            sql = sql.replace(f"${piece}", text)
        return list(self._telemetry.query_rows(sql, values))


_OF_PROJECTS = "project_id IN {projects:Array(UInt64)}"
# Both ends: a span's start alone is in the sort key, and it starts neither before nor after its trace.
_IN_TIME = "ts >= fromUnixTimestamp64Micro({first:Int64}) AND ts <= fromUnixTimestamp64Micro({last:Int64})"


def _within(
    project_ids: Sequence[int], trace_id: str, times: TraceTimes, parent: int | None = None
) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {"projects": list(project_ids), "trace_id": trace_id, **_time_values(times)}
    where = f"{_OF_PROJECTS} AND {_IN_TIME} AND trace_id = {{trace_id:UUID}}"
    if parent is None:
        return where, values
    return f"{where} AND parent_span_id = {{parent:UInt64}}", values | {"parent": parent}


def _by_start(found: Columns) -> list[SpanRow]:
    columns = [
        found.numbers(field.name) if field.type is int else found.texts(field.name).spelt()
        for field in msgspec.structs.fields(SpanRow)
    ]
    rows = {row.span_id: row for row in map(SpanRow, *columns)}
    return sorted(rows.values(), key=lambda row: (row.ts, -row.duration_us, row.span_id))


def _time_values(times: TraceTimes) -> dict[str, object]:
    return {"first": times.first_us, "last": times.last_us}


def _columns(row: type[msgspec.Struct]) -> str:
    return ", ".join(row.__struct_fields__)


def _as_sent(column: str) -> str:
    """A column by which a trace is read. Texts are told by number, which most of them are in the table already."""
    if column == "description":
        return "toLowCardinality(description) AS description"
    if column in ("transaction_id", "profile_id", "replay_id"):
        return f"toLowCardinality(if({column} = toUUIDOrZero(''), '', lower(hex({column})))) AS {column}"
    return column


_WATERFALL_COLUMNS = ", ".join(map(_as_sent, (*NUMBERS, *TEXTS)))
_SPAN_COLUMNS = ", ".join(map(_as_sent, SpanRow.__struct_fields__))


def _first(kind: type[_T], rows: Sequence[Sequence[Any]]) -> _T | None:
    return kind(*rows[0]) if rows else None
