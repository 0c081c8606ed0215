"""Exceptions: each one's type, stack and sometimes value; chains; groups."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from vedette.core.event import Event, ExceptionValue, Frame, present
from vedette.group.component import Component, leaf_token
from vedette.group.config import GroupingConfig
from vedette.group.rules.subjects import failing_thread, threads_of
from vedette.group.v2026_11_01.frames import FrameBook, FrameFacts
from vedette.group.v2026_11_01.names import jvm_module
from vedette.group.v2026_11_01.origin import origin_of
from vedette.group.v2026_11_01.stack import StackView, Which
from vedette.group.v2026_11_01.wording import canonical, canonical_type, captured_keys, says_nothing

_JVM = frozenset({"java", "kotlin", "groovy", "scala", "android"})
COCOA = frozenset({"cocoa", "objc", "swift", "native"})


class Text(msgspec.Struct, frozen=True):
    """A leaf that may count: what it says, whether it does, and why."""

    text: str
    counts: bool
    hint: str | None = None


class _NsError(msgspec.Struct):
    domain: str | None = None
    code: int | str | None = None


class _Meta(msgspec.Struct):
    ns_error: _NsError | None = None


class ExceptionView:
    """The decisions about one exception. `tokens` and `component` both read them."""

    def __init__(
        self,
        event: Event,
        exception: ExceptionValue,
        config: GroupingConfig,
        stack: StackView | None,
        *,
        chain_has_frames: bool,
    ) -> None:
        self.stack = stack
        self.type = _type(exception, event.platform)
        self.ns_error = _ns_error(exception, event.platform)
        self.value = _value(exception, event.platform, stack, config, chain_has_frames=chain_has_frames)
        # where it happened, when nothing else tells one failure from another
        tells_apart = chain_has_frames or (self.value.counts and not says_nothing(self.value.text))
        self.origin = None if tells_apart else origin_of(event)

    def has_frames(self, which: Which) -> bool:
        return self.stack is not None and bool(self.stack.selection(which).kept)

    def tokens(self, which: Which) -> list[str]:
        """What of this exception enters the hash; empty when nothing does."""
        out = ["exception"]
        if self.type.counts:
            out.append(leaf_token("type", self.type.text))
        if self.ns_error:
            out.append(leaf_token("ns-error", self.ns_error))
        if self.stack is not None:
            out += self.stack.tokens(which)
        if self.value.counts:
            out.append(leaf_token("value", self.value.text))
        if self.origin:
            out.append(leaf_token("origin", self.origin))
        return out if len(out) > 1 else []

    def component(self, which: Which) -> Component:
        """The exception as people see it."""
        values: list[Component | str] = [_text_component("type", self.type)]
        if self.ns_error:
            values.append(Component(id="ns-error", values=[self.ns_error]))
        if self.stack is not None:
            values.append(self.stack.component(which))
        if self.value.text:
            values.append(_text_component("value", self.value))
        if self.origin:
            values.append(
                Component(id="origin", values=[self.origin], hint="nothing else tells failures apart")
            )
        return Component(id="exception", contributes=bool(self.tokens(which)), values=values)


def _text_component(component_id: str, text: Text) -> Component:
    values: list[Component | str] = [text.text] if text.text else []
    return Component(id=component_id, contributes=text.counts, hint=text.hint, values=values)


def type_text(exception: ExceptionValue, platform: str) -> str:
    """The type as it counts, where it does."""
    return _type(exception, platform).text


def _type(exception: ExceptionValue, platform: str) -> Text:
    name = exception.type
    if not name:
        return Text("", False)
    if exception.mechanism is not None and exception.mechanism.synthetic:
        return Text(name, False, "made up by the SDK")
    if platform in _JVM and "$" in name:
        name = jvm_module(name)
    return Text(canonical_type(name, exception.value, platform), True)


def _ns_error(exception: ExceptionValue, platform: str) -> str | None:
    """`domain:code` of an NSError."""
    mechanism = exception.mechanism
    if platform not in COCOA or mechanism is None or not present(mechanism.meta):
        return None
    try:
        error = msgspec.json.decode(mechanism.meta, type=_Meta).ns_error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return f"{error.domain}:{error.code}" if error else None


def _value(
    exception: ExceptionValue,
    platform: str,
    stack: StackView | None,
    config: GroupingConfig,
    *,
    chain_has_frames: bool,
) -> Text:
    """The value, and whether the stacks of the chain leave room for it."""
    raw = exception.value
    if not raw or not raw.strip():
        return Text("", False)
    keys = captured_keys(raw)
    if keys is not None:
        return Text(keys, True, "an object without a stack of its own is known by its keys")
    if not chain_has_frames:
        return Text(canonical(raw, platform), True, "no frame says anything")
    if stack is None or not stack.system.kept:
        return Text(raw, False, "the stack traces of the chain say more")
    if stack.says_too_little():
        return Text(canonical(raw, platform), True, "too few frames are known")
    if config.options.value_at_raise_helper and stack.top_category() == "throw":
        return Text(canonical(raw, platform), True, "raised by a helper that many share")
    return Text(raw, False, "the stack trace says more")


class Chain(NamedTuple):
    """The exceptions of an event that count, in hashing order, and which of them names the issue."""

    members: list[ExceptionView]
    main: int  # position in `exception.values`
    hint: str | None

    def tokens(self, which: Which) -> list[str]:
        inner = [token for member in self.members for token in member.tokens(which)]
        return ["chained-exception", *inner] if inner else []

    def has_frames(self, which: Which) -> bool:
        return any(member.has_frames(which) for member in self.members)

    def component(self, which: Which) -> Component:
        values: list[Component | str] = [member.component(which) for member in self.members]
        return Component(
            id="chained-exception", contributes=bool(self.tokens(which)), hint=self.hint, values=values
        )


def chain_of(
    event: Event, config: GroupingConfig, book: FrameBook, facts: Sequence[list[FrameFacts]] | None = None
) -> Chain:
    """The exceptions of an event that has some; `facts` of each one's frames, where they are known."""
    assert event.exception is not None
    values = event.exception.values
    wrappers = config.options.ignored_wrappers
    known = facts or [None] * len(values)
    stacks = [_stack(event, e, config, book, of) for e, of in zip(values, known, strict=True)]
    has_frames = any(stack is not None and stack.system.kept for stack in stacks)
    views = [
        ExceptionView(event, e, config, stack, chain_has_frames=has_frames)
        for e, stack in zip(values, stacks, strict=True)
    ]
    if any(e.mechanism is not None and e.mechanism.is_exception_group for e in values):
        tree = group_tree(values)
        if tree is not None:
            return _from_tree(tree, views)
    last = len(values) - 1
    if wrappers:
        kept = [i for i, e in enumerate(values) if e.type not in wrappers]
        if kept and len(kept) < len(values):
            return Chain([views[i] for i in kept], kept[-1], "wrappers left out by the project's settings")
    return Chain(views, last, None)


def _stack(
    event: Event,
    exception: ExceptionValue,
    config: GroupingConfig,
    book: FrameBook,
    facts: list[FrameFacts] | None,
) -> StackView | None:
    own = exception.stacktrace.frames if exception.stacktrace else []
    frames = own or _borrowed_frames(event, exception)
    return StackView(event, exception, frames, config, book, facts) if frames else None


def _borrowed_frames(event: Event, exception: ExceptionValue) -> list[Frame] | None:
    """Frames of the thread that an exception without a stack belongs to (crash reports of native code)."""
    if event.threads is None or event.exception is None:
        return None
    of = len(event.exception.values)
    own = [t for t in threads_of(event) if t.id is not None and str(t.id) == str(exception.thread_id)]
    thread = own[0] if len(own) == 1 else failing_thread(event) if of == 1 else None
    return thread.stacktrace.frames if thread and thread.stacktrace else None


class Node(NamedTuple):
    """One exception of a tree; `at` is its position in `exception.values`."""

    at: int
    is_group: bool
    children: "list[Node]"


MOST_IN_TREE = 100


def group_tree(values: Sequence[ExceptionValue]) -> Node | None:
    """The tree that `exception_id` and `parent_id` describe; None where it is not one."""
    if len(values) > MOST_IN_TREE:
        return None
    nodes: dict[int, Node] = {}
    parents: dict[int, int | None] = {}
    for i, exception in enumerate(values):
        mechanism = exception.mechanism
        if mechanism is None or mechanism.exception_id is None or mechanism.exception_id in nodes:
            return None
        nodes[mechanism.exception_id] = Node(i, bool(mechanism.is_exception_group), [])
        parents[mechanism.exception_id] = mechanism.parent_id
    roots = [node for key, node in nodes.items() if parents[key] is None]
    for key in sorted(nodes):
        parent = parents[key]
        if parent is None:
            continue
        if parent not in nodes or parent == key:
            return None
        nodes[parent].children.append(nodes[key])
    return roots[0] if len(roots) == 1 and _size(roots[0]) == len(values) else None


def _size(root: Node) -> int:
    """Nodes reachable from the root; fewer than all where others form a circle."""
    todo, count = [root], 0
    while todo:
        node = todo.pop()
        count += 1
        todo += node.children
    return count


def _from_tree(root: Node, views: list[ExceptionView]) -> Chain:
    distinct = _distinct(_innermost(root), views)
    if len(distinct) == 1:
        only = distinct[0]
        hint = "every exception of the group is the same" if only is not root else None
        return Chain([views[i] for i in _members(only, views)], only.at, hint)
    indices = [root.at, *(i for node in distinct for i in _members(node, views))]
    return Chain([views[i] for i in indices], root.at, "distinct exceptions of the group, each once")


def _innermost(node: Node) -> list[Node]:
    """The exceptions that groups, and groups in groups, were made of."""
    if not node.is_group or not node.children:
        return [node]
    return [inner for child in node.children for inner in _innermost(child)]


def _distinct(nodes: list[Node], views: list[ExceptionView]) -> list[Node]:
    """One node of each kind, in an order that does not depend on theirs."""
    kinds: dict[tuple[str, ...], Node] = {}
    for node in nodes:
        kinds.setdefault(tuple(views[node.at].tokens("system")), node)
    return [kinds[kind] for kind in sorted(kinds)]


def _members(node: Node, views: list[ExceptionView]) -> list[int]:
    """A node and its causes; of a group among the causes, each kind once."""
    if node.is_group and node.children:
        return [
            node.at,
            *(i for inner in _distinct(_innermost(node), views) for i in _members(inner, views)),
        ]
    return [*(i for child in node.children for i in _members(child, views)), node.at]
