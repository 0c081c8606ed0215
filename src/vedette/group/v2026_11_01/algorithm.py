"""From an event to its variants: strategies in order, the first that says something wins."""

import pkgutil
from collections.abc import Callable
from typing import NamedTuple, Protocol

import msgspec

from vedette.core.event import Event
from vedette.group.component import Component, hash_of, tokens
from vedette.group.config import GroupingConfig
from vedette.group.memo import Memo
from vedette.group.mentioned import Mentioned, mentioned_by
from vedette.group.rules.fingerprint import (
    FingerprintRule,
    FingerprintRules,
    first_match,
    parse_fingerprint_rules,
)
from vedette.group.rules.stack import StackRules, parse_stack_trace_rules
from vedette.group.rules.subjects import exceptions_of, failing_thread, stacks_of
from vedette.group.v2026_11_01.chains import (
    ChainKey,
    KnownChain,
    chain_bytes,
    chain_key,
    is_told_by_stacks,
    plain_facts,
)
from vedette.group.v2026_11_01.exceptions import chain_of
from vedette.group.v2026_11_01.frames import JAVASCRIPT, FrameBook, file_name, loosen
from vedette.group.v2026_11_01.security import security_component
from vedette.group.v2026_11_01.stack import StackView, Which
from vedette.group.v2026_11_01.wording import canonical, first_lines


class Finding(msgspec.Struct, frozen=True):
    """One variant before fingerprints have their say. `hash` None: it does not contribute."""

    key: str
    hash: str | None
    hint: str | None
    tree: Callable[[], Component]


class Found(msgspec.Struct, frozen=True):
    findings: list[Finding]
    main_exception: int | None
    title: str | None
    mentioned: Mentioned | None = None  # by the frames of a chain that types and stacks alone tell


class _Sided(Protocol):
    """What has an in-app and an all-frames side."""

    def tokens(self, which: Which) -> list[str]: ...
    def component(self, which: Which) -> Component: ...


def built_in_stack_rules() -> StackRules:
    """The rules every project starts from."""
    text = pkgutil.get_data(__name__, "stack.rules")
    assert text is not None
    return parse_stack_trace_rules(text.decode())


def built_in_fingerprint_rules() -> FingerprintRules:
    """Failures known by their wording, whatever their stack."""
    text = pkgutil.get_data(__name__, "fingerprint.rules")
    assert text is not None
    return parse_fingerprint_rules(text.decode(), origin="built-in")


# No built-in fingerprint rule can match an event without one of these words.
_BUILT_IN_WORDS = (
    "chunk", "preload css", "module script", "imported module",
    "hydrat", "server-rendered", "server rendered", "react error",
)  # fmt: skip


_CHAIN_BYTES = 16 << 20  # remembered in each of two generations


class Algorithm:
    """The algorithm of 2026-11-01, with what it remembers of frames."""

    def __init__(self) -> None:
        self._fingerprints = built_in_fingerprint_rules()
        rules = built_in_stack_rules()
        self._chains: Memo[ChainKey, KnownChain] = Memo(_CHAIN_BYTES, chain_bytes)
        self._books = {wanted: FrameBook(rules, context_lines=wanted) for wanted in (True, False)}

    def find(self, event: Event, config: GroupingConfig) -> Found:
        """The variants of the strategy that applies; none when the event says nothing."""
        report = security_component(event)
        if report is not None:
            return _single(report)
        book = self._books[config.options.context_lines]
        if exceptions_of(event):
            message = sent_as_exception(event)
            if message is not None:
                return _message(event, message, first_lines(message).partition("\n")[0])
            return self._exceptions(event, config, book)
        return self._stack(event, config, book) or self._template(event) or self._text(event)

    def built_in_rule(self, event: Event) -> FingerprintRule | None:
        """The built-in fingerprint rule for this event, or None."""
        if event.platform not in JAVASCRIPT:
            return None
        said = " ".join(
            text[:400] for e in exceptions_of(event) for text in (e.type, e.value) if text
        ).lower()
        if not any(word in said for word in _BUILT_IN_WORDS):
            return None
        return first_match(self._fingerprints, event)

    def _exceptions(self, event: Event, config: GroupingConfig, book: FrameBook) -> Found:
        facts = plain_facts(event, config, book)
        key = None if facts is None else chain_key(event, config, facts)
        known = None if key is None else self._chains.get(key)
        if known is not None:
            return Found(_remembered(known, event, config, book), known.main, None, known.mentioned)
        chain = chain_of(event, config, book, facts)
        findings = _two_sided(chain, in_app=chain.has_frames("app"), frames=chain.has_frames("system"))
        if key is None or not is_told_by_stacks(chain):
            return Found(findings, chain.main, None)
        mentioned = mentioned_by([frame for stack in stacks_of(event) for frame in stack.frames])
        variants = tuple((f.key, f.hash, f.hint) for f in findings)
        self._chains.put(key, KnownChain(variants, chain.main, mentioned))
        return Found(findings, chain.main, None, mentioned)

    def _stack(self, event: Event, config: GroupingConfig, book: FrameBook) -> Found | None:
        """A stack that belongs to no exception: of the failing thread, else of the event."""
        thread = failing_thread(event)
        stack = thread.stacktrace if thread else event.stacktrace
        if stack is None or not stack.frames:
            return None
        view = StackView(event, None, stack.frames, config, book)
        if not view.system.kept:
            return None
        sided = _Threads(view) if thread else view
        return Found(_two_sided(sided, in_app=bool(view.app.kept), frames=True), None, None)

    def _template(self, event: Event) -> Found | None:
        template = event.template
        name = (template.filename or template.abs_path) if template else None
        if template is None or not name:
            return None
        leaves: list[Component | str] = [Component(id="filename", values=[file_name(name)])]
        if template.context_line and template.context_line.strip():
            leaves.append(Component(id="context-line", values=[loosen(template.context_line.strip())]))
        return _single(Component(id="template", values=leaves))

    def _text(self, event: Event) -> Found:
        entry = event.logentry
        text = (entry.message or entry.formatted) if entry else None
        return _message(event, text, None) if text and text.strip() else Found([], None, None)


class _Threads(NamedTuple):
    """A stack shown under its thread."""

    view: StackView

    def tokens(self, which: Which) -> list[str]:
        return ["threads", *self.view.tokens(which)]

    def component(self, which: Which) -> Component:
        inner = self.view.component(which)
        return Component(id="threads", contributes=inner.contributes, values=[inner])


def sent_as_exception(event: Event) -> str | None:
    """The message that JavaScript SDKs from 11 on send as an exception without a type.

    Its stack is that of the logging helper, so grouping by it would join all messages.
    """
    values = exceptions_of(event)
    only = values[-1]
    if len(values) != 1 or only.type or only.mechanism is None or not only.mechanism.synthetic:
        return None
    entry = event.logentry
    text = (entry.message or entry.formatted) if entry else None
    text = text or only.value
    return text if text and text.strip() else None


def _message(event: Event, text: str | None, title: str | None) -> Found:
    said = canonical(text or "", event.platform)
    hint = "varying parts replaced" if text is not None and said != text.strip() else None
    return _single(Component(id="message", hint=hint, values=[said]), title)


def _single(component: Component, title: str | None = None) -> Found:
    found = tokens(component)
    finding = Finding("default", hash_of(found), None, lambda: component)
    return Found([finding], None, title)


def _remembered(known: KnownChain, event: Event, config: GroupingConfig, book: FrameBook) -> list[Finding]:
    """The findings; their trees, of this very event, are made when somebody asks."""

    def tree(which: Which) -> Component:
        return chain_of(event, config, book).component(which)

    app, system = known.variants
    return [Finding(*app, lambda: tree("app")), Finding(*system, lambda: tree("system"))]


def _two_sided(sided: _Sided, *, in_app: bool, frames: bool) -> list[Finding]:
    """The in-app variant and the one of all frames.

    Where frames count, a variant without any is left out; where none do, both are the same.
    """
    app, system = sided.tokens("app"), sided.tokens("system")
    app_hint = system_hint = None
    if frames and not in_app:
        app, app_hint = [], "no frame is in-app"
    if app == system:
        system, system_hint = [], "the same as the in-app variant"
    return [
        _finding("app", app, app_hint, lambda: sided.component("app")),
        _finding("system", system, system_hint, lambda: sided.component("system")),
    ]


def _finding(key: str, found: list[str], hint: str | None, tree: Callable[[], Component]) -> Finding:
    return Finding(key, hash_of(found) if found else None, hint, tree)
