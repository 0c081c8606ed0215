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
    return _whole(re.compile(text_pattern(pattern), re.DOTALL))


def text_pattern(pattern: str) -> str:
    """A text pattern as an expression; each run after a star is atomic, so nothing is tried twice."""
    return fnmatch.translate(pattern)


def _whole(pattern: re.Pattern[str]) -> Test:
    return lambda text: pattern.match(text) is not None


def path_glob(pattern: str) -> Test:
    """Matches a whole folded path (see `folded_paths`); `*` stops at `/`, `**` crosses it."""
    return _whole(re.compile(path_pattern(pattern), re.DOTALL))


def path_pattern(pattern: str) -> str:
    """A path pattern as an expression over folded paths.

    Runs between `**`, and in them pieces between `*`, are each found at their first place, for good.

    That is good enough: a later one leaves less text for what follows. Only the
    last piece is sought from the end.
    """
    first, *others = [
        [_piece(text) for text in run.split("*")] for run in re.split(r"\*\*+", fold_path(pattern))
    ]
    if not others:
        return _to_the_end(first)
    middle = "".join(f"(?>.*?{_first_place(run)})" for run in others[:-1])
    end = f".*?{_to_the_end(others[-1])}" if any(others[-1]) else r".*\Z"
    return _first_place(first) + middle + end


def _piece(text: str) -> str:
    return "".join("[^/]" if char == "?" else re.escape(char) for char in text)


def _first_place(pieces: list[str]) -> str:
    return pieces[0] + "".join(f"(?>[^/]*?{piece})" for piece in pieces[1:])


def _to_the_end(pieces: list[str]) -> str:
    if len(pieces) == 1:
        return rf"{pieces[0]}\Z"
    return rf"{_first_place(pieces[:-1])}[^/]*{pieces[-1]}\Z"


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
