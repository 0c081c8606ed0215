"""The keys of searches in a dataset: its fields, its functions, and attributes by any name."""

from vedette.explore.ask import BadQuestion
from vedette.explore.dataset import SEARCH_TYPES, Dataset
from vedette.explore.expression import Expression
from vedette.explore.functions import OF_ALL_GROUPS
from vedette.explore.writer import Writer
from vedette.search.bind import bind
from vedette.search.columns import Call
from vedette.search.conditions import Condition, Conditions
from vedette.search.error import SearchError
from vedette.search.keys import KeySpec, KeyTable, Kind, Type
from vedette.search.parse import parse
from vedette.search.syntax import Filter, Key, Query, Term
from vedette.search.tree import AllOf, conjuncts, leaves, map_leaves


def key_table(writer: Writer) -> KeyTable:
    """The keys of searches that this writer can write."""
    dataset = writer.dataset

    def derived(key: Key) -> KeySpec | None:
        if key.args is not None:
            return function_spec(writer, key)
        measure = dataset.measure(key.name)
        return KeySpec(key.name, Kind.TAG, SEARCH_TYPES.get(measure.type, Type.NUMBER)) if measure else None

    specs = dict.fromkeys((*dataset.keys, *map(dataset.key, dataset.fields)))
    return KeyTable(tuple(specs), {}, _phrase(dataset), derived=derived)


def _phrase(dataset: Dataset) -> KeySpec:
    phrase = dataset.phrase
    return phrase if isinstance(phrase, KeySpec) else dataset.by_name[phrase].key()


def function_spec(writer: Writer, key: Key) -> KeySpec:
    """A function as a key, of the type that it gives. Raises `BadQuestion`."""
    if key.name in OF_ALL_GROUPS:
        raise BadQuestion(
            f"{key.name}() can be shown and sorted by, not searched for: it is a share of all groups"
        )
    call = Call(key.name, key.args or ())
    made = writer.call(call)
    if made.type == "array" or made.form == "issue":
        raise BadQuestion(f"{call} can be shown, not searched for")
    return KeySpec(str(call), Kind.FUNCTION, SEARCH_TYPES.get(made.type, Type.TEXT))


def read_search(text: str, writer: Writer) -> Conditions:
    """The search's conditions. Raises `SearchError` and `BadQuestion`."""
    keys = key_table(writer)
    query = map_leaves(parse(text, keys.knows), lambda term: _as_number(term, keys))
    return bind(query, keys, writer.bounds.now_us)


def _as_number(term: Term, keys: KeyTable) -> Query:
    """`retries:>3` compares numbers: attributes have no type of their own in a search."""
    if not isinstance(term, Filter) or term.op == "=" or term.key.args is not None or term.key.type:
        return term
    spec = keys.spec(term.key)
    if spec is None or spec.kind is not Kind.TAG or spec.type is not Type.TEXT:
        return term
    key = Key(term.key.name, term.key.box or "tags", "number")
    return Filter(key, term.values, term.op, term.negated, term.listed, term.at, term.value_at)


def split(tree: Conditions) -> tuple[Conditions, Conditions]:
    """What rows must fulfil, and what groups must. Raises `SearchError` where OR joins the two."""
    rows: list[Conditions] = []
    groups: list[Conditions] = []
    for part in conjuncts(tree):
        kinds = {leaf.key.kind is Kind.FUNCTION for leaf in leaves(part)}
        if kinds == {True, False}:
            at = next(leaf.at for leaf in leaves(part) if leaf.key.kind is Kind.FUNCTION)
            raise SearchError("a function cannot be joined by OR with what is asked of single rows", at)
        (groups if kinds == {True} else rows).append(part)
    return AllOf(tuple(rows)), AllOf(tuple(groups))


def function_of(condition: Condition, writer: Writer) -> Expression:
    """The function that a condition tests."""
    name, _, arguments = condition.key.name.partition("(")
    parts = arguments.removesuffix(")").split(",") if arguments != ")" else []
    return writer.call(Call(name, tuple(parts)))
