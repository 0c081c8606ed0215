"""What a matcher `key:pattern` looks at, and how it compares."""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from vedette.core.event import Event, ExceptionValue, Frame, Thread
from vedette.group.rules.globs import Test, folded_paths, path_glob, text_glob
from vedette.group.rules.scanner import Scanner

Scope = Literal["event", "exception", "frame", "thread"]
Language = Literal["fingerprint", "stack"]

ALIASES = {
    "type": "error.type",
    "value": "error.value",
    "mechanism": "error.mechanism",
    "path": "stack.abs_path",
    "module": "stack.module",
    "function": "stack.function",
    "package": "stack.package",
}
JAVASCRIPT = frozenset({"javascript", "node"})
NATIVE = frozenset({"c", "cocoa", "native", "objc", "rust", "swift"})
_YES = frozenset({"1", "true", "yes"})
_NO = frozenset({"0", "false", "no"})
_COMMAS = re.compile(r"\s*,\s*")


def family_of(platform: str) -> str:
    """`javascript`, `native` or `other`."""
    if platform in JAVASCRIPT:
        return "javascript"
    return "native" if platform in NATIVE else "other"


class FrameView:
    """A frame as rules see it: the flags are those that earlier rules left."""

    __slots__ = ("category", "frame", "in_app", "packages", "paths", "platform")

    def __init__(self, frame: Frame, platform: str, in_app: bool, category: str | None) -> None:
        self.frame = frame
        self.platform = platform
        self.in_app = in_app
        self.category = category
        self.paths = folded_paths(frame.abs_path, frame.filename)
        self.packages = folded_paths(frame.package)


Subject = Event | ExceptionValue | FrameView | Thread
Check = Callable[[object], bool]


class Matcher(NamedTuple):
    """One condition. `dynamic`: it depends on what earlier rules did to the frame."""

    key: str
    pattern: str
    negated: bool
    scope: Scope
    dynamic: bool
    check: Check

    def holds(self, subject: Subject) -> bool:
        return self.check(subject) is not self.negated


class _Kind(NamedTuple):
    scope: Scope
    languages: tuple[Language, ...]
    build: Callable[[str], Check]
    dynamic: bool = False


BOTH: tuple[Language, ...] = ("fingerprint", "stack")
FINGERPRINT: tuple[Language, ...] = ("fingerprint",)
STACK: tuple[Language, ...] = ("stack",)


def _of_event(read: Callable[[Event], list[str | None]], test: Test) -> Check:
    def check(subject: object) -> bool:
        assert isinstance(subject, Event)
        return any(text is not None and test(text) for text in read(subject))

    return check


def _of_exception(read: Callable[[ExceptionValue], str | None], test: Test) -> Check:
    def check(subject: object) -> bool:
        assert isinstance(subject, ExceptionValue)
        text = read(subject)
        return text is not None and test(text)

    return check


def _of_frame(read: Callable[[FrameView], str | None], test: Test) -> Check:
    def check(subject: object) -> bool:
        assert isinstance(subject, FrameView)
        text = read(subject)
        return text is not None and test(text)

    return check


def _of_frame_paths(read: Callable[[FrameView], tuple[str, ...]], test: Test) -> Check:
    def check(subject: object) -> bool:
        assert isinstance(subject, FrameView)
        return any(map(test, read(subject)))

    return check


def _of_thread(read: Callable[[Thread], str | None], test: Test) -> Check:
    def check(subject: object) -> bool:
        assert isinstance(subject, Thread)
        text = read(subject)
        return text is not None and test(text)

    return check


def _messages(event: Event) -> list[str | None]:
    """The message and every exception value."""
    entry = event.logentry
    texts = [entry.formatted, entry.message] if entry else []
    return texts + [e.value for e in (event.exception.values if event.exception else [])]


def _one_of(pattern: str) -> Test:
    return frozenset(_COMMAS.split(pattern.strip())).__contains__


def _family(pattern: str) -> Test:
    wanted = frozenset(_COMMAS.split(pattern.strip().lower()))
    if not wanted <= {"javascript", "native", "other", "all"}:
        raise ValueError("family is one of javascript, native, other, all")
    return lambda platform: "all" in wanted or family_of(platform) in wanted


def _flag(pattern: str) -> Test:
    folded = pattern.lower()
    if folded not in _YES | _NO:
        raise ValueError("expected yes or no")
    wanted = "yes" if folded in _YES else "no"
    return wanted.__eq__


def _yes_no(value: bool | None) -> str:
    return "yes" if value else "no"


def _folded(pattern: str) -> Test:
    return text_glob(pattern, ignore_case=True)


def _event(read: Callable[[Event], list[str | None]], test: Callable[[str], Test]) -> Callable[[str], Check]:
    return lambda pattern: _of_event(read, test(pattern))


def _exception(
    read: Callable[[ExceptionValue], str | None], test: Callable[[str], Test]
) -> Callable[[str], Check]:
    return lambda pattern: _of_exception(read, test(pattern))


def _frame(read: Callable[[FrameView], str | None], test: Callable[[str], Test]) -> Callable[[str], Check]:
    return lambda pattern: _of_frame(read, test(pattern))


def _paths(read: Callable[[FrameView], tuple[str, ...]]) -> Callable[[str], Check]:
    return lambda pattern: _of_frame_paths(read, path_glob(pattern))


def _thread(read: Callable[[Thread], str | None], test: Callable[[str], Test]) -> Callable[[str], Check]:
    return lambda pattern: _of_thread(read, test(pattern))


KINDS: dict[str, _Kind] = {
    "message": _Kind("event", FINGERPRINT, _event(_messages, _folded)),
    "logger": _Kind("event", FINGERPRINT, _event(lambda e: [e.logger], text_glob)),
    "level": _Kind("event", FINGERPRINT, _event(lambda e: [e.level], _folded)),
    "sdk": _Kind("event", BOTH, _event(lambda e: [e.sdk.name if e.sdk else None], _one_of)),
    "release": _Kind("event", BOTH, _event(lambda e: list(folded_paths(e.release)), path_glob)),
    "error.type": _Kind("exception", BOTH, _exception(lambda e: e.type, text_glob)),
    "error.value": _Kind("exception", BOTH, _exception(lambda e: e.value, _folded)),
    "error.mechanism": _Kind(
        "exception", BOTH, _exception(lambda e: e.mechanism.type if e.mechanism else None, text_glob)
    ),
    "stack.abs_path": _Kind("frame", BOTH, _paths(lambda v: v.paths)),
    "stack.module": _Kind("frame", BOTH, _frame(lambda v: v.frame.module, text_glob)),
    "stack.function": _Kind("frame", BOTH, _frame(lambda v: v.frame.function, text_glob)),
    "stack.package": _Kind("frame", BOTH, _paths(lambda v: v.packages)),
    "family": _Kind("frame", BOTH, _frame(lambda v: v.platform, _family)),
    "platform": _Kind("frame", BOTH, _frame(lambda v: v.platform, _one_of)),
    "app": _Kind("frame", BOTH, _frame(lambda v: _yes_no(v.in_app), _flag), dynamic=True),
    "category": _Kind("frame", STACK, _frame(lambda v: v.category, text_glob), dynamic=True),
    "thread.id": _Kind(
        "thread", FINGERPRINT, _thread(lambda t: None if t.id is None else str(t.id), text_glob)
    ),
    "thread.name": _Kind("thread", FINGERPRINT, _thread(lambda t: t.name, text_glob)),
    "thread.state": _Kind("thread", FINGERPRINT, _thread(lambda t: t.state, _folded)),
    "thread.crashed": _Kind("thread", FINGERPRINT, _thread(lambda t: _yes_no(t.crashed), _flag)),
    "thread.current": _Kind("thread", FINGERPRINT, _thread(lambda t: _yes_no(t.current), _flag)),
}


def _tag_kind(name: str) -> _Kind:
    return _Kind("event", FINGERPRINT, _event(lambda e: [e.tags.get(name)], text_glob))


def read_matcher(scan: Scanner, language: Language, stops: str) -> Matcher:
    """The matcher at the cursor. Raises `RuleError` for an unknown key or an impossible pattern."""
    start = scan.at
    negated = scan.take("!")
    key_at = scan.at
    key = scan.key()
    key = ALIASES.get(key, key)
    kind = _tag_kind(key[5:]) if key.startswith("tags.") else KINDS.get(key)
    if kind is None or language not in kind.languages:
        raise scan.error(f"unknown matcher `{key}`", key_at)
    scan.expect(":", "`:` after the matcher's key")
    pattern_at = scan.at
    pattern = scan.quoted() if scan.peek('"') else scan.until(stops)
    if not pattern and scan.text[pattern_at : pattern_at + 1] != '"':
        raise scan.error("the pattern is empty", pattern_at)
    try:
        check = kind.build(pattern)
    except ValueError as error:
        raise scan.error(str(error), pattern_at if pattern_at < len(scan.text) else start) from None
    return Matcher(key, pattern, negated, kind.scope, kind.dynamic, check)


class MatcherList(NamedTuple):
    """The left side of a rule: conditions on one frame, and on its caller and callee."""

    own: tuple[Matcher, ...]
    caller: tuple[Matcher, ...]
    callee: tuple[Matcher, ...]


def read_matchers(scan: Scanner, language: Language, is_end: Callable[[Scanner], bool]) -> MatcherList:
    """Matchers up to the place where `is_end` says so: `[ caller ] | own | [ callee ]`."""
    scan.blank()
    caller = _sibling(scan, language)
    if caller:
        scan.blank()
        scan.expect("|", "`|` after the caller")
    own = _run(scan, language, is_end)
    if not own:
        raise scan.error("expected a matcher such as `error.type:…`")
    callee: tuple[Matcher, ...] = ()
    if scan.take("|"):
        scan.blank()
        callee = _sibling(scan, language)
        if not callee:
            raise scan.error("expected `[` and the callee's matchers")
        scan.blank()
    return MatcherList(own, caller, callee)


def _run(scan: Scanner, language: Language, is_end: Callable[[Scanner], bool]) -> tuple[Matcher, ...]:
    found: list[Matcher] = []
    scan.blank()
    while not scan.done and not scan.peek("|") and not is_end(scan):
        found.append(read_matcher(scan, language, " \t"))
        scan.blank()
    return tuple(found)


def _sibling(scan: Scanner, language: Language) -> tuple[Matcher, ...]:
    """Matchers in square brackets, or none."""
    if not scan.take("["):
        return ()
    found: list[Matcher] = []
    scan.blank()
    while not scan.take("]"):
        if scan.done:
            raise scan.error("the bracket is not closed")
        at = scan.at
        matcher = read_matcher(scan, language, " \t]")
        if matcher.scope != "frame":
            raise scan.error("only a frame's matchers stand in brackets", at)
        found.append(matcher)
        scan.blank()
    if not found:
        raise scan.error("the brackets are empty")
    return tuple(found)
