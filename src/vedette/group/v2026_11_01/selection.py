"""Which frames of a stack were chosen, and how repetition is taken out."""

import re
from typing import NamedTuple

LONGEST_CYCLE = 16
_CYCLE = re.compile(rf"(.{{1,{LONGEST_CYCLE}}}?)\1+", re.DOTALL)


class Selection(NamedTuple):
    """Frames of one variant by position, oldest first."""

    kept: list[int]
    marked: frozenset[int]  # crash frames, whose context line counts
    text: str  # what of the stack enters the hash; empty when nothing does
    refusal: str | None = None  # why the whole stack does not count


Outline = tuple[Selection, Selection]  # of all frames, of those in-app


def without_cycles(positions: list[int], tokens: list[str]) -> list[int]:
    """Positions with every repeated cycle of up to 16 frames told once, the one nearest to the crash.

    Recursion of any depth, direct or through others, thus gives the same stack.
    """
    letters: dict[str, str] = {}
    for token in tokens:
        letters.setdefault(token, chr(0x100 + len(letters)))
    word = "".join(letters[token] for token in reversed(tokens))  # newest first, a letter a frame
    kept = positions[::-1]
    while True:
        cycles = [(m.start() + len(m.group(1)), m.end()) for m in _CYCLE.finditer(word)]
        if not cycles:
            return kept[::-1]
        for start, end in reversed(cycles):
            word = word[:start] + word[end:]
            del kept[start:end]
