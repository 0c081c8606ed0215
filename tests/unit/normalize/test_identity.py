"""Defaults, ids, types, levels, release, environment (protocol: event payload, normalisation 1)."""

import pytest

from tests.unit.normalize.build import FACTS, NOW_US, event, notes, plain
from vedette.normalize.event import Received

ID = "fc6d8c0c43fc4630ad850ee518f1b9d0"
OTHER = "11111111111111111111111111111111"


@pytest.mark.parametrize(
    ("sent", "level"),
    [
        ("fatal", "fatal"),
        ("info", "info"),
        ("log", "info"),
        ("warn", "warning"),
        ("critical", "fatal"),
        ("WARNING", "warning"),
        (10, "debug"),
        (20, "info"),
        (30, "warning"),
        ("40", "error"),
        (50, "fatal"),
        (None, "error"),
        ("loud", "error"),
        (["info"], "error"),
    ],
)
def test_a_level_is_one_of_the_five(sent: object, level: str):
    assert event(level=sent).level == level


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({}, "default"),
        ({"message": "hi"}, "default"),
        ({"exception": {"values": [{"type": "E"}]}}, "error"),
        ({"type": "default", "exception": {"values": [{"type": "E"}]}}, "error"),
        ({"type": "error"}, "default"),
        ({"type": "transaction"}, "transaction"),
        ({"type": "feedback"}, "feedback"),
        ({"type": "nonsense"}, "default"),
        ({"csp": {"effective_directive": "img-src"}}, "csp"),
        ({"sentry.interfaces.Csp": {"effective_directive": "img-src"}}, "csp"),
        ({"hpkp": {"hostname": "a"}}, "hpkp"),
    ],
)
def test_a_type_is_inferred_from_what_the_event_holds(payload: dict[str, object], kind: str):
    assert event(payload).type == kind


def test_a_transactions_level_defaults_to_info():
    assert event(type="transaction").level == "info"


@pytest.mark.parametrize(
    ("envelope", "sent", "expected"),
    [
        (None, ID, ID),
        (None, "fc6d8c0c-43fc-4630-ad85-0ee518f1b9d0", ID),
        (None, ID.upper(), ID),
        (OTHER, ID, OTHER),
        ("fc6d8c0c-43fc-4630-ad85-0ee518f1b9d0", None, ID),
        ("nonsense", ID, ID),
    ],
)
def test_the_envelopes_id_goes_before_the_payloads(envelope: str | None, sent: str | None, expected: str):
    facts = Received(received_us=NOW_US, event_id=envelope)
    assert event({"event_id": sent}, facts).event_id == expected


def test_a_missing_id_is_minted_the_same_at_every_replay():
    first, again = event(message="a"), event(message="a")
    assert len(first.event_id) == 32
    assert first.event_id == again.event_id
    assert event(message="b").event_id != first.event_id


def test_a_bad_id_is_noted_and_replaced():
    found = event(event_id="not-an-id")
    assert len(found.event_id) == 32
    assert ("invalid_data", "event_id") in notes(found)


@pytest.mark.parametrize(
    ("sent", "platform"),
    [
        ("python", "python"),
        ("Python", "python"),
        ("klingon", "other"),
        (None, "other"),
        (7, "other"),
        ("native", "native"),
    ],
)
def test_an_unknown_platform_is_other(sent: object, platform: str):
    assert event(platform=sent).platform == platform


@pytest.mark.parametrize(
    ("sent", "release", "noted"),
    [
        ("shop@1.2.3+4", "shop@1.2.3+4", False),
        (" 1.0 ", "1.0", False),
        ("a/b", None, True),
        ("a\\b", None, True),
        ("a\nb", None, True),
        (".", None, True),
        ("..", None, True),
        ("latest", None, True),
        ("  ", None, False),
        ("r" * 201, "r" * 197 + "...", False),
        (17, "17", False),
    ],
)
def test_a_release_follows_the_rules_of_its_name(sent: object, release: str | None, noted: bool):
    found = event(release=sent)
    assert found.release == release
    assert (("invalid_data", "release") in notes(found)) is noted


@pytest.mark.parametrize(
    ("release", "sent", "dist"),
    [
        ("1", "17", "17"),
        ("1", 17, "17"),
        (None, "17", None),
        ("1", "a b", None),
        ("1", "d" * 64, "d" * 64),
        ("1", "a-b_c.d", "a-b_c.d"),
    ],
)
def test_a_dist_needs_a_release_and_plain_characters(release: str | None, sent: object, dist: str | None):
    assert event(release=release, dist=sent).dist == dist


@pytest.mark.parametrize(
    ("sent", "environment", "noted"),
    [
        ("production", "production", False),
        ("none", None, True),
        ("None", None, True),
        ("a/b", None, True),
        ("a\nb", None, True),
        ("", None, False),
        ("e" * 65, "e" * 61 + "...", False),
    ],
)
def test_an_environment_follows_the_rules_of_its_name(sent: str, environment: str | None, noted: bool):
    found = event(environment=sent)
    assert found.environment == environment
    assert (("invalid_data", "environment") in notes(found)) is noted


@pytest.mark.parametrize(
    ("sent", "fingerprint"),
    [
        (["a", "b"], ["a", "b"]),
        (["{{ default }}", 1], ["{{ default }}", "1"]),
        (["a", None, True, 1.5, {"x": 1}], ["a"]),
        ("alone", ["alone"]),
        ([], None),
        ([None], None),
        ({"x": 1}, None),
        (["p" * 300], ["p" * 253 + "..."]),
    ],
)
def test_a_fingerprint_is_a_list_of_texts(sent: object, fingerprint: list[str] | None):
    assert event(fingerprint=sent).fingerprint == fingerprint


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("culprit", "transaction", "a.b"),
        ("sentry.interfaces.User", "user", {"id": "1"}),
        ("sentry.interfaces.Http", "request", {"url": "http://a/"}),
        ("sentry.interfaces.Exception", "exception", {"values": [{"type": "E"}]}),
        ("sentry.interfaces.Message", "logentry", {"formatted": "m"}),
        ("sentry.interfaces.Breadcrumbs", "breadcrumbs", [{"message": "m"}]),
        ("sentry.interfaces.Contexts", "contexts", {"app": {"type": "app", "a": 1}}),
        ("sentry.interfaces.Template", "template", {"filename": "t.html", "lineno": 1}),
    ],
)
def test_an_old_name_is_read_as_the_new_one_and_the_new_one_wins(old: str, new: str, value: object):
    assert plain(event({old: value}))[new] == plain(event({new: value}))[new]
    assert new in plain(event({old: value, new: None}))
    both = plain(event({old: "x" if isinstance(value, str) else {}, new: value}))
    assert both[new] == plain(event({new: value}))[new]


def test_unknown_keys_are_kept_opaque_and_the_servers_own_are_not_taken():
    found = plain(event({"mystery": {"a": [1]}, "project": 7, "received": 1.0, "nothing": None}))
    assert found["other"] == {"mystery": {"a": [1]}}


@pytest.mark.parametrize(
    ("sent", "logger"), [("a.b", "a.b"), ("a\r\nb", "a b"), ("l" * 65, "l" * 61 + "..."), (" x ", "x")]
)
def test_a_logger_is_one_short_line(sent: str, logger: str):
    assert event(logger=sent).logger == logger


def test_names_over_their_limit_are_cut_and_remarked():
    found = plain(event(transaction="t" * 300, server_name="s" * 300))
    assert found["transaction"] == "t" * 197 + "..."
    assert found["_meta"]["transaction"] == {"": {"rem": [["!limit", "s", 197, 200]], "len": 300}}
    assert len(found["server_name"]) == 256


def test_remarks_of_the_client_are_kept_beside_ours():
    sent = {
        "request": {"headers": {"Cookie": {"": {"rem": [["!config", "s"]]}}}},
        "transaction": {"": {"rem": [["!raw", "s"]]}},
    }
    meta = plain(event(transaction="t" * 300, _meta=sent))["_meta"]
    assert meta["request"] == sent["request"]
    assert meta["transaction"][""]["rem"] == [["!raw", "s"], ["!limit", "s", 197, 200]]


def test_errors_of_the_client_are_kept_before_ours():
    found = event({"errors": [{"type": "js_no_source", "name": "x"}, None, "bad"], "release": "a/b"}, FACTS)
    assert notes(found) == [("js_no_source", "x"), ("invalid_data", "release")]
