"""What was made of texts before, within a bound on memory: of many short texts, of some long ones."""

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

SHORT = 1024  # characters of all arguments together: nearly all queries and URLs are
_MANY = 20_000
_SOME = 256  # of 8192 characters: 2 MB

P = ParamSpec("P")
R = TypeVar("R")


def remembered(function: Callable[P, R]) -> tuple[Callable[P, R], Callable[P, R]]:
    """A pure function twice, each remembering: to be called for what is `SHORT`, and for what is longer."""
    short, long = lru_cache(_MANY)(function), lru_cache(_SOME)(function)
    return cast("Callable[P, R]", short), cast("Callable[P, R]", long)
