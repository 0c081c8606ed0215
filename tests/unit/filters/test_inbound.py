"""Inbound filters (protocol: inbound filters)."""

import msgspec
import pytest

from tests.unit.normalize.build import CHROME, Json, event
from vedette.filters.inbound import (
    FILTER_IDS,
    FilterSettings,
    is_blocked_address,
    is_health_check,
    matches_any,
    which_filter,
)

OFF = FilterSettings(
    web_crawlers=False,
    filtered_transaction=False,
    react_hydration_errors=False,
    chunk_load_error=False,
    csp_defaults=False,
)
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
IE9 = "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)"
IE11 = "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko"
SAFARI5 = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_6_8) AppleWebKit/534.59.10 (KHTML, like Gecko) Version/5.1.9 Safari/534.59.10"
CUBOT = "Mozilla/5.0 (Linux; Android 9; CUBOT X18 Plus) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"


def taken(payload: Json, client_ip: str | None = None, **settings: object) -> str | None:
    """The filter that takes the event when only these settings are on."""
    changed: Json = {name: getattr(OFF, name) for name in OFF.__struct_fields__} | settings
    return which_filter(event(payload), FilterSettings(**changed), client_ip)


def agent(text: str) -> Json:
    return {"request": {"url": "http://shop.example/", "headers": {"User-Agent": text}}}


def error(
    value: str | None = None, kind: str = "Error", platform: str = "javascript", path: str | None = None
) -> Json:
    frames = [{"function": "f", "filename": path}] if path else []
    return {
        "platform": platform,
        "exception": [{"type": kind, "value": value, "stacktrace": {"frames": frames}}],
    }


@pytest.mark.parametrize(
    ("payload", "settings", "filter_id"),
    [
        (agent(GOOGLE), {"web_crawlers": True}, "web-crawlers"),
        (agent("Slackbot-LinkExpanding 1.0"), {"web_crawlers": True}, "web-crawlers"),
        (agent("facebookexternalhit/1.1"), {"web_crawlers": True}, "web-crawlers"),
        (agent(CHROME), {"web_crawlers": True}, None),
        (agent(CUBOT), {"web_crawlers": True}, None),
        (agent(GOOGLE), {}, None),
        ({}, {"web_crawlers": True}, None),
        (agent(IE9), {"legacy_browsers": ("ie9",)}, "legacy-browsers"),
        (agent(IE9), {"legacy_browsers": ("ie10",)}, None),
        (agent(IE11), {"legacy_browsers": ("ie",)}, "legacy-browsers"),
        (agent(SAFARI5), {"legacy_browsers": ("safari_pre_6",)}, "legacy-browsers"),
        (agent(SAFARI5), {"legacy_browsers": ("safari",)}, "legacy-browsers"),
        (agent(CHROME), {"legacy_browsers": ("chrome", "safari", "firefox", "ie", "edge", "opera")}, None),
        (agent(CHROME), {"legacy_browsers": ("chrome_pre_141",)}, "legacy-browsers"),
        (agent(CHROME), {"legacy_browsers": ("nonsense",)}, None),
        ({"user": {"ip_address": "127.0.0.1"}}, {"localhost": True}, "localhost"),
        ({"user": {"ip_address": "::1"}}, {"localhost": True}, "localhost"),
        ({"request": {"url": "http://localhost:3000/x"}}, {"localhost": True}, "localhost"),
        ({"request": {"url": "http://127.0.0.1/"}}, {"localhost": True}, "localhost"),
        ({"request": {"url": "http://[::1]:8000/"}}, {"localhost": True}, "localhost"),
        ({"request": {"url": "http://localhost.example/"}}, {"localhost": True}, None),
        ({"request": {"url": "http://[broken/"}}, {"localhost": True}, None),
        ({"user": {"ip_address": "127.0.0.1"}}, {}, None),
        (error(path="chrome-extension://abc/x.js"), {"browser_extensions": True}, "browser-extensions"),
        (error(path="moz-extension://abc/x.js"), {"browser_extensions": True}, "browser-extensions"),
        (error(path="safari-web-extension://abc/x.js"), {"browser_extensions": True}, "browser-extensions"),
        (error("Extension context invalidated."), {"browser_extensions": True}, "browser-extensions"),
        (error(path="https://shop.example/app.js"), {"browser_extensions": True}, None),
        (error(path="chrome-extension://abc/x.js", platform="python"), {"browser_extensions": True}, None),
        (
            error("Hydration failed because the initial UI does not match"),
            {"react_hydration_errors": True},
            "react-hydration-errors",
        ),
        (
            error("Minified React error #418; visit https://react.dev/errors/418"),
            {"react_hydration_errors": True},
            "react-hydration-errors",
        ),
        *(
            (error(text), {"react_hydration_errors": True}, "react-hydration-errors")
            for text in (
                "There was an ERROR WHILE HYDRATING this boundary",
                "An error occurred during hydration.",
                "The entire root will \u017fwitch to client rendering.",  # a long s is an s where case does not count
                "Text content does not match server-rendered HTML.",
                "A tree hydrated but some attributes did not match",
                "see https://reactjs.org/docs/error-decoder.html?invariant=423",
            )
        ),
        (error("Minified React error #31;"), {"react_hydration_errors": True}, None),
        (error("Loading chunk 12 failed."), {"chunk_load_error": True}, "chunk-load-error"),
        (error("Loading CSS chunk x failed.\n(/a.css)"), {"chunk_load_error": True}, "chunk-load-error"),
        (error("x", kind="ChunkLoadError"), {"chunk_load_error": True}, "chunk-load-error"),
        (error("chunk 12 is fine"), {"chunk_load_error": True}, None),
        (
            {"type": "transaction", "transaction": "GET /healthz"},
            {"filtered_transaction": True},
            "filtered-transaction",
        ),
        ({"transaction": "GET /healthz"}, {"filtered_transaction": True}, None),
        ({"release": "shop@1.2.3"}, {"releases": ("shop@1.*",)}, "release-version"),
        ({"release": "shop@2.0.0"}, {"releases": ("shop@1.*", "web@*")}, None),
        ({}, {"releases": ("*",)}, None),
        (error("bad thing", kind="ValueError"), {"error_messages": ("valueerror: bad*",)}, "error-message"),
        (error("bad thing", kind="ValueError"), {"error_messages": ("BAD THING",)}, "error-message"),
        (error("bad thing", kind="ValueError"), {"error_messages": ("ValueError",)}, "error-message"),
        (error("bad thing"), {"error_messages": ("thing",)}, None),
        ({"message": "cache is cold"}, {"error_messages": ("*COLD",)}, "error-message"),
        (
            {"logentry": {"message": "cache %s", "params": ["warm"]}},
            {"error_messages": ("cache warm",)},
            "error-message",
        ),
        ({"user": {"ip_address": "203.0.113.9"}}, {"blacklisted_ips": ("203.0.113.0/24",)}, "ip-address"),
        (
            {"csp": {"effective_directive": "img-src", "blocked_uri": "chrome-extension://abc"}},
            {"csp_defaults": True},
            "invalid-csp",
        ),
        (
            {"csp": {"effective_directive": "img-src", "blocked_uri": "https://ads.example/x"}},
            {"csp_disallowed_sources": ("ads.example",)},
            "invalid-csp",
        ),
        (
            {"csp": {"effective_directive": "img-src", "blocked_uri": "https://ads.example/x"}},
            {"csp_disallowed_sources": ("https://*.example/*",)},
            "invalid-csp",
        ),
        (
            {"csp": {"effective_directive": "img-src", "source_file": "moz-extension://x"}},
            {"csp_defaults": True},
            "invalid-csp",
        ),
        (
            {"csp": {"effective_directive": "img-src", "blocked_uri": "https://ads.example/x"}},
            {"csp_defaults": True},
            None,
        ),
        ({"csp": {"effective_directive": "img-src", "blocked_uri": 7}}, {"csp_defaults": True}, None),
    ],
)
def test_a_filter_takes_what_it_is_for(payload: Json, settings: Json, filter_id: str | None):
    assert taken(payload, **settings) == filter_id


@pytest.mark.parametrize(
    ("address", "blocked", "hit"),
    [
        ("203.0.113.7", ("203.0.113.7",), True),
        ("203.0.113.7", ("203.0.113.0/24",), True),
        ("203.0.113.7", ("203.0.113.99/24",), True),
        ("203.0.114.7", ("203.0.113.0/24",), False),
        ("2001:db8::5", ("2001:db8::/32",), True),
        ("2001:db8::5", ("203.0.113.0/24", "nonsense"), False),
        ("nonsense", ("203.0.113.0/24",), False),
        (None, ("0.0.0.0/0",), False),
    ],
)
def test_an_address_is_blocked_by_itself_or_its_network(
    address: str | None, blocked: tuple[str, ...], hit: bool
):
    assert is_blocked_address(address, blocked) is hit
    assert (taken({}, client_ip=address, blacklisted_ips=blocked) == "ip-address") is hit


@pytest.mark.parametrize(
    ("name", "hit"),
    [
        *(
            (name, True)
            for name in (
                "GET /healthcheck",
                "heartbeat.check",
                "/health",
                "/healthy",
                "/healthz",
                "/_health",
                "/live",
                "/livez",
                "GET /ready",
                "/readyz",
                "/ping",
                "/PING",
            )
        ),
        *(
            (name, False)
            for name in ("/healthinsurance", "/shopping", "/delivery", "ping", "/live/stream", "/readyplayer")
        ),
    ],
)
def test_health_checks_are_known_by_name(name: str, hit: bool):
    assert is_health_check(name) is hit


@pytest.mark.parametrize(
    ("text", "pattern", "hit"),
    [
        ("abc", "abc", True),
        ("abc", "a*c", True),
        ("a\nc", "a*c", True),
        ("abc", "a?c", True),
        ("abc", "A*", False),
        ("abc", "b", False),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
        ("", "*", True),
        ("abc", "", False),
        ("a[b]", "a[b]", True),
    ],
)
def test_a_glob_matches_the_whole_text(text: str, pattern: str, hit: bool):
    assert matches_any(text, (pattern,), ignore_case=False) is hit


def test_a_glob_of_many_stars_is_linear():
    assert not matches_any("a" * 8000, ("*a" * 100 + "b",), ignore_case=True)


def test_settings_are_read_from_the_options_of_a_project():
    options = b'{"browser-extensions":true,"legacy-browsers":["ie9"],"web-crawlers":false,"releases":["a*"],"unknown":1}'
    settings = msgspec.json.decode(options, type=FilterSettings)
    assert settings == FilterSettings(
        browser_extensions=True, legacy_browsers=("ie9",), web_crawlers=False, releases=("a*",)
    )


def test_an_ordinary_event_passes_all_defaults():
    assert which_filter(event(message="hello"), FilterSettings(), "198.51.100.7") is None
    assert len(set(FILTER_IDS)) == len(FILTER_IDS) == 11
