"""The search language, case by case, and by machine."""

import pytest
from hypothesis import given

from tests.support.examples import tries
from tests.unit.search.samples import queries, sources
from vedette.search.error import SearchError
from vedette.search.parse import MAX_CHARACTERS, MAX_DEPTH, MAX_LIST, MAX_TERMS, parse
from vedette.search.syntax import Filter, Has, Is, Key, Phrase, Query
from vedette.search.text import Text
from vedette.search.tree import AllOf, all_of, any_of, leaves
from vedette.search.write import write

KNOWN = {"level", "message", "release"}


def read(query: str) -> Query:
    return parse(query, KNOWN.__contains__)


def text(*parts: str) -> Text:
    return Text(parts)


def eq(name: str, *parts: str, negated: bool = False) -> Filter:
    return Filter(Key(name), (Text(parts),), negated=negated)


def phrase(*parts: str) -> Phrase:
    return Phrase(Text(parts))


CASES: list[tuple[str, Query]] = [
    ("", AllOf(())),
    (" \n\t", AllOf(())),
    ("level:error", eq("level", "error")),
    ("level:error\n", eq("level", "error")),
    ("!level:error", eq("level", "error", negated=True)),
    ("level:!=error", eq("level", "error", negated=True)),
    ("!level:!=error", eq("level", "error")),
    ("level:=error", eq("level", "error")),
    ("a:>5", Filter(Key("a"), (text("5"),), ">")),
    ("a:<=1.5s", Filter(Key("a"), (text("1.5s"),), "<=")),
    ("a:-24h", eq("a", "-24h")),
    ("a:[b, c]", Filter(Key("a"), (text("b"), text("c")), listed=True)),
    ('a:[b,"c, ]d"]', Filter(Key("a"), (text("b"), text("c, ]d")), listed=True)),
    ("!a:[b]", Filter(Key("a"), (text("b"),), negated=True, listed=True)),
    ("a:=[b]", Filter(Key("a"), (text("b"),), listed=True)),
    ("is:unresolved", Is("unresolved")),
    ("!is:Resolved", Is("resolved", negated=True)),
    ("has:user.email", Has(Key("user.email"))),
    ("!has:user.email", Has(Key("user.email"), negated=True)),
    ("has:tags[xy]", Has(Key("xy", "tags"))),
    ('a:""', Has(Key("a"), negated=True)),
    ('!a:""', Has(Key("a"))),
    ('a:!=""', Has(Key("a"))),
    ("tags[a:b]:c", Filter(Key("a:b", "tags"), (text("c"),))),
    ('tags["a b"]:c', Filter(Key("a b", "tags"), (text("c"),))),
    ("tags[n, number]:>5", Filter(Key("n", "tags", "number"), (text("5"),), ">")),
    ('flags["x"]:true', Filter(Key("x", "flags"), (text("true"),))),
    ("flags[x]:true", Filter(Key("x", "flags"), (text("true"),))),
    ('"my key":v', eq("my key", "v")),
    ("p95(span.duration):>1s", Filter(Key("p95", args=("span.duration",)), (text("1s"),), ">")),
    ("count():2", Filter(Key("count", args=()), (text("2"),))),
    # wildcards and escapes
    ("a:b*c", eq("a", "b", "c")),
    ("a:*b*", eq("a", "", "b", "")),
    ("a:**", eq("a", "", "")),
    ("a:b**c", eq("a", "b", "c")),
    (r"a:b\*c", eq("a", "b*c")),
    (r"a:b\\*c", eq("a", "b\\", "c")),
    (r'a:"b \* \" c*"', eq("a", 'b * " c', "")),
    (r'a:"C:\dir\file"', eq("a", r"C:\dir\file")),
    (r'a:"C:\dir\\"', eq("a", "C:\\dir\\")),
    (r"a:C:\dir" + "\\", eq("a", "C:\\dir\\")),
    ('a:b"c', eq("a", 'b"c')),
    ("a:http://x/y?z=1", eq("a", "http://x/y?z=1")),
    ("a:f(x)", eq("a", "f(x)")),
    # boolean mixtures
    ("a:b c:d", all_of([eq("a", "b"), eq("c", "d")])),
    ("a:b AND c:d", all_of([eq("a", "b"), eq("c", "d")])),
    ("a:b or c:d", any_of([eq("a", "b"), eq("c", "d")])),
    ("a:1 OR b:2 c:3", any_of([eq("a", "1"), all_of([eq("b", "2"), eq("c", "3")])])),
    ("(a:1 OR b:2) c:3", all_of([any_of([eq("a", "1"), eq("b", "2")]), eq("c", "3")])),
    ("((a:1))", eq("a", "1")),
    ("(a:1)OR(b:2)", any_of([eq("a", "1"), eq("b", "2")])),
    ("(a:1 (b:2 c:3))", all_of([eq("a", "1"), eq("b", "2"), eq("c", "3")])),
    # free text
    ("foo bar", phrase("foo bar")),
    ("foo  level:error bar", all_of([phrase("foo bar"), eq("level", "error")])),
    ("foo AND bar", all_of([phrase("foo"), phrase("bar")])),
    ("foo OR bar", any_of([phrase("foo"), phrase("bar")])),
    ('"foo bar" baz', all_of([phrase("foo bar"), phrase("baz")])),
    ('""', AllOf(())),
    ("fo*o", phrase("fo", "o")),
    ("TypeError: x is null", phrase("TypeError: x is null")),
    ("at 12:30 o'clock", phrase("at 12:30 o'clock")),
    ("https://a.b/c", phrase("https://a.b/c")),
    ("f(a, b) failed", phrase("f(a, b) failed")),
    ("null (evaluating x)", all_of([phrase("null"), phrase("evaluating x")])),
    ("!important", phrase("!important")),
    ("android orange", phrase("android orange")),
]


@pytest.mark.parametrize(("query", "tree"), CASES)
def test_a_query_reads_as_its_tree(query: str, tree: Query) -> None:
    assert read(query) == tree


@pytest.mark.parametrize(("query", "_tree"), CASES)
def test_a_written_query_reads_as_the_same_tree(query: str, _tree: Query) -> None:
    assert read(write(read(query))) == read(query)


ERRORS = [
    ("level: error", 6, "level: has no value"),
    ("level:", 6, "level: has no value"),
    ("a:>", 3, "a: has no value"),
    ("is:", 3, "is: has no value"),
    ("is:[a]", 3, "is: takes one word"),
    ("is:a*", 3, "is: takes one plain word"),
    ("has:", 4, "has: needs the name"),
    ("has:a:b", 5, "a space is missing"),
    ('a:"b', 2, "quote is never closed"),
    ('a:"b"c', 5, "a space is missing"),
    ('"b', 0, "quote is never closed"),
    ("a:[b", 2, '"[" is never closed'),
    ("a:[]", 3, "a list needs a value"),
    ("a:[b,]", 5, "a list needs a value"),
    ("a:[b c]", 5, "a comma is missing"),
    ("a:[b]c", 5, "a space is missing"),
    ("(a:b", 0, '"(" is never closed'),
    ("()", 1, "empty parentheses"),
    ("a:b)", 3, '")" without "("'),
    ("!(a:b)", 0, "only single filters"),
    ("OR a:b", 0, "OR needs a term before"),
    ("a:b OR", 6, "OR needs a term after"),
    ("a:b OR OR c:d", 7, "OR needs a term before"),
    ("AND a:b", 0, "AND needs a term before"),
    ("a:b AND", 7, "AND needs a term after"),
    ("a:b AND OR c:d", 8, "AND needs a term after"),
    ("a\0b", 1, "NUL"),
]


@pytest.mark.parametrize(("query", "position", "reason"), ERRORS)
def test_an_unreadable_query_is_refused_with_place_and_reason(query: str, position: int, reason: str) -> None:
    with pytest.raises(SearchError) as raised:
        read(query)
    assert (raised.value.position, reason in raised.value.reason) == (position, True), raised.value
    assert str(raised.value).startswith("Error parsing search query: ")
    assert str(raised.value).endswith(f"(at character {position + 1})")


@pytest.mark.parametrize(
    "query",
    [
        "x" * (MAX_CHARACTERS + 1),
        "a " * (MAX_TERMS + 1),
        "(" * (MAX_DEPTH + 1),
        "a:[" + "b," * MAX_LIST + "b]",
    ],
)
def test_a_query_beyond_a_limit_is_refused(query: str) -> None:
    with pytest.raises(SearchError, match=r"limit|more than"):
        read(query)


@pytest.mark.parametrize(
    "unit",
    [
        "\\",
        '"',
        "(",
        ")",
        "[",
        "*",
        "\\*",
        "a:",
        "a:[",
        '"\\',
        "!",
        "tags[",
        "tags[a,",
        " ",
        ":",
        "f(",
        ",",
        "é",
    ],
)
def test_hostile_repetition_is_read_or_refused_quickly(unit: str) -> None:
    for head in ("", "a:", 'a:"', "a:[", "("):
        query = head + unit * ((MAX_CHARACTERS - len(head)) // len(unit))
        try:
            assert len(list(leaves(read(query)))) <= MAX_TERMS
        except SearchError as error:
            assert 0 <= error.position <= len(query)


@given(queries)
@tries(300)
def test_every_tree_survives_being_written_and_read(tree: Query) -> None:
    assert read(write(tree)) == tree


@given(sources)
@tries(500)
def test_any_text_is_read_or_refused_and_what_is_read_can_be_written(source: str) -> None:
    try:
        tree = read(source)
    except SearchError as error:
        assert 0 <= error.position <= len(source)
        return
    assert read(write(tree)) == tree
