"""The tree of an event as selectors see it: node types, and what is structure rather than data."""

from vedette.scrub.selectors import Place

# What stands under which key, for the types of selectors. `*` is any key or index.
NODES: dict[str, dict[str, str]] = {
    "event": {
        "exception": "_chain", "stacktrace": "stacktrace", "threads": "_threads", "template": "frame",
        "request": "http", "user": "user", "logentry": "logentry", "breadcrumbs": "_crumbs", "sdk": "sdk",
        "contexts": "_contexts", "tags": "tags", "span": "span", "log": "log", "trace_metric": "trace_metric",
    },
    "_chain": {"values": "_exceptions"},
    "_exceptions": {"*": "exception"},
    "exception": {"stacktrace": "stacktrace", "raw_stacktrace": "stacktrace", "mechanism": "_mechanism"},
    "stacktrace": {"frames": "_frames"},
    "_frames": {"*": "frame"},
    "_threads": {"values": "_thread_list"},
    "_thread_list": {"*": "thread"},
    "thread": {"stacktrace": "stacktrace", "raw_stacktrace": "stacktrace"},
    "_crumbs": {"*": "breadcrumb"},
    "_contexts": {"trace": "_trace", "*": "context"},
}  # fmt: skip
TYPES = {"http": ("http", "request"), "logentry": ("logentry", "message"), "_trace": ("context",)}

# Structure, not data: rules for everything pass it by, only a selector that names it gets at it.
SHELTERED: dict[str, frozenset[str]] = {
    "event": frozenset((
        "event_id", "type", "timestamp_us", "received_us", "platform", "level", "logger", "release", "dist",
        "environment", "modules", "fingerprint", "sdk", "debug_meta", "errors", "checksum", "_meta",
        "template",
    )),
    "exception": frozenset(("type", "module", "thread_id")),
    "_mechanism": frozenset((
        "type", "handled", "synthetic", "source", "exception_id", "parent_id", "is_exception_group",
        "help_link",
    )),
    "stacktrace": frozenset((
        "registers", "lang", "snapshot", "instruction_addr_adjustment", "frames_omitted",
    )),
    "frame": frozenset((
        "filename", "abs_path", "module", "function", "raw_function", "symbol", "package", "lineno", "colno",
        "platform", "in_app", "context_line", "pre_context", "post_context", "data", "image_addr",
        "instruction_addr", "addr_mode", "function_id", "symbol_addr", "trust", "stack_start", "lock",
    )),
    "thread": frozenset(("id", "name", "crashed", "current", "main", "state", "held_locks")),
    "breadcrumb": frozenset(("timestamp", "type", "category", "level", "event_id", "origin")),
    "_trace": frozenset((
        "type", "trace_id", "span_id", "parent_span_id", "op", "status", "origin", "sampled",
    )),
    "http": frozenset(("method", "inferred_content_type", "body_size", "api_target", "protocol")),
}  # fmt: skip
UNTOUCHABLE = frozenset(
    ("event_id", "type", "timestamp_us", "received_us", "platform", "level", "errors", "_meta")
)
PAIRS = frozenset(("headers", "cookies", "query_string"))


def child(node: str, key: str) -> str:
    """The node under a key; empty where the tree is free-form."""
    children = NODES.get(node)
    return "" if children is None else children.get(key, children.get("*", ""))


def place(key: str, node: str, value: object) -> Place:
    """One step of a way: the key and every type name that fits."""
    types = TYPES.get(node) or ((node,) if node and not node.startswith("_") else ())
    return Place(key.lower(), frozenset((*types, _json_type(value))))


def _json_type(value: object) -> str:
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else "number"
