"""What must never matter, over many generated events."""

import copy

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import tries
from tests.unit.group.build import EVENT_ID
from vedette.core.event import Event, ExceptionChain, ExceptionValue, Frame, Stacktrace
from vedette.group import (
    GroupingConfig,
    RuleError,
    explain,
    group,
    parse_fingerprint_rules,
    parse_stack_trace_rules,
)
from vedette.group.rules.globs import path_glob

NAMES = st.text("abcdefgh_.$<>()[]{}:*?@-0123456789 /", max_size=24)
MAYBE = st.none() | NAMES
PLATFORMS = st.sampled_from(
    ["python", "javascript", "node", "java", "php", "ruby", "go", "csharp", "native", "cocoa", "other"]
)
FRAMES = st.builds(
    Frame,
    function=MAYBE,
    module=MAYBE,
    filename=MAYBE,
    package=MAYBE,
    context_line=MAYBE,
    in_app=st.none() | st.booleans(),
    lineno=st.none() | st.integers(1, 9999),
)
STACKS = st.none() | st.builds(Stacktrace, frames=st.lists(FRAMES, max_size=12))
ERRORS = st.builds(ExceptionValue, type=MAYBE, value=MAYBE, module=MAYBE, stacktrace=STACKS)
EVENTS = st.builds(
    Event,
    event_id=st.just(EVENT_ID),
    platform=PLATFORMS,
    transaction=MAYBE,
    logger=MAYBE,
    tags=st.dictionaries(NAMES, NAMES, max_size=5),
    exception=st.builds(ExceptionChain, values=st.lists(ERRORS, max_size=3)),
    fingerprint=st.none()
    | st.lists(st.sampled_from(["{{ default }}", "{{ tags.a }}", "{{ logger }}", "x"]), max_size=3),
)
CONFIG = GroupingConfig(
    fingerprint_rules=parse_fingerprint_rules("tags.a:b* function:a* -> {{ default }}, {{ tags.a }}"),
    stack_trace_rules=parse_stack_trace_rules("path:**/b* -app\nfunction:a* ^+app\nfamily:all max-frames=5"),
)


def _hashes(event: Event) -> tuple[str, ...]:
    return group(event, CONFIG).hashes


def _frames(event: Event) -> list[Frame]:
    values = event.exception.values if event.exception else []
    return [f for e in values if e.stacktrace for f in e.stacktrace.frames]


@given(EVENTS)
def test_the_order_of_tags_does_not_matter(event: Event) -> None:
    turned = msgspec.structs.replace(event, tags=dict(reversed(event.tags.items())))
    assert _hashes(turned) == _hashes(event)


@given(EVENTS)
def test_a_shift_of_lines_and_columns_does_not_matter(event: Event) -> None:
    shifted = copy.deepcopy(event)
    for frame in _frames(shifted):
        frame.lineno = (frame.lineno or 0) + 10
        frame.colno = 7
        frame.pre_context = ["# a new line"]
    assert _hashes(shifted) == _hashes(event)


PREFIXES = st.sampled_from(
    [
        "/srv/app",
        "/home/x/.venv/lib/python3.11/site-packages",
        "C:\\app",
        "/opt/venvs/7/lib/python3.12/site-packages",
    ]
)


@given(EVENTS, PREFIXES, PREFIXES)
def test_the_place_of_installation_does_not_matter(event: Event, one: str, other: str) -> None:
    plain = GroupingConfig()

    def placed(prefix: str) -> Event:
        moved = copy.deepcopy(event)
        for frame in _frames(moved):
            name = (frame.filename or "m.py").rpartition("/")[2] or "m.py"
            frame.in_app = bool(frame.in_app)  # set by the SDK, which knows where packages are
            frame.abs_path = f"{prefix}/pkg/site-packages/{name}"
            frame.filename = None
        return moved

    assert group(placed(one), plain).hashes == group(placed(other), plain).hashes


@given(EVENTS)
def test_blanks_in_source_lines_do_not_matter(event: Event) -> None:
    spaced = copy.deepcopy(event)
    for frame in _frames(spaced):
        if frame.context_line:
            frame.context_line = f"\t  {frame.context_line.replace(' ', '   ')}  "
    assert _hashes(spaced) == _hashes(event)


@given(EVENTS)
@tries(200)
def test_any_event_has_hashes_and_the_explanation_has_the_same(event: Event) -> None:
    found = group(event, CONFIG)
    assert found.hashes
    assert all(len(h) == 32 for h in found.hashes)
    assert len(set(found.hashes)) == len(found.hashes)
    shown = [v.hash for v in explain(event, CONFIG) if v.contributes]
    assert tuple(dict.fromkeys(shown)) == found.hashes


@given(st.text(max_size=200))
def test_rule_text_is_read_or_refused_with_a_place(text: str) -> None:
    for parse in (parse_fingerprint_rules, parse_stack_trace_rules):
        try:
            parse(text)
        except RuleError as error:
            assert error.line >= 1
            assert error.column >= 1


def _slowly(pattern: str, path: str) -> bool:
    """What a path pattern means, straight from its description."""
    if not pattern:
        return not path
    if pattern.startswith("**"):
        rest = pattern.lstrip("*")
        return any(_slowly(rest, path[i:]) for i in range(len(path) + 1))
    if pattern[0] == "*":
        stop = (path + "/").index("/")
        return any(_slowly(pattern[1:], path[i:]) for i in range(stop + 1))
    same = bool(path) and (pattern[0] == path[0] or (pattern[0] == "?" and path[0] != "/"))
    return same and _slowly(pattern[1:], path[1:])


@given(st.text("ab/*?", max_size=9), st.text("ab/", max_size=9))
@tries(1500)
def test_path_patterns_mean_what_they_say(pattern: str, path: str) -> None:
    assert path_glob(pattern)(path) is _slowly(pattern, path)
