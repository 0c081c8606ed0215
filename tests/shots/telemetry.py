"""A day of traces, logs and metrics of the same team: what the pages of Explore show."""

import json
import math
import random
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.server import Api

Json = dict[str, Any]

DAY_S = 86_400
TRACES = 360
LINES = 400
VALUES = 300
# transaction, its usual milliseconds, and what it does: operation, description, milliseconds
WORK = (
    ("/checkout/", 180, (
        ("db.query", 'SELECT "basket"."id", "basket"."owner_id" FROM "basket" WHERE "basket"."owner_id" = %s LIMIT 21', 6),
        ("cache.get", "price:EUR", 0.7),
        ("http.client", "POST https://payments.example/v2/charges", 96),
        ("db.query", 'UPDATE "stock" SET "left" = "left" - %s WHERE "sku" = %s', 11),
    )),
    ("/books/{id}/", 42, (
        ("db.query", 'SELECT "book"."id", "book"."title" FROM "book" WHERE "book"."id" = %s', 4),
        ("template.render", "book/detail.html", 14),
    )),
    ("orders.created", 640, (
        ("queue.process", "orders.created", 620),
        ("http.client", "GET https://rates.example/EUR/SEK", 210),
    )),
)  # fmt: skip
SAID = (
    ("info", "order {} paid in {} s", 9),
    ("info", "GET /books/{}/ 200 in {} ms", 12),
    ("debug", "price of {} from the cache, {} ms old", 4),
    ("warn", "rate service answered {}, using the rate of yesterday ({})", 2),
    ("error", "could not reconcile ledger entry {}: expected EUR {}, got less", 1),
    ("fatal", "out of memory: killed process {} after {} s", 0.2),
)


def send(api: Api, dsn: str) -> None:
    """Sends the day and waits until it can be read."""
    rnd = random.Random(11)
    for n in range(TRACES):
        post(api, dsn, {"type": "transaction"}, transaction(rnd, n))
    post(api, dsn, container("log", "log", LINES), {"items": list(lines(rnd))})
    post(api, dsn, container("trace_metric", "trace-metric", VALUES), {"items": list(values(rnd))})
    for dataset, count in (("spans", TRACES), ("logs", LINES), ("tracemetrics", VALUES)):
        settle(api, dataset, count)


def container(kind: str, words: str, count: int) -> Json:
    return {"type": kind, "item_count": count, "content_type": f"application/vnd.sentry.items.{words}+json"}


def post(api: Api, dsn: str, head: Json, payload: Json) -> None:
    address = urlsplit(dsn)
    body = "\n".join(json.dumps(part) for part in ({}, head, payload))
    done = api.client.post(
        f"http://{address.hostname}:{address.port}/api{address.path}/envelope/",
        content=body.encode(),
        headers={"X-Sentry-Auth": f"Sentry sentry_key={address.username}, sentry_version=7"},
    )
    assert done.status_code == 200, done.text


def settle(api: Api, dataset: str, count: int) -> None:
    for _ in range(300):
        found = api.get("/organizations/acme/events-meta/", dataset=dataset, statsPeriod="7d")["count"]
        if found >= count:
            return
        time.sleep(0.2)
    raise AssertionError(f"not all of {count} {dataset} were stored")


def transaction(rnd: random.Random, n: int) -> Json:
    """One request. In one hour of the day charges by one provider are slow, which the map shows."""
    name, usual_ms, children = WORK[min(2, int(rnd.expovariate(1.2)))]
    age_s = DAY_S * 0.97 * (n + rnd.random()) / TRACES
    is_slow = name == "/checkout/" and 0.3 < n / TRACES < 0.36
    took_s = usual_ms / 1000 * rnd.lognormvariate(0, 0.5) * (14 if is_slow else 1)
    at, trace, root = time.time() - age_s, hexes(rnd, 32), hexes(rnd, 16)
    failed = rnd.random() < 0.05
    return {
        "type": "transaction",
        "transaction": name,
        "transaction_info": {"source": "route"},
        "start_timestamp": at - took_s,
        "timestamp": at,
        "platform": "python",
        "release": "shop@4.7.1" if age_s < DAY_S / 2 else "shop@4.7.0",
        "environment": rnd.choices(("production", "staging"), (5, 1))[0],
        "server_name": rnd.choice(("web-1", "web-2")),
        "contexts": {
            "trace": {
                "trace_id": trace,
                "span_id": root,
                "op": "http.server" if name.startswith("/") else "queue.task",
                "status": "internal_error" if failed else "ok",
                "data": {"payment.provider": "klarna" if is_slow else rnd.choice(("adyen", "stripe"))},
            }
        },
        "spans": [
            {
                "trace_id": trace,
                "span_id": hexes(rnd, 16),
                "parent_span_id": root,
                "op": op,
                "description": text,
                "start_timestamp": at - took_s + took_s * 0.2 * k,
                "timestamp": at - took_s + took_s * (0.2 * k + 0.9 * ms / usual_ms / len(children)),
                "status": "internal_error" if failed and op == "http.client" else "ok",
            }
            for k, (op, text, ms) in enumerate(children)
        ],
    }


def lines(rnd: random.Random) -> Iterator[Json]:
    for n in range(LINES):
        level, text, _ = rnd.choices(SAID, [weight for _, _, weight in SAID])[0]
        yield {
            "timestamp": time.time() - DAY_S * 0.9 * (n / LINES) ** 2,
            "level": level,
            "body": text.format(rnd.randrange(1000, 9999), rnd.randrange(9, 99)),
            "trace_id": hexes(rnd, 32),
            "span_id": hexes(rnd, 16),
            "attributes": attributes(rnd, **{"order.total": rnd.randrange(100, 9000) / 10}),
        }


def values(rnd: random.Random) -> Iterator[Json]:
    for n in range(VALUES):
        name, kind, unit = (
            ("checkout.duration", "distribution", "millisecond"),
            ("orders.paid", "counter", "none"),
            ("queue.depth", "gauge", "none"),
        )[n % 3]
        value = {"distribution": 180 * rnd.lognormvariate(0, 0.4), "counter": 1}.get(
            kind, 20 + 15 * math.sin(n / 30)
        )
        yield {
            "timestamp": time.time() - DAY_S * 0.95 * n / VALUES,
            "trace_id": hexes(rnd, 32),
            "name": name,
            "type": kind,
            "value": round(value, 2),
            **({} if unit == "none" else {"unit": unit}),
            "attributes": attributes(rnd),
        }


def attributes(rnd: random.Random, **numbers: float) -> Json:
    texts = {
        "sentry.environment": rnd.choice(("production", "staging")),
        "sentry.release": "shop@4.7.1",
        "server.address": rnd.choice(("web-1", "web-2")),
        "payment.provider": rnd.choice(("adyen", "stripe", "klarna")),
    }
    kinds = {key: {"value": value, "type": "string"} for key, value in texts.items()}
    return kinds | {key: {"value": value, "type": "double"} for key, value in numbers.items()}


def hexes(rnd: random.Random, count: int) -> str:
    return f"{rnd.getrandbits(4 * count - 1) | 1:0{count}x}"
