"""Boolean trees over any kind of leaf, always in one shape.

An `AllOf` holds no `AllOf`, an `AnyOf` no `AnyOf`, neither holds fewer than two items;
`AllOf(())` at the top alone means "everything". Build them with `all_of` and `any_of`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar, cast

Leaf = TypeVar("Leaf")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class AllOf(Generic[Leaf]):
    items: tuple["Tree[Leaf]", ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Generic[Leaf]):
    items: tuple["Tree[Leaf]", ...]


Tree: TypeAlias = Leaf | AllOf[Leaf] | AnyOf[Leaf]


def all_of(items: Iterable["Tree[Leaf]"]) -> "Tree[Leaf]":
    """The conjunction; of nothing: everything."""
    flat: list[Tree[Leaf]] = []
    for item in items:
        if isinstance(item, AllOf):
            flat.extend(cast("AllOf[Leaf]", item).items)
        else:
            flat.append(item)
    return flat[0] if len(flat) == 1 else AllOf(tuple(flat))


def any_of(items: Iterable["Tree[Leaf]"]) -> "Tree[Leaf]":
    """The disjunction of at least one item; with one that is everything, it is everything."""
    flat: list[Tree[Leaf]] = []
    for item in items:
        if is_everything(item):
            return AllOf(())
        if isinstance(item, AnyOf):
            flat.extend(cast("AnyOf[Leaf]", item).items)
        else:
            flat.append(item)
    return flat[0] if len(flat) == 1 else AnyOf(tuple(flat))


def is_everything(tree: "Tree[Leaf]") -> bool:
    return isinstance(tree, AllOf) and not cast("AllOf[Leaf]", tree).items


def leaves(tree: "Tree[Leaf]") -> Iterator[Leaf]:
    """Every leaf, from left to right."""
    if isinstance(tree, AllOf | AnyOf):
        for item in cast("AllOf[Leaf] | AnyOf[Leaf]", tree).items:
            yield from leaves(item)
    else:
        yield tree


def map_leaves(tree: "Tree[Leaf]", change: Callable[[Leaf], "Tree[Other]"]) -> "Tree[Other]":
    """The same tree with each leaf replaced by a tree."""
    if isinstance(tree, AllOf):
        return all_of(map_leaves(item, change) for item in cast("AllOf[Leaf]", tree).items)
    if isinstance(tree, AnyOf):
        return any_of(map_leaves(item, change) for item in cast("AnyOf[Leaf]", tree).items)
    return change(tree)


def conjuncts(tree: "Tree[Leaf]") -> tuple["Tree[Leaf]", ...]:
    """The parts that must all hold."""
    return cast("AllOf[Leaf]", tree).items if isinstance(tree, AllOf) else (tree,)
