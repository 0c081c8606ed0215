"""What is different in a selection: attributes ranked by how unlike the rest its rows are."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

from vedette.explore.attribute_values import Distribution

_SMOOTHING = 0.5  # rows added to every count, so that what the rest lacks is not infinitely unlike
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ValueShare:
    """One value: its share of the selection and of the rest, and how many times the one is the other."""

    value: str
    selected: float
    rest: float
    lift: float


@dataclass(frozen=True, slots=True)
class Difference:
    """One key. `score`: bits by which its values tell the selection from the rest; values that it has more of first."""

    key: str
    score: float
    values: tuple[ValueShare, ...]


def differences(selected: Distribution, rest: Distribution) -> list[Difference]:
    """Keys of either, those that tell most first. Of nothing there is nothing to tell."""
    if not selected.total or not rest.total:
        return []
    keys = sorted(selected.shares.keys() | rest.shares.keys())
    found = [_difference(key, selected, rest) for key in keys]
    return sorted(found, key=lambda one: -one.score)


def _difference(key: str, selected: Distribution, rest: Distribution) -> Difference:
    here, there = selected.shares.get(key, {}), rest.shares.get(key, {})
    values = sorted(here.keys() | there.keys())
    score = sum(
        _bits(here.get(value, 0), there.get(value, 0), selected.total, rest.total) for value in values
    )
    score += _bits(_without(here, selected.total), _without(there, rest.total), selected.total, rest.total)
    shares = [_share(value, here, there, selected.total, rest.total) for value in values]
    shares.sort(key=lambda share: (share.rest - share.selected, share.value))
    return Difference(key, round(max(score, 0.0), 4), tuple(shares[:_SHOWN]))


def _without(values: Mapping[str, int], total: int) -> int:
    """Rows that have none of the values."""
    return max(total - sum(values.values()), 0)


def _bits(here: int, there: int, total_here: int, total_there: int) -> float:
    """What one value adds to the divergence of the selection from the rest."""
    p, q = (here + _SMOOTHING) / (total_here + 1), (there + _SMOOTHING) / (total_there + 1)
    return p * log2(p / q)


def _share(
    value: str, here: Mapping[str, int], there: Mapping[str, int], total_here: int, total_there: int
) -> ValueShare:
    p, q = here.get(value, 0) / total_here, there.get(value, 0) / total_there
    smoothed = (here.get(value, 0) + _SMOOTHING) / (total_here + 1)
    lift = smoothed / ((there.get(value, 0) + _SMOOTHING) / (total_there + 1))
    return ValueShare(value, round(p, 4), round(q, 4), round(lift, 2))
