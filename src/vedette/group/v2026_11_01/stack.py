"""One stack: which of its frames count, for the in-app and for the all-frames variant."""

from typing import Literal

from vedette.core.event import Event, ExceptionValue, Frame
from vedette.group.component import NEXT, Component
from vedette.group.config import GroupingConfig
from vedette.group.rules.stack import FrameState, JudgedStack, StackLimits
from vedette.group.v2026_11_01.frames import FrameBook, FrameFacts, describe
from vedette.group.v2026_11_01.selection import Outline, Selection, without_cycles

Which = Literal["app", "system"]
LEAST_INFORMATIVE = 2


class StackView:
    """The decisions about one stack. `tokens` and `component` both read them, so they agree."""

    def __init__(
        self,
        event: Event,
        exception: ExceptionValue | None,
        frames: list[Frame],
        config: GroupingConfig,
        book: FrameBook,
        facts: list[FrameFacts] | None = None,
    ) -> None:
        self.frames = frames
        self.platform = event.platform
        self.facts = book.facts(frames, event.platform) if facts is None else facts
        self.states: list[FrameState] | None = None
        self.limits = StackLimits()
        self._context_lines = config.options.context_lines
        rules = config.stack_trace_rules
        hits = rules.hits(event, exception, frames) if rules else []
        if hits:
            self.states = [FrameState(f.in_app, f.grouped, f.category) for f in self.facts]
            platforms = [f.platform or event.platform for f in frames]
            rules.apply(hits, JudgedStack(frames, platforms, self.states, self.limits))
        self.system, self.app = self._outline(book)

    def _outline(self, book: FrameBook) -> Outline:
        """Both selections; remembered where only the frames decide."""
        if self.states is not None:
            return self._selections()
        key = tuple(self.facts)
        return book.outlines.get(key) or book.outlines.put(key, self._selections())

    def _selections(self) -> Outline:
        marks = self.states or self.facts
        usable = [
            i
            for i, (fact, mark) in enumerate(zip(self.facts, marks, strict=True))
            if fact.token and mark.grouped is not False
        ]
        return self._select(usable), self._select([i for i in usable if marks[i].in_app])

    def in_app(self, i: int) -> bool:
        return self.states[i].in_app if self.states else self.facts[i].in_app

    def is_grouped(self, i: int) -> bool:
        """Whether no rule took the frame out."""
        return (self.states[i].grouped if self.states else self.facts[i].grouped) is not False

    def category(self, i: int) -> str | None:
        return self.states[i].category if self.states else self.facts[i].category

    def _select(self, usable: list[int]) -> Selection:
        facts, limits = self.facts, self.limits
        kept = usable
        if len({facts[i].token for i in usable}) < len(usable):
            kept = without_cycles(usable, [facts[i].token for i in usable])
        if limits.max_frames:
            kept = kept[-limits.max_frames :]
        if len(kept) < limits.min_frames:
            refusal = f"fewer than min-frames={limits.min_frames} frames contribute"
            return Selection([], frozenset(), "", refusal)
        if not kept:
            return Selection(kept, frozenset(), "")
        newest_app = next((i for i in reversed(kept) if self.in_app(i)), kept[-1])
        marked = frozenset((newest_app, kept[-1]))
        texts = (facts[i].crash_token if i in marked else facts[i].token for i in kept)
        return Selection(kept, marked, NEXT.join(["stacktrace", *texts]))

    def selection(self, which: Which) -> Selection:
        return self.app if which == "app" else self.system

    def tokens(self, which: Which) -> list[str]:
        """What of this stack enters the hash; empty when nothing does."""
        text = self.selection(which).text
        return [text] if text else []

    def top_category(self) -> str | None:
        """The category of the newest in-app frame, else of the newest frame that counts."""
        kept = self.app.kept or self.system.kept
        return self.category(kept[-1]) if kept else None

    def says_too_little(self) -> bool:
        """Whether frames are so few, of so many, that the exception's value must help.

        Frames of event loops and runners count only beside frames of the application.
        """
        if not self.system.kept or len(self.app.kept) >= LEAST_INFORMATIVE:
            return not self.system.kept
        # neither an engine's own nor taken out by a rule: these could have said something
        countable = [i for i, f in enumerate(self.facts) if not f.noise and self.is_grouped(i)]
        known = [i for i in countable if self.facts[i].token]
        if not self.app.kept:
            known = [i for i in known if self.category(i) != "runner"]
        if len(known) >= LEAST_INFORMATIVE:
            return False
        return not known or len(known) < len(countable) or self.facts[known[0]].thin

    def is_minified(self) -> bool:
        return any(f.minified for f in self.facts)

    def component(self, which: Which) -> Component:
        """The stack as people see it."""
        chosen = self.selection(which)
        kept = set(chosen.kept)
        hint = chosen.refusal
        if hint is None and not kept:
            hint = "no frame is in-app" if which == "app" else "no frame says anything"
        if hint is None and self.is_minified():
            hint = "names are minified: upload source maps"
        values: list[Component | str] = [self._frame(i, which, kept) for i in range(len(self.frames))]
        return Component(id="stacktrace", contributes=bool(kept), hint=hint, values=values)

    def _frame(self, i: int, which: Which, kept: set[int]) -> Component:
        frame = self.frames[i]
        parts = describe(frame, frame.platform or self.platform, context_lines=self._context_lines)
        leaves = [leaf for leaf in parts.leaves if leaf.values]
        if parts.named and i not in self.selection(which).marked:
            _mute(leaves, "context-line", "needed at the crash only")
        counts = i in kept
        hint = None if counts else self._why_not(i, which, parts.noise)
        return Component(id="frame", contributes=counts, hint=hint, values=list(leaves))

    def _why_not(self, i: int, which: Which, noise: str | None) -> str:
        state = self.states[i] if self.states else FrameState(False)
        chosen = self.selection(which)
        if noise:
            return noise
        if not self.facts[i].token:
            return "nothing is known of it"
        if not self.is_grouped(i):
            return f"taken out by {_rule(state.group_rule)}"
        if which == "app" and not self.in_app(i):
            return f"not in-app by rule: {state.app_rule}" if state.app_rule else "not in-app"
        if chosen.refusal:
            return "too few frames"
        if self.limits.max_frames and chosen.kept and i < chosen.kept[0]:
            return f"beyond max-frames={self.limits.max_frames}"
        return "repeats frames nearer to the crash"


def _rule(text: str | None) -> str:
    return f"rule: {text}" if text else "a built-in rule"


def _mute(leaves: list[Component], component_id: str, hint: str) -> None:
    for leaf in leaves:
        if leaf.id == component_id and leaf.contributes:
            leaf.contributes, leaf.hint = False, hint
