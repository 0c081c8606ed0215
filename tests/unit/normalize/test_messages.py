"""The message, breadcrumbs, bags (protocol: message, breadcrumbs, event payload, normalisation 4)."""

import pytest

from tests.unit.normalize.build import FACTS, NOW_US, SECOND_US, Json, event, plain, remark


@pytest.mark.parametrize(
    ("sent", "message", "formatted"),
    [
        ("hello", None, "hello"),
        ({"message": "hello"}, None, "hello"),
        ({"formatted": "hello"}, None, "hello"),
        ({"message": "a %s", "params": ["b"]}, "a %s", "a b"),
        ({"message": "a %s and %d%%", "params": ["b", 7]}, "a %s and %d%%", "a b and 7%"),
        ({"message": "a %(x)s", "params": {"x": "b"}}, "a %(x)s", "a b"),
        ({"message": "a {}", "params": ["b"]}, "a {}", "a b"),
        ({"message": "a {1} {0}", "params": ["b", "c"]}, "a {1} {0}", "a c b"),
        ({"message": "a {x}", "params": {"x": "b"}}, "a {x}", "a b"),
        ({"message": "a {x:>4} {{y}}", "params": {"x": "b"}}, "a {x:>4} {{y}}", "a b {y}"),
        ({"message": "a %s %s", "params": ["b"]}, "a %s %s", "a b %s"),
        ({"message": "100% of %s", "params": []}, None, "100% of %s"),
        ({"message": "a %s", "formatted": "a b", "params": ["b"]}, "a %s", "a b"),
        ({"message": "a", "formatted": "a"}, None, "a"),
        ({"message": {"a": 1}}, None, '{"a":1}'),
        ({"message": 7}, None, "7"),
        ({"message": "m %s", "params": "text"}, None, "m %s"),
        (["x"], None, '["x"]'),
        ("", None, None),
        ({}, None, None),
        (None, None, None),
    ],
)
def test_a_message_has_a_template_and_a_text(sent: object, message: str | None, formatted: str | None):
    for name in ("message", "logentry"):
        entry = event({name: sent}).logentry
        assert (None if entry is None else (entry.message, entry.formatted)) == (
            None if formatted is None else (message, formatted)
        )


def test_the_log_entry_goes_before_the_message():
    entry = event(message="old", logentry={"formatted": "new"}).logentry
    assert entry is not None
    assert entry.formatted == "new"


def test_a_long_message_is_cut_and_remarked():
    found = event(message="m" * 9000)
    assert found.logentry is not None
    assert found.logentry.formatted == "m" * 8189 + "..."
    assert remark(found, "logentry", "message") == {"rem": [["!limit", "s", 8189, 8192]], "len": 9000}


def test_placeholders_do_not_multiply_a_parameter():
    found = event(logentry={"message": "{0}" * 2000, "params": ["p" * 4000]})
    assert found.logentry is not None
    assert found.logentry.formatted is not None
    assert len(found.logentry.formatted) <= 8192


def crumbs(sent: object) -> list[Json]:
    return plain(event(breadcrumbs=sent)).get("breadcrumbs", [])


AT = NOW_US / SECOND_US


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (
            {"message": "m", "level": "info", "type": "http", "category": "c"},
            {"message": "m", "level": "info", "type": "http", "category": "c"},
        ),
        ({"message": "m", "ty": "http"}, {"message": "m", "type": "http"}),
        ({"message": "m", "level": "log"}, {"message": "m", "level": "info"}),
        ({"message": "m", "level": "loud"}, {"message": "m"}),
        ({"message": {"a": 1}}, {"message": '{"a":1}'}),
        ({"message": 5}, {"message": "5"}),
        ({"timestamp": AT}, {"timestamp": AT}),
        ({"timestamp": int(AT)}, {"timestamp": AT}),
        ({"timestamp": str(AT)}, {"timestamp": AT}),
        ({"timestamp": "2026-01-02T03:04:05.5Z"}, {"timestamp": "2026-01-02T03:04:05.500000Z"}),
        ({"timestamp": "then"}, {}),
        ({"data": {"url": "http://a/"}}, {"data": {"url": "http://a/"}}),
        ({"data": "text"}, {"data": {"value": "text"}}),
        ({"data": [1]}, {"data": {"value": [1]}}),
        ({"data": {}, "message": None}, {}),
        ({"category": "c" * 200}, {"category": "c" * 125 + "..."}),
        ({"event_id": "a" * 32, "origin": "o", "unknown": 1}, {"event_id": "a" * 32, "origin": "o"}),
    ],
)
def test_a_breadcrumb_has_its_types(sent: Json, expected: Json):
    assert crumbs([sent]) == [expected]
    assert crumbs({"values": [None, sent, None]}) == [expected]


def test_the_newest_hundred_breadcrumbs_are_kept():
    found = crumbs([{"message": str(n)} for n in range(150)])
    assert [found[0]["message"], found[-1]["message"], len(found)] == ["50", "149", 100]


def test_data_of_a_breadcrumb_is_cut_at_two_kibibytes_and_five_levels():
    deep: Json = {"leaf": 1}
    for _ in range(8):
        deep = {"d": deep}
    found = event(breadcrumbs=[{"data": {"big": "x" * 5000}}, {"data": deep}])
    big, flat = plain(found)["breadcrumbs"]
    assert len(big["data"]["big"]) < 2048
    assert flat["data"]["d"]["d"]["d"]["d"]["d"] == '{"d":{"d":{"d":{"leaf":1}}}}'
    assert remark(found, "breadcrumbs", "values", 0, "data", "big") is not None


_DATA: tuple[object, ...] = (
    {"a": 1},
    {},
    None,
    "x",
    ["[", "{"],
    {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
    {"s": "{[{[{["},
    {"big": "x" * 3000},
)


@pytest.mark.parametrize("first", _DATA)
@pytest.mark.parametrize("second", _DATA)
def test_data_of_a_breadcrumb_does_not_depend_on_its_neighbours(first: object, second: object):
    sent = [{"message": "m", "data": data} for data in (first, {"a": "b"}, second)]
    assert crumbs(sent) == [found for crumb in sent for found in crumbs([crumb])]


@pytest.mark.parametrize("sent", [None, [], {}, {"values": []}, {"values": None}, "text", 7, [None], ["x"]])
def test_no_breadcrumbs_are_no_breadcrumbs(sent: object):
    assert crumbs(sent) == []


def test_extra_is_kept_as_it_came_within_its_limits():
    payload = b'{"extra":{"a":1.50,"b":[ 1, 2 ],"c":12345678901234567890123}}'
    assert bytes(event(payload, FACTS).extra) == b'{"a":1.50,"b":[ 1, 2 ],"c":12345678901234567890123}'


def test_extra_is_cut_by_item_by_total_and_by_depth():
    deep: object = "leaf"
    for _ in range(10):
        deep = [deep]
    found = event(extra={"deep": deep, "big": "x" * 50_000} | {f"k{n:02}": "y" * 15_000 for n in range(30)})
    extra = plain(found)["extra"]
    assert len(extra["big"]) <= 16 * 1024
    assert 15 < len(extra) < 20
    node = extra["deep"]
    for _ in range(6):
        node = node[0]
    assert node == '[[[["leaf"]]]]'
    assert remark(found, "extra") is not None


@pytest.mark.parametrize("sent", ["text", [1], 7, True])
def test_extra_that_is_no_object_is_left_out(sent: object):
    assert "extra" not in plain(event(extra=sent))


@pytest.mark.parametrize(
    ("sent", "modules"),
    [
        ({"a": "1"}, {"a": "1"}),
        ({"a": 1, "b": None}, {"a": "1", "b": ""}),
        ([["a", "1"]], {"a": "1"}),
        ([{"name": "a", "version": "1"}], {"a": "1"}),
        ({}, None),
        ("text", None),
    ],
)
def test_modules_are_texts(sent: object, modules: object):
    assert plain(event(modules=sent)).get("modules") == modules


def test_modules_are_cut_at_eight_kibibytes():
    found = event(modules={f"module{n}": "1.0.0" for n in range(2000)})
    assert found.modules is not None
    assert 300 < len(found.modules) < 600
    assert remark(found, "modules") is not None


def test_an_sdk_has_its_types():
    sent = {
        "name": "s",
        "version": 2,
        "integrations": ["a", None, 5],
        "packages": [{"name": "p"}],
        "settings": {"infer_ip": "auto"},
    }
    assert plain(event(sdk=sent))["sdk"] == sent | {"version": "2", "integrations": ["a", "5"]}
