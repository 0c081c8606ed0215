"""Versions of releases: `package@1.2.3-rc.1+build`, and which of two is newer. No I/O."""

import re
from functools import total_ordering

import msgspec

_NUMBERS = re.compile(
    r"^v?(\d{1,18})(?:\.(\d{1,18}))?(?:\.(\d{1,18}))?(?:\.(\d{1,18}))?"
    r"(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$"
)
_HASH = re.compile(r"^[0-9a-f]{12,64}$")


@total_ordering
class Number(msgspec.Struct, frozen=True, eq=False):
    """A semantic version; up to four numbers, as .NET counts."""

    raw: str
    parts: tuple[int, int, int, int]
    components: int  # how many of the parts were given
    pre: str | None
    build: str | None

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorts as semantic versions do; equal up to the build, the build decides."""
        return self.parts, _pre_rank(self.pre), _identifiers(self.build)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and self.rank == other.rank

    def __lt__(self, other: "Number") -> bool:
        return self.rank < other.rank

    def __hash__(self) -> int:
        return hash(self.rank)


class Version(msgspec.Struct, frozen=True):
    """A release's version: the package before `@`, and its number where it has one."""

    raw: str
    package: str | None
    number: Number | None

    @property
    def short(self) -> str:
        """What people read: `1.2.0 (5)`, a commit cut to twelve digits, else the text itself."""
        text = self.raw.split("@", 1)[1] if self.package else self.raw
        if self.number and self.number.build:
            return f"{text.split('+', 1)[0]} ({self.number.build})"
        return text[:12] if _HASH.match(text) else text


def parse_version(text: str) -> Version:
    package, at, rest = text.partition("@")
    if not at or not package or not rest:
        package, rest = "", text
    match = None if _HASH.match(rest) else _NUMBERS.match(rest)
    return Version(text, package or None, _number(rest, match) if match else None)


def is_newer(version: str, than: str, *, seen_us: int, than_seen_us: int) -> bool:
    """Whether a release comes after another one: by number within a package, else by date.

    `seen_us` and `than_seen_us`: when each was released, or first seen.
    """
    if version == than:
        return False
    one, other = parse_version(version), parse_version(than)
    if one.package == other.package and one.number and other.number:
        return one.number > other.number
    return seen_us > than_seen_us


def _number(raw: str, match: re.Match[str]) -> Number:
    numbers = [int(digits) for digits in match.group(1, 2, 3, 4) if digits]
    filled = [*numbers, 0, 0, 0][:4]
    return Number(
        raw=raw,
        parts=(filled[0], filled[1], filled[2], filled[3]),
        components=len(numbers),
        pre=match[5],
        build=match[6],
    )


def _pre_rank(pre: str | None) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    return (1, ()) if pre is None else (0, _identifiers(pre))  # 1.0.0-rc.1 comes before 1.0.0


def _identifiers(text: str | None) -> tuple[tuple[int, int, str], ...]:
    """Dotted identifiers; numbers sort by value and before words."""
    return tuple(
        (0, int(part), "") if part.isdigit() and len(part) < 19 else (1, 0, part)
        for part in (text.split(".") if text else ())
    )
