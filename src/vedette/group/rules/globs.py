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
    return _whole(re.compile(_path_pattern(fold_path(pattern)), re.DOTALL))


def _path_pattern(pattern: str) -> str:
    """Runs between `**`, and in them pieces between `*`, each found at its first place, for good.

    The first place is always good enough: a later one leaves less text for what follows. Only the
    last piece is sought from the end.
    """
    runs = [[_piece(text) for text in run.split("*")] for run in re.split(r"\*\*+", pattern)]
    if len(runs) == 1:
        return _to_the_end(runs[0])
    middle = "".join(f"(?>.*?{_first_place(run)})" for run in runs[1:-1])
    return (
        rf"{_first_place(runs[0])}{middle}.*?{_to_the_end(runs[-1])}"
        if any(runs[-1])
        else (rf"{_first_place(runs[0])}{middle}.*\Z")
    )


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
