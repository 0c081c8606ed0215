"""What can be wrong with how a program performs: the kinds, by the names and numbers of the field."""

from hashlib import blake2b

import msgspec

from vedette.core.event import Level


class Kind(msgspec.Struct, frozen=True):
    """`slug` and `number` are the field's own; `title` is what people read."""

    slug: str
    number: int
    title: str
    level: Level = "info"


SLOW_QUERY = Kind("performance_slow_db_query", 1001, "Slow DB Query")
N_PLUS_ONE = Kind("performance_n_plus_one_db_queries", 1006, "N+1 Query")
CONSECUTIVE_HTTP = Kind("performance_consecutive_http", 1009, "Consecutive HTTP")
UNCOMPRESSED = Kind("performance_uncompressed_assets", 1012, "Uncompressed Asset")
LARGE_PAYLOAD = Kind("performance_large_http_payload", 1015, "Large HTTP payload")
KINDS = (SLOW_QUERY, N_PLUS_ONE, CONSECUTIVE_HTTP, UNCOMPRESSED, LARGE_PAYLOAD)


class Thresholds(msgspec.Struct, frozen=True, omit_defaults=True):
    """From when on something is a problem. Times in milliseconds, sizes in bytes."""

    slow_query_ms: int = 500
    n_plus_one_count: int = 5
    n_plus_one_ms: int = 50  # all repeated queries together
    consecutive_http_count: int = 3
    consecutive_http_each_ms: int = 500
    consecutive_http_saved_ms: int = 2000  # what asking side by side would save
    consecutive_http_gap_ms: int = 1000  # between two calls that still follow each other
    large_payload_bytes: int = 300_000
    uncompressed_bytes: int = 500_000
    uncompressed_ms: int = 300


class Problem(msgspec.Struct, frozen=True):
    """One find. `shape`: what makes two finds the same, besides kind and transaction; ids are of spans."""

    kind: Kind
    shape: str
    description: str  # of an offending span
    op: str
    offenders: tuple[int, ...]
    parent: int = 0
    causes: tuple[int, ...] = ()  # spans that led to it
    count: int = 1
    duration_us: int = 0
    facts: tuple[tuple[str, str], ...] = ()  # more that is worth showing: name and value

    def fingerprint(self, transaction: str) -> str:
        """32 hex digits: the same for the same find in the same transaction."""
        text = f"{self.kind.slug}\0{transaction}\0{self.shape}".encode("utf-8", "replace")
        return blake2b(text, digest_size=16).hexdigest()
