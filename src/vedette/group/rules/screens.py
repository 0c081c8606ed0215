"""Many rules looked at together: one expression says whether any of them may concern a frame.

Of some hundred rules hardly one concerns a given frame. Without screens a new frame costs a
look at each.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from vedette.group.rules.globs import path_pattern, text_pattern
from vedette.group.rules.matchers import FrameView, Matcher

Texts = Callable[[FrameView], Iterable[str]]


class Screen(NamedTuple):
    """Rules by number; none of them concerns a frame none of whose texts matches. No union: always look."""

    texts: Texts
    union: re.Pattern[str] | None
    rules: tuple[int, ...]

    def may_concern(self, view: FrameView) -> bool:
        return self.union is None or any(map(self.union.match, self.texts(view)))


_SCREENED: dict[str, tuple[Texts, Callable[[str], str]]] = {
    "stack.module": (lambda v: (v.frame.module,) if v.frame.module is not None else (), text_pattern),
    "stack.function": (lambda v: (v.frame.function,) if v.frame.function is not None else (), text_pattern),
    "stack.abs_path": (lambda v: v.paths, path_pattern),
    "stack.package": (lambda v: v.packages, path_pattern),
}


def screens_for(rules: Sequence[tuple[int, Sequence[Matcher]]]) -> tuple[Screen, ...]:
    """Screens over numbered rules, each given by the conditions that a frame alone decides."""
    by_key: dict[str, list[tuple[int, str]]] = {key: [] for key in _SCREENED}
    unscreened: list[int] = []
    for number, matchers in rules:
        first = next((m for m in matchers if m.key in _SCREENED and not m.negated), None)
        if first is None:
            unscreened.append(number)
        else:
            by_key[first.key].append((number, first.pattern))
    found = [_screen(key, rows) for key, rows in by_key.items() if rows]
    if unscreened:
        found.append(Screen(_no_texts, None, tuple(unscreened)))
    return tuple(found)


def _no_texts(view: FrameView) -> Iterable[str]:
    return ()


def _screen(key: str, rows: list[tuple[int, str]]) -> Screen:
    texts, source = _SCREENED[key]
    union = re.compile("|".join(f"(?:{source(pattern)})" for _, pattern in rows), re.DOTALL)
    return Screen(texts, union, tuple(number for number, _ in rows))
