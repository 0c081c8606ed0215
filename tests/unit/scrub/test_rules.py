"""Rules of a project: selectors, kinds, methods (issue: project rules with selectors)."""

from typing import cast

import msgspec
import pytest

from tests.unit.normalize.build import Json, event, plain
from vedette.scrub.rules import InvalidRules, ScrubSettings, compile_settings, parse_rules
from vedette.scrub.scrub import preview, scrub
from vedette.scrub.selectors import InvalidSelector, parse


def by_rules(payload: Json, *rules: Json) -> Json:
    """The event after these rules alone."""
    settings = ScrubSettings(data_scrubber=False, relay_pii_config=msgspec.json.encode(rules).decode())
    return plain(scrub(event(payload), compile_settings(settings)))


def rule(kind: str, source: str, method: str = "replace", **more: str) -> Json:
    return {"type": kind, "source": source, "method": method, **more}


EVENT: Json = {
    "user": {"id": "7", "email": "ada@example.org", "ip_address": "203.0.113.7", "data": {"city": "Ghent"}},
    "request": {
        "url": "http://a/",
        "headers": {"X-Mine": "at 203.0.113.7", "Accept": "*"},
        "cookies": {"c": "1"},
        "data": {"iban": "x"},
    },
    "extra": {"foo": "10.0.0.1", "keep": "10.0.0.1", "deep": {"foo": [1, "10.0.0.2"]}, "a b": "z"},
    "tags": {"host": "10.0.0.3"},
    "logentry": {"formatted": "from 10.0.0.4"},
    "breadcrumbs": [{"message": "at 10.0.0.5", "data": {"x": "10.0.0.5"}}],
    "contexts": {"mine": {"x": "10.0.0.6"}},
    "exception": [
        {
            "type": "E",
            "value": "v 10.0.0.7",
            "stacktrace": {
                "frames": [
                    {
                        "function": "f",
                        "filename": "/home/ada/x.py",
                        "context_line": "l",
                        "vars": {"x": "10.0.0.8"},
                    }
                ]
            },
        }
    ],
}


def at(found: object, *path: str | int) -> object:
    for step in path:
        if isinstance(found, dict):
            found = cast("Json", found).get(str(step))
        else:
            found = cast("list[object]", found)[int(step)] if found is not None else None
    return cast("object", found)


FRAME = ("exception", "values", 0, "stacktrace", "frames", 0)
F = "[Filtered]"


@pytest.mark.parametrize(
    ("source", "path", "gone"),
    [
        ("$user.ip_address", ("user", "ip_address"), True),
        ("$user", ("user",), True),
        ("user.ip_address", ("user", "ip_address"), True),
        ("$event.user.ip_address", ("user", "ip_address"), True),
        ("ip_address", ("user", "ip_address"), False),
        ("$user.data.city", ("user", "data", "city"), True),
        ("$frame.vars", (*FRAME, "vars"), True),
        ("$frame.vars.x", (*FRAME, "vars", "x"), True),
        ("$frame.filename", (*FRAME, "filename"), True),
        ("$stacktrace.frames.*.vars", (*FRAME, "vars"), True),
        ("$frame.**", (*FRAME, "filename"), False),
        ("exception.values.0.value", ("exception", "values", 0, "value"), True),
        ("exception.values.1.value", ("exception", "values", 0, "value"), False),
        ("$exception.value", ("exception", "values", 0, "value"), True),
        ("$http.headers.x-mine", ("request", "headers", 0, 1), True),
        ("$http.headers.X-Mine", ("request", "headers", 0, 1), True),
        ("$http.headers.accept", ("request", "headers", 0, 1), False),
        ("$request.cookies", ("request", "cookies"), True),
        ("$http.cookies.c", ("request", "cookies", 0, 1), True),
        ("extra.foo", ("extra", "foo"), True),
        ("extra.*", ("extra", "keep"), True),
        ("extra.'a b'", ("extra", "a b"), True),
        ("**.foo", ("extra", "deep", "foo"), True),
        ("extra.** && !extra.keep", ("extra", "keep"), False),
        ("extra.foo || extra.keep", ("extra", "keep"), True),
        ("(extra.foo || extra.keep) && !extra.foo", ("extra", "foo"), False),
        ("(extra.foo || extra.keep) && !extra.foo", ("extra", "keep"), True),
        ("tags.host", ("tags", "host"), True),
        ("$message.formatted", ("logentry", "formatted"), True),
        ("$breadcrumb.data.x", ("breadcrumbs", 0, "data", "x"), True),
        ("$context.x", ("contexts", "mine", "x"), True),
        ("$string", ("contexts", "mine", "x"), True),
        ("$number", ("extra", "deep", "foo", 0), True),
        ("$number", ("extra", "foo"), False),
        ("**", ("exception", "values", 0, "type"), False),
        ("event_id", ("event_id",), False),
    ],
)
def test_a_selector_meets_what_it_names(source: str, path: tuple[str | int, ...], gone: bool):
    before = at(plain(event(EVENT)), *path)
    after = at(by_rules(EVENT, rule("anything", source, "remove")), *path)
    assert before is not None
    assert (after is None) is gone
    assert gone or after == before


@pytest.mark.parametrize(
    ("method", "kept"),
    [
        ("remove", "from "),
        ("mask", "from ********"),
        ("replace", f"from {F}"),
        ("hash", ""),
    ],
)
def test_a_method_says_what_stands_in_place(method: str, kept: str):
    found = at(by_rules(EVENT, rule("ip", "$message", method)), "logentry", "formatted")
    if method == "hash":
        assert isinstance(found, str)
        assert len(found) == len("from ") + 40
        again = at(by_rules(EVENT, rule("ip", "$message", method)), "logentry", "formatted")
        assert found == again
    else:
        assert found == kept


def test_a_placeholder_of_ones_own_stands_in_place():
    assert at(by_rules(EVENT, rule("ip", "**", placeholder="[ip]")), "logentry", "formatted") == "from [ip]"


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("creditcard", "a 5555555555554444 b", f"a {F} b"),
        ("ip", "v4 192.168.0.1, v6 2001:db8::ff00:42:8329.", f"v4 {F}, v6 {F}."),
        ("ip", "version 1.2.3 at 10:00:00, Foo::bar", "version 1.2.3 at 10:00:00, Foo::bar"),
        ("email", "to ada.l+x@mail.example.org!", f"to {F}!"),
        ("pemkey", "-----BEGIN KEY-----x-----END KEY-----", F),
        ("usssn", "078-05-1120", F),
        ("imei", "imei 356938035643809", f"imei {F}"),
        ("imei", "imei 356938035643808", "imei 356938035643808"),
        ("mac", "at 00:1B:44:11:3a:B7 now", f"at {F} now"),
        ("uuid", "id ceee0822-ed8f-4622-b2a3-789e73e75cd1", f"id {F}"),
        ("urlauth", "https://key@host/1 and http://a:b@c", f"https://{F}@host/1 and http://{F}@c"),
        ("userpath", "/home/ada/x C:\\Users\\ada\\y /Users/ada", f"/home/{F}/x C:\\Users\\{F}\\y /Users/{F}"),
        ("bearer", "Bearer abcdefghijklmnop", f"Bearer {F}"),
        ("password", '{"password":"x"} token=y', f'{{"password":"{F}"}} token={F}'),
    ],
)
def test_a_kind_is_known_by_its_looks(kind: str, text: str, kept: str):
    assert at(by_rules({"extra": {"x": text}}, rule(kind, "**")), "extra", "x") == kept


def test_a_pattern_of_ones_own_is_searched_in_texts():
    found = by_rules(
        {"extra": {"x": "order-12 and order-7", "n": 12}}, rule("pattern", "extra.**", pattern=r"order-\d+")
    )
    assert at(found, "extra", "x") == f"{F} and {F}"


def test_a_rule_on_a_container_reaches_what_is_in_it():
    found = by_rules(EVENT, rule("ip", "extra"))
    assert at(found, "extra", "deep", "foo", 1) == F
    assert at(found, "tags", "host") == "10.0.0.3"


def test_a_value_that_must_be_no_text_is_removed_rather_than_kept():
    found = by_rules(
        {"exception": [{"type": "E", "stacktrace": {"frames": [{"function": "f", "lineno": 7}]}}]},
        rule("anything", "$frame.lineno"),
    )
    assert "lineno" not in str(found.get("exception"))


def test_a_pair_rule_goes_by_the_name():
    found = by_rules(
        {"extra": {"vat_number": "x", "other": "y"}},
        {"type": "redact_pair", "keyPattern": "(?i)VAT", "source": "extra.**", "method": "replace"},
    )
    assert found["extra"] == {"vat_number": F, "other": "y"}


def test_removing_the_user_removes_the_derived_tag():
    assert (
        "user"
        not in by_rules({"user": {"email": "a@b.c"}}, rule("anything", "$user.email", "remove"))["tags"]
    )


CONFIG: Json = {
    "rules": {
        "0": {"type": "email", "redaction": {"method": "mask"}},
        "1": {"type": "pattern", "pattern": "x+", "redaction": {"method": "replace", "text": "[x]"}},
    },
    "applications": {"$string": ["0"], "extra.**": ["1", "@ip:hash", "@creditcard:filter"]},
}


def test_the_wires_form_of_rules_is_read_too():
    names = [rule.name for rule in parse_rules(CONFIG)]
    assert names == ["@email:mask", "@pattern:replace", "@ip:hash", "@creditcard:replace"]
    assert parse_rules(msgspec.json.encode(CONFIG).decode())[1].placeholder == "[x]"
    assert parse_rules(None) == parse_rules("") == parse_rules({}) == ()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{", "rules are not JSON"),
        ("7", "rules must be a list or an object"),
        ([7], "rule 1: a rule must be an object"),
        ([rule("nonsense", "**")], "rule 1: unknown type 'nonsense'"),
        ([rule("ip", "**", "burn")], "rule 1: unknown method 'burn', known are remove, mask, hash, replace"),
        ([rule("ip", "")], "rule 1: a source (selector) is missing"),
        (
            [rule("ip", "**"), rule("ip", "$nonsense")],
            "rule 2: unknown type '$nonsense' in selector '$nonsense'",
        ),
        ([rule("pattern", "**")], "rule 1: a pattern is missing"),
        ([rule("pattern", "**", pattern="(")], "rule 1: cannot use pattern '(': missing )"),
        ([rule("pattern", "**", pattern=r"(a)\1")], "rule 1: cannot use pattern"),
        ([rule("pattern", "**", pattern="(?=a)")], "back-references and look-around are not supported"),
        ([rule("pattern", "**", pattern="a" * 2000)], "rule 1: pattern is 2000 characters, limit is 1000"),
        ([rule("ip", "**")] * 300, "300 rules, limit is 200"),
        ({"rules": {}, "applications": {"**": ["5"]}}, "there is no rule '5'"),
        ({"applications": {"**": "x"}}, "applications of '**' must be a list of rule names"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_with_a_reason(source: str | Json | list[object], message: str):
    with pytest.raises(InvalidRules) as refused:
        parse_rules(source)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a ||",
        "&& a",
        "(a",
        "a)",
        "a b",
        "!",
        "'open",
        "a..b",
        ".a",
        "a.",
        "$x",
        "(" * 100 + "a" + ")" * 100,
        "a." * 2000 + "a",
    ],
)
def test_a_text_that_is_no_selector_is_refused(text: str):
    with pytest.raises(InvalidSelector):
        parse(text)


def test_bad_rules_that_were_stored_before_are_passed_by():
    settings = ScrubSettings(
        relay_pii_config='[{"type":"nonsense","source":"**"},{"type":"ip","source":"**","method":"remove"}]'
    )
    assert (
        plain(scrub(event(message="from 10.0.0.1"), compile_settings(settings)))["logentry"]["formatted"]
        == "from "
    )


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|a)*b", r"(.*)*x", r"(\w+\s?)*!"])
def test_a_pattern_that_would_explode_elsewhere_runs_in_one_pass(pattern: str):
    found = by_rules({"extra": {"x": "a" * 15_000}}, rule("pattern", "**", pattern=pattern))
    assert "x" in found["extra"]


def test_an_organizations_settings_stand_above_the_projects():
    organization = ScrubSettings(
        sensitive_fields=("iban",),
        safe_fields=("ok",),
        scrub_ip_addresses=True,
        relay_pii_config='[{"type":"ip","source":"**"}]',
    )
    project = ScrubSettings(
        data_scrubber=False,
        sensitive_fields=("vat",),
        relay_pii_config='{"applications":{"**":["@email:mask"]}}',
    )
    both = project.joined(organization)
    assert (both.data_scrubber, both.scrub_ip_addresses, both.sensitive_fields, both.safe_fields) == (
        True,
        True,
        ("iban", "vat"),
        ("ok",),
    )
    assert [rule.name for rule in parse_rules(both.relay_pii_config)] == ["@ip:replace", "@email:mask"]


def test_a_preview_says_what_would_change_and_changes_nothing():
    before = event(EVENT)
    stored = msgspec.json.encode(before)
    changes = preview(
        before,
        compile_settings(
            ScrubSettings(relay_pii_config='[{"type":"ip","source":"$user.**","method":"mask"}]')
        ),
    )
    assert [(change.path, change.rule, change.before, change.after) for change in changes] == [
        ("user.ip_address", "@ip:mask", "203.0.113.7", "***********")
    ]
    assert msgspec.json.encode(before) == stored


def test_settings_are_read_from_the_options_of_a_project():
    options = b'{"dataScrubber":true,"sensitiveFields":["a"],"scrubIPAddresses":true,"relayPiiConfig":null,"unknown":1}'
    settings = msgspec.json.decode(options, type=ScrubSettings)
    assert settings == ScrubSettings(sensitive_fields=("a",), scrub_ip_addresses=True)
