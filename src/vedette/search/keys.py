"""What a key is: where its values live, of what type they are, which operators it takes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from vedette.search.syntax import Key


class Kind(Enum):
    """Where the values of a key live."""

    ISSUE = "issue"  # one value per issue, in records
    COLUMN = "column"  # one value per event
    ARRAY = "array"  # many values per event; one that matches is enough
    TAG = "tag"  # the event's tags; also those columns that the key names
    FUNCTION = "function"  # one value per group of rows


class Type(Enum):
    """What the values of a key are; decides how words are read and which operators there are."""

    TEXT = "text"
    CHOICE = "choice"
    ACTOR = "actor"  # me, none, my_teams, #team, e-mail, username
    VERSION = "version"
    NUMBER = "number"
    DATE = "date"
    DURATION = "duration"
    SIZE = "size"
    PERCENT = "percent"
    BOOLEAN = "boolean"


ORDERED = frozenset({Type.NUMBER, Type.DATE, Type.DURATION, Type.SIZE, Type.PERCENT, Type.VERSION})


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One key. `columns` are those of the events table (several: any of them may match).

    A key of kind ISSUE may have columns too: they serve searches among single events.
    `suffix` keys also match the end of a path.
    """

    name: str
    kind: Kind
    type: Type = Type.TEXT
    columns: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    suffix: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class IsWord:
    """`is:word` said with a key."""

    key: str
    value: str
    negated: bool = False


@dataclass(frozen=True)
class KeyTable:
    """The keys of one kind of search. A name it does not know is a tag.

    `elsewhere`: keys of another kind of search, refused here rather than taken for tags.
    `derived`: knows keys that are too many to list, functions among them; None for the others.
    """

    specs: tuple[KeySpec, ...]
    is_words: Mapping[str, IsWord]
    phrase: KeySpec
    elsewhere: frozenset[str] = frozenset()
    derived: Callable[[Key], KeySpec | None] = lambda _: None
    by_name: Mapping[str, KeySpec] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", dict(_named(self.specs)))

    def knows(self, name: str) -> bool:
        return name in self.by_name or name.lower() in self.by_name

    def spec(self, key: Key) -> KeySpec | None:
        """The key's spec, a tag's where nothing else has that name; None for unknown functions."""
        if key.box:
            return _boxed(key)
        listed = self.by_name.get(key.name) or self.by_name.get(key.name.lower())
        if listed and key.args is None:
            return listed
        derived = self.derived(key)
        return derived or (None if key.args is not None else tag_spec(key.name))


def tag_spec(name: str) -> KeySpec:
    return KeySpec(name, Kind.TAG)


def _boxed(key: Key) -> KeySpec:
    """A tag by its plain name, whatever else has that name; a feature flag is the tag `flags.NAME`."""
    types = {"number": Type.NUMBER, "boolean": Type.BOOLEAN}
    name = f"flags.{key.name}" if key.box == "flags" else key.name
    return KeySpec(name, Kind.TAG, types.get(key.type, Type.TEXT))


def _named(specs: Iterable[KeySpec]) -> Iterable[tuple[str, KeySpec]]:
    for spec in specs:
        for name in (spec.name, *spec.aliases):
            yield name, spec
            if name != name.lower():
                yield name.lower(), spec
