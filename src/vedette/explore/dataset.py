"""What can be explored: a table of telemetry, its fields, and where everything else is looked up.

A feature describes its table with a `Dataset`; this floor asks about it. SQL in here is the
feature's own, over columns of its table, never a request's.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from vedette.search.conditions import Condition, Test
from vedette.search.keys import KeySpec, Kind, Type
from vedette.storage.telemetry.expressions import Parameters

ValueType = Literal[
    "string", "integer", "number", "duration", "size", "percentage", "boolean", "date", "array"
]
Form = Literal["plain", "uuid", "span_id", "project", "issue"]

UNITS: Mapping[str, str] = {"duration": "millisecond", "size": "byte"}
SEARCH_TYPES: Mapping[ValueType, Type] = {
    "integer": Type.NUMBER,
    "number": Type.NUMBER,
    "duration": Type.DURATION,
    "size": Type.SIZE,
    "percentage": Type.PERCENT,
    "boolean": Type.BOOLEAN,
    "date": Type.DATE,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `sql`: its value; durations are milliseconds, sizes bytes, times `DateTime64`.

    `form` says what the SQL is where that is not the value itself: a UUID or a 64-bit id that is
    hex outside, the number of a project shown as its slug, a group hash shown as its issue.
    `distinct`: a cheaper expression that differs where values do, 0 for none. `lowered`: the
    values are in lower case already. `optional`: an empty text is shown as null.
    """

    name: str
    sql: str
    type: ValueType = "string"
    form: Form = "plain"
    unit: str | None = None
    aliases: tuple[str, ...] = ()
    distinct: str = ""
    lowered: bool = False
    optional: bool = False
    about: str = ""

    @property
    def shown_unit(self) -> str | None:
        return self.unit or UNITS.get(self.type)

    @property
    def is_number(self) -> bool:
        return self.type in ("integer", "number", "duration", "size", "percentage")

    def key(self) -> KeySpec:
        """The field as a key of searches."""
        kind = Kind.ARRAY if self.type == "array" else Kind.COLUMN
        type_ = SEARCH_TYPES.get(self.type, Type.TEXT)
        return KeySpec(self.name, kind, type_, (self.sql,), aliases=self.aliases, about=self.about)


class Attributes(Protocol):
    """Where values are that have no field: of any key, as text or as number."""

    def text(self, name: str, parameters: Parameters) -> str:
        """Empty where there is none."""
        ...

    def number(self, name: str, parameters: Parameters) -> str:
        """Null where there is none."""
        ...

    def truth(self, name: str, parameters: Parameters) -> str:
        """Null where there is none."""
        ...

    def test(self, key: KeySpec, test: Test, parameters: Parameters) -> str: ...

    def pairs(self, kind: Literal["string", "number"]) -> str:
        """All of a row, as an array of (key, text)."""
        ...


@dataclass(frozen=True, slots=True)
class Measures:
    """Attributes with a prefix that are numbers: their type and unit."""

    prefix: str
    type: ValueType = "number"
    unit: str | None = None

    @property
    def shown_unit(self) -> str | None:
        return self.unit or UNITS.get(self.type)


@dataclass(frozen=True)
class Dataset:
    """A table and how it is asked.

    `identity`: the field that tells rows apart. `phrase`: the field, or the key, that
    free text is looked for in. `where`: what always holds. `weight`: how many events a row stands for. `condition`:
    writes a test of a key that the feature knows itself; None leaves it to the fields.
    """

    name: str
    table: str
    fields: tuple[Field, ...]
    attributes: Attributes
    identity: str
    phrase: str | KeySpec
    duration: str = ""  # the field that percentiles are of where none is named
    user: str = ""  # the expression that tells users apart, 0 for nobody
    failed: str = ""  # whether a row is a failure
    transaction: str = ""  # whether a row is a transaction
    weight: str = ""
    where: str = ""
    measures: tuple[Measures, ...] = ()
    metric: bool = False  # functions name a metric: fn(value, name, type, unit)
    facets: tuple[str, ...] = ()  # fields of few values, that say what rows have in common
    keys: tuple[KeySpec, ...] = ()  # of searches, beside the fields
    condition: Callable[[Condition, Parameters], str | None] | None = None
    by_name: Mapping[str, Field] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", dict(_named(self.fields)))

    def find(self, name: str) -> Field | None:
        """The field of that name, by any of its names."""
        return self.by_name.get(name)

    def key(self, one: Field) -> KeySpec:
        """The field as searches know it."""
        return next((spec for spec in self.keys if spec.name == one.name), one.key())

    def measure(self, name: str) -> Measures | None:
        """What is known of a numeric attribute by its name."""
        return next((one for one in self.measures if name.startswith(one.prefix)), None)

    @property
    def identity_field(self) -> Field:
        return self.by_name[self.identity]


def _named(fields: Iterable[Field]) -> Iterable[tuple[str, Field]]:
    for one in fields:
        for name in (one.name, *one.aliases):
            yield name, one
