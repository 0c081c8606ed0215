"""Patterns of rules. Every match takes time proportional to text times pattern at worst."""

import fnmatch
import re
from collections.abc import Callable

Test = Callable[[str], bool]
_WILD = re.compile(r"[*?\[]")


def text_glob(pattern: str, *, ignore_case: bool = False) -> Test:
    """Matches the whole text; `*` any run, `?` one character, `[…]` one of a set."""
    if ignore_case:
        folded = text_glob(pattern.lower())
        return lambda text: folded(text.lower())
    if not _WILD.search(pattern):
        return pattern.__eq__
    # fnmatch puts each run after a star into an atomic group: no backtracking between stars
    return _whole(re.compile(fnmatch.translate(pattern), re.DOTALL))


def _whole(pattern: re.Pattern[str]) -> Test:
    return lambda text: pattern.match(text) is not None


def path_glob(pattern: str) -> Test:
    """Matches a whole path, `/` and `\\` alike, ignoring case; `*` stops at `/`, `**` crosses it.

    A relative pattern also matches below any root: the text is tried with a leading `/` too.
    """
    parts = _path_parts(fold_path(pattern))

    def test(text: str) -> bool:
        path = fold_path(text)
        return _path_match(parts, path) or (path[:1] != "/" and _path_match(parts, "/" + path))

    return test


def fold_path(path: str) -> str:
    """Lower case, forward slashes."""
    return path.replace("\\", "/").lower()


def _path_parts(pattern: str) -> list[str]:
    """Single characters, `*`, `**` and `?`, ready for matching."""
    return re.findall(r"\*\*+|.", pattern, re.DOTALL)


def _path_match(parts: list[str], text: str) -> bool:
    """Greedy matching with two points to return to: the last `*` and the last `**`."""
    p = t = 0
    star = (-1, -1)  # where to resume in parts and text after the last `*` …
    cross = (-1, -1)  # … and after the last `**`
    while t < len(text):
        part = parts[p] if p < len(parts) else ""
        if part.startswith("**"):
            p += 1
            cross, star = (p, t), (-1, -1)
        elif part == "*":
            p += 1
            star = (p, t)
        elif part == text[t] or (part == "?" and text[t] != "/"):
            p, t = p + 1, t + 1
        elif star[0] >= 0 and text[star[1]] != "/":
            star = (star[0], star[1] + 1)
            p, t = star
        elif cross[0] >= 0:
            cross, star = (cross[0], cross[1] + 1), (-1, -1)
            p, t = cross
        else:
            return False
    return all(part.startswith("*") for part in parts[p:])
