"""Where a page of issues begins: written for a URL, read back from anybody."""

import re
from typing import NamedTuple

from vedette.core.time import SECOND_US

_TEXT = re.compile(r"(-?[0-9]{1,19}):([0-9]{10,19}):([01])")
_KEYS = 1 << 63  # what a store can hold
_IDS = 1_000_000_000  # issue ids are below this, or the page begins at its first issue again


class IssueCursor(NamedTuple):
    """Issues after (or, `back`, before) this one in the order of the search.

    Written `value:offset:is_prev` as all cursors are: the value is `key`, the offset holds
    the other two. `end_s` is the end of time (epoch seconds) that the first page saw, so
    that events which come later do not move issues from one page to another.
    """

    key: int  # the issue's place in the order: a time, a count
    issue_id: int
    end_s: int
    back: bool = False

    def __str__(self) -> str:
        return f"{self.key}:{self.end_s * _IDS + self.issue_id % _IDS}:{int(self.back)}"


def read_cursor(text: str) -> IssueCursor | None:
    """The cursor in a URL; None for an empty one, and for what we have not written."""
    match = _TEXT.fullmatch(text)
    if not match or abs(int(match[1])) >= _KEYS:
        return None
    end_s, issue_id = divmod(int(match[2]), _IDS)
    return IssueCursor(int(match[1]), issue_id, end_s, match[3] == "1")


def end_of(cursor: IssueCursor | None, now_us: int) -> int:
    """The end of time that a page sees, in whole seconds: the cursor's, or the second after now."""
    return cursor.end_s if cursor else now_us // SECOND_US + 1
