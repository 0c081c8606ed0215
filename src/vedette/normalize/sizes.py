"""How large a value of an entry is: what quotas and outcomes in bytes count.

The field's way of counting: texts count their UTF-8 bytes, numbers 8, truth values 1, lists and
objects what is in them. An entry is its text, and of each attribute the key and the value.
"""

from typing import Any, cast


def utf8_size(text: str) -> int:
    """Bytes of a text."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def value_size(value: Any) -> int:
    """Bytes of a value of JSON."""
    if isinstance(value, str):
        return utf8_size(value)
    if value is None or isinstance(value, bool):
        return 0 if value is None else 1
    if isinstance(value, list):
        return sum(map(value_size, cast("list[Any]", value)))
    if isinstance(value, dict):
        return sum(utf8_size(key) + value_size(inner) for key, inner in cast("dict[str, Any]", value).items())
    return 8
