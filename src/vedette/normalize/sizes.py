"""How large an entry of a container is: what quotas and outcomes in bytes count.

The field's way of counting: the text, and of each attribute the key and the value. Texts count their
UTF-8 bytes, numbers 8, truth values 1, lists and objects what is in them.
"""

from typing import Any, cast

from vedette.normalize.attributes import SentAttributes


def entry_size(text: str, attributes: SentAttributes | None) -> int:
    """Bytes of one entry as it was sent."""
    size = _text(text)
    for key, attribute in (attributes or {}).items():
        value = attribute.value
        size += _text(key) + (_text(value) if isinstance(value, str) else _value(value))
    return size


def _text(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _value(value: Any) -> int:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return 0 if value is None else 1
    if isinstance(value, list):
        return sum(map(_value, cast("list[Any]", value)))
    if isinstance(value, dict):
        return sum(_text(key) + _value(inner) for key, inner in cast("dict[str, Any]", value).items())
    return 8
