"""Generated queries, as trees and as text, for the tests and the fuzz program."""

from hypothesis import strategies as st

from vedette.search.syntax import Filter, Has, Is, Key, Op, Phrase, Query, Term
from vedette.search.text import Text, text_of
from vedette.search.tree import all_of, any_of

_OPS: tuple[Op, ...] = ("=", ">", ">=", "<", "<=")
_LETTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
_WORDS = st.sampled_from(
    ["a", "or", "AND", "x y", "C:\\dir\\", 'say "hi"', "*", "[", "[a]", ")", "(b)", ">=1", "é"]
)
_PIECE = st.one_of(_WORDS, st.text(_LETTERS, max_size=8))

names = st.one_of(
    st.from_regex(r"[A-Za-z][A-Za-z0-9_.\-]{0,8}", fullmatch=True).filter(
        lambda name: name not in ("has", "is")
    ),
    st.text(_LETTERS.filter(lambda char: char not in '"\\'), min_size=1, max_size=6),
)
texts = st.lists(_PIECE, min_size=1, max_size=3).map(text_of)


def _filled(text: Text) -> bool:
    return not text.empty


def _boxed(name: str) -> bool:
    return not name.isspace()


keys: st.SearchStrategy[Key] = st.one_of(
    names.filter(lambda name: name not in ("has", "is")).map(Key),
    st.builds(Key, names.filter(_boxed), st.just("tags"), st.sampled_from(["", "number"])),
    st.builds(Key, names.filter(_boxed), st.just("flags")),
)
filters: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Filter, keys, st.tuples(texts.filter(_filled)), st.sampled_from(_OPS), st.booleans()),
    st.builds(
        Filter,
        keys,
        st.lists(texts, min_size=1, max_size=3).map(tuple),
        st.just("="),
        st.booleans(),
        st.just(True),
    ),
)
terms: st.SearchStrategy[Term] = st.one_of(
    filters,
    st.builds(Has, keys, st.booleans()),
    st.builds(Is, st.sampled_from(["unresolved", "new", "no such word"]), st.booleans()),
    st.builds(Phrase, texts.filter(_filled)),
)
queries: st.SearchStrategy[Query] = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(all_of),
        st.lists(inner, min_size=2, max_size=3).map(any_of),
    ),
    max_leaves=6,
)

_FRAGMENTS = [
    "level:",
    "is:",
    "has:",
    "!",
    '"',
    "\\",
    "*",
    "(",
    ")",
    "[",
    "]",
    ",",
    " ",
    "OR",
    "AND",
    ":",
    ">",
    "=",
    "tags[x]",
]
sources = st.one_of(
    st.text(max_size=40),
    st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.text(max_size=3)), max_size=15).map("".join),
)
