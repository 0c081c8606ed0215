"""Fingerprint rules: `matcher:pattern … -> part, part title="…"`; the first that matches wins."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from vedette.core.event import Event, Frame, Stacktrace
from vedette.group.rules.matchers import FrameView, Matcher, MatcherList, Subject, read_matchers
from vedette.group.rules.scanner import Scanner, rule_lines
from vedette.group.rules.subjects import exceptions_of, stacks_of, threads_of
from vedette.group.rules.variables import expand

Origin = Literal["project", "built-in"]
_VARIABLE = re.compile(r"\{\{[^{}]{1,250}\}\}")
_ATTRIBUTE = re.compile(r"([A-Za-z_]+)=\"")


class Conditions(NamedTuple):
    """The left side of a rule, sorted by what it looks at."""

    event: tuple[Matcher, ...]
    exception: tuple[Matcher, ...]
    thread: tuple[Matcher, ...]
    frame: MatcherList


class FingerprintRule(NamedTuple):
    """One rule; `line` counts from 1 in the text it came from."""

    text: str
    line: int
    conditions: Conditions
    fingerprint: tuple[str, ...]
    title: str | None
    origin: Origin = "project"

    def title_for(self, event: Event) -> str | None:
        """The title this rule gives the event's issue, or None."""
        return expand(self.title, event) if self.title else None


FingerprintRules = tuple[FingerprintRule, ...]


def parse_fingerprint_rules(text: str, origin: Origin = "project") -> FingerprintRules:
    """Rules in order.

    Raises `RuleError` with line and column of the first mistake.
    """
    return tuple(_read_rule(number, line, origin) for number, line in rule_lines(text))


def _read_rule(number: int, line: str, origin: Origin) -> FingerprintRule:
    scan = Scanner(line, number)
    conditions = _sorted(read_matchers(scan, "fingerprint", lambda s: s.peek("->")))
    scan.blank()
    scan.expect("->", "`->` and the fingerprint")
    parts, title = _read_values(scan)
    if not parts and title is None:
        raise scan.error("expected a fingerprint after `->`")
    return FingerprintRule(line.strip(), number, conditions, parts, title, origin)


def _read_values(scan: Scanner) -> tuple[tuple[str, ...], str | None]:
    parts: list[str] = []
    title: str | None = None
    while True:
        scan.blank()
        if scan.done:
            return tuple(parts), title
        attribute = _ATTRIBUTE.match(scan.text, scan.at)
        if attribute is None:
            parts.append(_read_part(scan))
        else:
            title = _read_title(scan, attribute)
        scan.blank()
        if scan.take(","):
            scan.blank()
            if scan.done or scan.peek(","):
                raise scan.error("expected another part after the comma")


def _read_title(scan: Scanner, attribute: re.Match[str]) -> str:
    if attribute.group(1) != "title":
        raise scan.error(f"unknown attribute `{attribute.group(1)}`; only title is known")
    scan.at = attribute.end() - 1
    return scan.quoted()


def _read_part(scan: Scanner) -> str:
    if scan.peek('"'):
        return scan.quoted()
    if scan.peek("{{"):
        return _read_variable(scan)
    start = scan.at
    part = scan.until("{,").rstrip()
    if not part:
        raise scan.error("expected a part of the fingerprint", start)
    words = part.split()  # bare parts may stand beside each other without a comma
    if len(words) > 1:
        scan.at = start + len(words[0])
    return words[0]


def _read_variable(scan: Scanner) -> str:
    match = _VARIABLE.match(scan.text, scan.at)
    if match is None:
        raise scan.error("the variable is not closed with `}}`")
    name = match.group()[2:-2].strip()
    if not name or " " in name:
        raise scan.error("expected a variable's name between `{{` and `}}`")
    scan.at = match.end()
    return f"{{{{ {name} }}}}"


def first_match(rules: Sequence[FingerprintRule], event: Event) -> FingerprintRule | None:
    """The first rule whose conditions all hold."""
    stacks: list[list[FrameView]] | None = None  # made when the first rule asks for frames
    for rule in rules:
        if not _holds_for_event(rule.conditions, event):
            continue
        if not any(rule.conditions.frame):
            return rule
        if stacks is None:
            stacks = _views(event)
        if _some_frame(rule.conditions.frame, stacks):
            return rule
    return None


def _views(event: Event) -> list[list[FrameView]]:
    stacks = stacks_of(event) or [
        Stacktrace(frames=[Frame()])
    ]  # `family:` holds for events without frames too
    return [
        [FrameView(f, f.platform or event.platform, bool(f.in_app), None) for f in stack.frames]
        for stack in stacks
    ]


def _sorted(matchers: MatcherList) -> Conditions:
    of: dict[str, tuple[Matcher, ...]] = {
        scope: tuple(m for m in matchers.own if m.scope == scope)
        for scope in ("event", "exception", "thread", "frame")
    }
    return Conditions(of["event"], of["exception"], of["thread"], matchers._replace(own=of["frame"]))


def _holds_for_event(conditions: Conditions, event: Event) -> bool:
    """Whether all conditions hold but those on frames."""
    for matcher in conditions.event:
        if not matcher.holds(event):
            return False
    if conditions.exception and not _any_holds(conditions.exception, exceptions_of(event)):
        return False
    return not conditions.thread or _any_holds(conditions.thread, threads_of(event))


def _any_holds(matchers: tuple[Matcher, ...], subjects: Sequence[Subject]) -> bool:
    """Whether one subject satisfies all of the matchers."""
    return any(all(m.holds(s) for m in matchers) for s in subjects)


def _some_frame(matchers: MatcherList, stacks: list[list[FrameView]]) -> bool:
    """Whether one frame, with its caller and callee, satisfies all frame matchers."""
    return any(
        all(m.holds(view) for m in matchers.own)
        and _sibling_holds(matchers.caller, views, i - 1)
        and _sibling_holds(matchers.callee, views, i + 1)
        for views in stacks
        for i, view in enumerate(views)
    )


def _sibling_holds(matchers: tuple[Matcher, ...], views: list[FrameView], i: int) -> bool:
    return not matchers or (0 <= i < len(views) and all(m.holds(views[i]) for m in matchers))
