"""What a query says, before anybody asks what its keys mean."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from vedette.search.text import Text
from vedette.search.tree import Tree

Op = Literal["=", ">", ">=", "<", "<="]
Box = Literal["", "tags", "flags"]


@dataclass(frozen=True, slots=True)
class Key:
    """`name`, `tags[name]`, `tags[name,number]`, `flags["name"]` or `name(args)`."""

    name: str
    box: Box = ""
    type: str = ""  # the second word in `tags[name,number]`
    args: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """`key:op value` or `key:[value, value]`, any of them."""

    key: Key
    values: tuple[Text, ...]
    op: Op = "="
    negated: bool = False
    listed: bool = False
    at: int = field(default=0, compare=False)
    value_at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Has:
    """`has:key`, also written `!key:""`."""

    key: Key
    negated: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Is:
    """`is:word`; the word in lower case."""

    word: str
    negated: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Free text, to be found anywhere in what a person would read."""

    text: Text
    at: int = field(default=0, compare=False)


Term: TypeAlias = Filter | Has | Is | Phrase
Query: TypeAlias = Tree[Term]
