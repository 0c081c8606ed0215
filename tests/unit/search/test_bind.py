"""What keys and values mean in issue search."""

import pytest
from hypothesis import given

from tests.support.examples import tries
from tests.unit.search.samples import sources
from vedette.core.time import DAY_US, HOUR_US, parse_time
from vedette.search.bind import understand
from vedette.search.conditions import (
    Compares,
    Condition,
    Contains,
    Equals,
    Exists,
    Matches,
    Test,
    Truth,
    Version,
    Within,
)
from vedette.search.error import SearchError
from vedette.search.issue_keys import EVENT_KEYS, ISSUE_KEYS
from vedette.search.keys import Kind
from vedette.search.text import Text
from vedette.search.tree import leaves

NOW_US = parse_time("2026-06-15T12:00:00Z") or 0
DAY = parse_time("2026-01-02") or 0


def read(query: str) -> Condition:
    (condition,) = leaves(understand(query, ISSUE_KEYS, NOW_US))
    return condition


def words(*exact: str) -> Matches:
    return Matches(tuple(Text((word,)) for word in exact))


CASES: list[tuple[str, str, Test, bool]] = [
    ("is:unresolved", "status", words("unresolved"), False),
    ("!is:archived", "status", words("ignored"), True),
    ("is:muted", "status", words("ignored"), False),
    ("is:regressed", "substatus", words("regressed"), False),
    ("is:assigned", "assigned", words("none"), True),
    ("!is:assigned", "assigned", words("none"), False),
    ("is:unlinked", "issue.linked", Truth(True), True),
    ("is:for_review", "issue.for_review", Truth(True), False),
    ("level:Error", "level", words("error"), False),
    ("level:[error, fatal]", "level", words("error", "fatal"), False),
    ("assigned_to:#web", "assigned", words("#web"), False),
    ("age:-24h", "firstSeen", Within(NOW_US - DAY_US, None), False),
    ("age:+24h", "firstSeen", Within(None, NOW_US - DAY_US + 1), False),
    ("lastSeen:>-1h", "lastSeen", Within(NOW_US - HOUR_US + 1, None), False),
    ("firstseen:2026-01-02", "firstSeen", Within(DAY, DAY + DAY_US), False),
    ("first_seen:>=2026-01-02", "firstSeen", Within(DAY, None), False),
    ("first_seen:<2026-01-02T03:00:00Z", "firstSeen", Within(None, DAY + 3 * HOUR_US), False),
    (
        "first_seen:2026-01-02T03:00+02:00",
        "firstSeen",
        Within(DAY + HOUR_US, DAY + HOUR_US + 60_000_000),
        False,
    ),
    ("timestamp:<=2026-01-02", "timestamp", Within(None, DAY + 1), False),
    ("times_seen:>1k", "timesSeen", Compares(">", 1000), False),
    ("timesSeen:5", "timesSeen", Equals((5,)), False),
    ("timesSeen:[5, 6]", "timesSeen", Equals((5, 6)), False),
    ("error.handled:false", "error.handled", Truth(False), False),
    ("error.unhandled:1", "error.unhandled", Truth(True), False),
    ("release:latest", "release", words("latest"), False),
    ("release.version:>=1.2.0", "release.version", Version(">=", "1.2.0"), False),
    ("release.version:1.2.*", "release.version", Matches((Text(("1.2.", "")),)), False),
    ("browser:Chrome", "browser", words("Chrome"), False),
    ("unknown.key:x", "unknown.key", words("x"), False),
    ("tags[n,number]:>=2", "n", Compares(">=", 2), False),
    ("title:>5", "title", words(">5"), False),
    ("has:assigned", "assigned", Exists(), False),
    ('user.email:""', "user.email", Exists(), True),
    ("some text", "message", Contains(Text(("some text",))), False),
]


@pytest.mark.parametrize(("query", "name", "test", "negated"), CASES)
def test_a_filter_means_one_condition(query: str, name: str, test: Test, negated: bool) -> None:
    condition = read(query)
    assert (condition.key.name, condition.test, condition.negated) == (name, test, negated)


def test_a_tag_in_brackets_is_the_tag_whatever_key_has_its_name() -> None:
    assert read("tags[level]:error").key.kind is Kind.TAG
    assert read('flags["new-ui"]:true').key.name == "flags.new-ui"


ERRORS = [
    ("level:eror", 6, "takes one of: fatal, error"),
    ("is:solved", 0, "there are: unresolved, resolved"),
    ("age:yesterday", 4, "a date such as"),
    ("age:[-1h, -2h]", 4, "not a list"),
    ("timesSeen:many", 10, "a number such as"),
    ("timesSeen:>*", 11, "a number such as"),
    ("error.handled:maybe", 14, "true or false"),
    ("issue.priority:>high", 16, "takes one of: high"),
    ("release.version:>1.*", 17, "no wildcard"),
    ("count():>5", 0, "is a function"),
]


@pytest.mark.parametrize(("query", "position", "reason"), ERRORS)
def test_a_wrong_value_is_refused_naming_what_exists(query: str, position: int, reason: str) -> None:
    with pytest.raises(SearchError) as raised:
        read(query)
    assert (raised.value.position, reason in raised.value.reason) == (position, True), raised.value


@given(sources)
@tries(300)
def test_any_text_is_understood_or_refused(source: str) -> None:
    try:
        understand(source, ISSUE_KEYS, NOW_US)
    except SearchError as error:
        assert 0 <= error.position <= len(source)


@pytest.mark.parametrize("query", ["is:unresolved", "assigned:me", "has:times_seen", "age:-1h"])
def test_events_are_not_searched_by_what_issues_alone_have(query: str) -> None:
    with pytest.raises(SearchError):
        understand(query, EVENT_KEYS, NOW_US)


def test_events_are_searched_by_what_they_share_with_issues() -> None:
    (condition,) = leaves(understand("level:error", EVENT_KEYS, NOW_US))
    assert condition.key.columns == ("level",)


def test_every_alias_and_is_word_leads_to_a_key() -> None:
    for word in ISSUE_KEYS.is_words.values():
        assert word.key in ISSUE_KEYS.by_name
    names = [name for spec in ISSUE_KEYS.specs for name in (spec.name, *spec.aliases)]
    assert len(names) == len(set(names))
