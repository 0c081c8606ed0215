"""An event as a row of the telemetry table `errors`.

A row is a pure function of the event and its grouping: nothing here reads a clock or a
database, so that a retry after a crash makes the same row again.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import chain

import msgspec

from vedette.core.event import Event, ExceptionValue, Frame, User
from vedette.normalize.title import Titles

# In the order in which `row` gives them.
COLUMNS = (
    "keep_days",
    "project_id",
    "group_hash",
    "ts",
    "received",
    "event_id",
    "batch",
    "platform",
    "level",
    "type",
    "title",
    "culprit",
    "message",
    "location",
    "logger",
    "transaction",
    "environment",
    "release",
    "dist",
    "server_name",
    "user",
    "user_id",
    "user_email",
    "user_username",
    "user_ip",
    "user_hash",
    "browser_name",
    "os_name",
    "sdk_name",
    "sdk_version",
    "handled",
    "trace_id",
    "span_id",
    "replay_id",
    "http_method",
    "http_url",
    "mechanism",
    "exception_types",
    "exception_values",
    "stack_filename",
    "stack_function",
    "stack_module",
    "stack_abs_path",
    "stack_package",
    "stack_in_app",
    "tags",
    "tag_hashes",
    "search",
    "payload",
    "size",
)
_encode = msgspec.json.Encoder().encode
_NOBODY = User()
