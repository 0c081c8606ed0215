"""Python values as the HTTP protocol carries query parameters (ClickHouse's `Escaped` text form)."""

from collections.abc import Collection, Mapping, Sequence
from typing import cast
from uuid import UUID

_ESCAPE = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\b": "\\b", "\f": "\\f"}
)
_ESCAPE_ONCE = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})
_QUOTE = str.maketrans({"\\": "\\\\", "'": "\\'"})


def to_parameter(value: object) -> bytes:
    """The text of one value: str, bytes, int, float, bool, UUID, None, and sequences and mappings of them.

    Times are given as integers: `fromUnixTimestamp64Micro({since_us:Int64})`.
    """
    if isinstance(value, str):
        return value.translate(_ESCAPE).encode("utf-8", "replace")
    if isinstance(value, bytes):
        return b"".join(b"\\x%02X" % byte for byte in value)
    if value is None:
        return b"\\N"
    return _nested(value).translate(_ESCAPE_ONCE).encode("utf-8", "replace")


def _nested(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value.translate(_QUOTE)}'"
    if isinstance(value, bytes):
        return "'" + "".join(f"\\x{byte:02X}" for byte in value) + "'"
    if value is None:
        return "NULL"
    if isinstance(value, int | float | UUID):
        return str(value)
    return _container(value)


def _container(value: object) -> str:
    if isinstance(value, Mapping):
        mapping = cast("Mapping[object, object]", value)
        return "{" + ",".join(f"{_nested(key)}:{_nested(item)}" for key, item in mapping.items()) + "}"
    if isinstance(value, tuple):
        return "(" + _listed(cast("tuple[object, ...]", value)) + ")"
    if isinstance(value, Sequence | set | frozenset):
        return "[" + _listed(cast("Collection[object]", value)) + "]"
    raise TypeError(f"no way to send a {type(value).__name__} as a query parameter")


def _listed(values: Collection[object]) -> str:
    return ",".join(_nested(value) for value in values)
