"""What spans did: category, normalised description, action, domain, system."""

import tracemalloc
from string import ascii_lowercase

import pytest

from tests.unit.tracing.build import TRACE
from vedette.tracing.describe import describe
from vedette.tracing.span import Span


def span(op: str, description: str = "", **texts: str) -> Span:
    attributes = {key.replace("__", "."): value for key, value in texts.items()}
    return Span(TRACE, 1, 0, 1, op=op, description=description, texts=attributes)


@pytest.mark.parametrize(
    ("sent", "category", "normalized", "action", "domain", "system"),
    [
        (span("db", "SELECT * FROM a WHERE id = 5", db__system="postgresql"), "db", "SELECT * FROM a WHERE id = %s", "SELECT", "a", "postgresql"),
        (span("db", "pg.query", db__query__text="UPDATE t SET a = 1", db__system__name="postgresql"), "db", "UPDATE t SET a = %s", "UPDATE", "t", "postgresql"),
        (span("db", "connect"), "db", "connect", "", "", ""),
        (span("db.redis", "GET 'user:123'"), "db", "GET *", "GET", "", "redis"),
        (span("db", "set 'x'", db__system="redis"), "db", "SET *", "SET", "", "redis"),
        (span("db", '{"find": "users", "filter": {"_id": 7, "tags": [1, 2]}}', db__system="mongodb"), "db", '{"find":"users","filter":{"_id":"?","tags":["?"]}}', "find", "users", "mongodb"),
        (span("db.query", "users.find", db__system="mongodb", db__operation="find", db__mongodb__collection="users"), "db", "users.find", "find", "users", "mongodb"),
        (span("http.client", "GET https://shop.example/orders/42?page=2"), "http", "GET shop.example/orders/*", "GET", "shop.example", ""),
        (span("http.client", "GET 127.0.0.1", url__full="http://127.0.0.1:8000/a/7"), "http", "GET 127.0.0.1:8000/a/*", "GET", "127.0.0.1:8000", ""),
        (span("http.client", "POST https://a.example:443/x"), "http", "POST a.example/x", "POST", "a.example", ""),
        (span("http.server", "/orders/{id}", http__request__method="get"), "http", "GET /orders/{id}", "GET", "", ""),
        (span("http.client", "GET http://[broken/"), "http", "GET http://[broken/", "GET", "", ""),
        (span("resource.script", "https://cdn.example/js/app.3f9a2b1c.js"), "resource", "cdn.example/js/app.*.js", "script", "cdn.example", ""),
        (span("resource.css", "/static/main-1a2b3c4d5e.css"), "resource", "/static/main-*.css", "css", "", ""),
        (span("resource.img", "data:image/png;base64,AAAA"), "resource", "data:*", "data", "", ""),
        (span("cache.get", "user:42:profile"), "cache", "user:*:profile", "get", "", ""),
        (span("queue.publish", "tasks.send", messaging__destination__name="mail", messaging__system="celery"), "queue", "mail", "publish", "mail", "celery"),
        (span("gen_ai.chat", "chat gpt-4o", gen_ai__operation__name="chat", gen_ai__provider__name="openai"), "ai", "chat gpt-4o", "chat", "", "openai"),
        (span("default", "call", gen_ai__request__model="m"), "ai", "call", "", "", ""),
        (span("default", "SELECT 1", db__system="sqlite"), "db", "SELECT %s", "SELECT", "", "sqlite"),
        (span("default", "GET /", http__request__method="GET"), "http", "GET /", "GET", "", ""),
        (span("ui.react.render", "<App>"), "ui", "<App>", "", "", ""),
        (span("mcp.server", "tools/call search"), "mcp", "tools/call search", "", "", ""),
        (span("event.django", "django.db.reset_queries"), "other", "django.db.reset_queries", "", "", ""),
        (span("function", "job 745a81faf9234c0db9882130ab48fd77"), "function", "job *", "", "", ""),
    ],
)  # fmt: skip
def test_equal_work_has_one_description(
    sent: Span, category: str, normalized: str, action: str, domain: str, system: str
) -> None:
    did = describe(sent)
    assert (did.category, did.normalized, did.action, did.domain, did.system) == (
        category,
        normalized,
        action,
        domain,
        system,
    )
    assert (did.group_hash == 0) == (normalized == "")


def test_the_group_is_of_category_and_description() -> None:
    one, same, other = (
        describe(span(op, text))
        for op, text in (("db", "SELECT 1"), ("db.sql", "select 2"), ("cache.get", "SELECT 1"))
    )
    assert one.group_hash == same.group_hash != other.group_hash


def test_long_texts_that_never_come_again_take_little_memory() -> None:
    names = [one + other for one in ascii_lowercase for other in ascii_lowercase]
    tracemalloc.start()
    for name in names:
        describe(span("function", name + " " * 8000))
    kept_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept_bytes < 4_000_000  # 5.4 MB of texts went by
