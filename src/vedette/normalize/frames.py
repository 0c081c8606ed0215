"""Stack traces: frames that say something, paths as people read them, a size that fits."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from msgspec import Raw

from vedette.core.event import ABSENT, Frame, Stacktrace
from vedette.core.remarks import Path
from vedette.normalize import bounds, in_app
from vedette.normalize.notes import Notes
from vedette.normalize.sanitize import is_shallow

_OPENINGS = frozenset(b"{[")
FULL_FRAMES = 50  # more than this: the middle ones lose variables and surrounding source
_JS_PLATFORMS = frozenset(("javascript", "node"))
_URL = re.compile(r"^[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)


def finish(trace: Stacktrace | None, platform: str, path: Path, notes: Notes) -> Stacktrace | None:
    """The trace with every frame canonical, in place; None when no frame is left."""
    if trace is None:
        return None
    frames = trace.frames
    if not _are_finished(frames, platform):
        kept = [f for index, f in enumerate(frames) if _is_finished(f, platform, path, index, notes)]
        if len(kept) < len(frames):
            notes.error("missing_attribute", ".".join(map(str, (*path, "frames"))))
            trace.frames = frames = kept
    if len(frames) > FULL_FRAMES:
        _thin_out(frames, path, notes)
    return trace if frames or trace.registers else None


def _are_finished(frames: list[Frame], platform: str) -> bool:
    """Whether all are as `_is_finished` leaves them, once URLs of scripts are taken apart: most stacks are sent so."""
    is_script = platform in _JS_PLATFORMS
    bags: list[Raw] = []
    for frame in frames:
        if frame.platform is not None or frame.data is not ABSENT or frame.lock is not ABSENT:
            return False
        if is_script:
            _take_url_apart(frame)
        if not frame.filename or frame.function == "" or frame.in_app is None:
            return False
        if frame.vars is not ABSENT:
            bags.append(frame.vars)
    return not bags or _are_plain(bags)


def _are_plain(bags: list[Raw]) -> bool:
    """Whether all are objects or lists within the limits."""
    texts = list(map(bytes, bags))
    return (
        {text[0] for text in texts} <= _OPENINGS
        and max(map(len, texts)) <= bounds.VARS_BYTES
        and is_shallow(b"".join(texts), bounds.VARS_DEPTH)
    )


def finish_template(frame: Frame | None, platform: str, notes: Notes) -> Frame | None:
    """The template's place, as a frame; None when it names no file."""
    if frame is None:
        return None
    return frame if _is_finished(frame, platform, ("template",), 0, notes) else None


def _is_finished(frame: Frame, platform: str, path: Path, index: int, notes: Notes) -> bool:
    """Make the frame canonical, in place. False: it names no place, so it is none."""
    platform = frame.platform or platform
    if frame.function == "":
        frame.function = None
    if platform in _JS_PLATFORMS:
        _take_url_apart(frame)
    if not frame.filename:
        frame.filename = basename(frame.abs_path) if frame.abs_path else None
    if frame.in_app is None:
        frame.in_app = in_app.decide(platform, frame.abs_path or frame.filename, frame.module, frame.package)
    if frame.vars is not ABSENT:
        frame.vars = _vars(frame, (*path, "frames", index, "vars"), notes)
    if frame.data is not ABSENT:
        frame.data = _bag(frame.data, (*path, "frames", index, "data"), notes)
    if frame.lock is not ABSENT:
        frame.lock = _bag(frame.lock, (*path, "frames", index, "lock"), notes)
    return frame.filename is not None or frame.function is not None or frame.instruction_addr is not None


def _take_url_apart(frame: Frame) -> None:
    """The URL that a script came from is its place; its path is the file's name."""
    if (url := frame.abs_path or frame.filename) and (within := url_path(url)):
        frame.abs_path, frame.filename = url, within


def _bag(raw: Raw, path: Path, notes: Notes) -> Raw:
    return bounds.bounded_object(raw, bounds.DATA_DEPTH, bounds.DATA_BYTES, path, notes)


def _vars(frame: Frame, path: Path, notes: Notes) -> Raw:
    first = bytes(frame.vars)[:1]
    if first not in (b"{", b"["):
        return ABSENT
    return bounds.bounded(frame.vars, bounds.VARS_DEPTH, bounds.VARS_BYTES, path, notes)


@lru_cache(maxsize=8192)
def url_path(url: str) -> str | None:
    """The path of a script's URL; None where it has none or is no URL."""
    if not _URL.match(url):
        return None
    try:
        return urlsplit(url).path or None
    except ValueError:
        return None


def basename(path: str) -> str:
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1] or path


def _thin_out(frames: list[Frame], path: Path, notes: Notes) -> None:
    """Take variables and surrounding source from the middle, libraries' frames first."""
    excess = len(frames) - FULL_FRAMES
    system = [i for i, frame in enumerate(frames) if frame.in_app is not True]
    chosen = _middle(system, min(excess, len(system)))
    if excess > len(chosen):
        own = [i for i, frame in enumerate(frames) if frame.in_app is True]
        chosen += _middle(own, excess - len(chosen))
    for index in chosen:
        frame = frames[index]
        if frame.vars is not ABSENT or frame.pre_context is not None or frame.post_context is not None:
            frame.vars, frame.pre_context, frame.post_context = ABSENT, None, None
            notes.remarks.add((*path, "frames", index), "!limit", "x")


def _middle(indexes: list[int], count: int) -> list[int]:
    start = (len(indexes) - count) // 2
    return indexes[start : start + count]
