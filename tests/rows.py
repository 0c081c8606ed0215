"""`make rows`: which rows of the checklist have a test, by their marks `row(N)`."""

import re
from pathlib import Path

ROWS = range(1, 270)
_MARK = re.compile(r"mark\.row\((\d+)\)")


def marked() -> set[int]:
    """Numbers that some test is marked with."""
    texts = (path.read_text() for path in Path(__file__).parent.rglob("test_*.py"))
    return {int(number) for text in texts for number in _MARK.findall(text)}


if __name__ == "__main__":
    missing = sorted(set(ROWS) - marked())
    print(f"{len(ROWS) - len(missing)} of {len(ROWS)} rows have a test; without one:")
    print(" ".join(map(str, missing)))
