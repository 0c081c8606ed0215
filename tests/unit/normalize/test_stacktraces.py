"""Exceptions, threads, frames (protocol: exceptions, threads, normalisation 5)."""

import pytest

from tests.unit.normalize.build import Json, event, frames_of, notes, plain, remark
from vedette.core.event import Event, ExceptionValue, Frame


def values(of: Event) -> list[ExceptionValue]:
    return of.exception.values if of.exception is not None else []


def trace_of(frames: object, platform: str = "other") -> list[Frame]:
    sent = {"values": [{"type": "E", "stacktrace": {"frames": frames}}]}
    found = values(event(exception=sent, platform=platform))
    return found[0].stacktrace.frames if found[0].stacktrace is not None else []


@pytest.mark.parametrize(
    ("sent", "types"),
    [
        ({"values": [{"type": "A"}, {"type": "B"}]}, ["A", "B"]),
        ([{"type": "A"}, {"type": "B"}], ["A", "B"]),
        ({"type": "A", "value": "v"}, ["A"]),
        ({"values": {"type": "A"}}, ["A"]),
        ({"values": [None, {"type": "A"}, None]}, ["A"]),
        ({"values": [{"type": "A"}, {}, {"module": "m"}]}, ["A"]),
        ({"values": None}, []),
        ({"values": []}, []),
        ([], []),
        ("text", []),
        ({"values": ["text", 7, {"type": "A"}]}, ["A"]),
    ],
)
def test_a_chain_is_read_from_every_form(sent: object, types: list[str]):
    assert [value.type for value in values(event(exception=sent))] == types


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("text", "text"),
        ({"code": 1}, '{"code":1}'),
        ([1, 2], "[1,2]"),
        (7, "7"),
        (True, "True"),
        (None, None),
        ("v" * 9000, "v" * 8189 + "..."),
    ],
)
def test_a_value_is_text(sent: object, value: str | None):
    assert values(event(exception=[{"type": "E", "value": sent}]))[0].value == value


def test_an_exception_without_a_type_is_kept():
    found = values(
        event(exception=[{"value": "only this", "mechanism": {"type": "generic", "synthetic": True}}])
    )
    assert (found[0].type, found[0].value) == (None, "only this")


def test_a_loose_stack_trace_goes_to_the_only_exception_that_has_none():
    frames = [{"function": "f"}]
    found = event(exception=[{"type": "E"}], stacktrace={"frames": frames})
    assert found.stacktrace is None
    assert values(found)[0].stacktrace is not None
    for exceptions in ([{"type": "A"}, {"type": "B"}], [{"type": "A", "stacktrace": {"frames": frames}}], []):
        assert event(exception=exceptions, stacktrace={"frames": frames}).stacktrace is not None


@pytest.mark.parametrize(
    ("sent", "mechanism"),
    [
        ({"type": "django", "handled": False}, {"type": "django", "handled": False}),
        ({"handled": "false"}, {"handled": False}),
        ({"type": None, "handled": 1}, {"handled": True}),
        ("onerror", {"type": "onerror"}),
        (
            {"type": "t", "meta": {"signal": {"number": 11}}, "data": {"a": 1}},
            {"type": "t", "meta": {"signal": {"number": 11}}, "data": {"a": 1}},
        ),
        (
            {"type": "t", "exception_id": "1", "parent_id": 0.0},
            {"type": "t", "exception_id": 1, "parent_id": 0},
        ),
        ({"type": "t", "data": "text", "help_link": 5}, {"type": "t", "help_link": "5"}),
    ],
)
def test_a_mechanism_has_its_types(sent: object, mechanism: Json):
    assert (
        plain(event(exception=[{"type": "E", "mechanism": sent}]))["exception"]["values"][0]["mechanism"]
        == mechanism
    )


@pytest.mark.parametrize(
    ("sent", "frame"),
    [
        ({"function": "f"}, {"function": "f"}),
        ({"function": "f", "lineno": "12", "colno": 3.0}, {"function": "f", "lineno": 12, "colno": 3}),
        ({"function": "f", "lineno": 2**70}, {"function": "f"}),
        ({"function": "f", "lineno": None, "vars": None}, {"function": "f"}),
        ({"function": "f", "in_app": "yes"}, {"function": "f", "in_app": True}),
        ({"function": "f", "in_app": 0}, {"function": "f", "in_app": False}),
        ({"instruction_addr": 4096}, {"instruction_addr": "0x1000"}),
        ({"function": "f", "vars": ["a", 1]}, {"function": "f", "vars": ["a", 1]}),
        ({"function": "f", "vars": "text", "data": 7}, {"function": "f"}),
        ({"function": "f", "pre_context": [None, 7, "x"]}, {"function": "f", "pre_context": ["", "7", "x"]}),
        ({"function": "f", "pre_context": "text"}, {"function": "f"}),
        ({"function": "f", "unknown": 1}, {"function": "f"}),
        ({"abs_path": "/srv/app/a.rb"}, {"filename": "a.rb", "abs_path": "/srv/app/a.rb"}),
        ({"filename": "p" * 300}, {"filename": "p" * 253 + "..."}),
        ({"module": "only.module"}, None),
        ({"lineno": 3}, None),
        ({"function": "", "filename": ""}, None),
        ("text", None),
        (None, None),
    ],
)
def test_a_frame_names_its_place_and_has_its_types(sent: object, frame: Json | None):
    found = trace_of([sent])
    assert (plain(found[0]) if found else None) == frame


_USUAL: Json = {"filename": "a.py", "function": "f", "in_app": True, "vars": {"a": [1, {"b": "{["}]}}
_FRAMES: tuple[Json, ...] = (
    _USUAL,
    _USUAL | {"function": ""},
    _USUAL | {"in_app": None},
    _USUAL | {"platform": "javascript", "abs_path": "https://example.com/a.js"},
    _USUAL | {"data": {"sourcemap": "a.map"}, "lock": {"type": 1}},
    _USUAL | {"vars": {}},
    _USUAL | {"vars": None},
    _USUAL | {"vars": "text"},
    _USUAL | {"vars": {"big": "x" * 9000}},
    _USUAL | {"vars": {"a": [[[[[[[1]]]]]]]}},
    _USUAL | {"vars": [{"a": [n]} for n in range(9)]},
    {"filename": "", "abs_path": "https://example.com/b.js", "in_app": True},
    {"lineno": 3},
)


@pytest.mark.parametrize("platform", ["python", "javascript"])
@pytest.mark.parametrize("first", _FRAMES)
@pytest.mark.parametrize("second", _FRAMES)
def test_a_frame_does_not_depend_on_its_neighbours(platform: str, first: Json, second: Json):
    sent = [first, _USUAL, second]
    assert list(map(plain, trace_of(sent, platform))) == [
        plain(found) for frame in sent for found in trace_of([frame], platform)
    ]


@pytest.mark.parametrize(
    ("platform", "sent", "filename", "abs_path"),
    [
        (
            "javascript",
            {"filename": "https://a.example/static/app.js"},
            "/static/app.js",
            "https://a.example/static/app.js",
        ),
        (
            "javascript",
            {"abs_path": "https://a.example/x/app.js?v=1"},
            "/x/app.js",
            "https://a.example/x/app.js?v=1",
        ),
        ("javascript", {"filename": "app:///main.js"}, "/main.js", "app:///main.js"),
        ("node", {"filename": "/srv/api/node.js"}, "/srv/api/node.js", None),
        ("javascript", {"filename": "<anonymous>"}, "<anonymous>", None),
        ("javascript", {"filename": "http://[bad"}, "http://[bad", None),
        ("python", {"filename": "https://a.example/a.py"}, "https://a.example/a.py", None),
    ],
)
def test_a_scripts_filename_is_the_path_of_its_url(
    platform: str, sent: Json, filename: str, abs_path: str | None
):
    frame = frames_of(event_platform=platform, function="f", **sent)[0]
    assert (frame.filename, frame.abs_path) == (filename, abs_path)


def test_a_long_line_is_cut_around_its_column():
    line = "a" * 1000 + "HERE" + "b" * 1000
    frame = frames_of(event_platform="javascript", function="f", context_line=line, colno=1002)[0]
    assert frame.context_line is not None
    assert len(frame.context_line) <= 512
    assert "HERE" in frame.context_line
    assert frame.context_line.startswith("{snip} a")
    assert frame.context_line.endswith("b {snip}")
    start = frames_of(function="f", context_line=line, colno=1)[0].context_line
    assert start is not None
    assert start.startswith("aaa")


def test_of_more_than_250_frames_the_newest_are_kept():
    found = event(
        exception=[{"type": "E", "stacktrace": {"frames": [{"function": f"f{n}"} for n in range(300)]}}]
    )
    trace = values(found)[0].stacktrace
    assert trace is not None
    assert [trace.frames[0].function, trace.frames[-1].function, len(trace.frames)] == ["f50", "f299", 250]
    assert trace.frames_omitted == (0, 50)
    assert remark(found, "exception", "values", 0, "stacktrace", "frames") is not None


@pytest.mark.parametrize(
    ("total", "own", "stripped_own"),
    [(50, range(50), 0), (60, range(10), 0), (60, range(60), 10), (100, range(30, 100), 20)],
)
def test_of_more_than_fifty_frames_the_middle_loses_variables_libraries_first(
    total: int, own: range, stripped_own: int
):
    frames = [
        {"function": f"f{n}", "in_app": n in own, "vars": {"n": n}, "pre_context": ["x"]}
        for n in range(total)
    ]
    found = trace_of(frames)
    full = [frame for frame in found if frame.pre_context is not None]
    assert len(full) == min(total, 50)
    assert all("vars" in plain(frame) for frame in full)
    assert sum(1 for frame in found if frame.in_app and frame.pre_context is None) == stripped_own
    if total > len(own):
        assert found[0].pre_context is not None or not found[0].in_app
    assert found[-1].pre_context is not None


def test_variables_are_cut_by_depth_and_size():
    deep: Json = {"leaf": 1}
    for _ in range(20):
        deep = {"d": deep}
    found = trace_of([{"function": "f", "vars": {"deep": deep, "big": "x" * 50_000}}])
    stored = bytes(found[0].vars)
    assert len(stored) <= 8 * 1024
    assert b"..." in stored


@pytest.mark.parametrize(
    ("sent", "ids"),
    [
        ({"values": [{"id": 1}, {"id": "main"}]}, [1, "main"]),
        ([{"id": 1}, None, "bad"], [1]),
        ({"values": [{"id": 1.0, "crashed": "true"}]}, [1]),
        ([], None),
    ],
)
def test_threads_are_read_from_every_form(sent: object, ids: list[object] | None):
    threads = event(threads=sent).threads
    if ids == [1] and isinstance(sent, dict):
        ids = ["1.0"]
    assert (None if threads is None else [thread.id for thread in threads.values]) == ids


def test_frames_of_threads_are_finished_too():
    found = event(
        platform="java",
        threads=[{"id": 1, "stacktrace": {"frames": [{"function": "f", "module": "java.lang.Thread"}]}}],
    )
    assert found.threads is not None
    assert found.threads.values[0].stacktrace is not None
    assert found.threads.values[0].stacktrace.frames[0].in_app is False


def test_a_dropped_frame_leaves_a_note():
    found = event(exception=[{"type": "E", "stacktrace": {"frames": [{"lineno": 1}, {"function": "f"}]}}])
    assert notes(found) == [("missing_attribute", "exception.values.0.stacktrace.frames")]


def test_native_parts_are_kept():
    trace = {
        "frames": [{"instruction_addr": "0x1"}],
        "registers": {"rip": 255, "rsp": "0x2"},
        "instruction_addr_adjustment": "none",
    }
    found = plain(
        event(
            exception=[{"type": "SIGSEGV", "stacktrace": trace}],
            debug_meta={"images": [{"type": "elf", "debug_id": "x"}]},
        )
    )
    assert found["exception"]["values"][0]["stacktrace"]["registers"] == {"rip": "0xff", "rsp": "0x2"}
    assert found["debug_meta"] == {"images": [{"type": "elf", "debug_id": "x"}]}
