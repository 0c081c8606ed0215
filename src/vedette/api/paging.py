"""Pages and the `Link` header: exactly the form that simple parsers of clients read.

A cursor is `value:offset:is_prev`. Lists by offset use the last two; lists by key set the
value and count rows that share it. Clients treat it as opaque.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Response

T = TypeVar("T")
V = TypeVar("V")
MOST = 100
_CURSOR = re.compile(r"^(-?[0-9]{1,19}):([0-9]{1,19}):([01])$")
_OFFSETS = 1 << 63  # what a store can count to
_LAST_OFFSET = (1 << 32) - 1  # telemetry skips no more rows, and no list has so many


class Cursor(msgspec.Struct, frozen=True):
    value: int = 0
    offset: int = 0
    is_prev: bool = False

    def __str__(self) -> str:
        return f"{self.value}:{self.offset}:{int(self.is_prev)}"


def parse_cursor(text: str) -> Cursor | None:
    """None for an empty text (first page) and for one that is not a cursor."""
    match = _CURSOR.match(text)
    if match is None or int(match[2]) >= _OFFSETS:
        return None
    return Cursor(int(match[1]), int(match[2]), match[3] == "1")


class PageRequest(msgspec.Struct, frozen=True):
    """Which page the caller wants. Ask the store for `limit + 1` rows to learn whether more follow."""

    url: str  # absolute, without query
    parameters: tuple[tuple[str, str], ...]  # the caller's, without `cursor`
    limit: int = MOST
    cursor: Cursor | None = None

    @property
    def offset(self) -> int:
        return min(self.cursor.offset, _LAST_OFFSET) if self.cursor else 0

    def page(self, rows: Sequence[T], view: Callable[[T], V]) -> Response[list[V]]:
        """The answer for a list read by offset: `rows` are `limit + 1` from `offset` on."""
        shown = [view(row) for row in rows[: self.limit]]
        back = Cursor(0, max(self.offset - self.limit, 0), True)
        onward = Cursor(0, self.offset + self.limit)
        return self.linked(
            shown, previous=back, next_=onward, has_previous=self.offset > 0, has_next=len(rows) > self.limit
        )

    def whole(self, rows: list[V]) -> Response[list[V]]:
        """The answer for a list that is given from memory: cut to the page."""
        return self.page(rows[self.offset : self.offset + self.limit + 1], lambda row: row)

    def linked(
        self,
        content: V,
        *,
        previous: object,
        next_: object,
        has_previous: bool,
        has_next: bool,
        headers: dict[str, str] | None = None,
    ) -> Response[V]:
        """Any content with the `Link` header for these cursors, whose text is what clients send back."""
        link = f"{self._link('previous', previous, has_previous)}, {self._link('next', next_, has_next)}"
        return Response(content, headers={"Link": link, **(headers or {})})

    def _link(self, rel: str, cursor: object, results: bool) -> str:
        query = urlencode((*self.parameters, ("cursor", str(cursor))), safe=":")
        return f'<{self.url}?{query}>; rel="{rel}"; results="{str(results).lower()}"; cursor="{cursor}"'
