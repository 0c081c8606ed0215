"""A day of what the Insights pages show: requests with queries, caches and queues, page loads, LLM calls, MCP tools."""

import json
import random
import time
from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]
Sent = tuple[str, Json]  # project, payload

DAY_S = 86_400
REQUESTS, LOADS, CHATS, JOBS = 220, 160, 26, 90
CONVERSATION = "support-4711"
QUERIES = (
    'SELECT "shop_order"."id", "shop_order"."state", "shop_customer"."email" FROM "shop_order" '
    'INNER JOIN "shop_customer" ON ("shop_order"."customer_id" = "shop_customer"."id") '
    'WHERE ("shop_order"."state" = %s AND "shop_order"."placed" BETWEEN %s AND %s) ORDER BY "shop_order"."placed" DESC LIMIT 50',
    'SELECT "shop_basket"."id", "shop_basket"."owner_id" FROM "shop_basket" WHERE "shop_basket"."owner_id" = %s LIMIT 21',
    'UPDATE "shop_stock" SET "left" = "left" - %s WHERE "shop_stock"."sku" = %s',
    'SELECT "shop_price"."amount" FROM "shop_price" WHERE "shop_price"."sku" IN (%s, %s, %s)',
    'INSERT INTO "shop_event" ("kind", "at", "body") VALUES (%s, %s, %s) RETURNING "shop_event"."id"',
)
# transaction, median ms, query and its share, host that it calls, how often it fails
ROUTES = (
    ("POST /api/checkout/", 240, 0, 0.35, "payments.example", 0.06),
    ("GET /api/orders/", 120, 0, 0.6, "", 0.01),
    ("GET /api/basket/", 46, 1, 0.4, "", 0.0),
    ("GET /api/articles/{sku}/", 28, 3, 0.3, "images.example", 0.005),
    ("POST /api/stock/", 64, 2, 0.55, "warehouse.example", 0.03),
)
# page, median LCP in ms, CLS
PAGES = (
    ("/", 1450, 0.03),
    ("/articles/:sku", 2300, 0.06),
    ("/checkout", 3200, 0.14),
    ("/account", 5200, 0.31),
)
MODELS = (("openai", "gpt-4.1-mini"), ("anthropic", "claude-sonnet-4-5"), ("openai", "gpt-4.1"))
ASKED = (
    ("Where is my parcel? I ordered on Monday.", "It left our warehouse on Tuesday and is with the carrier in Malmö. It should reach you tomorrow before noon."),
    ("Can I still change the address?", "Not any more: it is already on its way. You can have it kept at a pick-up point instead."),
    ("Then leave it at the pick-up point in Lund.", "Done. You will get a message with a code when it is there."),
)  # fmt: skip
TOOLS = ("find_parcel", "carrier_options", "redirect_parcel")


def payloads() -> Iterator[Sent]:
    rnd = random.Random(23)
    now = time.time()
    for n in range(REQUESTS):
        yield "demo", request(rnd, at(rnd, now, n, REQUESTS))
    for n in range(JOBS):
        yield from job(rnd, at(rnd, now, n, JOBS))
    for n in range(LOADS):
        yield "web", load(rnd, at(rnd, now, n, LOADS))
    for n in range(CHATS):
        yield "demo", chat(rnd, at(rnd, now, n, CHATS), n)


def at(rnd: random.Random, now: float, n: int, count: int) -> float:
    return now - DAY_S * 0.96 * (n + rnd.random()) / count - 60


class Trace:
    """A transaction in the making; times are ms from its start."""

    def __init__(self, rnd: random.Random, began: float, name: str, op: str, **more: Any) -> None:
        self.rnd, self.began, self.name, self.op, self.more = rnd, began, name, op, more
        self.trace, self.root = hexes(rnd, 32), hexes(rnd, 16)
        self.spans: list[Json] = []

    def span(
        self, op: str, text: str, start: float, took: float, data: Json | None = None, *, failed: bool = False
    ) -> None:
        self.spans.append(
            {
                "trace_id": self.trace,
                "span_id": hexes(self.rnd, 16),
                "parent_span_id": self.root,
                "op": op,
                "description": text,
                "start_timestamp": self.began + start / 1000,
                "timestamp": self.began + (start + took) / 1000,
                "status": "internal_error" if failed else "ok",
                "data": data or {},
            }
        )

    def done(self, took: float, *, failed: bool = False, **data: Any) -> Json:
        context = {"trace_id": self.trace, "span_id": self.root, "op": self.op, "data": data}
        return {
            "type": "transaction",
            "transaction": self.name,
            "transaction_info": {"source": "route"},
            "platform": "python",
            "environment": "production",
            "release": "shop@4.7.1",
            "start_timestamp": self.began,
            "timestamp": self.began + took / 1000,
            "contexts": {"trace": {**context, "status": "internal_error" if failed else "ok"}},
            "spans": self.spans,
            **self.more,
        }


def request(rnd: random.Random, began: float) -> Json:
    name, median, query, share, host, fails = rnd.choices(ROUTES, (4, 6, 9, 7, 2))[0]
    plan = rnd.choice(("free", "free", "team", "business"))
    took = median * rnd.lognormvariate(0, 0.45) * (3.2 if plan == "business" and query == 0 else 1)
    failed = rnd.random() < fails
    made = Trace(rnd, began, name, "http.server", user={"id": str(rnd.randrange(40))})
    system = {"db.system": "postgresql"}
    made.span("db", QUERIES[query], took * 0.1, took * share, system)
    made.span("db", QUERIES[4], took * 0.88, took * 0.06, system)
    hit = rnd.random() < (0.92 if query else 0.55)
    made.span("cache.get", f"session:{rnd.randrange(900)}", took * 0.02, rnd.uniform(0.3, 1.6),
              {"cache.hit": hit, "cache.key": ["session"], "cache.item_size": rnd.randrange(300, 9000)})  # fmt: skip
    if host:
        status = 503 if failed else rnd.choices((200, 404), (30, 1))[0]
        made.span("http.client", f"POST https://{host}/v1/items/{rnd.randrange(9999)}", took * 0.62, took * 0.24, failed=failed,
                  data={"http.request.method": "POST", "http.response.status_code": status, "server.address": host,
                     "url.full": f"https://{host}/v1/items/{rnd.randrange(9999)}"})  # fmt: skip
    if query == 0 and "checkout" in name:
        made.span("queue.publish", "orders.placed", took * 0.95, 3, queue("orders.placed", rnd))
    return made.done(took, failed=failed, plan=plan)


def queue(name: str, rnd: random.Random) -> Json:
    return {
        "messaging.destination.name": name,
        "messaging.system": "redis",
        "messaging.message.id": hexes(rnd, 16),
    }


def job(rnd: random.Random, began: float) -> Iterable[Sent]:
    name, median, fails = rnd.choice(
        (("orders.placed", 180, 0.02), ("mail.send", 420, 0.12), ("thumbnails", 950, 0.01))
    )
    sender = Trace(rnd, began - 2, "GET /api/orders/", "http.server")
    sender.span("queue.publish", name, 20, 2.5, queue(name, rnd))
    yield "demo", sender.done(80 * rnd.lognormvariate(0, 0.3))
    if rnd.random() < 0.07:
        return  # nobody took it yet
    took, failed = median * rnd.lognormvariate(0, 0.4), rnd.random() < fails
    worker = Trace(rnd, began, name, "queue.task")
    waited = {"messaging.message.receive.latency": rnd.lognormvariate(5, 0.7)}
    worker.span("queue.process", name, 1, took - 2, {**queue(name, rnd), **waited}, failed=failed)
    yield "demo", worker.done(took, failed=failed)


def load(rnd: random.Random, began: float) -> Json:
    page, lcp, cls = rnd.choices(PAGES, (8, 6, 3, 2))[0]
    slow = rnd.lognormvariate(0, 0.35)
    vitals = {
        "lcp": (lcp * slow, "millisecond"),
        "fcp": (lcp * 0.55 * slow, "millisecond"),
        "ttfb": (lcp * 0.16 * slow, "millisecond"),
        "inp": (60 + lcp * 0.045 * slow, "millisecond"),
        "cls": (cls * rnd.uniform(0.6, 1.5), ""),
    }
    measured = {name: {"value": value, "unit": unit} for name, (value, unit) in vitals.items()}
    made = Trace(
        rnd, began, page, "pageload", platform="javascript", release="shop-web@9.1.2", measurements=measured
    )
    made.span("resource.script", "https://shop.example.com/assets/app.js", 80, lcp * 0.3)
    made.span("resource.img", "https://images.example/hero.avif", 140, lcp * 0.5)
    made.span("browser.paint", "first-contentful-paint", 0, 1)
    return made.done(lcp * 1.6 * slow)


def chat(rnd: random.Random, began: float, n: int) -> Json:
    """An agent that answers a customer; one conversation with its words, of the others only their numbers."""
    made = Trace(
        rnd, began, "POST /api/support/", "http.server", user={"id": str(n % 7), "email": "ada@example.org"}
    )
    has_words = n == CHATS - 1
    common = {
        "gen_ai.agent.name": "support",
        "gen_ai.conversation.id": CONVERSATION if has_words else f"support-{4000 + n}",
    }
    said: list[Json] = [{"role": "system", "content": "You help customers of a book shop. Be brief, and never promise a time you did not look up."}]  # fmt: skip
    start = 10.0
    for k, (question, answer) in enumerate(ASKED[: 3 if has_words else rnd.randint(1, 3)]):
        said.append({"role": "user", "content": question})
        provider, model = MODELS[0] if k == 0 else rnd.choice(MODELS)
        start = turn(made, start, {**common, "gen_ai.provider.name": provider, "gen_ai.request.model": model},
                     said if has_words else [], answer, TOOLS[k])  # fmt: skip
        said.append({"role": "assistant", "content": answer})
    if n % 3 == 0:
        made.span("mcp.server", "tools/call find_parcel", start, 40 * rnd.lognormvariate(0, 0.5), failed=n % 9 == 0,
                  data={"mcp.method.name": "tools/call", "mcp.tool.name": rnd.choice(TOOLS)})  # fmt: skip
    return made.done(start + 60)


def turn(made: Trace, start: float, common: Json, said: list[Json], answer: str, tool: str) -> float:
    """A tool, then the model's answer. Gives back when it is over."""
    rnd = made.rnd
    took = 900 * rnd.lognormvariate(0, 0.4)
    words = (
        {"gen_ai.tool.input": json.dumps({"order": 4711}), "gen_ai.tool.output": json.dumps({"state": "sent", "carrier": "PostNord", "at": "Malmö"})}
        if said
        else {}
    )  # fmt: skip
    tools = {key: common[key] for key in ("gen_ai.agent.name", "gen_ai.conversation.id")}
    made.span("gen_ai.execute_tool", f"execute_tool {tool}", start, took * 0.15,
              {**tools, **words, "gen_ai.tool.name": tool, "gen_ai.operation.name": "execute_tool"})  # fmt: skip
    given = rnd.randrange(700, 2600)
    talk = {"gen_ai.input.messages": json.dumps(said), "gen_ai.response.text": answer} if said else {}
    numbers = {
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": given,
        "gen_ai.usage.input_tokens.cached": given // 3,
        "gen_ai.usage.output_tokens": rnd.randrange(60, 420),
        "gen_ai.usage.output_tokens.reasoning": rnd.randrange(0, 60),
        "gen_ai.server.time_to_first_token": took / 4000,
    }
    text = f"chat {common['gen_ai.request.model']}"
    failed = rnd.random() < 0.04
    made.span("gen_ai.chat", text, start + took * 0.2, took, {**common, **talk, **numbers}, failed=failed)
    return start + took * 1.3


def hexes(rnd: random.Random, count: int) -> str:
    return f"{rnd.getrandbits(4 * count - 1) | 1:0{count}x}"
