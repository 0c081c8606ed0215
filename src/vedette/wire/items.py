"""Item types: one table of what each counts as, how large it may be, and how often it may come.

The limits are those SDKs are written against (protocol notes, "Size limits"). A type not in
the table is unknown: kept in the envelope, skipped by whoever does not know it.
"""

from collections.abc import Iterable

import msgspec

from vedette.core.outcomes import Category

KIB = 1024
MIB = 1024 * KIB


class ItemKind(msgspec.Struct, frozen=True):
    """What is true of all items of one type.

    `max_bytes` bounds one item. Items of one `group` are counted together: at most
    `max_count` and `group_bytes` of them. Of a singleton the first of its group is kept.
    """

    category: Category
    max_bytes: int
    group: str
    max_count: int = 1000
    group_bytes: int = 200 * MIB
    singleton: bool = False
    entry_bytes: int = 0  # of a container: the most an entry may have on average


def _one(category: Category, max_bytes: int, group: str, *, entry_bytes: int = 0) -> ItemKind:
    return ItemKind(category, max_bytes, group, singleton=True, entry_bytes=entry_bytes)


def _many(category: Category, max_bytes: int, group: str, max_count: int, group_bytes: int) -> ItemKind:
    return ItemKind(category, max_bytes, group, max_count, group_bytes)


_ATTACHMENT = _many(Category.ATTACHMENT, 200 * MIB, "attachment", 30, 200 * MIB)
_SESSION = _many(Category.SESSION, 10 * MIB, "session", 100, 10 * MIB)
_CHUNK = ItemKind(Category.PROFILE_CHUNK, 50 * MIB, "profile_chunk")
_OTEL = ItemKind(Category.SPAN, 12 * MIB, "otel")

SPAN_CONTAINER = _one(Category.SPAN, 12 * MIB, "span_container", entry_bytes=10 * MIB)
UNKNOWN = ItemKind(Category.DEFAULT, 200 * MIB, "unknown")

KINDS: dict[str, ItemKind] = {
    "event": _one(Category.ERROR, MIB, "event"),
    "transaction": _one(Category.TRANSACTION, MIB, "event"),  # an envelope has one or the other
    "feedback": _one(Category.FEEDBACK, MIB, "feedback"),
    "security": _one(Category.SECURITY, MIB, "security"),
    "raw_security": _one(Category.SECURITY, MIB, "raw_security"),
    "nel": _one(Category.LOG_ITEM, MIB, "nel"),
    "form_data": _one(Category.DEFAULT, MIB, "form_data"),
    "attachment": _ATTACHMENT,
    "unreal_report": _one(Category.ERROR, 200 * MIB, "unreal_report"),
    "user_report": _one(Category.FEEDBACK, 200 * MIB, "user_report"),
    "session": _SESSION,
    "sessions": _SESSION,
    "client_report": _many(Category.INTERNAL, 100 * KIB, "client_report", 100, 100 * KIB),
    "check_in": _one(Category.MONITOR, 100 * KIB, "check_in"),
    "replay_event": _one(Category.REPLAY, MIB, "replay_event"),
    "replay_recording": _one(Category.REPLAY, 10 * MIB, "replay_recording"),
    "replay_video": _one(Category.REPLAY, 10 * MIB, "replay_video"),
    "profile": _one(Category.PROFILE, 50 * MIB, "profile"),
    "profile_chunk": _CHUNK,
    "profile_chunk_ui": _CHUNK,
    "span": _many(Category.SPAN, 10 * MIB, "span", 25, 200 * MIB),
    "otel_span": _OTEL,
    "otel_traces_data": _OTEL,
    "otel_log": ItemKind(Category.LOG_ITEM, 12 * MIB, "otel_log"),
    "log": _one(Category.LOG_ITEM, 12 * MIB, "log", entry_bytes=2 * MIB),
    "trace_metric": _one(Category.TRACE_METRIC, 12 * MIB, "trace_metric", entry_bytes=MIB),
    "statsd": _one(Category.METRIC_BUCKET, MIB, "statsd"),
    "metric_buckets": _one(Category.METRIC_BUCKET, MIB, "metric_buckets"),
    "metric_meta": _one(Category.METRIC_BUCKET, MIB, "metric_meta"),
}

EVENT_TYPES = frozenset(("event", "transaction", "feedback", "security", "raw_security", "unreal_report"))
CREATING_ATTACHMENTS = frozenset(("event.minidump", "event.applecrashreport"))
REFUSED_TYPE = "integration"  # internal to other servers: nobody may send it
_SPAN_CONTAINER_TYPE = "application/vnd.sentry.items.span.v2+json"

# SDKs look a limit up under their own names: `data_category` of the JavaScript and Python SDKs.
ALIASES: dict[str, tuple[str, ...]] = {
    Category.FEEDBACK: ("feedback", "default"),
    Category.PROFILE: ("profile", "profile_chunk"),
    Category.PROFILE_CHUNK: ("profile_chunk", "profile_chunk_ui", "profile"),
    Category.SPAN: ("span", "span_indexed"),
    Category.LOG_ITEM: ("log_item", "log_byte"),
    Category.LOG_BYTE: ("log_item", "log_byte"),
    Category.TRACE_METRIC: ("trace_metric", "metric"),
    Category.ATTACHMENT: ("attachment", "attachment_item"),
}


def kind_of(item_type: str, content_type: str = "") -> ItemKind:
    """The row of the table; `UNKNOWN` when there is none."""
    if item_type == "span" and content_type.startswith(_SPAN_CONTAINER_TYPE):
        return SPAN_CONTAINER
    return KINDS.get(item_type, UNKNOWN)


def category_of(item_type: str, attachment_type: str = "") -> Category:
    """What an item counts as; an attachment that makes an event counts as an error."""
    if item_type == "attachment" and attachment_type in CREATING_ATTACHMENTS:
        return Category.ERROR
    return kind_of(item_type).category


def sdk_names(categories: Iterable[str]) -> tuple[str, ...]:
    """The names to send so that every SDK stops sending these categories; each name once."""
    names = [name for category in categories for name in ALIASES.get(category, (str(category),))]
    return tuple(dict.fromkeys(names))
