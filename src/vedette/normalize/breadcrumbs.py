"""Breadcrumbs: the newest hundred, oldest first."""

from datetime import UTC, datetime

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT
from vedette.core.time import SECOND_US
from vedette.normalize import bounds
from vedette.normalize.notes import Notes
from vedette.normalize.parts import Crumb, Crumbs

_EMPTY = Raw(b"{}")
_BETWEEN = b"\0"  # JSON has none
_encode = msgspec.json.Encoder().encode


def canonical(sent: Crumbs | list[Crumb] | None, shift_us: int, notes: Notes) -> Raw:
    """The list as JSON of `core.event.Breadcrumb`; absent when there is none. Times are shifted."""
    crumbs = sent.values if isinstance(sent, Crumbs) else sent
    if not crumbs:
        return ABSENT
    _bound(crumbs, notes)
    if shift_us:
        for crumb in crumbs:
            crumb.timestamp = _shifted(crumb.timestamp, shift_us / SECOND_US)
    return Raw(_encode(crumbs))


def _bound(crumbs: list[Crumb], notes: Notes) -> None:
    """Data within its limits, none that is empty. A list may hold a hundred: most are settled at a glance."""
    bags: list[Raw] = []
    for crumb in crumbs:
        bag = crumb.data
        if bag == _EMPTY:
            crumb.data = ABSENT
        elif bag is not ABSENT:
            bags.append(bag)
    if not bags or _are_plain(bags):
        return
    for index, crumb in enumerate(crumbs):
        if crumb.data is not ABSENT:
            _bound_data(crumb, index, notes)


def _are_plain(bags: list[Raw]) -> bool:
    """Whether all are objects within the limits, told by a few looks at all at once."""
    text = _BETWEEN.join(bags)
    return (
        text.startswith(b"{")
        and text.count(_BETWEEN + b"{") == len(bags) - 1
        and (len(text) <= bounds.DATA_BYTES or max(map(len, bags)) <= bounds.DATA_BYTES)
        and bounds.openings(text) < len(bags) + bounds.DATA_DEPTH
    )


def _bound_data(crumb: Crumb, index: int, notes: Notes) -> None:
    text = bytes(crumb.data)
    if text == b"null":
        crumb.data = ABSENT
        return
    if text[:1] != b"{":
        text = b'{"value":%s}' % text
        crumb.data = Raw(text)
    if not bounds.fits(text, bounds.DATA_DEPTH, bounds.DATA_BYTES):
        path = ("breadcrumbs", "values", index, "data")
        crumb.data = bounds.bounded(crumb.data, bounds.DATA_DEPTH, bounds.DATA_BYTES, path, notes)


def _shifted(at: float | datetime | None, shift_s: float) -> float | None:
    if at is None:
        return None
    if isinstance(at, datetime):
        at = (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()
    return round(at + shift_s, 6)
