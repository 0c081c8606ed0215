"""DSNs in every form clients write them."""

import pytest

from vedette.wire.dsn import Dsn, DsnError, is_public_key, key_urls, parse_dsn, parse_project_id

KEY = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "dsn"),
    [
        (f"https://{KEY}@vedette.example/7", Dsn("https", KEY, "vedette.example", 7)),
        (f"http://{KEY}@localhost:8377/7", Dsn("http", KEY, "localhost", 7, 8377)),
        (f"https://{KEY}:@host/1", Dsn("https", KEY, "host", 1)),
        (f"https://{KEY}:abc@host/1", Dsn("https", KEY, "host", 1, secret_key="abc")),
        (f"https://{KEY}@host/sentry/42", Dsn("https", KEY, "host", 42, path="/sentry")),
        (f"https://{KEY}@host/a/b/42/", Dsn("https", KEY, "host", 42, path="/a/b")),
        (f"http://{KEY}@[::1]:9000/1", Dsn("http", KEY, "::1", 1, 9000)),
        (f"https://{KEY}@o12.ingest.example/3", Dsn("https", KEY, "o12.ingest.example", 3)),
        ("https://short@host/3", Dsn("https", "short", "host", 3)),
    ],
)
def test_a_dsn_is_read_into_its_parts(text: str, dsn: Dsn) -> None:
    assert parse_dsn(text) == dsn


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        f"ftp://{KEY}@host/1",
        "https://host/1",
        f"https://{KEY}@/1",
        f"https://{KEY}@host/",
        f"https://{KEY}@host/slug",
        f"https://{KEY}@host/1a",
        f"https://{KEY}@host:99999/1",
        f"https://{KEY}@host:port/1",
        f"https://{KEY}@[::1/1",
        "https://k k@host/1",
        f"https://{KEY}@host/{'9' * 30}",
        f"https://{KEY}@{'h' * 3000}/1",
    ],
)
def test_what_is_no_dsn_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(DsnError, match=r"dsn"):
        parse_dsn(text)


@pytest.mark.parametrize(
    "text",
    [
        f"https://{KEY}@host/1",
        f"http://{KEY}@[::1]:9000/1",
        f"https://{KEY}@host:8443/sentry/42",
    ],
)
def test_a_dsn_is_written_as_it_was_read(text: str) -> None:
    assert parse_dsn(text).text() == text


def test_endpoints_lie_below_the_path_prefix() -> None:
    dsn = parse_dsn(f"https://{KEY}@host/sentry/42")
    assert dsn.endpoint("envelope") == "https://host/sentry/api/42/envelope/"
    assert dsn.text(with_secret=True) == f"https://{KEY}:@host/sentry/42"


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), ("007", 7), ("", None), ("1a", None), ("-1", None), ("١", None)]
)
def test_a_project_id_is_plain_digits(text: str, number: int | None) -> None:
    assert parse_project_id(text) == number


@pytest.mark.parametrize(
    ("text", "holds"), [(KEY, True), ("a-b_C", True), ("", False), ("a b", False), ("k" * 65, False)]
)
def test_a_public_key_is_a_short_word(text: str, holds: bool) -> None:
    assert is_public_key(text) is holds


def test_a_key_has_a_url_for_everything_the_api_names() -> None:
    assert key_urls("https://h/p", 7, "K", "S") == {
        "public": "https://K@h/p/7",
        "secret": "https://K:S@h/p/7",
        "csp": "https://h/p/api/7/csp-report/?sentry_key=K",
        "security": "https://h/p/api/7/security/?sentry_key=K",
        "minidump": "https://h/p/api/7/minidump/?sentry_key=K",
        "unreal": "https://h/p/api/7/unreal/K/",
        "nel": "https://h/p/api/7/nel/?sentry_key=K",
        "playstation": "https://h/p/api/7/playstation/?sentry_key=K",
        "cdn": "https://h/p/js-sdk-loader/K.min.js",
        "crons": "https://h/p/api/7/cron/___MONITOR_SLUG___/K/",
        "integration": "https://h/p/api/7/integration/",
        "otlp_traces": "https://h/p/api/7/integration/otlp/v1/traces",
        "otlp_logs": "https://h/p/api/7/integration/otlp/v1/logs",
    }
