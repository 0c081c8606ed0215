"""One stack: which of its frames count, for the in-app and for the all-frames variant."""

from typing import Literal, NamedTuple

from vedette.core.event import Event, ExceptionValue, Frame
from vedette.group.component import Component
from vedette.group.config import GroupingConfig
from vedette.group.rules.stack import FrameState, StackLimits
from vedette.group.v2026_11_01.frames import FrameBook, describe

Which = Literal["app", "system"]
LONGEST_CYCLE = 16
LEAST_INFORMATIVE = 2


class Selection(NamedTuple):
    """Frames of one variant by position, oldest first, and why each other frame does not count."""

    kept: list[int]
    marked: set[int]  # crash frames, whose context line counts
    refusal: str | None  # why the whole stack does not count

    @property
    def contributes(self) -> bool:
        return bool(self.kept)


class StackView:
    """The decisions about one stack. `tokens` and `component` both read them, so they agree."""

    def __init__(
        self,
        event: Event,
        exception: ExceptionValue | None,
        frames: list[Frame],
        config: GroupingConfig,
        book: FrameBook,
    ) -> None:
        self.frames = frames
        self.platform = event.platform
        self._context_lines = config.options.context_lines
        self.facts = book.facts(frames, event.platform)
        self.states: list[FrameState] | None = None
        self.limits = StackLimits()
        if config.stack_trace_rules:
            self._run_rules(event, exception, config)
        self.in_app = [s.in_app for s in self.states] if self.states else [f.in_app for f in self.facts]
        usable = self._usable()
        self.system = self._select(usable)
        self.app = self._select([i for i in usable if self.in_app[i]])

    def _run_rules(self, event: Event, exception: ExceptionValue | None, config: GroupingConfig) -> None:
        self.states = [FrameState(f.in_app, f.grouped, f.category) for f in self.facts]
        config.stack_trace_rules.apply(event, exception, self.frames, self.states, self.limits)

    def _usable(self) -> list[int]:
        """Frames that say something and that no rule took out."""
        if self.states is None:
            return [i for i, f in enumerate(self.facts) if f.token and f.grouped is not False]
        return [i for i, f in enumerate(self.facts) if f.token and self.states[i].grouped is not False]

    def _select(self, usable: list[int]) -> Selection:
        facts = self.facts
        kept = usable
        if len({facts[i].token for i in usable}) < len(usable):
            kept = without_cycles(usable, [facts[i].token for i in usable])
        if self.limits.max_frames:
            kept = kept[-self.limits.max_frames :]
        if len(kept) < self.limits.min_frames:
            return Selection([], set(), f"fewer than min-frames={self.limits.min_frames} frames contribute")
        newest_app = next((i for i in reversed(kept) if self.in_app[i]), None)
        return Selection(kept, {i for i in (newest_app, kept[-1] if kept else None) if i is not None}, None)

    def selection(self, which: Which) -> Selection:
        return self.app if which == "app" else self.system

    def tokens(self, which: Which) -> list[str]:
        """What of this stack enters the hash; empty when nothing does."""
        chosen = self.selection(which)
        if not chosen.kept:
            return []
        facts, marked = self.facts, chosen.marked
        return ["stacktrace", *(facts[i].crash_token if i in marked else facts[i].token for i in chosen.kept)]

    def category(self, i: int) -> str | None:
        return self.states[i].category if self.states else self.facts[i].category

    def top_category(self) -> str | None:
        """The category of the newest in-app frame, else of the newest frame that counts."""
        kept = self.app.kept or self.system.kept
        return self.category(kept[-1]) if kept else None

    def says_too_little(self) -> bool:
        """Whether frames are so few, of so many, that the exception's value must help.

        Frames of event loops and runners count only beside frames of the application.
        """
        if not self.system.kept:
            return True
        known = self.system.kept
        if not self.app.kept:
            known = [i for i in known if self.category(i) != "runner"]
        return len(known) < LEAST_INFORMATIVE and len(known) < self._countable()

    def _countable(self) -> int:
        """Frames that could have said something: neither an engine's own nor taken out by a rule."""
        grouped = self.states or self.facts
        return sum(
            1 for f, g in zip(self.facts, grouped, strict=True) if not f.noise and g.grouped is not False
        )

    def is_minified(self) -> bool:
        return any(f.minified for f in self.facts)

    def component(self, which: Which) -> Component:
        """The stack as people see it."""
        chosen = self.selection(which)
        kept = set(chosen.kept)
        values: list[Component | str] = [
            self._frame(i, which, counts=i in kept, marked=i in chosen.marked)
            for i in range(len(self.frames))
        ]
        hint = chosen.refusal
        if hint is None and not kept:
            hint = "no frame is in-app" if which == "app" else "no frame says anything"
        elif hint is None and self.is_minified():
            hint = "names are minified: upload source maps"
        return Component(id="stacktrace", contributes=bool(kept), hint=hint, values=values)

    def _frame(self, i: int, which: Which, *, counts: bool, marked: bool) -> Component:
        parts = describe(
            self.frames[i], self.frames[i].platform or self.platform, context_lines=self._context_lines
        )
        leaves = [leaf for leaf in parts.leaves if leaf.values]
        if parts.named and not marked:
            _mute(leaves, "context-line", "needed at the crash only")
        return Component(
            id="frame",
            contributes=counts,
            hint=None if counts else self._why_not(i, which, parts.noise),
            values=list(leaves),
        )

    def _why_not(self, i: int, which: Which, noise: str | None) -> str:
        state = self.states[i] if self.states else None
        if noise:
            return noise
        if not self.facts[i].token:
            return "nothing is known of it"
        if (state.grouped if state else self.facts[i].grouped) is False:
            return (
                f"taken out by rule: {state.group_rule}"
                if state and state.group_rule
                else "taken out by a built-in rule"
            )
        if which == "app" and not self.in_app[i]:
            return f"not in-app by rule: {state.app_rule}" if state and state.app_rule else "not in-app"
        if self.selection(which).refusal:
            return "too few frames"
        kept = self.selection(which).kept
        if self.limits.max_frames and kept and i < kept[0]:
            return f"beyond max-frames={self.limits.max_frames}"
        return "repeats frames nearer to the crash"


def _mute(leaves: list[Component], component_id: str, hint: str) -> None:
    for leaf in leaves:
        if leaf.id == component_id and leaf.contributes:
            leaf.contributes, leaf.hint = False, hint


def without_cycles(positions: list[int], tokens: list[str]) -> list[int]:
    """Positions with every repeated cycle of up to 16 frames told once, the one nearest to the crash.

    Recursion of any depth, direct or through others, thus gives the same stack.
    """
    out: list[int] = []  # newest first
    seen: list[str] = []
    met: set[str] = set()
    for position, token in zip(reversed(positions), reversed(tokens), strict=True):
        out.append(position)
        seen.append(token)
        if token not in met:
            met.add(token)
            continue
        for length in range(1, min(LONGEST_CYCLE, len(seen) // 2) + 1):
            if seen[-1] == seen[-1 - length] and seen[-length:] == seen[-2 * length : -length]:
                del out[-length:], seen[-length:]
                break
    out.reverse()
    return out
