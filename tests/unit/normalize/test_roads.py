"""The fast road and the road through repair end in the same event."""

import re
import string
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.support.examples import tries
from tests.unit.normalize.build import CHROME, FACTS, NOW_US, SECOND_US, event, notes, plain
from vedette.core.event import Event, Sdk
from vedette.normalize import parts
from vedette.normalize.coerce import encode
from vedette.normalize.event import InvalidPayload, normalize, normalize_together
from vedette.normalize.notes import Notes

BODIES = Path(__file__).parents[3] / "bench" / "bodies"
CONTAINER = re.compile(r"_(logs|metrics)$")  # bodies that hold no event

text = st.text(max_size=30) | st.sampled_from(
    ["", " ", "a\nb", "x" * 300, "y" * 9000, "NaN", "{{auto}}", "true", "12"]
)
number = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 60)
scalar = st.none() | st.booleans() | number | text
json = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4), max_leaves=8
)


def shaped(**fields: "st.SearchStrategy[Any]") -> "st.SearchStrategy[dict[str, Any]]":
    """Objects with some of the fields, each well-formed more often than not, and perhaps an unknown one."""
    mostly = {name: st.one_of(field, field, field, json) for name, field in fields.items()}
    return st.fixed_dictionaries({}, optional=mostly | {"unknown": json})


def many(item: "st.SearchStrategy[Any]") -> "st.SearchStrategy[Any]":
    entries = st.lists(item | st.none(), max_size=4)
    return entries | st.fixed_dictionaries({"values": entries})


name = st.text(string.ascii_letters + "._-/<>", max_size=12)
time = st.floats(NOW_US / SECOND_US - 1000, NOW_US / SECOND_US) | st.sampled_from(
    ["2026-09-21T10:00:00Z", "2026-09-21T10:00:00.123456789", "1790000000", "?"]
)
bag = st.dictionaries(name, json, max_size=3)
frame = shaped(
    filename=name, abs_path=st.just("https://a.example/x.js") | name, function=name, module=name, package=name, lineno=number, colno=st.integers(0, 2000),
    in_app=st.booleans(), context_line=text, pre_context=st.lists(text, max_size=3), vars=bag | st.lists(json, max_size=2), data=bag,
    instruction_addr=name, platform=st.sampled_from(["javascript", "python", "java"]),
)  # fmt: skip
stack = shaped(
    frames=st.lists(frame, max_size=3), registers=st.dictionaries(name, name | number, max_size=2), lang=name
)
exception = shaped(
    type=name, value=text, module=name, thread_id=number | name, stacktrace=stack,
    mechanism=shaped(type=name, handled=st.booleans(), synthetic=st.booleans(), exception_id=number, parent_id=number, data=bag, meta=bag),
)  # fmt: skip
crumb = shaped(
    timestamp=time,
    type=name,
    ty=name,
    category=name,
    level=st.sampled_from(["info", "log", "error"]),
    message=text,
    data=bag,
)
user = shaped(
    id=name | number,
    email=name,
    username=name,
    ip_address=st.sampled_from(["{{auto}}", "1.2.3.4", "x"]),
    data=bag,
    geo=shaped(city=name),
)
pair_list = bag | st.lists(st.tuples(name, text), max_size=3) | text
request = shaped(
    url=st.just("http://a.example/b?x=1&y#z") | text, method=name, query_string=pair_list, cookies=pair_list, data=json,
    headers=pair_list | st.just({"User-Agent": CHROME}), env=st.just({"REMOTE_ADDR": "{{auto}}"}) | bag, body_size=number,
)  # fmt: skip
payload = shaped(
    event_id=st.just("a" * 32) | name, type=st.sampled_from(["error", "default", "csp", "x"]), timestamp=time, platform=st.sampled_from(["python", "javascript"]) | name,
    level=st.sampled_from(["error", "info", "log", 40]), logger=text, transaction=text, culprit=text, server_name=text, release=name, dist=name, environment=name,
    tags=st.dictionaries(name, scalar, max_size=4) | st.lists(st.tuples(name, scalar), max_size=3), extra=bag, modules=st.dictionaries(name, name, max_size=3),
    fingerprint=st.lists(scalar, max_size=3), user=user, request=request, contexts=st.dictionaries(st.sampled_from(["os", "trace", "browser", "mine"]), bag, max_size=3),
    breadcrumbs=many(crumb), exception=many(exception) | exception, stacktrace=stack, threads=many(shaped(id=number, name=name, crashed=st.booleans(), stacktrace=stack)),
    logentry=shaped(message=text, formatted=text, params=st.lists(json, max_size=2) | bag) | text, message=text, template=frame,
    sdk=shaped(name=name, version=name, integrations=st.lists(name, max_size=2), settings=st.just({"infer_ip": "auto"})),
    errors=st.lists(shaped(type=name, name=name, value=json), max_size=2), checksum=name, site=name, debug_meta=bag, csp=bag, _meta=bag,
)  # fmt: skip


def written(found: Event) -> object:
    return msgspec.json.decode(msgspec.json.encode(found))


@tries(100, HealthCheck.too_slow, HealthCheck.data_too_large)
@given(payload)
def test_repairing_what_needs_no_repair_changes_nothing(sent: dict[str, Any]):
    body = encode(sent)
    fast, slow = normalize(body, FACTS), normalize(body, FACTS, repair_all=True)
    assert written(fast) == written(slow)


@tries(100, HealthCheck.too_slow, HealthCheck.data_too_large)
@given(st.lists(payload.map(encode) | st.binary(max_size=20) | st.just(b'{"extra":{"a":NaN}}'), max_size=4))
def test_payloads_normalized_together_end_as_each_does_alone(sent: list[bytes]):
    def alone(body: bytes) -> object:
        try:
            return written(normalize(body, FACTS, looks_later=True))
        except InvalidPayload as error:
            return str(error)

    together = normalize_together([(body, FACTS) for body in sent])
    assert [str(one) if isinstance(one, Exception) else written(one) for one in together] == [
        *map(alone, sent)
    ]


def test_the_whole_and_its_parts_have_the_same_fields_and_limits():
    whole = {field.encode_name: field for field in msgspec.structs.fields(parts.Parts)}
    assert set(whole) - {"message", "transaction_info"} == set(parts.PARTS)
    for name, part in parts.PARTS.items():
        assert whole[name].name == part.field
        assert (whole[name].type is msgspec.Raw) == (part.decode is None)


@tries(300, HealthCheck.too_slow, HealthCheck.data_too_large)
@given(st.sampled_from(sorted(name for name, part in parts.PARTS.items() if part.decode)), json)
def test_a_part_is_taken_with_the_whole_where_it_is_taken_alone(part_name: str, sent: object):
    part = parts.PARTS[part_name]
    assert part.decode is not None
    whole = parts.read_canonical(encode({part_name: sent}))
    try:
        alone = part.decode(msgspec.Raw(encode(sent)))
    except msgspec.ValidationError:
        assert sent is None or whole is None
    else:
        assert whole is not None
        assert getattr(whole[0], part.field) == alone


DEEP = "[" * 30 + "]" * 30


@pytest.mark.parametrize(
    "sent",
    [
        {"sdk": {"name": "x", "packages": None, "settings": {"infer_ip": "auto"}}},
        {"sdk": {"name": "x", "packages": msgspec.Raw(DEEP.encode())}},
        {"sdk": {"name": "x", "settings": {"a": "b" * 300_000}}},
        {"sdk": None, "modules": None},
        {"modules": {}},
        {"modules": {"null": "1"}},
        {"modules": {f"package-{n}": "1.0" for n in range(600)}},
    ],
)
def test_what_is_remembered_of_a_part_is_within_its_limits(sent: object):
    body = encode(sent)
    repaired = written(normalize(body, FACTS, repair_all=True))
    assert [written(normalize(body, FACTS)) for _ in range(2)] == [repaired, repaired]


@tries(100, HealthCheck.too_slow, HealthCheck.data_too_large)
@given(st.sampled_from(sorted(parts.PARTS)), json)
def test_whatever_a_table_returns_its_decoder_takes(part_name: str, sent: object):
    part = parts.PARTS[part_name]
    if part.decode is not None:
        fixed = part.fix(sent, (part_name,), Notes())
        if fixed is not None:
            part.decode(msgspec.Raw(encode(fixed)))


@tries(100, HealthCheck.too_slow, HealthCheck.data_too_large)
@given(payload)
def test_a_stored_event_reads_back_as_itself(sent: dict[str, Any]):
    stored = msgspec.json.encode(normalize(encode(sent), FACTS))
    assert msgspec.json.encode(msgspec.json.decode(stored, type=Event)) == stored


@tries(100)
@given(st.binary(max_size=300))
def test_any_bytes_become_an_event_or_are_refused(body: bytes):
    try:
        normalize(b'{"extra":{"a":' + body + b"}}", FACTS)
    except parts.msgspec.MsgspecError as error:  # pragma: no cover
        raise AssertionError("nothing but InvalidPayload may leave") from error
    except ValueError as error:
        assert type(error).__name__ == "InvalidPayload"


def test_a_note_of_the_client_without_a_value_has_none():
    body = encode({"errors": [{"type": "x", "value": None}]})
    assert [plain(normalize(body, FACTS, repair_all=all_of_it))["errors"] for all_of_it in (False, True)] == [
        [{"type": "x"}],
        [{"type": "x"}],
    ]


def body_of(template: str) -> bytes:
    return (BODIES / f"{template}.envelope").read_bytes().split(b"\n")[2]


@pytest.mark.parametrize(
    "template", sorted(path.stem for path in BODIES.glob("*.envelope") if not CONTAINER.search(path.stem))
)
def test_real_bodies_take_the_fast_road_and_lose_nothing(template: str, monkeypatch: pytest.MonkeyPatch):
    body = body_of(template)
    slow = written(normalize(body, FACTS, repair_all=True))

    def refuse(*_: object) -> None:
        raise AssertionError("a real body needed repair")

    for part_name, part in list(parts.PARTS.items()):
        monkeypatch.setitem(parts.PARTS, part_name, part._replace(fix=refuse))
    assert (parts.read_canonical(body) is not None) == (template != "py_transaction")
    found = normalize(body, FACTS)
    assert written(found) == slow
    sent, stored = cast("dict[str, Any]", msgspec.json.decode(body)), plain(found)
    assert not [note for note in notes(found) if note[0] not in ("past_timestamp", "future_timestamp")]
    for field in ("extra", "modules", "release", "environment"):
        assert stored.get(field) == sent.get(field)
    for key, value in cast("dict[str, str]", sent.get("tags") or {}).items():
        assert stored["tags"][key] == value


def test_real_frames_keep_their_source_and_variables():
    sent = msgspec.json.decode(body_of("py_django_chained"))["exception"]["values"]
    stored = plain(event(body_of("py_django_chained")))["exception"]["values"]
    for one, other in zip(sent, stored, strict=True):
        for frame_sent, frame_stored in zip(
            one["stacktrace"]["frames"], other["stacktrace"]["frames"], strict=True
        ):
            for field in (
                "vars",
                "context_line",
                "pre_context",
                "post_context",
                "lineno",
                "in_app",
                "function",
            ):
                assert frame_stored.get(field) == frame_sent.get(field)


def test_a_number_past_all_floats_in_a_large_part_is_mended_though_nobody_has_looked_yet():
    payload = b'{"message":"x","extra":{"a":1e99999,"b":' + b"9" * 20_000 + b"}}"
    later = normalize(payload, FACTS, looks_later=True)
    assert later == normalize(payload, FACTS)
    assert plain(later)["extra"] == {"a": None, "b": None}


def test_a_module_with_an_endless_name_takes_the_same_end_on_both_roads():
    payload = msgspec.json.encode({"message": "x", "modules": {"m" * 300: "1.0", "ok": "2.0"}})
    assert plain(normalize(payload, FACTS)) == plain(normalize(payload, FACTS, repair_all=True))


def test_nothing_said_of_an_sdks_parts_is_no_part_on_either_road():
    payload = b'{"sdk":{"name":"x","settings":null,"packages":null}}'
    fast, slow = normalize(payload, FACTS), normalize(payload, FACTS, repair_all=True)
    assert written(fast) == written(slow)
    assert fast.sdk == Sdk(name="x")
