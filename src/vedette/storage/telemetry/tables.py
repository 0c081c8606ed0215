"""The tables' columns, once: writers name them in this order; a test compares them with the schema."""

from functools import lru_cache
from hashlib import blake2b

from vedette.storage.telemetry.columns import Column, Table

_TEXT = "String"
_FEW = "LowCardinality(String)"  # up to some ten thousand different values
_TIME = "DateTime64(6, 'UTC')"
_TEXTS = "Array(String)"
_FEWS = "Array(LowCardinality(String))"
_TEXT_ATTRIBUTES = "Map(LowCardinality(String), String)"
_NUMBER_ATTRIBUTES = "Map(LowCardinality(String), Float64)"
# Of one insert, where a row is a few hundred bytes: 2,000 transactions with their 28 spans are one.
_NARROW_ROWS = 60_000

ERRORS = Table(
    "errors",
    (
        Column("keep_days", "UInt16"),  # 7, 30, 90 or 365: part of the partition
        Column("project_id", "UInt64"),
        Column("group_hash", "UInt64"),
        Column("ts", _TIME),
        Column("received", _TIME),
        Column("event_id", "UUID"),
        Column("platform", _FEW),
        Column("level", _FEW),
        Column("type", _FEW),
        Column("title", _TEXT),
        Column("culprit", _TEXT),
        Column("message", _TEXT),
        Column("location", _TEXT),
        Column("logger", _FEW),
        Column("transaction", _TEXT),
        Column("environment", _FEW),
        Column("release", _FEW),
        Column("dist", _FEW),
        Column("server_name", _FEW),
        Column("user", _TEXT),  # as searches and lists show it: `id:5`
        Column("user_id", _TEXT),
        Column("user_email", _TEXT),
        Column("user_username", _TEXT),
        Column("user_ip", _TEXT),
        Column("user_hash", "UInt64"),  # of `user`; 0 for none
        Column("browser_name", _FEW),
        Column("os_name", _FEW),
        Column("sdk_name", _FEW),
        Column("sdk_version", _FEW),
        Column("handled", "Int8"),  # -1 unknown
        Column("trace_id", "UUID"),  # nil for none
        Column("span_id", _TEXT),
        Column("replay_id", "UUID"),
        Column("http_method", _FEW),
        Column("http_url", _TEXT),
        Column("mechanism", _FEW),
        Column("exception_types", _TEXTS),
        Column("exception_values", _TEXTS),
        Column("stack_filename", _FEWS),
        Column("stack_function", _FEWS),
        Column("stack_module", _FEWS),
        Column("stack_abs_path", _FEWS),
        Column("stack_package", _FEWS),
        Column("stack_in_app", "Array(UInt8)"),
        Column("tags", "Map(String, String)"),  # all that have no column of their own
        Column("tag_hashes", "Array(UInt64)"),  # `tag_hash` of each of them
        Column("search", _TEXT),  # lower case; its index serves LIKE, not position()
        Column("payload", _TEXT),  # the normalised event as JSON
        Column("size", "UInt32"),  # bytes of the payload as received
        Column("batch", _FEW),  # the token's range: recovery counts rows by it
    ),
)

# One row per (project, group, environment, hour) and batch: sparklines, frequencies, user counts.
ISSUE_HOURS = Table(
    "issue_hours",
    (
        Column("keep_days", "UInt16"),
        Column("project_id", "UInt64"),
        Column("group_hash", "UInt64"),
        Column("environment", _FEW),
        Column("hour", "DateTime('UTC')"),  # seconds since the epoch
        Column("count", "SimpleAggregateFunction(sum, UInt64)", sent="UInt64"),
        Column(
            "users",
            "AggregateFunction(uniq, UInt64)",
            sent="Array(UInt64)",  # user hashes
            expression="arrayReduce('uniqState', users)",
        ),
    ),
)

OUTCOMES = Table(
    "outcomes",
    (
        Column("project_id", "UInt64"),
        Column("key_id", "UInt64"),  # 0 where none was known
        Column("category", _FEW),
        Column("outcome", "UInt8"),
        Column("reason", _FEW),
        Column("minute", "DateTime('UTC')"),  # seconds since the epoch
        Column("quantity", "UInt64"),
    ),
)

# A transaction is its segment span: the row with `is_segment`, whose `payload` holds the rest of the event.
SPANS = Table(
    "spans",
    (
        Column("keep_days", "UInt16"),
        Column("project_id", "UInt64"),
        Column("is_segment", "UInt8"),
        Column("ts", _TIME),  # start
        Column("received", _TIME),
        Column("duration_us", "UInt64"),
        Column("self_us", "UInt64"),  # not covered by children
        Column("trace_id", "UUID"),
        Column("span_id", "UInt64"),  # 16 hex digits on the wire
        Column("parent_span_id", "UInt64"),  # 0 for none
        Column("segment_id", "UInt64"),  # span id of the segment; 0 where unknown
        Column("transaction_id", "UUID"),  # event id of the transaction it came with; nil for streamed spans
        Column("op", _FEW),
        Column("category", _FEW),  # db http cache queue ai ui resource …: what the insights are made by
        Column("description", _TEXT),  # `description` of v1, `name` of v2
        Column("normalized", _FEW),  # without ids and literals: SQL template, host, file kind
        Column("group_hash", "UInt64"),  # of category and `normalized`; 0 for none
        Column("action", _FEW),  # SELECT, GET, publish …
        Column("domain", _FEW),  # tables of a query, host of a request, queue
        Column("system", _FEW),  # db.system, messaging.system, gen_ai provider
        Column("status", _FEW),
        Column("origin", _FEW),
        Column("transaction", _FEW),  # name of the segment
        Column("environment", _FEW),
        Column("release", _FEW),
        Column("dist", _FEW),
        Column("platform", _FEW),
        Column("server_name", _FEW),
        Column("sdk_name", _FEW),
        Column("sdk_version", _FEW),
        Column("user", _TEXT),  # as searches and lists show it: `id:5`
        Column("user_hash", "UInt64"),
        Column("http_status", "UInt16"),  # 0 for none
        Column("model", _FEW),  # of an LLM call
        Column("profile_id", "UUID"),  # of a transaction profile or a continuous profiler
        Column("replay_id", "UUID"),
        Column("weight", "Float32"),  # spans that this one stands for: 1 / sample rate
        Column("attributes", _TEXT_ATTRIBUTES),  # text; true and false as such; lists as JSON
        Column("numbers", _NUMBER_ATTRIBUTES),
        Column("links", _TEXT),  # JSON; empty for none
        Column("payload", _TEXT),  # of a segment that came as transaction: the event without its spans
        Column("batch", _FEW),
    ),
    block_rows=_NARROW_ROWS,
)

# Bounds every read of a trace: one row per trace and insert, folded when merged.
TRACE_TIMES = Table(
    "trace_times",
    (
        Column("keep_days", "UInt16"),
        Column("trace_id", "UUID"),
        Column("first", f"SimpleAggregateFunction(min, {_TIME})", sent=_TIME),
        Column("last", f"SimpleAggregateFunction(max, {_TIME})", sent=_TIME),
    ),
    block_rows=_NARROW_ROWS,
)

LOGS = Table(
    "logs",
    (
        Column("keep_days", "UInt16"),
        Column("project_id", "UInt64"),
        Column("ts", _TIME),
        Column("received", _TIME),
        Column("sequence", "UInt32"),  # `sentry.timestamp.sequence`: order within one `ts`
        Column("item_id", "UUID"),
        Column("trace_id", "UUID"),
        Column("span_id", "UInt64"),
        Column("level", _FEW),
        Column("severity", "UInt8"),  # 1 to 24
        Column("body", _TEXT),
        Column("template", _TEXT),  # `sentry.message.template`
        Column("pattern_hash", "UInt64"),  # of the body without ids and numbers
        Column("environment", _FEW),
        Column("release", _FEW),
        Column("server_name", _FEW),
        Column("sdk_name", _FEW),
        Column("sdk_version", _FEW),
        Column("origin", _FEW),
        Column("user", _TEXT),
        Column("user_hash", "UInt64"),
        Column("replay_id", "UUID"),
        Column("attributes", _TEXT_ATTRIBUTES),
        Column("numbers", _NUMBER_ATTRIBUTES),
        Column("batch", _FEW),
    ),
    block_rows=_NARROW_ROWS,
)

METRICS = Table(
    "metrics",
    (
        Column("keep_days", "UInt16"),
        Column("project_id", "UInt64"),
        Column("name", _FEW),
        Column("type", _FEW),  # counter gauge distribution
        Column("unit", _FEW),
        Column("ts", _TIME),
        Column("received", _TIME),
        Column("item_id", "UUID"),
        Column("value", "Float64"),
        Column("trace_id", "UUID"),
        Column("span_id", "UInt64"),
        Column("environment", _FEW),
        Column("release", _FEW),
        Column("server_name", _FEW),
        Column("sdk_name", _FEW),
        Column("sdk_version", _FEW),
        Column("user", _TEXT),
        Column("user_hash", "UInt64"),
        Column("replay_id", "UUID"),
        Column("weight", "Float32"),
        Column("attributes", _TEXT_ATTRIBUTES),
        Column("numbers", _NUMBER_ATTRIBUTES),
        Column("batch", _FEW),
    ),
    block_rows=_NARROW_ROWS,
)

TABLES = {table.name: table for table in (ERRORS, ISSUE_HOURS, OUTCOMES, SPANS, TRACE_TIMES, LOGS, METRICS)}
# Tables whose rows belong to a project: what deleting a project deletes.
PROJECT_TABLES = tuple(
    name for name, table in TABLES.items() if any(column.name == "project_id" for column in table.columns)
)


@lru_cache(maxsize=8192)
def tag_hash(key: str, value: str) -> int:
    """What `tag_hashes` holds: the first 8 bytes of BLAKE2b over key, NUL, value, as a little-endian number.

    Computed here only, for rows and for searches alike.
    """
    text = f"{key}\0{value}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
