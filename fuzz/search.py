"""Fuzz the search language: read, understand, write back, complete.

    python fuzz/search.py [seconds]

Prints the number of queries tried; any surprise is an exception with the query in it.
"""

import random
import sys
import time

from vedette.search.bind import bind
from vedette.search.error import SearchError
from vedette.search.issue_keys import ISSUE_KEYS
from vedette.search.parse import MAX_CHARACTERS, parse
from vedette.search.suggest import suggest
from vedette.search.write import write

PIECES = (
    *'!"\\*()[],: <>=\n\té\u2028#@/-',
    *(
        "is:",
        "has:",
        "level:",
        "age:",
        "tags[",
        "flags[",
        '"]',
        " OR ",
        " AND ",
        "or",
        "and",
        "-24h",
        ">=",
        "!=",
    ),
    *(
        "times_seen:>",
        "release:",
        "latest",
        "a.b",
        "count()",
        "p95(x):",
        "2026-01-02",
        "T03:04",
        "1k",
        "50%",
        "true",
    ),
)
SLOWEST_S = 0.5


def query(rng: random.Random) -> str:
    size = rng.choice((3, 10, 30, 3000))
    if rng.random() < 0.1:
        return rng.choice(PIECES) * size + "".join(rng.choices(PIECES, k=5))
    return "".join(rng.choices(PIECES, k=rng.randint(0, size)))


def try_one(source: str) -> None:
    suggest(source, len(source) // 2, ISSUE_KEYS)
    try:
        tree = parse(source, ISSUE_KEYS.knows)
    except SearchError as error:
        assert 0 <= error.position <= len(source), source
        return
    written = write(tree)
    assert len(written) > MAX_CHARACTERS or parse(written, ISSUE_KEYS.knows) == tree, source
    try:
        bind(tree, ISSUE_KEYS, 1_800_000_000_000_000)
    except SearchError as error:
        assert 0 <= error.position <= len(source), source


def main(seconds: float) -> None:
    rng = random.Random(7)
    tried = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        source = query(rng)
        began = time.perf_counter()
        try_one(source)
        took = time.perf_counter() - began
        assert took < SLOWEST_S, f"{took:.2f} s for {source[:200]!r}"
        tried += 1
    print(f"{tried} queries, no surprise")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
