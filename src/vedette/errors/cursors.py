"""Where a page of issues begins: written for a URL, read back from anybody."""

import re
from typing import NamedTuple

_TEXT = re.compile(r"(\d{1,17})_(-?\d{1,18})_(\d{1,18}):0:([01])")


class IssueCursor(NamedTuple):
    """Issues after (or, `back`, before) this one in the order of the search.

    `end_us` is the end of time that the first page saw: later events change no later page.
    """

    end_us: int
    key: int  # the issue's place in the order: a time or a count
    issue_id: int
    back: bool = False

    def __str__(self) -> str:
        return f"{self.end_us}_{self.key}_{self.issue_id}:0:{int(self.back)}"


def read_cursor(text: str) -> IssueCursor | None:
    """The cursor in a URL; None for an empty one, and for what we have not written."""
    match = _TEXT.fullmatch(text)
    if not match:
        return None
    return IssueCursor(int(match[1]), int(match[2]), int(match[3]), match[4] == "1")
