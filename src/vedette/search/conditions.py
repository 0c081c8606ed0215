"""A query whose keys and values are understood: what stores and evaluators work from."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from vedette.search.keys import KeySpec
from vedette.search.text import Text
from vedette.search.tree import Tree


@dataclass(frozen=True, slots=True)
class Exists:
    """The key has a value (not empty)."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The value is one of these texts. Exact texts compare as they are, wildcards without case."""

    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Contains:
    """The text stands somewhere in the value, without case."""

    text: Text


@dataclass(frozen=True, slots=True)
class Compares:
    """The number stands in this relation. Durations are ms, sizes bytes, percents fractions."""

    op: Literal[">", ">=", "<", "<="]
    number: float


@dataclass(frozen=True, slots=True)
class Equals:
    """The number is one of these."""

    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The time is at or after `from_us` and before `to_us`; None is open."""

    from_us: int | None
    to_us: int | None


@dataclass(frozen=True, slots=True)
class Truth:
    """The value is true, or is false."""

    value: bool


@dataclass(frozen=True, slots=True)
class Version:
    """The version stands in this relation to that one (semantic versioning)."""

    op: Literal[">", ">=", "<", "<="]
    version: str


Test: TypeAlias = Exists | Matches | Contains | Compares | Equals | Within | Truth | Version


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one key. Negated: also true where there is no value."""

    key: KeySpec
    test: Test
    negated: bool = False
    at: int = field(default=0, compare=False)


Conditions: TypeAlias = Tree[Condition]
