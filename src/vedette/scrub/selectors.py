"""Selectors: where in an event a rule applies.

    $user.ip_address          a field of the user, wherever the user stands
    extra.foo, extra.'a b'.*  from the top of the event
    **, $string, $frame.vars.**
    a && b, a || b, !a, (a)

Keys match in any case. A path that begins with a type (`$…`) may begin anywhere; one that begins
with a key begins at the top.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

MAX_SELECTOR_CHARS = 2000
_MAX_NESTING = 50


class Place(NamedTuple):
    """One step of the way to a value: the key it stands under, lower-case, and its types."""

    key: str
    types: frozenset[str]


Way = tuple[Place, ...]  # from the event itself (key "") to the value
Selector = Callable[[Way], bool]

TYPES = frozenset(
    (
        *("string", "number", "boolean", "array", "object", "event", "error", "exception", "stacktrace"),
        *(
            "frame",
            "http",
            "request",
            "user",
            "logentry",
            "message",
            "thread",
            "breadcrumb",
            "sdk",
            "context",
        ),
        *("tags", "span", "log", "trace_metric"),
    )
)
_TOKEN = re.compile(r"\s*(?:(\|\||&&|!|\(|\))|((?:'(?:[^']|'')*'|[^\s'()|&!])+))")


class InvalidSelector(ValueError):
    """The text is no selector; the message says why."""


class Parsed(NamedTuple):
    matches: Selector
    explicit: bool  # ends in a key: may also reach what other selectors leave alone
    roots: frozenset[str] | None  # top-level parts it can reach; None for all
    wild: (
        bool | None
    )  # ends in `*` or `**`: means values, not the containers around them; None: only `!` so far
    spreads: bool  # a container it meets is met with all that is in it; not so with exceptions (`!`)


def parse(text: str) -> Parsed:
    """The selector of a text. Raises `InvalidSelector`."""
    if len(text) > MAX_SELECTOR_CHARS:
        raise InvalidSelector(f"selector is {len(text)} characters, limit is {MAX_SELECTOR_CHARS}")
    parser = _Parser(_tokens(text), text)
    parsed = parser.alternatives(0)
    if parser.rest():
        raise InvalidSelector(f"unexpected '{parser.rest()}' in selector '{text}'")
    return parsed


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise InvalidSelector(f"cannot read selector '{text}' at character {at + 1}")
        found.append(match[1] or match[2])
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[str], text: str) -> None:
        self._tokens = tokens
        self._text = text
        self._at = 0

    def rest(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, token: str) -> bool:
        if self.rest() != token:
            return False
        self._at += 1
        return True

    def alternatives(self, depth: int) -> Parsed:
        left = self._conjunction(depth)
        while self._take("||"):
            left = _either(left, self._conjunction(depth))
        return left

    def _conjunction(self, depth: int) -> Parsed:
        left = self._negation(depth)
        while self._take("&&"):
            left = _both(left, self._negation(depth))
        return left

    def _negation(self, depth: int) -> Parsed:
        if depth > _MAX_NESTING:
            raise InvalidSelector("selector is nested too deep")
        if self._take("!"):
            inner = self._negation(depth + 1)
            return Parsed(_not(inner), False, None, None, False)
        if self._take("("):
            inner = self.alternatives(depth + 1)
            if not self._take(")"):
                raise InvalidSelector(f"missing ')' in selector '{self._text}'")
            return inner
        token = self.rest()
        if not token or token in ("||", "&&", ")"):
            raise InvalidSelector(f"a path is missing in selector '{self._text}'")
        self._at += 1
        return _path(token)


def _not(a: Parsed) -> Selector:
    def matches(way: Way) -> bool:
        return not a.matches(way)

    return matches


def _or(a: Parsed, b: Parsed) -> Selector:
    def matches(way: Way) -> bool:
        return a.matches(way) or b.matches(way)

    return matches


def _and(a: Parsed, b: Parsed) -> Selector:
    def matches(way: Way) -> bool:
        return a.matches(way) and b.matches(way)

    return matches


def _wild(a: Parsed, b: Parsed) -> bool | None:
    return b.wild if a.wild is None else a.wild if b.wild is None else a.wild or b.wild


def _either(a: Parsed, b: Parsed) -> Parsed:
    roots = None if a.roots is None or b.roots is None else a.roots | b.roots
    return Parsed(_or(a, b), a.explicit or b.explicit, roots, _wild(a, b), a.spreads and b.spreads)


def _both(a: Parsed, b: Parsed) -> Parsed:
    roots = b.roots if a.roots is None else a.roots if b.roots is None else a.roots & b.roots
    return Parsed(
        _and(a, b),
        a.explicit or b.explicit,
        roots,
        _wild(a, b),
        a.spreads and b.spreads,
    )


_STEP = re.compile(r"'((?:[^']|'')*)'|([^.']+)")
_ROOTS = {
    "exception": frozenset(("exception",)),
    "stacktrace": frozenset(("exception", "stacktrace", "threads")),
    "frame": frozenset(("exception", "stacktrace", "threads", "template")),
    "http": frozenset(("request",)),
    "request": frozenset(("request",)),
    "user": frozenset(("user",)),
    "logentry": frozenset(("logentry",)),
    "message": frozenset(("logentry",)),
    "thread": frozenset(("threads",)),
    "breadcrumb": frozenset(("breadcrumbs",)),
    "sdk": frozenset(("sdk",)),
    "context": frozenset(("contexts",)),
    "tags": frozenset(("tags",)),
}


def _path(text: str) -> Parsed:
    steps = _steps(text)
    first = steps[0]
    if first in ("$event", "$error") and len(steps) > 1:
        steps = steps[1:]
        first = steps[0]
    floating = first.startswith("$") or first == "**"
    if floating and first != "**":
        steps = ["**", *steps]
    roots = _ROOTS.get(first[1:]) if first.startswith("$") else None
    if not first.startswith("$") and "*" not in first:
        roots = frozenset((first.strip("'"),))
    explicit = not steps[-1].startswith("$") and steps[-1] not in ("*", "**")
    wild = steps[-1] in ("*", "**")
    if steps[-1] == "**":
        steps = [*steps, "*"]  # what is below, not the place itself
    return Parsed(_matcher(steps), explicit, roots, wild, True)


def _steps(text: str) -> list[str]:
    steps: list[str] = []
    for quoted, bare in _STEP.findall(text):
        step = quoted.replace("''", "'") if quoted else bare
        if not quoted and bare.startswith("$") and bare[1:].lower() not in TYPES:
            raise InvalidSelector(f"unknown type '{bare}' in selector '{text}'")
        steps.append(step.lower() if not quoted else f"'{step.lower()}")
    if not steps or text.startswith(".") or text.endswith(".") or ".." in text:
        raise InvalidSelector(f"'{text}' is no path")
    return steps


def _matcher(steps: list[str]) -> Selector:
    """Whether steps lead along a way, by a row of reachable positions: `**` costs no backtracking."""

    def matches(way: Way) -> bool:
        reachable = {0}
        for place in way[1:]:
            reachable = _after(reachable, steps, place)
            if not reachable:
                return False
        return len(steps) in _closed(reachable, steps)

    return matches


def _closed(positions: set[int], steps: list[str]) -> set[int]:
    closed = set(positions)
    for start in positions:
        position = start
        while position < len(steps) and steps[position] == "**":
            position += 1
            closed.add(position)
    return closed


def _after(positions: set[int], steps: list[str], place: Place) -> set[int]:
    found: set[int] = set()
    for position in _closed(positions, steps):
        if position == len(steps):
            continue
        step = steps[position]
        if step == "**":
            found.add(position)
        elif _fits(step, place):
            found.add(position + 1)
    return found


def _fits(step: str, place: Place) -> bool:
    if step == "*":
        return True
    if step.startswith("$"):
        return step[1:] in place.types
    if step.startswith("'"):
        return step[1:] == place.key
    return step == place.key
