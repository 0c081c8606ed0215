"""Breadcrumbs: the newest hundred, oldest first, with times in epoch seconds."""

from datetime import UTC, datetime

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, Breadcrumb
from vedette.core.time import SECOND_US
from vedette.normalize import bounds
from vedette.normalize.notes import Notes
from vedette.normalize.parts import Crumb, Crumbs

_MAX_SECONDS = 253_402_300_799.0  # the end of year 9999
_encode = msgspec.json.Encoder().encode


def canonical(sent: Crumbs | list[Crumb] | None, shift_us: int, notes: Notes) -> Raw:
    """The canonical list as JSON; absent when there is none. Times are shifted by `shift_us`."""
    crumbs = sent.values if isinstance(sent, Crumbs) else sent
    if not crumbs:
        return ABSENT
    shift_s = shift_us / SECOND_US
    kept: list[Breadcrumb] = []
    for index, crumb in enumerate(crumbs):
        data = crumb.data
        if data is not ABSENT:
            data = _data(data, index, notes)
        kept.append(
            Breadcrumb(
                _seconds(crumb.timestamp, shift_s),
                crumb.type,
                crumb.category,
                crumb.level,
                crumb.message,
                data,
                crumb.event_id,
                crumb.origin,
            )
        )
    return Raw(_encode(kept))


def _seconds(at: float | datetime | None, shift_s: float) -> float | None:
    if at is None:
        return None
    if isinstance(at, datetime):
        at = (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()
    at = round(at + shift_s, 6)
    return at if 0 <= at <= _MAX_SECONDS else None


def _data(data: Raw, index: int, notes: Notes) -> Raw:
    text = bytes(data)
    if text in (b"{}", b"null"):
        return ABSENT
    if text[:1] != b"{":
        data = Raw(b'{"value":' + text + b"}")
    return bounds.bounded(data, bounds.DATA_DEPTH, bounds.DATA_BYTES, ("breadcrumbs", "values", index, "data"), notes)
