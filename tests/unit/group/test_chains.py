"""What is remembered of chains of exceptions changes nothing."""

import tracemalloc
from itertools import product
from typing import Any

import pytest

from tests.support.examples import QUICK
from tests.unit.group.build import config, error, frame, raised
from vedette.core.event import Event, Mechanism
from vedette.group.component import Component
from vedette.group.config import GroupingConfig
from vedette.group.mentioned import mentioned_by
from vedette.group.rules.subjects import stacks_of
from vedette.group.v2026_11_01.algorithm import Algorithm
from vedette.group.v2026_11_01.chains import MOST_FRAMES

APP = (frame("handle", "shop.views"), frame("pay", "shop.cart"))
OTHERS: tuple[dict[str, Any], ...] = (
    {"filename": "cart.py"},
    {"filename": "shop/cart.py"},
    {"filename": "cart.py", "abs_path": "/srv/cart.py"},
    {"filename": "cart.py", "abs_path": "/opt/cart.py"},
    {"filename": "cart.py", "package": "shop"},
    {"filename": "cart.py", "in_app": False},
    {"filename": "cart.py", "in_app": None},
)  # what the frames of two chains with the same hashes may differ in
STACKS = (
    APP,
    (frame("main", in_app=False), *APP),
    (frame("f"),),
    (frame("run", "asyncio.runners", in_app=False),),
    (frame("<lambda>", filename="<string>"),),
    *((*APP, frame("pay", "shop.cart", **other)) for other in OTHERS),
    (),
    *(() if QUICK else (tuple(frame(f"f{n}", "shop.deep") for n in range(MOST_FRAMES + 1)),)),
)
VALUES = (None, " ", "bad 17", "Non-Error exception captured with keys: a, b", "Loading chunk 7 failed")
MECHANISMS = (None, Mechanism(type="x"), Mechanism(type="x", synthetic=True))
SETTINGS = (
    config(),
    config(context_lines=False),
    config(ignored_wrappers=frozenset(("Outer",))),
    config(stacks="function:pay -group"),
    config(value_at_raise_helper=False),
)


def events(value: str | None, mechanism: Mechanism | None) -> list[Event]:
    """Of one and of two exceptions, for each stack, on two platforms."""
    found: list[Event] = []
    for stack, platform in product(STACKS, ("python", "javascript")):
        found.append(raised(error(*stack, value=value, mechanism=mechanism), platform=platform))
        outer = error(*APP, type="Outer", value=value)
        found.append(raised(error(*stack, value=value), outer, platform=platform))
    return found


Told = tuple[int | None, list[tuple[str, str | None, str | None, Component]]]


def told(algorithm: Algorithm, event: Event, settings: GroupingConfig) -> Told:
    found = algorithm.find(event, settings)
    return found.main_exception, [(f.key, f.hash, f.hint, f.tree()) for f in found.findings]


@pytest.mark.parametrize("settings", SETTINGS, ids=range(len(SETTINGS)))
def test_an_event_is_grouped_as_if_none_had_come_before(settings: GroupingConfig):
    learned = Algorithm()
    for _, value, mechanism in product(range(2), VALUES, MECHANISMS):
        for event in events(value, mechanism):
            learned.find(event, settings)
    for value, mechanism in product(VALUES, MECHANISMS):
        fresh = Algorithm()
        for event in events(value, mechanism):
            assert told(learned, event, settings) == told(fresh, event, settings)
            found = learned.find(event, settings)
            assert found.mentioned in (None, mentioned_by([f for s in stacks_of(event) for f in s.frames]))


def test_what_the_frames_of_a_known_chain_are_called_is_remembered_with_it():
    algorithm = Algorithm()
    ours, theirs = raised(error(*APP)), raised(error(*APP, frame("pay", "shop.till")))
    learned, other, again = (algorithm.find(event, config()).mentioned for event in (ours, theirs, ours))
    assert learned is again
    assert [one.modules for one in (learned, other) if one] == [
        ["shop.views", "shop.cart"],
        ["shop.views", "shop.cart", "shop.till"],
    ]


def test_the_order_of_values_does_not_matter():
    """A blank value counts for nothing, a told one may: the one must not be taken for the other."""
    short = (frame("f"),)
    asked = [raised(error(*short, value=value)) for value in VALUES]
    alone = [told(Algorithm(), event, config()) for event in asked]
    for first, (second, expected) in product(asked, zip(asked, alone, strict=True)):
        learned = Algorithm()
        learned.find(first, config())
        assert told(learned, second, config()) == expected


@pytest.mark.thorough
def test_stacks_that_share_no_frame_are_remembered_within_bounds():
    algorithm = Algorithm()
    tracemalloc.start()
    for number in range(1_200):
        frames = [
            frame(f"f{number}_{n}".ljust(150, "x"), f"shop.m{n}".ljust(150, "x")) for n in range(MOST_FRAMES)
        ]
        found = algorithm.find(raised(error(*frames, value="bad")), config())
        assert found.findings[0].hash
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 120e6  # by number of stacks alone they took 197 MB
