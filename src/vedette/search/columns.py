"""What a table or a series is asked to show: fields, functions, equations, read from their text.

    column   := name | tags[name] | tags[name,type] | function(argument, …) | equation|sum
    sum      := product (("+" | "-") product)*
    product  := factor (("*" | "/") factor)*
    factor   := number | column | "(" sum ")" | "-" factor

Knows nothing of which fields and functions there are.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vedette.search.syntax import Key

MAX_CHARACTERS = 1000
MAX_DEPTH = 20
MAX_OPERATORS = 40
EQUATION = "equation|"

_NAME = re.compile(r"[A-Za-z0-9_@$#][A-Za-z0-9_.\-:/@$#]{0,199}\Z")
_BOXED = re.compile(
    r"""(?P<box>tags|flags)\[\s*(?:"(?P<quoted>[^"\\]{1,200})"|(?P<name>[^\]",]{1,200}?))\s*
        (?:,\s*(?P<type>number|string|boolean)\s*)?\]\Z
    """,
    re.VERBOSE,
)
_CALL = re.compile(r"([a-z][a-z0-9_]{0,49})\((.*)\)\Z", re.DOTALL)
_ARGUMENT = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|((?:tags|flags)\[[^\]]*\]|[^,"()]*))\s*(,|\Z)')
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?")
_WORD = re.compile(
    r"(?:tags|flags)\[[^\]]*\]|[A-Za-z_][A-Za-z0-9_.:]*(?:\((?:\"(?:[^\"\\]|\\.)*\"|[^()\"])*\))?"
)
_SPACE = re.compile(r"\s*")


class ColumnError(ValueError):
    """A column that cannot be read; the text is ready for the caller."""


@dataclass(frozen=True, slots=True)
class Call:
    """`p95(span.duration)`: a function of rows, with its arguments as written."""

    name: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({','.join(self.arguments)})"


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Operation:
    op: Literal["+", "-", "*", "/"]
    left: "Term"
    right: "Term"


Term: TypeAlias = Key | Call | Number | Operation


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its text, which is also its name in the answer, and what it is made of."""

    text: str
    term: Term

    @property
    def is_equation(self) -> bool:
        return self.text.startswith(EQUATION)


def read_column(text: str) -> Column:
    """Raises `ColumnError`."""
    if len(text) > MAX_CHARACTERS:
        raise ColumnError(f"a field has {len(text)} characters, the limit is {MAX_CHARACTERS}")
    if text.startswith(EQUATION):
        return Column(text, _Equation(text.removeprefix(EQUATION)).read())
    return Column(text, read_term(text.strip()))


def read_term(text: str) -> Key | Call:
    """A field or a function standing by itself. Raises `ColumnError`."""
    boxed = _BOXED.match(text)
    if boxed:
        name = boxed["quoted"] or boxed["name"]
        return Key(name, "flags" if boxed["box"] == "flags" else "tags", boxed["type"] or "")
    call = _CALL.match(text)
    if call:
        return Call(call[1], _arguments(text, call[2]))
    if not _NAME.match(text):
        raise ColumnError(f"Invalid field: {text[:100]!r} is neither a field nor a function")
    return Key(text)


def _arguments(text: str, inside: str) -> tuple[str, ...]:
    if not inside.strip():
        return ()
    found: list[str] = []
    at = 0
    while True:
        match = _ARGUMENT.match(inside, at)
        if match is None:
            raise ColumnError(f"Invalid function: the arguments of {text[:100]!r} cannot be read")
        quoted = match[1]
        found.append(match[2].strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = match.end()
        if not match[3]:
            return tuple(found)


class _Equation:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0
        self.operators = 0

    def read(self) -> Term:
        term = self.sum()
        if self.at < len(self.source):
            raise self.error("an operator is missing")
        if not self.operators:
            raise ColumnError("Invalid equation: it has no operator")
        return term

    def sum(self) -> Term:
        term = self.product()
        while op := self.taken("+-"):
            term = self.operation("+" if op == "+" else "-", term, self.product())
        return term

    def product(self) -> Term:
        term = self.factor()
        while op := self.taken("*/"):
            term = self.operation("*" if op == "*" else "/", term, self.factor())
        return term

    def operation(self, op: Literal["+", "-", "*", "/"], left: Term, right: Term) -> Term:
        self.operators += 1
        if self.operators > MAX_OPERATORS:
            raise ColumnError(f"Invalid equation: more than {MAX_OPERATORS} operators")
        return Operation(op, left, right)

    def factor(self) -> Term:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ColumnError(f"Invalid equation: more than {MAX_DEPTH} levels")
        term = self.atom()
        self.depth -= 1
        return term

    def atom(self) -> Term:
        if self.taken("("):
            term = self.sum()
            if not self.taken(")"):
                raise self.error('")" is missing')
            return term
        if self.taken("-"):
            return Operation("-", Number(0), self.factor())
        for pattern in (_NUMBER, _WORD):
            match = pattern.match(self.source, self.at)
            if match:
                self.at = match.end()
                self.skip_space()
                return Number(float(match[0])) if pattern is _NUMBER else read_term(match[0])
        raise self.error("a number, a field or a function is missing")

    def taken(self, chars: str) -> str:
        """The character here, if it is one of these; the place moves behind it and spaces."""
        self.skip_space()
        char = self.source[self.at : self.at + 1]
        if not char or char not in chars:
            return ""
        self.at += 1
        self.skip_space()
        return char

    def skip_space(self) -> None:
        match = _SPACE.match(self.source, self.at)
        self.at = match.end() if match else self.at

    def error(self, reason: str) -> ColumnError:
        return ColumnError(f"Invalid equation: {reason} (at character {self.at + 1})")
