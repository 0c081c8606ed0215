"""Hashes of the released version: issues in every installation are found by them.

A change here splits issues. It belongs into the next version, beside this one.
"""

import pytest

from tests.unit.group.build import error, event, frame, grouped, raised, said, stack
from vedette.core.event import Event, Frame, Mechanism
from vedette.group import LATEST
from vedette.group.grouping import FALLBACK_HASH

WEB = "https://shop.example/static/main.3f2a91c0.js"
FROZEN: list[tuple[Event, tuple[str, ...]]] = [
    (
        raised(error(frame("f", "shop.cart", context_line="return a / b"), frame("g", "lib", in_app=False))),
        (
            "1a773ebfadcf084b10bd7065d62d5084",
            "8056685060ade953ca61c24a625b1204",
        ),
    ),
    (
        raised(error(frame(None, filename="cart.py")), error(frame("f", "shop"), type="B")),
        ("adb3759a88d3ab30e2e018fc58af6ece",),
    ),
    (
        raised(
            error(frame("Cart.total", filename=WEB, abs_path=WEB), frame("run", filename=WEB)),
            platform="javascript",
        ),
        ("2281e7387d4f52b148179d9dc46cabfd",),
    ),
    (
        raised(error(frame("lambda$total$0", "shop.Cart$1")), platform="java"),
        ("7a3b8362fd6037768d42e770d78a2918",),
    ),
    (
        raised(error(frame("int ns::f<T>(int)", package="/usr/lib/libx.so")), platform="native"),
        ("47dd905f1d74bfa3df1763ec4fcfa99b",),
    ),
    (raised(error(value="no row 7 for bob@example.com")), ("0dbccc8dd2f79aedc8e37aebc7a9d425",)),
    (
        raised(error(type="TypeError", value="Load failed"), platform="javascript", transaction="/cart/7"),
        ("96de731540a785cc5637bd8eaf2f34ce",),
    ),
    (
        raised(error(type=None, value="late: 7", mechanism=Mechanism(synthetic=True)), platform="javascript"),
        ("ddf73826ab109c11a290f70f3365e7dc",),
    ),
    (said("order 7 of 2024-01-02 failed"), ("faab4b44a97bed336791e55709650251",)),
    (said("x", stacktrace=stack(frame("f", "m"))), ("24bdeaf3ab6cbf74fa3ba68b348d64e6",)),
    (said("x", fingerprint=["a", "{{ default }}"]), ("4d691dc43c30879bc5581339182aab58",)),
    (said("x", fingerprint=["a", "b"]), ("6e16fab7e1e5b2416acb11212f3aa2ea",)),
    (said("x", checksum="order-7"), ("cd75315a553ef07eb20e55a3cc895955",)),
    (
        event(template=Frame(filename="cart/show.html", context_line="{{ total }}")),
        ("c064ef1d7d17c1ce9e01528e32c05dcb",),
    ),
    (event(), ("4ccb1142ebdd7ca505d88c28df648283",)),
]


@pytest.mark.parametrize(("sent", "hashes"), FROZEN)
def test_a_released_version_never_changes(sent: Event, hashes: tuple[str, ...]) -> None:
    assert grouped(sent).hashes == hashes
    assert grouped(sent).config_id == "vedette:2026-11-01"


def test_the_fallback_is_one_for_all() -> None:
    assert (grouped(event()).hashes[0], "2026-11-01") == (FALLBACK_HASH, LATEST)
