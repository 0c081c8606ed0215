"""Rate-limit headers, item categories, allowed origins."""

import pytest

from vedette.core.outcomes import Category
from vedette.wire.items import category_of, sdk_names
from vedette.wire.origins import is_allowed, parse_origins
from vedette.wire.rate_limits import RateLimit, rate_limit_headers


@pytest.mark.parametrize(
    ("item_type", "attachment_type", "category"),
    [
        ("event", "", Category.ERROR),
        ("transaction", "", Category.TRANSACTION),
        ("attachment", "", Category.ATTACHMENT),
        ("attachment", "event.minidump", Category.ERROR),
        ("sessions", "", Category.SESSION),
        ("check_in", "", Category.MONITOR),
        ("log", "", Category.LOG_ITEM),
        ("trace_metric", "", Category.TRACE_METRIC),
        ("client_report", "", Category.INTERNAL),
        ("brand_new", "", Category.DEFAULT),
    ],
)
def test_each_item_type_has_a_category(item_type: str, attachment_type: str, category: Category) -> None:
    assert category_of(item_type, attachment_type) == category


def test_every_name_an_sdk_may_know_a_category_by_is_sent() -> None:
    assert sdk_names(["trace_metric", "metric", "error"]) == ("trace_metric", "metric", "error")
    assert sdk_names(["profile_chunk"]) == ("profile_chunk", "profile_chunk_ui", "profile")


def test_limits_are_written_in_the_grammar_of_the_field() -> None:
    limits = (
        RateLimit(60, ("trace_metric",), "project"),
        RateLimit(2700, ("error", "default", "security"), "organization", "quota"),
        RateLimit(5, (), "key"),
    )
    assert rate_limit_headers(limits) == [
        (b"retry-after", b"2700"),
        (
            b"x-sentry-rate-limits",
            b"60:trace_metric;metric:project, 2700:error;default;security:organization:quota, 5::key",
        ),
    ]
    assert rate_limit_headers(()) == []


@pytest.mark.parametrize(
    ("patterns", "origin", "allowed"),
    [
        (["*"], "https://evil.example", True),
        ([], "https://evil.example", True),
        (["example.com"], "", True),
        (["example.com"], "https://example.com", True),
        (["example.com"], "http://example.com:8080/page?x=1", True),
        (["EXAMPLE.com"], "https://example.COM", True),
        (["example.com"], "https://www.example.com", False),
        (["example.com"], "https://example.com.evil", False),
        (["example.com"], "https://notexample.com", False),
        (["*.example.com"], "https://www.example.com", True),
        (["*.example.com"], "https://a.b.example.com", True),
        (["*.example.com"], "https://example.com", True),
        (["*.example.com"], "https://evilexample.com", False),
        (["https://example.com"], "https://example.com", True),
        (["https://example.com"], "http://example.com", False),
        (["https://example.com/"], "https://example.com/page", True),
        (["example.com:8080"], "http://example.com:8080", True),
        (["example.com:8080"], "http://example.com", False),
        (["example.com:443"], "https://example.com", True),
        (["https://*.example.com:8443"], "https://a.example.com:8443", True),
        (["example.com", "other.org"], "https://other.org", True),
        (["[::1]:3000"], "http://[::1]:3000", True),
        (["example.com"], "null", False),
        (["example.com"], "https://[bad", False),
        (["http://[bad"], "https://example.com", False),
    ],
)
def test_an_origin_is_allowed_by_its_patterns(patterns: list[str], origin: str, allowed: bool) -> None:
    assert is_allowed(origin, parse_origins(patterns)) is allowed
