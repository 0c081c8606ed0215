"""The tables' columns, once: writers name them in this order; a test compares them with the schema."""

from functools import lru_cache
from hashlib import blake2b

from vedette.storage.telemetry.columns import Column, Table

_TEXT = "String"
_FEW = "LowCardinality(String)"  # up to some ten thousand different values
_TIME = "DateTime64(6, 'UTC')"
_TEXTS = "Array(String)"
_FEWS = "Array(LowCardinality(String))"

ERRORS = Table(
    "errors",
    (
        Column("keep_days", "UInt16"),  # 7, 30, 90 or 365: part of the partition
        Column("project_id", "UInt64"),
        Column("group_hash", "UInt64"),
        Column("ts", _TIME),
        Column("received", _TIME),
        Column("event_id", "UUID"),
        Column("batch", _FEW),  # the token's range: recovery counts rows by it
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

TABLES = {table.name: table for table in (ERRORS, ISSUE_HOURS, OUTCOMES)}


@lru_cache(maxsize=8192)
def tag_hash(key: str, value: str) -> int:
    """What `tag_hashes` holds: the first 8 bytes of BLAKE2b over key, NUL, value, as a little-endian number.

    Computed here only, for rows and for searches alike.
    """
    text = f"{key}\0{value}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
