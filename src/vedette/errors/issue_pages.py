"""Pages of issues in order: what is on one, and where those beside it begin."""

from collections.abc import Sequence
from dataclasses import dataclass

from vedette.errors.cursors import IssueCursor
from vedette.errors.issue_records import Ranked

MAX_HITS = 1000


@dataclass(frozen=True, slots=True)
class IssuePage:
    """Ids of the issues in order, where the pages beside it begin, and how many there are.

    `hits` counts up to `MAX_HITS`; it is the least there is when a scan by date ended with
    a full page before the end of time (`hits_exact` false).
    """

    issue_ids: tuple[int, ...]
    previous: IssueCursor
    next: IssueCursor
    has_previous: bool
    has_next: bool
    hits: int
    hits_exact: bool = True


def page_of(ranked: Sequence[Ranked], limit: int, cursor: IssueCursor | None, end_s: int) -> IssuePage:
    """The cursor's page of issues in order."""
    hits = min(len(ranked), MAX_HITS)
    mark = (cursor.key, cursor.issue_id) if cursor else None
    if mark is None:
        start, end = 0, limit
    elif cursor and cursor.back:
        end = sum(one > mark for one in ranked)
        start = max(end - limit, 0)
    else:
        start = sum(one >= mark for one in ranked)
        end = start + limit
    return framed(ranked[start:end], cursor, end_s, start > 0, end < len(ranked), hits)


def framed(
    shown: Sequence[Ranked],
    cursor: IssueCursor | None,
    end_s: int,
    has_previous: bool,
    has_next: bool,
    hits: int,
) -> IssuePage:
    """The page with the cursors beside it; an empty one leads back to where it came from."""
    here = Ranked(cursor.key, cursor.issue_id) if cursor else Ranked(0, 0)
    first, last = (shown[0], shown[-1]) if shown else (here, here)
    return IssuePage(
        issue_ids=tuple(one.issue_id for one in shown),
        previous=IssueCursor(*first, end_s, back=True),
        next=IssueCursor(*last, end_s),
        has_previous=has_previous,
        has_next=has_next,
        hits=hits,
    )
