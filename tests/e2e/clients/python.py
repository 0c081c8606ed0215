"""Plants one marker per feature with the official Python SDK (1.x and 2.x). Argument: run id."""

import os
import sys

import sentry_sdk

RUN = sys.argv[1]


def mark(feature: str) -> str:
    return f"vt-{feature}-{RUN}"


class CheckoutFailed(Exception):
    pass


def charge(cardholder: str) -> None:
    local = mark("local")
    raise ValueError(mark("cause") + local[:0] + cardholder[:0])


def checkout() -> None:
    try:
        charge("ada")
    except ValueError as cause:
        raise CheckoutFailed(mark("exception")) from cause


sentry_sdk.init(
    os.environ["DSN"],
    release=mark("release"),
    environment=mark("environment"),
    server_name=mark("server"),
)
sentry_sdk.set_tag("vt_tag", mark("tag"))
sentry_sdk.set_context("vt_context", {"field": mark("context")})
sentry_sdk.set_extra("vt_extra", mark("extra"))
sentry_sdk.set_user({"id": 7, "email": f"{mark('user')}@example.com"})
sentry_sdk.add_breadcrumb(category="cart", message=mark("breadcrumb"), level="info")
try:
    checkout()
except CheckoutFailed as error:
    sentry_sdk.capture_exception(error)
sentry_sdk.capture_message(mark("message"), level="warning")
with sentry_sdk.push_scope() as scope:
    scope.set_level("fatal")
    scope.fingerprint = [mark("fingerprint")]
    sentry_sdk.capture_message(f"{mark('first')} one way to say it", level="fatal")
    sentry_sdk.capture_message(f"{mark('second')} another way", level="fatal")
sentry_sdk.flush(timeout=10)
