"""One trace through the made-up shop: a person pays, three services work, the ledger fails."""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]

TRACE = "6f2b1c0d9e8a47b5a3c4d5e6f7081920"
FAILED = "00000000000000c5"  # the span in which the ledger raised
# service, span, parent, op, description, start and end in ms since the click; a parent of another service
# makes a transaction
SPANS: tuple[tuple[str, int, int, str, str, int, int], ...] = (
    ("web", 0xA1, 0, "ui.action.click", "Pay", 0, 1480),
    ("web", 0xA2, 0xA1, "resource.script", "/assets/pay.js", 12, 96),
    ("web", 0xA3, 0xA1, "ui.react.render", "<Payment>", 100, 148),
    ("web", 0xA4, 0xA1, "http.client", "POST /checkout", 152, 1462),
    ("api", 0xB1, 0xA4, "http.server", "POST /checkout", 171, 1448),
    ("api", 0xB2, 0xB1, "middleware.express", "session", 173, 188),
    ("api", 0xB3, 0xB2, "db.redis", "GET session:71", 175, 186),
    ("api", 0xB4, 0xB1, "db", "SELECT * FROM basket WHERE customer_id = $1", 190, 214),
    *(
        ("api", 0xD0 + n, 0xB1, "db", "SELECT price FROM article WHERE sku = $1", 216 + 9 * n, 224 + 9 * n)
        for n in range(8)
    ),
    ("api", 0xB5, 0xB1, "http.client", "POST https://pay.example/v1/charges", 296, 742),
    ("api", 0xB6, 0xB1, "http.client", "POST /api/ledger/reconcile/", 905, 1441),
    ("demo", 0xC1, 0xB6, "http.server", "/api/ledger/reconcile/", 918, 1436),
    ("demo", 0xC2, 0xC1, "middleware.django", "AuthenticationMiddleware", 919, 941),
    ("demo", 0xC3, 0xC2, "db", "SELECT id, name FROM auth_user WHERE id = %s", 921, 936),
    ("demo", 0xC4, 0xC1, "db", "SELECT * FROM ledger_entry WHERE day = %s", 946, 1170),
    ("demo", 0xC5, 0xC1, "function", "ledger.reconcile", 1176, 1434),
    ("demo", 0xC6, 0xC5, "http.client", "GET https://rates.example/SEK", 1180, 1402),
)
ATTRIBUTES: dict[str, Json] = {
    "db": {"db.system": "postgresql", "db.name": "shop", "server.address": "db-1"},
    "db.redis": {"db.system": "redis", "server.address": "cache-1"},
    "http.client": {"http.request.method": "POST", "http.response.status_code": 200},
    "http.server": {
        "http.request.method": "POST",
        "http.response.status_code": 500,
        "thread.name": "worker-3",
    },
    "resource.script": {
        "http.response_content_length": 48_211,
        "resource.render_blocking_status": "blocking",
    },
}
PLATFORMS = {"web": "javascript", "api": "node", "demo": "python"}


def transactions(began: float) -> Iterable[tuple[str, Json]]:
    """A transaction of each service; `began` is the second of the click."""
    for service, platform in PLATFORMS.items():
        own = [span for span in SPANS if span[0] == service]
        first, *below = (span_of(span, began) for span in own)
        yield (
            service,
            {
                "type": "transaction",
                "transaction": first["description"],
                "transaction_info": {"source": "route"},
                "platform": platform,
                "environment": "production",
                "start_timestamp": first["start_timestamp"],
                "timestamp": first["timestamp"],
                "contexts": {"trace": {key: first[key] for key in first if "timestamp" not in key}},
                "spans": below,
            },
        )


def span_of(span: tuple[str, int, int, str, str, int, int], began: float) -> Json:
    _, number, parent, op, text, start_ms, end_ms = span
    own = f"{number:016x}"
    return {
        "trace_id": TRACE,
        "span_id": own,
        "parent_span_id": f"{parent:016x}" if parent else None,
        "op": op,
        "description": text,
        "data": ATTRIBUTES.get(op, {}),
        "status": "internal_error" if own == FAILED else "ok",
        "start_timestamp": began + start_ms / 1000,
        "timestamp": began + end_ms / 1000,
    }
