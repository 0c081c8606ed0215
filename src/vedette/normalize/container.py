"""Containers: `{"items": […]}`, as spans, logs and metrics travel. Knows JSON; knows nothing of what entries mean.

What is in order is decoded at once. Where anything is not, each entry is looked at by itself: what a
feature cannot use is counted, and its neighbours are kept.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import msgspec
from msgspec import Raw

from vedette.normalize.attributes import SentAttribute, SentAttributes
from vedette.normalize.received import InvalidPayload
from vedette.normalize.sanitize import is_sound, mend

MAX_ENTRIES = 10_000  # of one container; SDKs send a hundred
MOST_MENDED = 1 << 20  # bytes: mending takes thirty times that in memory; containers of SDKs have a tenth
_NOTHING = Raw(b"null")

T = TypeVar("T")
Fields = dict[str, Any]


class IngestSettings(msgspec.Struct, frozen=True):
    """What may be taken from the request: `auto`, `never` or nothing said."""

    infer_ip: str | None = None
    infer_user_agent: str | None = None


_SAID_NOTHING = IngestSettings()


class Contents(msgspec.Struct, Generic[T]):
    """The entries that can be used, in wire order, and how many could not."""

    entries: list[T]
    refused: int
    settings: IngestSettings


class _Strict(msgspec.Struct, Generic[T]):
    items: list[T]
    ingest_settings: IngestSettings = _SAID_NOTHING


class _Loose(msgspec.Struct):
    items: list[Raw]
    ingest_settings: Raw = _NOTHING


_decode_loosely = msgspec.json.Decoder(_Loose).decode


class ContainerReader(Generic[T]):
    """Reads containers of entries of one type.

    `repair` makes an entry of the JSON of one that is not as it should be; None where nothing can be made of it.
    """

    def __init__(self, entry: type[T], repair: Callable[[Raw], T | None], invalid: str) -> None:
        decoder: Any = msgspec.json.Decoder(cast("Any", _Strict)[entry])
        self._decode = cast("Callable[[bytes], _Strict[T]]", decoder.decode)
        self._repair = repair
        self._invalid = invalid

    def read(self, payload: bytes) -> Contents[T]:
        """Raises `InvalidPayload` where there is no list of entries at all."""
        if not is_sound(payload):
            payload = _mended(payload)
        return self._read_strictly(payload) or self._read_each(payload)

    def _read_strictly(self, payload: bytes) -> Contents[T] | None:
        """None where an entry is not in order, or there are too many."""
        try:
            strict = self._decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        if len(strict.items) > MAX_ENTRIES:
            return None
        return Contents(strict.items, 0, strict.ingest_settings)

    def _read_each(self, payload: bytes) -> Contents[T]:
        loose = self._decode_loosely(payload)
        entries: list[T] = []
        for raw in loose.items[:MAX_ENTRIES]:
            entry = self._repaired(raw)
            if entry is not None:
                entries.append(entry)
        return Contents(entries, len(loose.items) - len(entries), _settings(loose.ingest_settings))

    def _decode_loosely(self, payload: bytes) -> _Loose:
        try:
            return _decode_mended(payload)
        except msgspec.ValidationError as error:
            raise InvalidPayload(self._invalid, str(error)) from error
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidPayload("invalid_json", str(error)) from error

    def _repaired(self, raw: Raw) -> T | None:
        try:
            return self._repair(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None


def _decode_mended(payload: bytes) -> _Loose:
    try:
        return _decode_loosely(payload)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_loosely(_mended(payload))


def _mended(payload: bytes) -> bytes:
    if len(payload) > MOST_MENDED:
        raise InvalidPayload("invalid_json", f"{len(payload)} bytes are not mended, limit is {MOST_MENDED}")
    return mend(payload)


def _settings(raw: Raw) -> IngestSettings:
    try:
        return msgspec.json.decode(raw, type=IngestSettings)
    except (msgspec.MsgspecError, RecursionError):
        return _SAID_NOTHING


def by_fields(repair: Callable[[Fields], T | None]) -> Callable[[Raw], T | None]:
    """The repair of an entry that is looked at as an object; of anything else nothing can be made."""

    def repair_raw(raw: Raw) -> T | None:
        fields = msgspec.json.decode(raw)
        return repair(cast("Fields", fields)) if isinstance(fields, dict) else None

    return repair_raw


def text_in(fields: Fields, key: str) -> str | None:
    """A field's text; a number as it was written; None for anything else."""
    value = fields.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def time_in(fields: Fields, key: str) -> float | str | None:
    value = fields.get(key)
    return value if isinstance(value, int | float | str) and not isinstance(value, bool) else None


def attributes_in(fields: Fields) -> SentAttributes:
    """The attributes of an entry, those that lack their wrapping (`"key": "value"`) as if they had it."""
    sent = fields.get("attributes")
    if not isinstance(sent, dict):
        return {}
    return {key: _attribute(value) for key, value in cast("Fields", sent).items()}


def _attribute(sent: Any) -> SentAttribute:
    if isinstance(sent, dict):
        fields = cast("Fields", sent)
        if "value" in fields:
            return SentAttribute(fields["value"], fields.get("type"), fields.get("unit"))
        return SentAttribute(fields)
    return SentAttribute(sent)
