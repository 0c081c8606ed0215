"""A service with the official Python SDK that a browser calls. Prints its port; ends after `/end`.

`/api/orders` makes spans, a log, a metric, an LLM call by hand, and an error, all in the caller's trace.
"""

import logging
import os
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import sentry_sdk
from sentry_sdk.integrations.wsgi import SentryWsgiMiddleware

RUN = sys.argv[1]
CORS = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Headers", "sentry-trace, baggage, content-type"),
    ("Content-Type", "text/plain"),
]
ended: list[bool] = []

sentry_sdk.init(
    os.environ["DSN"],
    traces_sample_rate=1.0,
    enable_logs=True,
    environment="backend",
    release=f"backend@{RUN}",
)


def application(environ, respond):
    path = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] == "OPTIONS":
        respond("204 No Content", CORS)
        return [b""]
    if path == "/end":
        ended.append(True)
    if path == "/api/orders":
        orders()
    respond("200 OK", CORS)
    return [b"ok"]


def orders() -> None:
    for number in range(2):
        with sentry_sdk.start_span(op="db", name=f"SELECT * FROM orders WHERE id = {number}") as span:
            span.set_data("db.system", "sqlite")
    with sentry_sdk.start_span(op="gen_ai.chat", name="chat gpt-4o") as span:
        span.set_data("gen_ai.operation.name", "chat")
        span.set_data("gen_ai.system", "openai")
        span.set_data("gen_ai.request.model", "gpt-4o")
        span.set_data("gen_ai.usage.input_tokens", 1000)
        span.set_data("gen_ai.usage.output_tokens", 500)
    logging.getLogger("shop").error("vt-log-%s", RUN)
    sentry_sdk.metrics.count(f"vt-counter-{RUN}", 2)
    try:
        raise LookupError(f"vt-error-{RUN}")
    except LookupError:
        sentry_sdk.capture_exception()


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


server = make_server("127.0.0.1", 0, SentryWsgiMiddleware(application), handler_class=Quiet)
print(server.server_address[1], flush=True)
while not ended:
    server.handle_request()
sentry_sdk.flush(10)
