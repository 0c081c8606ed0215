import pytest

from vedette.search.issue_keys import ISSUE_KEYS
from vedette.search.suggest import Suggestion, suggest


def at_mark(marked: str) -> Suggestion:
    """The suggestion where `|` stands."""
    return suggest(marked.replace("|", ""), marked.index("|"), ISSUE_KEYS)


CASES = [
    ("|", "key", "", "", "is:"),
    ("is:unresolved lev|", "key", "", "lev", "level:"),
    ("is:unresolved !lev|", "key", "", "lev", "level:"),
    ("(browser:x OR tit|", "key", "", "tit", "title:"),
    ("times_|", "key", "", "times_", "timesSeen:"),
    ("is:un|", "value", "is", "un", "unresolved"),
    ("level:w|", "value", "level", "w", "warning"),
    ("level:[error, w|", "value", "level", "w", "warning"),
    ("age:|", "value", "firstSeen", "", "-1h"),
    ("assigned:m|", "value", "assigned", "m", "me"),
    ("release:l|", "value", "release", "l", "latest"),
    ("error.handled:t|", "value", "error.handled", "t", "true"),
    ("has:user.e|", "value", "has", "user.e", "user.email"),
    ('"a b" le|', "key", "", "le", "level:"),
    ('customer:"a b|', "value", "customer", "a b", None),
    ("tags[x]:y|", "value", "x", "y", None),
]


@pytest.mark.parametrize(("marked", "kind", "key", "prefix", "first"), CASES)
def test_completion_knows_what_is_being_written(
    marked: str, kind: str, key: str, prefix: str, first: str | None
) -> None:
    found = at_mark(marked)
    assert (found.kind, found.key, found.prefix) == (kind, key, prefix)
    assert (found.candidates[0].text if found.candidates else None) == first


def test_the_range_to_replace_ends_at_the_cursor() -> None:
    found = at_mark("a:b level:[error, wa|rning]")
    assert (found.start, found.end) == (18, 20)


@pytest.mark.parametrize("cursor", [-5, 0, 3, 99])
def test_a_cursor_outside_the_query_is_moved_inside(cursor: int) -> None:
    assert 0 <= suggest("abc", cursor, ISSUE_KEYS).end <= 3
