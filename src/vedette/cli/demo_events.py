"""A small shop whose services fail now and then: events with stack traces, users, releases, spikes."""

import uuid
from random import Random
from typing import Any, NamedTuple

Json = dict[str, Any]


class Service(NamedTuple):
    name: str
    platform: str
    releases: tuple[str, ...]  # in the order of their deploys
    servers: tuple[str, ...]


class Bug(NamedTuple):
    """One error: where it happens, how its message varies, how often, and from which share of the time on."""

    service: str
    type: str
    value: str
    transaction: str
    frames: tuple[tuple[str, str, int, str], ...]  # file, function, line, source; the innermost last
    weight: float
    since: float = 0.0
    level: str = "error"
    handled: bool = False


SERVICES = {
    "checkout": Service(
        "checkout", "python", ("checkout@1.4.0", "checkout@1.5.0"), ("checkout-1", "checkout-2")
    ),
    "storefront": Service(
        "storefront", "javascript", ("storefront@2026.11.1", "storefront@2026.11.2"), ("",)
    ),
    "search": Service("search", "node", ("search@0.9.2",), ("search-a",)),
    "billing": Service("billing", "java", ("billing@7.0.1", "billing@7.1.0"), ("billing-1",)),
    "mailer": Service("mailer", "go", ("mailer@0.3.0",), ("worker-1", "worker-2", "worker-3")),
}
BUGS = (
    Bug(
        "checkout",
        "KeyError",
        "'{currency}'",
        "POST /api/orders",
        (
            ("checkout/api.py", "post_order", 57, "order = place_order(cart)"),
            ("checkout/prices.py", "price", 9, "return amount * RATES[currency]"),
        ),
        5,
    ),
    Bug(
        "checkout",
        "OperationalError",
        "could not connect to server: Connection refused (attempt {n})",
        "POST /api/orders",
        (
            ("checkout/store.py", "save", 31, "session.commit()"),
            ("psycopg/connection.py", "connect", 119, "raise ex"),
        ),
        3,
    ),
    Bug(
        "checkout",
        "PaymentDeclined",
        "card of user {n} was declined",
        "POST /api/pay",
        (("checkout/pay.py", "charge", 88, "raise PaymentDeclined(user)"),),
        2,
        0.3,
        "warning",
        True,
    ),
    Bug(
        "storefront",
        "TypeError",
        "Cannot read properties of undefined (reading 'price')",
        "/product/:id",
        (
            ("src/app.ts", "render", 14, "mount(Product)"),
            ("src/product.ts", "total", 42, "return item.price * count"),
        ),
        6,
    ),
    Bug(
        "storefront",
        "ChunkLoadError",
        "Loading chunk {n} failed.",
        "/cart",
        (("src/router.ts", "open", 77, "await import(page)"),),
        1,
        0.5,
    ),
    Bug(
        "storefront",
        "UnhandledRejection",
        "Request failed with status {status}",
        "/search",
        (("src/api.ts", "ask", 23, "throw new Failure(status)"),),
        3,
    ),
    Bug(
        "search",
        "RangeError",
        "Invalid page size {n}",
        "GET /search",
        (
            ("lib/server.js", "handle", 61, "return query(request)"),
            ("lib/query.js", "page", 18, "throw new RangeError(text)"),
        ),
        2,
    ),
    Bug(
        "search",
        "TimeoutError",
        "no answer of shard {n} within 2000 ms",
        "GET /search",
        (("lib/shards.js", "ask", 40, "throw new TimeoutError(shard)"),),
        2,
        0.2,
    ),
    Bug(
        "billing",
        "NullPointerException",
        'Cannot invoke "Invoice.total()" because "invoice" is null',
        "InvoiceJob",
        (
            ("InvoiceJob.java", "run", 112, "send(load(id));"),
            ("Invoices.java", "send", 45, "mail(invoice.total());"),
        ),
        2,
    ),
    Bug(
        "billing",
        "ArithmeticException",
        "rounding of {n} is not exact",
        "MonthEnd",
        (("Money.java", "divide", 71, "throw new ArithmeticException(text);"),),
        1,
        0.6,
        "fatal",
    ),
    Bug(
        "mailer",
        "*net.OpError",
        "dial tcp 10.0.0.{n}:25: connect: connection timed out",
        "send",
        (("mail/send.go", "Send", 64, "return client.Dial(host)"),),
        2,
        0.1,
    ),
)
_SPIKES = ((0.35, 0.42, 1), (0.7, 0.76, 3))  # from, to (shares of the time), which bug
_CURRENCIES = ("SEK", "NOK", "CHF", "PLN")
_NAMES = ("ada", "grace", "alan", "edsger", "barbara", "donald", "margaret", "linus", "radia", "ken")
_BROWSERS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
)


class Shop:
    """Makes events; the same seed makes the same ones, ids apart."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._spiking = False

    def next(self, now_s: float, share: float) -> list[Json]:
        """Events of this moment; `share` of the whole time has passed."""
        spike = next((bug for start, end, bug in _SPIKES if start <= share < end), None)
        self._spiking = spike is not None
        if spike is not None and self._random.random() < 0.8:
            return [self._event(BUGS[spike], now_s, share)]
        there = [bug for bug in BUGS if bug.since <= share]
        return [self._event(self._random.choices(there, [bug.weight for bug in there])[0], now_s, share)]

    def pause_s(self, rate: float) -> float:
        """Until the next event: at random around the rate, five times as fast in a spike."""
        return min(5.0, self._random.expovariate(max(0.1, rate * (5 if self._spiking else 1))))

    def _event(self, bug: Bug, now_s: float, share: float) -> Json:
        service, pick = SERVICES[bug.service], self._random
        person = pick.randrange(40)
        is_new = share > 0.5 and pick.random() < 0.8
        value = bug.value.format(
            n=pick.randrange(1, 200), currency=pick.choice(_CURRENCIES), status=pick.choice((500, 502, 503))
        )
        event: Json = {
            "event_id": uuid.uuid4().hex,
            "timestamp": now_s,
            "platform": service.platform,
            "level": bug.level,
            "transaction": bug.transaction,
            "release": service.releases[-1 if is_new else 0],
            "environment": pick.choices(("production", "staging", "canary"), (8, 2, 1))[0],
            "server_name": pick.choice(service.servers) or None,
            "tags": {"service": service.name, "region": pick.choice(("eu-north", "eu-west", "us-east"))},
            "user": {
                "id": str(person),
                "email": f"{_NAMES[person % 10]}{person}@example.com",
                "ip_address": f"203.0.113.{person}",
            },
            "breadcrumbs": {"values": self._breadcrumbs(bug, now_s)},
            "exception": {"values": [self._exception(bug, value)]},
            "sdk": {"name": "vedette.demo", "version": "1"},
        }
        if service.platform == "javascript":
            event["request"] = {
                "url": f"https://shop.example.com{bug.transaction}",
                "headers": {"User-Agent": pick.choice(_BROWSERS)},
            }
        return event

    def _exception(self, bug: Bug, value: str) -> Json:
        frames = [
            {
                "filename": filename,
                "module": filename.rpartition(".")[0].replace("/", "."),
                "function": function,
                "lineno": line,
                "context_line": f"    {source}",
                "pre_context": ["", f"# {function}"],
                "post_context": [""],
                "in_app": not filename.startswith("psycopg"),
                "vars": {"n": self._random.randrange(1000)},
            }
            for filename, function, line, source in bug.frames
        ]
        mechanism = {"type": "generic", "handled": bug.handled}
        return {"type": bug.type, "value": value, "mechanism": mechanism, "stacktrace": {"frames": frames}}

    def _breadcrumbs(self, bug: Bug, now_s: float) -> list[Json]:
        steps = (("navigation", "opened the page"), ("http", f"{bug.transaction} 200"), ("query", "SELECT 1"))
        return [
            {"timestamp": now_s - 6 + 2 * number, "category": category, "message": message, "level": "info"}
            for number, (category, message) in enumerate(steps)
        ]
