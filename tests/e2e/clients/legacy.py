"""Plants one marker per feature with raven 6, the SDK before the SDK. Argument: run id."""

import collections
import collections.abc
import os
import sys

for name in ("Mapping", "MutableMapping", "Iterable", "Sequence", "Set", "Callable"):
    setattr(collections, name, getattr(collections.abc, name))  # gone from collections since Python 3.10

import raven  # noqa: E402
from raven.transport.http import HTTPTransport  # noqa: E402

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


client = raven.Client(
    os.environ["DSN"],
    release=mark("release"),
    environment=mark("environment"),
    name=mark("server"),
    transport=HTTPTransport,
    include_paths=["__main__"],
)
client.tags_context({"vt_tag": mark("tag")})
client.extra_context({"vt_extra": mark("extra")})
client.user_context({"id": 7, "email": f"{mark('user')}@example.com"})
client.captureBreadcrumb(category="cart", message=mark("breadcrumb"), level="info")
try:
    checkout()
except CheckoutFailed:
    client.captureException()
client.captureMessage(mark("message"), level="warning")
for text in (f"{mark('first')} one way to say it", f"{mark('second')} another way"):
    client.captureMessage(text, level="fatal", fingerprint=[mark("fingerprint")])
