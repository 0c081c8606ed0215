"""Typed attributes of spans, logs and metrics → texts and numbers.

On the wire an attribute is `{"type": …, "value": …, "unit": …}` (protocol notes, "Transactions and spans").
The stores keep two maps: texts (truth values as `true` and `false`, lists as JSON) and numbers. What the value is
decides, not what `type` says: SDKs send `integer` for text and text for `integer`.
"""

from itertools import islice
from math import isfinite
from typing import Any

import msgspec

from vedette.normalize.addresses import forget_addresses
from vedette.normalize.people import AUTO, is_address
from vedette.normalize.received import Received
from vedette.normalize.said import SAID, shortened
from vedette.normalize.sizes import utf8_size, value_size

MAX_ATTRIBUTES = 256  # of one entry; more are left out
MAX_KEY = 200  # characters
MAX_TEXT = 8192  # as stored, but for what models were told and said
MAX_SENT = (
    64 * 1024
)  # until it is scrubbed: JSON is looked into up to here, and what is cut is no JSON any more
_INTEGER_TYPES = frozenset(("integer", "double", "number", "float", "int", "i64", "u64"))
_EXACT = 2**53  # integers below are floats without loss
_ADDRESS = "user.ip_address"

Value = str | bool | int | float | list[Any] | dict[str, Any] | None


class SentAttribute(msgspec.Struct, gc=False):
    """One attribute as sent; anything else in it is passed over."""

    value: Value = None
    type: Any = None
    unit: Any = None


SentAttributes = dict[str, SentAttribute]


class Attributes(msgspec.Struct):
    """What of an entry is searched and shown by key. Texts are never empty."""

    texts: dict[str, str] = {}
    numbers: dict[str, float] = {}
    left_out: int = 0  # attributes over the limit
    size_bytes: int = 0  # of all that were sent, as quotas and outcomes count them
    is_long: bool = (
        False  # whether texts are over their limit still, to be `cut_texts` once they are scrubbed
    )

    def put(self, key: str, value: Value) -> None:
        """Keep a value under its key; nothing of it where there is nothing to keep."""
        key = key[:MAX_KEY]
        if isinstance(value, str):
            if value:
                self._put_text(key, value)
        elif isinstance(value, bool):
            self.texts[key] = "true" if value else "false"
        elif isinstance(value, int | float):
            self._put_number(key, value)
        elif value:
            self._put_text(key, msgspec.json.encode(value).decode())

    def take(self, key: str) -> str:
        """The text under a key, which goes; empty where there is none. Numbers come as they were written."""
        found = self.texts.pop(key, "")
        if found or not self.numbers:
            return found
        number = self.numbers.pop(key, None)
        return "" if number is None else number_text(number)

    def take_number(self, key: str) -> float | None:
        """The number under a key, which goes; a text that is a finite one counts."""
        found = self.numbers.pop(key, None)
        if found is not None:
            return found
        text = self.texts.get(key)
        number = None if text is None else _read_number(text)
        if number is None or not isfinite(number):
            return None
        del self.texts[key]
        return number

    def text(self, key: str) -> str:
        """The text under a key, which stays; empty where there is none."""
        found = self.texts.get(key)
        if found is not None:
            return found
        number = self.numbers.get(key)
        return "" if number is None else number_text(number)

    def _put_text(self, key: str, text: str) -> None:
        if len(text) > MAX_TEXT:
            self.is_long = True
            if len(text) > MAX_SENT:
                text = shortened(text, MAX_SENT) if key in SAID else text[:MAX_SENT]
        self.texts[key] = text

    def _put_number(self, key: str, value: float) -> None:
        try:
            number = float(value)
        except OverflowError:  # an integer past what a float reaches
            self.texts[key] = str(value)[:MAX_TEXT]
            return
        if isfinite(number):
            self.numbers[key] = number


def attributes_of(sent: SentAttributes | None, facts: Received, infer_ip: str | None = None) -> Attributes:
    """The attributes of one entry. `{{auto}}` addresses become the connection's, or go.

    Where `is_long` says so, texts are to be cut once they are scrubbed.
    `infer_ip`: `ingest_settings.infer_ip` of the container: with `auto` an absent address is the connection's.
    """
    kept = Attributes()
    if sent:
        _keep(sent if len(sent) <= MAX_ATTRIBUTES else _bounded(sent, kept), kept)
    resolve_address(kept, facts, infer_ip)
    return kept


def _keep(sent: SentAttributes, kept: Attributes) -> None:
    """What `put` does of each, without a call for what nearly all are: short texts and numbers."""
    texts, numbers = kept.texts, kept.numbers
    size = 0
    for key, attribute in sent.items():
        value = attribute.value
        if (
            type(value) is str
            and attribute.type == "string"
            and len(key) <= MAX_KEY
            and len(value) <= MAX_TEXT
        ):
            size += len(key) + len(value) if key.isascii() and value.isascii() else utf8_size(key + value)
            if value:
                texts[key] = value
        elif (
            (type(value) is int or type(value) is float) and -_EXACT < value < _EXACT and len(key) <= MAX_KEY
        ):
            size += 8 + (len(key) if key.isascii() else utf8_size(key))
            numbers[key] = float(value)
        else:
            size += utf8_size(key) + value_size(value)
            kept.put(key, _typed(attribute))
    kept.size_bytes += size


def _bounded(sent: SentAttributes, kept: Attributes) -> SentAttributes:
    """The first of too many; what is left out counts for its size all the same."""
    kept.left_out = len(sent) - MAX_ATTRIBUTES
    gone = islice(sent.items(), MAX_ATTRIBUTES, None)
    kept.size_bytes = sum(utf8_size(key) + value_size(attribute.value) for key, attribute in gone)
    return dict(islice(sent.items(), MAX_ATTRIBUTES))


def _typed(attribute: SentAttribute) -> Value:
    """The value; text that says it is a number (64-bit integers travel so) as that number."""
    value = attribute.value
    kind = attribute.type  # anything at all, as sent
    if isinstance(value, str) and isinstance(kind, str) and kind in _INTEGER_TYPES:
        number = _read_number(value)
        return value if number is None else number
    return value


def _read_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def cut_texts(texts: dict[str, str]) -> None:
    """Bring scrubbed texts to what is stored of them, in place."""
    for key, text in texts.items():
        if len(text) > MAX_TEXT and key not in SAID:
            texts[key] = text[:MAX_TEXT]


def number_text(number: float) -> str:
    """A number as people write it: `5`, not `5.0`."""
    return str(int(number)) if number == int(number) and abs(number) < 2**53 else repr(number)


def resolve_address(kept: Attributes, facts: Received, infer_ip: str | None) -> None:
    """Make `user.ip_address` one that may be kept, or none; `infer_ip` as for `attributes_of`.

    Of a project that stores no addresses all keys for them go.
    """
    if not facts.store_ips:
        forget_addresses(kept.texts, kept.numbers)
        return
    sent = kept.texts.get(_ADDRESS)
    connection = facts.client_ip if infer_ip != "never" else None
    if sent == AUTO or (sent is None and infer_ip == "auto"):
        kept.texts.pop(_ADDRESS, None)
        kept.put(_ADDRESS, connection)
    elif sent is not None and not is_address(sent):
        del kept.texts[_ADDRESS]
