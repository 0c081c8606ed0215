"""A sample event: an error as a real service would send it, tagged `sample:yes`."""

from typing import Any

_CODE = {
    "checkout/api.py": [
        "def post_order(request):",
        "    cart = load_cart(request.session)",
        "    order = place_order(cart, request.user)",
        '    return {"order": order.id}, 201',
    ],
    "checkout/orders.py": [
        "def place_order(cart, user):",
        "    total = sum(price(item, user.currency) for item in cart.items)",
        "    return Order.create(user=user, total=total)",
    ],
    "checkout/prices.py": [
        "def price(item, currency):",
        "    rates = RATES[item.region]",
        "    return item.amount * rates[currency]",
    ],
}


def sample_event(event_id: str, platform: str, now_s: float) -> dict[str, Any]:
    """The event's JSON. Its stack trace has source lines and locals, so that the page shows all it can."""
    flask = {"filename": "flask/app.py", "module": "flask.app", "function": "dispatch_request"}
    frames = [
        {**flask, "lineno": 1488, "in_app": False},
        _frame("checkout/api.py", "post_order", 57, 2, {"request": "<POST /api/orders>", "cart": "<Cart 3>"}),
        _frame("checkout/orders.py", "place_order", 21, 1, {"cart": "<Cart 3>", "user": "<User 42>"}),
        _frame("checkout/prices.py", "price", 9, 2, {"currency": "'SEK'", "rates": {"EUR": 1, "USD": 1.08}}),
    ]
    return {
        "event_id": event_id,
        "timestamp": now_s,
        "platform": "python",
        "level": "error",
        "logger": "checkout",
        "transaction": "POST /api/orders",
        "environment": "sample",
        "release": "checkout@1.4.0",
        "server_name": "web-1",
        "tags": {"sample": "yes", "region": "eu-north", "asked_for_platform": platform or "other"},
        "user": {"id": "42", "email": "sample@example.com", "username": "sample"},
        "request": {
            "method": "POST",
            "url": "https://shop.example.com/api/orders",
            "headers": [["Content-Type", "application/json"]],
            "data": {"cart": "c-1093", "currency": "SEK"},
        },
        "contexts": {"runtime": {"name": "CPython", "version": "3.12.4"}},
        "breadcrumbs": {
            "values": [
                {"timestamp": now_s - 4, "category": "auth", "message": "user 42 signed in", "level": "info"},
                {
                    "timestamp": now_s - 2,
                    "category": "query",
                    "message": "SELECT * FROM cart_items WHERE cart = %s",
                },
            ]
        },
        "exception": {
            "values": [
                {
                    "type": "KeyError",
                    "value": "'SEK'",
                    "mechanism": {"type": "flask", "handled": False},
                    "stacktrace": {"frames": frames},
                }
            ]
        },
    }


def _frame(filename: str, function: str, lineno: int, at: int, variables: dict[str, Any]) -> dict[str, Any]:
    code = _CODE[filename]
    return {
        "filename": filename,
        "abs_path": f"/srv/app/{filename}",
        "module": filename.removesuffix(".py").replace("/", "."),
        "function": function,
        "lineno": lineno,
        "pre_context": code[:at],
        "context_line": code[at],
        "post_context": code[at + 1 :],
        "in_app": True,
        "vars": variables,
    }
