"""Tags, sent and derived (protocol: tags)."""

import pytest

from tests.unit.normalize.build import CHROME, event, notes, remark


def client_tags(sent: object) -> dict[str, str]:
    return {key: value for key, value in event(tags=sent).tags.items() if key != "level"}


@pytest.mark.parametrize(
    ("sent", "tags"),
    [
        ({"a": "1", "b": "2"}, {"a": "1", "b": "2"}),
        ([["a", "1"], ["b", "2"]], {"a": "1", "b": "2"}),
        ([{"key": "a", "value": "1"}, {"key": "b", "value": 2}], {"a": "1", "b": "2"}),
        ([["a", "1"], None, ["b"], "x", 7, {"key": None, "value": "1"}], {"a": "1"}),
        ([["a", "first"], ["a", "second"]], {"a": "first"}),
        ({"yes": True, "no": False, "n": 1, "f": 1.5}, {"yes": "True", "no": "False", "n": "1", "f": "1.5"}),
        ({"a": None, "b": "", "c": "  "}, {}),
        ({"a b": "1"}, {"a-b": "1"}),
        ({"a": " trimmed "}, {"a": "trimmed"}),
        ({"käse": "1", "ok": "2"}, {"ok": "2"}),
        ({"a": "two\nlines", "ok": "2"}, {"ok": "2"}),
        ({"k" * 200: "v"}, {"k" * 200: "v"}),
        ({"k" * 201: "v"}, {}),
        ({"": "v"}, {}),
        ({"a": "v" * 201}, {"a": "v" * 197 + "..."}),
        ({"a": {"x": 1}}, {"a": '{"x":1}'}),
        (
            {"filename": "f", "function": "g", "user": "u", "release": "r", "dist": "d", "ok": "1"},
            {"ok": "1"},
        ),
        ("text", {}),
        (7, {}),
        (None, {}),
    ],
)
def test_tags_are_short_texts_under_plain_names(sent: object, tags: dict[str, str]):
    assert client_tags(sent) == tags


@pytest.mark.parametrize("sent", [{"käse": "1"}, {"k" * 201: "v"}, {"a": "two\nlines"}, "text"])
def test_a_dropped_tag_leaves_a_note(sent: object):
    assert [kind for kind, _ in notes(event(tags=sent))] == ["invalid_data"]


def test_a_cut_value_is_remarked():
    assert remark(event(tags={"a": "v" * 201}), "tags", "a") == {
        "rem": [["!limit", "s", 197, 200]],
        "len": 201,
    }


def test_a_tag_named_environment_becomes_the_environment_where_none_is_sent():
    assert event(tags={"environment": "staging"}).environment == "staging"
    assert event(tags={"environment": "staging"}, environment="production").environment == "production"


def test_facts_of_the_event_become_tags():
    found = event(
        level="warning",
        logger="shop.jobs",
        environment="production",
        release="shop@1",
        dist="7",
        server_name="web-1",
        transaction="/cart/",
        user={"id": 3},
        request={"url": "https://shop.example.com/cart/?a=1", "headers": {"User-Agent": CHROME}},
        exception={"values": [{"type": "E", "mechanism": {"type": "django", "handled": False}}]},
        contexts={
            "runtime": {"name": "CPython", "version": "3.11.7"},
            "device": {"family": "Pixel", "model": "Pixel 7"},
            "replay": {"replay_id": "a" * 32},
        },
        site="main",
    )
    assert found.tags == {
        "level": "warning",
        "logger": "shop.jobs",
        "environment": "production",
        "release": "shop@1",
        "dist": "7",
        "server_name": "web-1",
        "transaction": "/cart/",
        "user": "id:3",
        "url": "https://shop.example.com/cart/",
        "site": "main",
        "handled": "no",
        "mechanism": "django",
        "browser": "Chrome 140.0.0",
        "browser.name": "Chrome",
        "os": "Windows 10",
        "os.name": "Windows",
        "runtime": "CPython 3.11.7",
        "runtime.name": "CPython",
        "device": "Pixel 7",
        "device.family": "Pixel",
        "replayId": "a" * 32,
    }


@pytest.mark.parametrize(
    ("user", "tag"),
    [
        ({"id": "1", "email": "a@b.c"}, "id:1"),
        ({"username": "ada", "email": "a@b.c"}, "username:ada"),
        ({"email": "a@b.c", "ip_address": "1.2.3.4"}, "email:a@b.c"),
        ({"ip_address": "1.2.3.4"}, "ip:1.2.3.4"),
        ({"name": "Ada"}, None),
    ],
)
def test_the_tag_user_is_the_first_thing_known(user: dict[str, str], tag: str | None):
    assert event(user=user).tags.get("user") == tag


@pytest.mark.parametrize(
    ("handled", "tag"),
    [([True], "yes"), ([False], "no"), ([True, False], "no"), ([False, True], "no"), ([None], None)],
)
def test_an_event_is_unhandled_if_any_of_its_exceptions_is(handled: list[bool | None], tag: str | None):
    values = [{"type": "E", "mechanism": {"type": "m", "handled": flag}} for flag in handled]
    assert event(exception={"values": values}).tags.get("handled") == tag


def test_derived_names_give_way_to_a_clients_tag_but_the_events_own_facts_do_not():
    found = event(
        tags={"browser.name": "mine", "level": "mine", "url": "mine"},
        request={"url": "http://a/", "headers": {"User-Agent": CHROME}},
    )
    assert (found.tags["browser.name"], found.tags["level"], found.tags["url"]) == ("mine", "error", "mine")


@pytest.mark.parametrize(("rooted", "tag"), [(True, "yes"), (False, "no"), (None, None)])
def test_a_rooted_system_is_a_tag(rooted: bool | None, tag: str | None):
    assert event(contexts={"os": {"name": "Android", "rooted": rooted}}).tags.get("os.rooted") == tag


@pytest.mark.parametrize(
    ("os", "device", "tag"),
    [
        ("Android", {"processor_frequency": 1800, "processor_count": 4, "memory_size": 2 * 2**30}, "low"),
        ("Android", {"processor_frequency": 2400, "processor_count": 8, "memory_size": 5 * 2**30}, "medium"),
        ("Android", {"processor_frequency": 3000, "processor_count": 8, "memory_size": 12 * 2**30}, "high"),
        ("iOS", {"model": "iPhone15,2"}, "high"),
        ("iOS", {"model": "iPhone12,1"}, "medium"),
        ("iOS", {"model": "iPhone8,1"}, "low"),
        ("Linux", {"processor_frequency": 3000, "processor_count": 8, "memory_size": 12 * 2**30}, None),
    ],
)
def test_a_phone_has_a_class(os: str, device: dict[str, object], tag: str | None):
    assert event(contexts={"os": {"name": os}, "device": device}).tags.get("device.class") == tag
