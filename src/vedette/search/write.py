"""Syntax tree to text: the canonical way to write a query. `parse` reads it back as the same tree."""

import re

from vedette.search.parse import KEY
from vedette.search.syntax import Filter, Has, Is, Key, Phrase, Query, Term
from vedette.search.text import Text, write_quoted, write_value
from vedette.search.tree import AllOf, AnyOf

_BARE_WORDS = re.compile(r"[A-Za-z0-9_'.,;/-]+(?: [A-Za-z0-9_'.,;/-]+)*\Z")
_JOINERS = {"AND", "and", "OR", "or"}


def write(query: Query) -> str:
    """The query's text; empty for everything."""
    if isinstance(query, AnyOf):
        return " OR ".join(write(item) for item in query.items)
    if isinstance(query, AllOf):
        return _conjunction(query.items)
    return _term(query, bare=True)


def _conjunction(items: tuple[Query, ...]) -> str:
    """Bare words would run together, so that only the first phrase may stand without quotes."""
    written: list[str] = []
    bare = True
    for item in items:
        if isinstance(item, AnyOf):
            written.append(f"({write(item)})")
        elif isinstance(item, AllOf):
            written.append(_conjunction(item.items))
        else:
            written.append(_term(item, bare=bare))
            bare = bare and not isinstance(item, Phrase)
    return " ".join(written)


def _term(term: Term, *, bare: bool) -> str:
    if isinstance(term, Phrase):
        return _phrase(term.text, bare=bare)
    mark = "!" if term.negated else ""
    if isinstance(term, Has):
        return f"{mark}has:{write_key(term.key)}"
    if isinstance(term, Is):
        return f"{mark}is:{write_value(Text((term.word,)))}"
    return f"{mark}{write_key(term.key)}:{_values(term)}"


def _values(term: Filter) -> str:
    if term.listed:
        return "[" + ", ".join(write_value(value) for value in term.values) + "]"
    return ("" if term.op == "=" else term.op) + write_value(term.values[0])


def _phrase(text: Text, *, bare: bool) -> str:
    word = text.exact
    if not bare or word is None or not _BARE_WORDS.match(word) or _JOINERS & set(word.split(" ")):
        return write_quoted(text)
    return word


def write_key(key: Key) -> str:
    """The key as it stands before the colon."""
    if key.box:
        kind = f",{key.type}" if key.type else ""
        return f'{key.box}["{key.name}"{kind}]' if key.box == "flags" else f"tags[{_boxed(key.name)}{kind}]"
    if key.args is not None:
        return f"{key.name}({', '.join(key.args)})"
    match = KEY.fullmatch(key.name)
    plain = match and match["name"] and match["args"] is None and any(char.isalpha() for char in key.name)
    return key.name if plain else f'"{key.name}"'


def _boxed(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_.:\-]+", name) else f'"{name}"'
