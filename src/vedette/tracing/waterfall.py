"""The spans of a trace as the page of its waterfall reads them: columns, ids in one text, parents by place. Pure.

Of what rows with an id and a parent in each took it is a third to send, and a tenth to make. Keep in step with
web/src/lib/trace.ts.
"""

import sys
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

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
    places = {span_id: place for place, span_id in enumerate(ids)}
    parents = _picked(found.numbers("parent_span_id"), order)
    parent = [places.setdefault(above, len(places)) if above else -1 for above in parents]
    is_segment = _picked(found.numbers("is_segment"), order)
    return {
        "start": starts[0] / SECOND_US if starts else 0,
        "ids": _hex(places),
        "parent": parent,
        "start_us": [at - before for at, before in zip(starts, [*starts[:1], *starts], strict=False)],
        "duration_us": _picked(found.numbers("duration_us"), order),
        "self_us": _picked(found.numbers("self_us"), order),
        "segments": [place for place, one in enumerate(is_segment) if one],
        "project": _coded(_picked(found.numbers("project_id"), order), slugs),
        **{name: _texts(found.texts(name), order) for name in TEXTS},
    }


def _order(found: Columns) -> list[int]:
    """Rows by start, the longest first, each span's last row alone: one may have been sent twice."""
    ids = found.numbers("span_id")
    rows = list({span_id: row for row, span_id in enumerate(ids)}.values())
    rows.sort(key=ids.__getitem__)
    rows.sort(key=found.numbers("duration_us").__getitem__, reverse=True)
    rows.sort(key=found.numbers("ts").__getitem__)
    return rows


def _picked(column: Sequence[int], order: Sequence[int]) -> list[int]:
    return list(map(column.__getitem__, order))


def _texts(column: Coded, order: Sequence[int]) -> Json:
    return _coded(_picked(column.codes, order), column.texts)


def _coded(codes: Sequence[int], texts: Mapping[int, str] | Sequence[str]) -> Json:
    """Only the texts that are used, in the order of their use: what else there is may be others'."""
    numbers = {code: number for number, code in enumerate(dict.fromkeys(codes))}
    return {"texts": [texts[code] for code in numbers], "codes": list(map(numbers.__getitem__, codes))}


def _hex(ids: Mapping[int, int]) -> str:
    digits = array("Q", ids)
    if sys.byteorder == "little":
        digits.byteswap()
    return digits.tobytes().hex()
