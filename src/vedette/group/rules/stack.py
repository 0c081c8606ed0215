"""Stack-trace rules: `matchers actions`; all of them run, top to bottom, on every frame."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec

from vedette.core.event import Event, ExceptionValue, Frame
from vedette.group.memo import Memo
from vedette.group.rules.matchers import FrameView, Matcher, MatcherList, read_matchers
from vedette.group.rules.scanner import Scanner, rule_lines
from vedette.group.rules.screens import Screen, screens_for

_FLAG = re.compile(r"([\^v]?)([+-])(app|group)(?=\s|$)")
_SETTING = re.compile(r"(max-frames|min-frames|category)[ \t]*=[ \t]*([A-Za-z0-9_.\-]+)(?=\s|$)")
_ACTION_START = re.compile(r"[\^v]?[+-](?:app|group)\b|(?:max-frames|min-frames|category)[ \t]*=")
_MOST_FRAMES = 250
REMEMBERED_FRAMES = 1024  # a set of rules
WIDE = frozenset({"family", "platform"})  # the same for all frames of a platform


Reach = Literal["", "^", "v"]
Setting = Literal["max-frames", "min-frames", "category"]
_REACHES: dict[str, Reach] = {"": "", "^": "^", "v": "v"}
_SETTINGS: dict[str, Setting] = {
    "max-frames": "max-frames",
    "min-frames": "min-frames",
    "category": "category",
}


class FlagAction(NamedTuple):
    """Sets a flag on this frame (`""`), on all nearer to the crash (`^`) or on all farther away (`v`)."""

    reach: Reach
    target: Literal["app", "group"]
    value: bool


class SettingAction(NamedTuple):
    name: Setting
    value: str


Action = FlagAction | SettingAction


class StackRule(NamedTuple):
    text: str
    line: int
    matchers: MatcherList
    actions: tuple[Action, ...]


class FrameState(msgspec.Struct):
    """What rules may change of a frame. `grouped` None: no rule spoke."""

    in_app: bool
    grouped: bool | None = None
    category: str | None = None
    app_rule: str | None = None  # the text of the rule that spoke last, for the explanation
    group_rule: str | None = None


class StackLimits(msgspec.Struct):
    """0 means no limit."""

    max_frames: int = 0
    min_frames: int = 0


def parse_stack_trace_rules(text: str) -> "StackRules":
    """Rules in order.

    Raises `RuleError` with line and column of the first mistake.
    """
    return StackRules(tuple(_read_rule(number, line) for number, line in rule_lines(text)))


def _read_rule(number: int, line: str) -> StackRule:
    scan = Scanner(line, number)
    matchers = read_matchers(scan, "stack", lambda s: _ACTION_START.match(s.text, s.at) is not None)
    actions: list[Action] = []
    scan.blank()
    while not scan.done:
        actions.append(_read_action(scan))
        scan.blank()
    if not actions:
        raise scan.error("expected an action such as `-app`")
    return StackRule(line.strip(), number, matchers, tuple(actions))


def _read_action(scan: Scanner) -> Action:
    flag = _FLAG.match(scan.text, scan.at)
    if flag:
        scan.at = flag.end()
        reach, sign, target = flag.groups()
        return FlagAction(_REACHES[reach], "app" if target == "app" else "group", sign == "+")
    setting = _SETTING.match(scan.text, scan.at)
    if setting is None:
        raise scan.error("expected an action such as `-app`, `^-group` or `max-frames=3`")
    name, value = _SETTINGS[setting.group(1)], setting.group(2)
    if name != "category" and not (value.isdecimal() and int(value) <= _MOST_FRAMES):
        raise scan.error(f"{name} is a whole number from 0 to {_MOST_FRAMES}", setting.start(2))
    scan.at = setting.end()
    return SettingAction(name, value)


class JudgedStack(NamedTuple):
    """The frames under judgement and what becomes of them."""

    frames: Sequence[Frame]
    platforms: list[str]
    states: list[FrameState]
    limits: StackLimits

    def views(self) -> list[FrameView]:
        """The frames with the flags that earlier rules left."""
        rows = zip(self.frames, self.platforms, self.states, strict=True)
        return [FrameView(frame, platform, s.in_app, s.category) for frame, platform, s in rows]


class _Bits(NamedTuple):
    """For one frame: bit i is set when rule i's own, caller's or callee's conditions may hold."""

    own: int
    caller: int
    callee: int


def _scoped(rule: StackRule, scope: str) -> list[Matcher]:
    return [m for m in rule.matchers.own if m.scope == scope]


def _static_holds(matchers: Sequence[Matcher], view: FrameView) -> bool:
    return all(m.dynamic or m.holds(view) for m in matchers)


class StackRules:
    """Parsed rules, ready to run. What a rule says of a frame by itself is remembered per frame."""

    def __init__(self, rules: tuple[StackRule, ...] = ()) -> None:
        self.rules = rules
        self._wide = [[m for m in r.matchers.own if m.key in WIDE] for r in rules]
        self._narrow = [
            [m for m in _scoped(r, "frame") if m.key not in WIDE and not m.dynamic] for r in rules
        ]
        self._needs_caller = _mask(bool(r.matchers.caller) for r in rules)
        self._needs_callee = _mask(bool(r.matchers.callee) for r in rules)
        self._conditional = [
            (i, r) for i, r in enumerate(rules) if _scoped(r, "event") or _scoped(r, "exception")
        ]
        self._by_platform: Memo[str, tuple[Screen, ...]] = Memo(64)
        self._seen: Memo[object, _Bits] = Memo(REMEMBERED_FRAMES)

    def __bool__(self) -> bool:
        return bool(self.rules)

    def hits(self, event: Event, exception: ExceptionValue | None, frames: Sequence[Frame]) -> list[int]:
        """For each frame the rules, as bits, whose unchanging conditions hold; empty when none has any."""
        bits = [self._bits(f, f.platform or event.platform) for f in frames]
        if not any(b.own for b in bits):
            return []
        off = self._switched_off(event, exception)
        found = [self._with_siblings(bits, i) & ~off for i in range(len(bits))]
        return found if any(found) else []

    def apply(self, hits: list[int], stack: JudgedStack) -> None:
        """Run the rules over one stack, changing its states and limits."""
        remaining = 0
        for hit in hits:
            remaining |= hit
        while remaining:
            lowest = remaining & -remaining
            remaining ^= lowest
            matched = [i for i, hit in enumerate(hits) if hit & lowest]
            _run_rule(self.rules[lowest.bit_length() - 1], matched, stack)

    def judge(self, frame: Frame, platform: str, state: FrameState) -> None:
        """Run all rules over a frame that stands alone."""
        hit = self._look(frame, platform).own & ~self._needs_caller & ~self._needs_callee
        if hit:
            self.apply([hit], JudgedStack([frame], [platform], [state], StackLimits()))

    def _switched_off(self, event: Event, exception: ExceptionValue | None) -> int:
        """Rules whose conditions on the event or the exception do not hold."""
        off = 0
        for i, rule in self._conditional:
            of_event = all(m.holds(event) for m in _scoped(rule, "event"))
            of_exception = _scoped(rule, "exception")
            if not of_event or (
                of_exception and not (exception and all(m.holds(exception) for m in of_exception))
            ):
                off |= 1 << i
        return off

    def _bits(self, frame: Frame, platform: str) -> _Bits:
        key = (platform, frame.abs_path, frame.filename, frame.module, frame.function, frame.package)
        return self._seen.get(key) or self._seen.put(key, self._look(frame, platform))

    def _look(self, frame: Frame, platform: str) -> _Bits:
        view = FrameView(frame, platform, False, None)
        own = 0
        for screen in self._screens(platform):
            if screen.may_concern(view):
                own |= self._own(view, screen.rules)
        return _Bits(own, self._siblings(view, "caller"), self._siblings(view, "callee"))

    def _own(self, view: FrameView, numbers: tuple[int, ...]) -> int:
        mask = 0
        for i in numbers:
            if all(m.holds(view) for m in self._narrow[i]):
                mask |= 1 << i
        return mask

    def _screens(self, platform: str) -> tuple[Screen, ...]:
        """The rules that may concern frames of this platform."""
        known = self._by_platform.get(platform)
        if known is None:
            view = FrameView(Frame(), platform, False, None)
            possible = [i for i, wide in enumerate(self._wide) if all(m.holds(view) for m in wide)]
            known = self._by_platform.put(platform, screens_for([(i, self._narrow[i]) for i in possible]))
        return known

    def _siblings(self, view: FrameView, side: Literal["caller", "callee"]) -> int:
        mask = self._needs_caller if side == "caller" else self._needs_callee
        if not mask:
            return 0
        parts = [r.matchers.caller if side == "caller" else r.matchers.callee for r in self.rules]
        return mask & _mask(_static_holds(part, view) for part in parts)

    def _with_siblings(self, bits: list[_Bits], i: int) -> int:
        hit = bits[i].own
        caller = bits[i - 1].caller if i else 0
        callee = bits[i + 1].callee if i + 1 < len(bits) else 0
        return hit & ~(self._needs_caller & ~caller) & ~(self._needs_callee & ~callee)


def _mask(flags: Iterable[bool]) -> int:
    """Bit i is set where flag i is."""
    mask = 0
    for i, flag in enumerate(flags):
        if flag:
            mask |= 1 << i
    return mask


def _run_rule(rule: StackRule, matched: list[int], stack: JudgedStack) -> None:
    """Let one rule act on the frames whose unchanging conditions hold."""
    if _is_dynamic(rule.matchers):
        views = stack.views()
        matched = [i for i in matched if _dynamic_holds(rule.matchers, views, i)]
    for i in matched:
        for action in rule.actions:
            if isinstance(action, FlagAction):
                _set_flag(action, rule, stack.states, i)
            else:
                _set(action, stack.states[i], stack.limits)


def _is_dynamic(matchers: MatcherList) -> bool:
    return any(m.dynamic for side in matchers for m in side)


def _dynamic_holds(matchers: MatcherList, views: list[FrameView], i: int) -> bool:
    sides = ((matchers.own, i), (matchers.caller, i - 1), (matchers.callee, i + 1))
    return all(m.holds(views[at]) for side, at in sides for m in side if m.dynamic)


def _set_flag(action: FlagAction, rule: StackRule, states: list[FrameState], i: int) -> None:
    reached = {"": states[i : i + 1], "^": states[i + 1 :], "v": states[:i]}[action.reach]
    for state in reached:
        if action.target == "app":
            state.in_app, state.app_rule = action.value, rule.text
        else:
            state.grouped, state.group_rule = action.value, rule.text


def _set(action: SettingAction, state: FrameState, limits: StackLimits) -> None:
    if action.name == "category":
        state.category = action.value
    elif action.name == "max-frames":
        limits.max_frames = int(action.value)
    else:
        limits.min_frames = int(action.value)
