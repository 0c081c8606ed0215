"""The spans of a trace as the page of its waterfall reads them: columns, ids in one text, parents by place. Pure.

Of what rows with an id and a parent in each took it is a third to send, and a tenth to make. Keep in step with
web/src/lib/trace.ts.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from operator import eq, sub
from typing import Any, cast

from vedette.core.time import SECOND_US
from vedette.storage.telemetry.blocks import Coded, Columns

NUMBERS = ("span_id", "parent_span_id", "project_id", "is_segment", "ts", "duration_us", "self_us")
TEXTS = ("op", "description", "status", "category", "transaction")
Json = dict[str, Any]


def waterfall(found: Columns, slugs: Mapping[int, str]) -> Json:
    """Columns of the spans by start, each span once. `found` has the columns of `NUMBERS` and `TEXTS`.

    `ids`: 16 hex digits of each span, after them those of parents that are not among the spans. `parent`: the place of
    its id, -1 for none. `start_us` counts from the span before, the first from `start`. `segments`: places of segments.
    A column of texts has each text once, and of each span the number of its text.
    """
    order = _order(found)
    starts = _picked(found.numbers("ts"), order)
    ids = _picked(found.numbers("span_id"), order)
    parent, elsewhere = _places(ids, _picked(found.numbers("parent_span_id"), order))
    is_segment = _picked(found.numbers("is_segment"), order)
    return {
        "start": starts[0] / SECOND_US if starts else 0,
        "ids": _hex(ids + elsewhere),
        "parent": parent,
        "start_us": list(map(sub, starts, [*starts[:1], *starts])),
        "duration_us": _picked(found.numbers("duration_us"), order),
        "self_us": _picked(found.numbers("self_us"), order),
        "segments": [place for place, one in enumerate(is_segment) if one],
        "project": _coded(_picked(found.numbers("project_id"), order), slugs),
        **{name: _texts(found.texts(name), order) for name in TEXTS},
    }


def _order(found: Columns) -> list[int]:
    """Rows by start, the longest first, each span's last row alone: one may have been sent twice."""
    ids, starts, durations = (found.numbers(name) for name in ("span_id", "ts", "duration_us"))
    rows = list(dict(zip(ids, range(len(ids)), strict=True)).values())
    rows.sort(key=starts.__getitem__)
    # few begin in the same microsecond: only these are compared by more
    for begin, end in _runs(_picked(starts, rows)):
        rows[begin:end] = sorted(rows[begin:end], key=lambda row: (-durations[row], ids[row]))
    return rows


def _runs(values: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Begin and end of what repeats, of values in order."""
    end = 0
    for at in compress(range(len(values)), map(eq, values, values[1:])):
        if at >= end:
            end = bisect_right(values, values[at], at)
            yield at, end


def _places(ids: Sequence[int], parents: Sequence[int]) -> tuple[list[int], list[int]]:
    """The place of each parent among the ids, -1 for none; those that are not among them have places after them."""
    places = dict(zip(ids, range(len(ids)), strict=True))
    found = list(map(places.get, parents))
    beyond: dict[int, int] = {}
    for at, place in enumerate(found):
        if place is None:
            above = parents[at]
            found[at] = beyond.setdefault(above, len(ids) + len(beyond)) if above else -1
    return cast("list[int]", found), list(beyond)


def _picked(column: Sequence[int], order: Sequence[int]) -> list[int]:
    return list(map(column.__getitem__, order))


def _texts(column: Coded, order: Sequence[int]) -> Json:
    return _coded(_picked(column.codes, order), column.texts)


def _coded(codes: Sequence[int], texts: Mapping[int, str] | Sequence[str]) -> Json:
    """Only the texts that are used, in the order of their use: what else there is may be others'."""
    numbers = {code: number for number, code in enumerate(dict.fromkeys(codes))}
    return {"texts": [texts[code] for code in numbers], "codes": list(map(numbers.__getitem__, codes))}


def _hex(ids: list[int]) -> str:
    digits = array("Q", ids)
    if sys.byteorder == "little":
        digits.byteswap()
    return digits.tobytes().hex()
