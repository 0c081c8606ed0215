"""Outcomes: what became of each received item, and the category it counts under.

Every item ends in exactly one outcome. Names and numbers are those of the field
(protocol: client reports and outcomes).
"""

from enum import IntEnum, StrEnum

import msgspec


class Outcome(IntEnum):
    ACCEPTED = 0
    FILTERED = 1
    RATE_LIMITED = 2
    INVALID = 3
    ABUSE = 4
    CLIENT_DISCARD = 5
    CARDINALITY_LIMITED = 6
    LOST = 7  # ours: expired by retention before it was processed, or unsupported


class Category(StrEnum):
    """Data categories as the wire spells them; a client report may name others, kept as text."""

    DEFAULT = "default"
    ERROR = "error"
    TRANSACTION = "transaction"
    SECURITY = "security"
    ATTACHMENT = "attachment"
    SESSION = "session"
    PROFILE = "profile"
    PROFILE_CHUNK = "profile_chunk"
    REPLAY = "replay"
    MONITOR = "monitor"
    FEEDBACK = "feedback"
    SPAN = "span"
    LOG_ITEM = "log_item"
    LOG_BYTE = "log_byte"
    TRACE_METRIC = "trace_metric"
    METRIC_BUCKET = "metric_bucket"
    INTERNAL = "internal"


class OutcomeCount(msgspec.Struct, frozen=True):
    """So many items of a category ended so. `key_id` is None where no key was known."""

    project_id: int
    key_id: int | None
    category: str
    outcome: Outcome
    reason: str  # empty for accepted
    quantity: int = 1
