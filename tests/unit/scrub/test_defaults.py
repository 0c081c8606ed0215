"""The default rules (protocol: request, "secrets are scrubbed by default")."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.support.examples import tries
from tests.unit.normalize.build import Json, event, plain
from vedette.normalize.request import header
from vedette.scrub.everywhere import Everywhere
from vedette.scrub.kinds import is_secret_key
from vedette.scrub.pieces import seen_in
from vedette.scrub.redact import Redactor
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.scrub.scrub import scrub

DEFAULT = compile_settings(ScrubSettings())
F = "[Filtered]"


def scrubbed(payload: Json, **options: Any) -> Json:
    return plain(scrub(event(payload), compile_settings(ScrubSettings(**options))))


def extra(value: object, **options: Any) -> object:
    return scrubbed({"extra": {"x": value}}, **options)["extra"]["x"]


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("password", True),
        ("PASSWORD2", True),
        ("passwd", True),
        ("client_secret", True),
        ("api_key", True),
        ("X-Api-Key", True),
        ("apiKey", True),
        ("auth", True),
        ("Authorization", True),
        ("authToken", True),
        ("credentials", True),
        ("mysql_pwd", True),
        ("privatekey", True),
        ("private_key", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("aws_access_key_id", True),
        ("csrfmiddlewaretoken", True),
        ("bearer", True),
        ("sessionid", True),
        ("PHPSESSID", True),
        ("connect.sid", True),
        ("author", False),
        ("authority", False),
        ("authors", False),
        ("compass", False),
        ("key", False),
        ("session", False),
        ("user", False),
    ],
)
def test_a_key_is_a_secrets_by_its_words(key: str, secret: bool):
    assert is_secret_key(key) is secret


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"password": "p"}, {"password": F}),
        ({"password": 5}, {"password": F}),
        ({"password": ["a"]}, {"password": F}),
        ({"credentials": {"user": "u", "pass": "p"}}, {"credentials": F}),
        ({"password": ""}, {"password": ""}),
        ({"password": None}, {"password": None}),
        ({"is_authenticated": True}, {"is_authenticated": True}),
        ({"prompt_tokens": 12, "max_tokens": 5.0}, {"prompt_tokens": 12, "max_tokens": 5.0}),
        ({"tokens": "abc"}, {"tokens": F}),
        ({"author": "Ada"}, {"author": "Ada"}),
        ({"a": [{"token": "t"}]}, {"a": [{"token": F}]}),
        ([["Authorization", "x"], ["Accept", "y"]], [["Authorization", F], ["Accept", "y"]]),
        ("card 4111 1111 1111 1111.", f"card {F}."),
        ("4111-1111-1111-1111", F),
        ("378282246310005", F),
        (4111111111111111, F),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        (140186600315776, 140186600315776),
        ("140186600315776", "140186600315776"),
        ("id-41111111111111112", "id-41111111111111112"),
        ("ssn 078-05-1120", f"ssn {F}"),
        ("000-12-3456", "000-12-3456"),
        ("2026-01-02", "2026-01-02"),
        ("Bearer abcdefghijklmnop1234", f"Bearer {F}"),
        ("bearer of news", "bearer of news"),
        ("postgres://ada:hunter2@db/x", f"postgres://{F}@db/x"),
        ("https://key@sentry.example/1", "https://key@sentry.example/1"),
        ("http://a/?token=abc&x=1", f"http://a/?token={F}&x=1"),
        ("password=hunter2", f"password={F}"),
        ("user=ada;password=hunter2;x=1", f"user=ada;password={F};x=1"),
        ("{'password': 'hunter2', 'a': 1}", f"{{'password': '{F}', 'a': 1}}"),
        ("{b'token': b'hunter2'}", f"{{b'token': b'{F}'}}"),
        ('{"password": "hunter2", "a": 1}', '{"password":"[Filtered]","a":1}'),
        ('{"a": [{"token": "t"}]}', '{"a":[{"token":"[Filtered]"}]}'),
        ('{"a": 1}', '{"a": 1}'),
        ('{"password": "cut of', '{"password": "[Filtered]'),
        ("{" * 3000, "{" * 3000),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nrest", f"{F}\nrest"),
        ("-----BEGIN PRIVATE KEY-----\nMII cut", F),
        (
            "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
        ),
        ("the password is wrong", "the password is wrong"),
        ("ada@example.org at 10.0.0.1", "ada@example.org at 10.0.0.1"),
    ],
)
def test_secrets_are_taken_out_of_values(sent: object, kept: object):
    assert extra(sent) == kept


SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "payload",
    [
        {"extra": {"environ": {"DB_PASSWORD": SECRET}}},
        {"tags": {"api_key": SECRET}},
        {"user": {"id": "1", "data": {"token": SECRET}}},
        {"user": {"id": "1", "auth_token": SECRET}},
        {"request": {"url": f"http://a/?token={SECRET}"}},
        {"request": {"url": "http://a/", "query_string": {"token": SECRET}}},
        {"request": {"url": "http://a/", "headers": {"authorization": SECRET}}},
        {"request": {"url": "http://a/", "headers": {"Referer": f"http://a/?token={SECRET}"}}},
        {"request": {"url": "http://a/", "headers": {"Cookie": f"sessionid={SECRET}"}}},
        {"request": {"url": "http://a/", "cookies": {"csrftoken": SECRET}}},
        {"request": {"url": "http://a/", "data": {"password": SECRET}}},
        {"request": {"url": "http://a/", "data": f"password={SECRET}&x=1"}},
        {
            "request": {
                "url": "http://a/",
                "data": f'text {{"password": "x"}} password={SECRET}',
                "headers": {"Content-Type": "text/plain"},
            }
        },
        {"request": {"url": "http://a/", "env": {"HTTP_AUTHORIZATION": SECRET}}},
        {"request": {"url": f"http://ada:{SECRET}@a/"}},
        {"contexts": {"mine": {"secret": SECRET}}},
        {"contexts": {"trace": {"trace_id": "a" * 32, "data": {"http.query": f"token={SECRET}"}}}},
        {"breadcrumbs": [{"message": f"GET /?token={SECRET}"}]},
        {"breadcrumbs": [{"data": {"url": f"http://a/?api_key={SECRET}"}}]},
        {"exception": [{"type": "E", "value": f"bad password={SECRET}"}]},
        {"exception": [{"type": "E", "mechanism": {"type": "m", "data": {"token": SECRET}}}]},
        {
            "exception": [
                {"type": "E", "stacktrace": {"frames": [{"function": "f", "vars": {"password": SECRET}}]}}
            ]
        },
        {
            "exception": [
                {
                    "type": "E",
                    "raw_stacktrace": {"frames": [{"function": "f", "vars": {"a": {"passwd": SECRET}}}]},
                }
            ]
        },
        {"stacktrace": {"frames": [{"function": "f", "vars": {"password": SECRET}}]}},
        {
            "threads": [
                {"id": 1, "stacktrace": {"frames": [{"function": "f", "vars": [{"password": SECRET}]}]}}
            ]
        },
        {"logentry": {"message": "login %s", "params": [f"password={SECRET}"]}},
        {"message": f"token={SECRET}"},
        {"transaction": f"/login?token={SECRET}"},
        {"unknown_part": {"deep": {"token": SECRET}}},
        {"csp": {"effective_directive": "img-src", "document_uri": f"http://a/?token={SECRET}"}},
        {
            "exception": [
                {
                    "type": "E",
                    "stacktrace": {"frames": [{"function": "f", "vars": {"p\\u0061ssword": SECRET}}]},
                }
            ]
        },
    ],
)
def test_a_secret_stays_nowhere(payload: Json):
    body = msgspec.json.encode(payload).replace(rb"\\u0061", rb"\u0061")
    found = scrub(event(body), DEFAULT)
    stored = msgspec.json.encode(found)
    assert SECRET.encode() not in stored
    assert b"_meta" in stored


def test_source_code_and_structure_are_left_alone():
    frame = {
        "function": "auth",
        "filename": "token.py",
        "context_line": "password = 'x'",
        "pre_context": ["api_key = 1"],
        "vars": {"a": "1"},
    }
    payload = {
        "exception": [{"type": "AuthTokenError", "stacktrace": {"frames": [frame]}}],
        "sdk": {"name": "auth"},
        "modules": {"token": "1"},
    }
    before = plain(event(payload))
    assert scrubbed(payload) == before


def test_remarks_say_what_was_taken_and_where():
    found = scrubbed({"extra": {"password": "secret"}, "message": "card 4111111111111111"})
    assert found["_meta"]["extra"]["password"] == {"": {"rem": [["@password:filter", "s", 0, 10]], "len": 6}}
    assert found["_meta"]["logentry"]["formatted"] == {
        "": {"rem": [["@creditcard:filter", "s", 5, 15]], "len": 21}
    }


@pytest.mark.parametrize(
    ("options", "sent", "kept"),
    [
        ({"data_scrubber": False}, {"password": "p"}, {"password": "p"}),
        ({"data_scrubber_defaults": False}, {"password": "p"}, {"password": "p"}),
        (
            {"data_scrubber_defaults": False, "sensitive_fields": ("foo",)},
            {"FooBar": "p", "password": "p"},
            {"FooBar": F, "password": "p"},
        ),
        ({"sensitive_fields": ("naïve",)}, {"naïve_key": "p"}, {"naïve_key": F}),
        ({"sensitive_fields": ("a.b", " ")}, {"a.b": "p", "axb": "q"}, {"a.b": F, "axb": "q"}),
        (
            {"safe_fields": ("password",)},
            {"PassWord": "p", "password2": "p"},
            {"PassWord": "p", "password2": F},
        ),
        ({"safe_fields": ("note",)}, {"note": "4111111111111111"}, {"note": "4111111111111111"}),
        ({"safe_fields": ("bag",)}, {"bag": {"password": "p"}}, {"bag": {"password": "p"}}),
    ],
)
def test_a_projects_fields_are_sensitive_or_safe(options: Json, sent: Json, kept: Json):
    assert extra(sent, **options) == kept


def test_sensitive_fields_reach_the_events_own_fields():
    found = scrubbed(
        {
            "user": {"id": "7", "email": "ada@example.org"},
            "request": {"url": "http://a/", "headers": {"X-Email": "a@b.c"}},
        },
        sensitive_fields=("email",),
    )
    assert found["user"] == {"id": "7", "email": F}
    assert found["request"]["headers"] == [["X-Email", F]]


def test_the_derived_user_tag_follows_the_user():
    found = scrubbed({"user": {"email": "ada@example.org"}}, sensitive_fields=("email",))
    assert found["tags"]["user"] == f"email:{F}"
    assert "ada" not in str(found)


def test_a_header_hidden_by_the_client_is_as_good_as_absent():
    found = event(request={"url": "http://a/", "headers": {"User-Agent": F}})
    assert found.request is not None
    assert header(found.request.headers, "User-Agent") is None


words = st.sampled_from(
    ["password", "x", "Token", "a=b", "token=abc", "4111 1111 1111 1111", "078-05-1120", '{"secret":"s"}', "{'auth': 'x'}", "http://u:p@h/", "Bearer abcdefghijklmnopqrs",
     ": ", "'", "=>", "5", "[", "bu", "Basic dXNlcjpwYXNz", "-----BEGIN RSA PRIVATE KEY-----", "author", "p\\u0061ssword", '"', "\\", "é", "\n", "sess", "=", "api-key"]
)  # fmt: skip
texts = st.lists(words, max_size=4).map("".join)
values = st.recursive(
    st.none() | st.booleans() | texts | st.sampled_from([4111111111111111, 12, 1.5]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
        | st.lists(st.tuples(texts, inner).map(list), max_size=2)
    ),
    max_leaves=6,
)


@tries(150, HealthCheck.too_slow)
@given(st.dictionaries(texts, values, max_size=3), texts, st.dictionaries(texts, texts, max_size=3))
def test_the_quick_look_misses_nothing_the_walk_would_find(bag: Json, text: str, pairs: Json):
    payload = {
        "extra": bag,
        "message": text,
        "request": {"url": text, "headers": pairs, "query_string": pairs},
        "contexts": {"c": bag},
        "breadcrumbs": [{"message": text, "data": bag}],
    }
    quick = scrub(event(payload), DEFAULT)
    slow = event(payload)
    redactor = Redactor(_remarks(), DEFAULT.safe)
    Everywhere(DEFAULT._replace(glance=None), redactor).event(slow, seen_in(slow, None))
    quick.meta = slow.meta
    assert plain(quick) == plain(slow)


@pytest.mark.parametrize(
    "payload",
    [
        {"user": "password=hunter2"},
        {"exception": {"values": "token=hunter2"}},
        {"release": {"password": "hunter2"}, "timestamp": "Authorization: Basic dXNlcjpodW50ZXIy"},
        {"level": ["Bearer hunter2-hunter2-hunter2"]},
        {"user": "x" * 1008 + " postgres://a:hunter2hunter2@db"},
    ],
)
def test_what_is_kept_of_parts_that_were_wrong_is_scrubbed(payload: Json):
    kept = event(payload)
    assert kept.errors
    text = msgspec.json.encode(scrub(kept, DEFAULT))
    assert b"hunter2" not in text
    assert b"dXNlcjpodW50ZXIy" not in text


@tries(100, HealthCheck.too_slow)
@given(st.dictionaries(texts, values, max_size=3), texts)
def test_scrubbing_twice_changes_nothing_more(bag: Json, text: str):
    once = scrub(event(extra=bag, message=text), DEFAULT)
    again = scrub(msgspec.json.decode(msgspec.json.encode(once), type=type(once)), DEFAULT)
    again.meta = once.meta
    assert plain(again) == plain(once)


def _remarks() -> Any:
    from vedette.core.remarks import Remarks

    return Remarks()
