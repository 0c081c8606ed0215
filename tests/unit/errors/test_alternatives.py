"""Splitting a query into what issues and what events are asked."""

import pytest

from vedette.errors.alternatives import EVERYTHING, Alternative, alternatives, asks_events
from vedette.search.bind import understand
from vedette.search.conditions import Conditions
from vedette.search.issue_keys import ISSUE_KEYS


def read(text: str) -> Conditions:
    return understand(text, ISSUE_KEYS, 0)


ISSUE, EVENT = "is:new OR assigned:me", "customer:a OR customer:b"
CASES = [
    ("", [("", "")]),
    (ISSUE, [(ISSUE, "")]),
    (EVENT, [("", EVENT)]),
    (f"({ISSUE}) ({EVENT})", [(ISSUE, EVENT)]),
    ("is:new OR customer:a", [("is:new", ""), ("", "customer:a")]),
    (f"{ISSUE} OR {EVENT}", [(ISSUE, ""), ("", EVENT)]),
    ("(is:new OR customer:a) level:error", [("is:new level:error", ""), ("level:error", "customer:a")]),
    ("is:new customer:a OR is:resolved", [("is:resolved", ""), ("is:new", "customer:a")]),
    (
        "(is:new OR customer:a) (is:resolved OR customer:b)",
        [
            ("is:new is:resolved", ""),
            ("is:new", "customer:b"),
            ("is:resolved", "customer:a"),
            ("", "customer:a customer:b"),
        ],
    ),
]


@pytest.mark.parametrize(("text", "parts"), CASES)
def test_only_an_or_of_both_kinds_makes_several(text: str, parts: list[tuple[str, str]]) -> None:
    found = alternatives(read(text))
    assert set(found) == {Alternative(read(issue), read(event)) for issue, event in parts}


def test_a_query_asks_events_if_any_alternative_does() -> None:
    assert not asks_events([Alternative(read("is:new"), EVERYTHING)])
    assert asks_events(alternatives(read("is:new OR customer:a")))
