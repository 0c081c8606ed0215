"""Text to syntax tree, in one pass.

    query := term ((AND | OR | space) term)*      AND, also as a space, binds tighter than OR
    term  := "(" query ")" | ["!"] key ":" [op] value | free text
    value := word | "quoted" | [value, value]

Whatever the text, work and memory are linear in its length, which is limited, and the
depth of recursion is limited too.
"""

import re
from collections.abc import Callable

from vedette.search.error import SearchError
from vedette.search.syntax import Box, Filter, Has, Is, Key, Op, Phrase, Query, Term
from vedette.search.text import Text, join, read_quoted, read_word
from vedette.search.tree import AllOf, all_of, any_of

MAX_CHARACTERS = 8192
MAX_TERMS = 200
MAX_LIST = 500
MAX_DEPTH = 20

KEY = re.compile(
    r"""(?P<name>[A-Za-z0-9_.\-]{1,200})(?:\((?P<args>[^()"]{0,200})\))?
      | "(?P<quoted>[^"\\]{1,200})"
    """,
    re.VERBOSE,
)
_BOXED = re.compile(
    r"""(?P<box>tags|flags)\[\s*(?:"(?P<quoted>[^"\\]{1,200})"|(?P<name>[^\]",\s]{1,200}))\s*
        (?:,\s*(?P<type>number|string|boolean)\s*)?\]
    """,
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")
_JOINER = re.compile(r"(AND|and|OR|or)(?=[\s()]|\Z)")
_OP = re.compile(r">=|<=|!=|>|<|=")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_LIST_WORD = re.compile(r"[^\s,\[\]\"][^\s,\]\"]*")
_BREAK = re.compile(r"[\s()]")


def parse(query: str, is_known: Callable[[str], bool] = lambda _: False) -> Query:
    """The query as a tree; of nothing but spaces: everything.

    `is_known` tells keys that exist from words that end in a colon: `level: x` is a
    mistake to report, `TypeError: x` is free text.

    Raises `SearchError`.
    """
    if len(query) > MAX_CHARACTERS:
        raise SearchError(f"the query has {len(query)} characters, the limit is {MAX_CHARACTERS}", 0)
    if (nul := query.find("\0")) >= 0:
        raise SearchError("a NUL character cannot be searched for", nul)
    return _Parser(query, is_known).query()


def parse_key(text: str) -> Key | None:
    """A key standing by itself, as after `has:`; None if it is none."""
    match = _BOXED.fullmatch(text) or KEY.fullmatch(text)
    return _key(match) if match else None


def _key(match: re.Match[str]) -> Key:
    groups = match.groupdict()
    box: Box = "tags" if groups.get("box") == "tags" else "flags" if groups.get("box") else ""
    args = groups.get("args")
    return Key(
        name=groups["quoted"] or groups["name"],
        box=box,
        type=groups.get("type") or "",
        args=None if args is None else tuple(part.strip() for part in args.split(",") if part.strip()),
    )


class _Group:
    """Terms between two ORs. Bare words wait until the run of spaces-only is over."""

    def __init__(self) -> None:
        self.items: list[Query] = []
        self.words: list[Text] = []
        self.words_at = (0, 0)  # where in `items` the phrase goes, where in the text it began
        self.terms = 0

    def add(self, item: Query) -> None:
        self.terms += 1
        self.items.append(item)

    def add_word(self, word: Text, at: int) -> None:
        self.terms += 1
        if not self.words:
            self.words_at = (len(self.items), at)
        self.words.append(word)

    def end_phrase(self) -> None:
        if self.words:
            index, at = self.words_at
            self.items.insert(index, Phrase(join(self.words), at))
            self.words = []

    def tree(self) -> Query:
        self.end_phrase()
        return all_of(self.items)


class _Parser:
    def __init__(self, source: str, is_known: Callable[[str], bool]) -> None:
        self.source = source
        self.is_known = is_known
        self.at = 0
        self.depth = 0
        self.terms = 0

    def query(self) -> Query:
        tree = self.alternatives()
        if self.at < len(self.source):
            raise self.error('")" without "("; quote the value if it belongs to it')
        return tree

    def alternatives(self) -> Query:
        """Groups joined by OR, up to the end or an unmatched `)`."""
        groups = [self.group()]
        while self.joiner() == "or":
            if not groups[-1].terms:
                raise self.error("OR needs a term before it")
            self.skip_joiner()
            groups.append(self.group())
        if len(groups) > 1 and not groups[-1].terms:
            raise self.error("OR needs a term after it")
        return any_of(group.tree() for group in groups)

    def group(self) -> _Group:
        group = _Group()
        while not self.at_end():
            joiner = self.joiner()
            if joiner == "or":
                break
            if joiner == "and":
                self.conjunction(group)
            else:
                self.term(group)
        return group

    def conjunction(self, group: _Group) -> None:
        if not group.terms:
            raise self.error("AND needs a term before it")
        self.skip_joiner()
        group.end_phrase()
        if self.at_end() or self.joiner():
            raise self.error("AND needs a term after it")

    def term(self, group: _Group) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise self.error(f"more than {MAX_TERMS} terms")
        if self.source[self.at] == "(":
            group.add(self.parenthesis())
        elif item := self.filter():
            group.add(item)
        elif self.source[self.at] == '"':
            self.quoted_phrase(group)
        elif self.source.startswith("!(", self.at):
            raise self.error("only single filters can be negated, not parentheses")
        else:
            at = self.at
            group.add_word(read_word(self.word(free=True)), at)

    def quoted_phrase(self, group: _Group) -> None:
        at = self.at
        text = self.quoted()
        group.add(AllOf(()) if text.empty else Phrase(text, at))

    def parenthesis(self) -> Query:
        opened = self.at
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} parentheses inside each other")
        self.at += 1
        if self.at_end():
            raise self.error("empty parentheses") if self.at < len(self.source) else self.unclosed(opened)
        tree = self.alternatives()
        if self.at >= len(self.source):
            raise self.unclosed(opened)
        self.at += 1
        self.depth -= 1
        return tree

    def unclosed(self, opened: int) -> SearchError:
        return SearchError('"(" is never closed; quote it if it is meant as text', opened)

    # -- filters

    def filter(self) -> Term | None:
        """The filter that begins here, or None if these characters are free text."""
        start = self.at
        negated = self.source[start] == "!"
        match = self.key_at(start + negated)
        if match is None:
            return None
        key, value_at = _key(match), match.end() + 1
        if not match["quoted"] and self.is_text(key, value_at):
            return None
        self.at = value_at
        if key == Key("has"):
            return self.has(start, negated)
        if key == Key("is"):
            return Is(self.is_word(), negated, start)
        return self.comparison(key, start, negated)

    def key_at(self, at: int) -> re.Match[str] | None:
        match = _BOXED.match(self.source, at) or KEY.match(self.source, at)
        return match if match and self.source.startswith(":", match.end()) else None

    def is_text(self, key: Key, value_at: int) -> bool:
        """`12:30`, `https://…` and, unless the key is known, `Word: more` are no filters."""
        if key.box or key.args is not None:
            return False
        if not any(char.isalpha() for char in key.name) or self.source.startswith("//", value_at):
            return True
        bare = value_at >= len(self.source) or self.source[value_at].isspace() or self.source[value_at] == ")"
        return bare and key.name not in ("is", "has") and not self.is_known(key.name)

    def has(self, start: int, negated: bool) -> Has:
        match = _BOXED.match(self.source, self.at) or KEY.match(self.source, self.at)
        if match is None:
            raise self.error("has: needs the name of a key, as in has:user.email")
        self.at = match.end()
        self.end_of_value()
        return Has(_key(match), negated, start)

    def is_word(self) -> str:
        at = self.at
        if self.source.startswith("[", at):
            raise self.error("is: takes one word, not a list")
        text = self.value("is")
        word = text.exact
        if word is None or not word:
            raise SearchError("is: takes one plain word, as in is:unresolved", at)
        return word.lower()

    def comparison(self, key: Key, start: int, negated: bool) -> Term:
        found = _OP.match(self.source, self.at)
        written = found[0] if found else "="
        self.at = found.end() if found else self.at
        value_at = self.at
        if written == "!=":
            negated = not negated
        op = _OPS[written]
        if op == "=" and self.source.startswith("[", value_at):
            return Filter(key, self.list(), "=", negated, True, start, value_at)
        if op == "=" and self.source.startswith('""', value_at):
            self.at += 2
            self.end_of_value()
            return Has(key, not negated, start)
        return Filter(key, (self.value(key.name),), op, negated, False, start, value_at)

    # -- values

    def value(self, name: str) -> Text:
        if self.source.startswith('"', self.at):
            text = self.quoted()
            self.end_of_value()
            return text
        raw = self.word(free=False)
        if not raw:
            raise self.error(f'{name}: has no value; {name}:"" finds what has none')
        return read_word(raw)

    def word(self, *, free: bool) -> str:
        """Characters up to a space or a `)` that closes nothing inside.

        Outside parentheses free text keeps such a `)`, as in `f(a, b) failed`.
        """
        start, balance = self.at, 0
        for match in _BREAK.finditer(self.source, start):
            char = match[0]
            if char == "(":
                balance += 1
            elif char == ")" and balance:
                balance -= 1
            elif char != ")" or not free or self.depth or match.start() == start:
                self.at = match.start()
                break
        else:
            self.at = len(self.source)
        return self.source[start : self.at]

    def quoted(self) -> Text:
        match = _QUOTED.match(self.source, self.at)
        if match is None:
            raise self.error('quote is never closed; write \\" for a quote inside quotes')
        self.at = match.end()
        return read_quoted(match[1])

    def list(self) -> tuple[Text, ...]:
        opened = self.at
        self.at += 1
        values = [self.list_value(opened)]
        while self.source[self.at] == ",":
            self.at += 1
            if len(values) >= MAX_LIST:
                raise self.error(f"more than {MAX_LIST} values in a list")
            values.append(self.list_value(opened))
        self.at += 1
        self.end_of_value()
        return tuple(values)

    def list_value(self, opened: int) -> Text:
        """One value, leaving the position at the `,` or `]` after it."""
        self.skip_space()
        if self.source.startswith('"', self.at):
            text = self.quoted()
        elif match := _LIST_WORD.match(self.source, self.at):
            self.at = match.end()
            text = read_word(match[0])
        else:
            raise self.list_error(opened, "a list needs a value between its commas, as in key:[a, b]")
        self.skip_space()
        if not self.source.startswith((",", "]"), self.at):
            raise self.list_error(opened, 'a comma is missing in the list; quote values with spaces or "["')
        return text

    def list_error(self, opened: int, reason: str) -> SearchError:
        if self.at >= len(self.source):
            return SearchError('"[" is never closed; quote the value if it is meant as text', opened)
        return self.error(reason)

    # -- places

    def at_end(self) -> bool:
        self.skip_space()
        return self.at >= len(self.source) or self.source[self.at] == ")"

    def joiner(self) -> str:
        """`and`, `or`, or empty if something else comes next."""
        self.skip_space()
        match = _JOINER.match(self.source, self.at)
        return match[0].lower() if match else ""

    def skip_joiner(self) -> None:
        match = _JOINER.match(self.source, self.at)
        self.at = match.end() if match else self.at

    def skip_space(self) -> None:
        match = _SPACE.match(self.source, self.at)
        self.at = match.end() if match else self.at

    def end_of_value(self) -> None:
        if self.at < len(self.source) and not self.source[self.at].isspace() and self.source[self.at] != ")":
            raise self.error("a space is missing here")

    def error(self, reason: str) -> SearchError:
        return SearchError(reason, min(self.at, len(self.source)))


_OPS: dict[str, Op] = {"=": "=", "!=": "=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
