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
    """Matches a whole folded path (see `folded_paths`); `*` stops at `/`, `**` crosses it."""
    parts: list[str] = re.findall(r"\*\*+|.", fold_path(pattern), re.DOTALL)
    if "*" not in parts:
        return _whole(re.compile(_crossing(parts), re.DOTALL))
    longest = max(re.split(r"[*?]+", fold_path(pattern)), key=len)
    return lambda path: longest in path and _path_match(parts, path)


def _crossing(parts: list[str]) -> str:
    """A pattern whose only stars are `**`: each run after one is found at its first place, for good."""
    runs: list[str] = [""]
    for part in parts:
        if part.startswith("**"):
            runs.append("")
        else:
            runs[-1] += "[^/]" if part == "?" else re.escape(part)
    if len(runs) == 1:
        return rf"{runs[0]}\Z"
    middle = "".join(f"(?>.*?{run})" for run in runs[1:-1])
    return rf"{runs[0]}{middle}.*{runs[-1]}\Z"


def fold_path(path: str) -> str:
    """Lower case, forward slashes."""
    return path.replace("\\", "/").lower()


def folded_paths(*paths: str | None) -> tuple[str, ...]:
    """What path patterns are tried on: each path, and each relative one below a root."""
    found: list[str] = []
    for path in paths:
        if path:
            folded = fold_path(path)
            found.append(folded)
            if folded[0] != "/":
                found.append("/" + folded)
    return tuple(found)


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
