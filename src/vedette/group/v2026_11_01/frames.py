"""One frame: what of it enters the hash. Its place in the stack is `stack`'s matter.

Line and column numbers never count, and of a path only its last part, so that a hash is the
same wherever the code is installed.
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from vedette.core.event import ABSENT, Frame
from vedette.group.component import NEXT, Component, leaf_token
from vedette.group.memo import Memo
from vedette.group.rules.stack import FrameState, StackRules
from vedette.group.v2026_11_01.names import JS_UNKNOWN, PY_INLINE, cleaners, file_name, is_minified
from vedette.group.v2026_11_01.selection import Outline

CONTEXT_PLATFORMS = frozenset({"javascript", "node", "python", "php", "ruby", "go"})
CONTEXT_CHARS = 120
JAVASCRIPT = frozenset({"javascript", "node"})
NATIVE = frozenset({"native", "c", "cocoa", "objc", "swift", "rust"})
_FILE_IS_NOTHING = frozenset(
    {"<anonymous>", "[native code]", "<unknown>", "<string>", "<stdin>", "native", ""}
)
_URL = re.compile(r"(?:https?|blob|[a-z\-]{1,20}-extension)://|blob:", re.IGNORECASE)
_SOURCE_MAPPED = b'"sourcemap"'
_SPACE = re.compile(r"\s++")
_LOOSE = re.compile(r"\s++(?!\w)|(?<!\w)\s++|,(?=\s*+[)\]}])|;\s*+$")

FrameKey = tuple[object, ...]


class FrameFacts(msgspec.Struct, frozen=True, eq=False):
    """What one frame brings to a stack.

    `token` is empty for a frame that says nothing; `crash_token` has the context line as well.
    `noise`: the frame is an engine's, not a line of code somebody could know. `thin`: a bare
    function name, with neither file nor module.
    """

    token: str
    crash_token: str
    in_app: bool
    grouped: bool | None
    category: str | None
    noise: bool
    minified: bool
    thin: bool


class FrameParts(NamedTuple):
    """The leaves of a frame, in the order they are hashed, and why the frame itself does not count."""

    leaves: list[Component]
    noise: str | None
    named: bool  # the function is known, so the context line is needed at the crash only
    minified: bool


def is_url(frame: Frame) -> bool:
    """Whether the code was loaded from a URL: its path then says how it was served, not what it is."""
    return any(path is not None and _URL.match(path) is not None for path in (frame.abs_path, frame.filename))


def is_source_mapped(frame: Frame) -> bool:
    return frame.data is not ABSENT and _SOURCE_MAPPED in bytes(frame.data)


def describe(frame: Frame, platform: str, *, context_lines: bool) -> FrameParts:
    """All that is known of a frame. What is hashed and what is shown both come from here."""
    noise = _noise(frame, platform)
    clean_module, clean_function = cleaners(platform)
    url = platform in JAVASCRIPT and is_url(frame)
    module = _module(frame, clean_module, platform, url)
    function, minified = _function(frame, clean_function, platform, url)
    filename = _filename(frame, module, function, platform, url)
    context = _context(frame, platform, function, url, context_lines)
    return FrameParts([module, filename, function, context], noise, function.contributes, minified)


def _leaf(component_id: str, text: str, hint: str | None = None, *, contributes: bool = True) -> Component:
    return Component(
        id=component_id, contributes=contributes and bool(text), hint=hint, values=[text] if text else []
    )


def _noise(frame: Frame, platform: str) -> str | None:
    """Why a frame is not a line of somebody's code, or None."""
    if platform in JAVASCRIPT:
        path = frame.abs_path or frame.filename or ""
        if path in ("[native code]", "native", "<anonymous>", "eval code") or "[native code]" in path:
            return "the engine's own frame"
        if path.startswith("eval at ") or (frame.function or "") == "eval":
            return "evaluated code"
    if platform == "python" and frame.function in PY_INLINE:
        return "a comprehension has a frame in older versions only"
    return None


def _module(frame: Frame, clean: Callable[[str], str], platform: str, url: bool) -> Component:
    raw = frame.module
    if not raw:
        return _leaf("module", "")
    text = clean(raw)
    if not text or text in JS_UNKNOWN:
        return _leaf("module", raw, "says nothing", contributes=False)
    if url and _is_tail_of_path(raw, frame):
        return _leaf("module", raw, "only repeats the URL", contributes=False)
    return _leaf("module", text, "generated parts removed" if text != raw else None)


def _is_tail_of_path(module: str, frame: Frame) -> bool:
    path = (frame.abs_path or frame.filename or "").partition("?")[0]
    stem = path.rsplit(".", 1)[0] if "." in path.rpartition("/")[2] else path
    return stem.endswith(module) or path.endswith(module)


def _function(frame: Frame, clean: Callable[[str], str], platform: str, url: bool) -> tuple[Component, bool]:
    """The function, and whether a minifier named it."""
    raw = frame.function
    if not raw:
        return _leaf("function", ""), False
    text = clean(raw)
    if not text or text in JS_UNKNOWN:
        return _leaf("function", raw, "has no name of its own", contributes=False), False
    mapped = is_source_mapped(frame)
    if platform in JAVASCRIPT and mapped and frame.context_line:
        return _leaf("function", text, "the source line says more", contributes=False), False
    if url and not mapped and is_minified(text):
        return _leaf("function", text, "minified: upload source maps", contributes=False), True
    return _leaf("function", text, "generated parts removed" if text != raw else None), False


def _filename(frame: Frame, module: Component, function: Component, platform: str, url: bool) -> Component:
    raw = frame.filename or frame.abs_path
    if not raw:
        return _leaf("filename", "")
    if module.contributes:
        return _leaf("filename", raw, "the module says more", contributes=False)
    if url:
        return _leaf("filename", raw, "a URL says how the file was served", contributes=False)
    if raw in _FILE_IS_NOTHING:
        return _leaf("filename", raw, "says nothing", contributes=False)
    if platform in NATIVE and function.contributes:
        return _leaf("filename", raw, "the function says more", contributes=False)
    return _leaf("filename", file_name(raw))


def _context(frame: Frame, platform: str, function: Component, url: bool, wanted: bool) -> Component:
    raw = frame.context_line
    if not raw or not raw.strip():
        return _leaf("context-line", "")
    shown = _SPACE.sub(" ", raw).strip()
    if not wanted:
        return _leaf("context-line", shown, "switched off", contributes=False)
    if platform not in CONTEXT_PLATFORMS:
        return _leaf("context-line", shown, "not used for this platform", contributes=False)
    if len(shown) > CONTEXT_CHARS:
        return _leaf(
            "context-line", shown[:CONTEXT_CHARS], f"over {CONTEXT_CHARS} characters", contributes=False
        )
    if url and not function.contributes and not is_source_mapped(frame):
        return _leaf("context-line", shown, "from a URL, without a function", contributes=False)
    return _leaf("context-line", loosen(shown))


def loosen(line: str) -> str:
    """A source line without what a formatter may change: blanks, kind of quotes, trailing commas."""
    return _LOOSE.sub("", _SPACE.sub(" ", line)).replace("'", '"').replace("`", '"')


def learn(frame: Frame, platform: str, rules: StackRules, *, context_lines: bool) -> FrameFacts:
    """Facts of a frame not met lately; `rules` are those built in."""
    platform = frame.platform or platform
    parts = describe(frame, platform, context_lines=context_lines)
    state = FrameState(bool(frame.in_app))  # where nobody knows, it is not the application's
    rules.judge(frame, platform, state)
    always = parts.leaves[:-1] if parts.named else parts.leaves  # the last leaf is the context line
    token, crash_token = ("", "") if parts.noise else (_join(always), _join(parts.leaves))
    return FrameFacts(
        token,
        crash_token,
        state.in_app,
        state.grouped,
        state.category,
        noise=parts.noise is not None,
        minified=parts.minified,
        thin=[leaf.id for leaf in parts.leaves if leaf.contributes] == ["function"],
    )


def _join(leaves: list[Component]) -> str:
    """The token of a frame: its id and its contributing leaves; empty when there are none."""
    texts = [leaf_token(c.id, str(c.values[0])) for c in leaves if c.contributes]
    return NEXT.join(["frame", *texts]) if texts else ""


OUTLINE_BYTES = 24 << 20  # remembered in each of two generations: 1,000 stacks of 50 frames that share none
MEMO_FRAMES = 16384  # two generations of about 1 kB a frame: 32 MB at worst


def facts_bytes(facts: Iterable[FrameFacts]) -> int:
    """What facts take, told too high: several stacks may share them."""
    return sum([200 + len(one.token) + len(one.crash_token) for one in facts])


def _outline_bytes(facts: tuple[FrameFacts, ...], outline: Outline) -> int:
    return facts_bytes(facts) + sum([len(side.text) for side in outline])


class FrameBook:
    """Facts of frames met lately, by the platform of the event they came with."""

    def __init__(self, rules: StackRules, *, context_lines: bool) -> None:
        self._rules = rules
        self._context_lines = context_lines
        self._memo: Memo[FrameKey, FrameFacts] = Memo(MEMO_FRAMES)
        self.outlines: Memo[tuple[FrameFacts, ...], Outline] = Memo(OUTLINE_BYTES, _outline_bytes)

    def facts(self, frames: list[Frame], platform: str) -> list[FrameFacts]:
        """In the order of the frames."""
        memo = self._memo
        found: list[FrameFacts] = []
        for frame in frames:
            # What enters the facts, and all that `mentioned_by` reads: chains remember it by the facts of their frames.
            key: FrameKey = (
                platform, frame.platform, frame.module, frame.filename, frame.abs_path,
                frame.function, frame.package, frame.context_line, frame.in_app,
            )  # fmt: skip
            if frame.data is not ABSENT:
                key = (*key, is_source_mapped(frame))
            known = memo.recent.get(key) or memo.get(key)
            found.append(known or memo.put(key, self._learn(frame, platform)))
        return found

    def _learn(self, frame: Frame, platform: str) -> FrameFacts:
        return learn(frame, platform, self._rules, context_lines=self._context_lines)
