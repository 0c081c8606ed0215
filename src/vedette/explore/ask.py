"""What is asked of a dataset: columns, search, order, and the bounds of the one who asks."""

from collections.abc import Mapping
from dataclasses import dataclass

from vedette.core.time import SECOND_US
from vedette.explore.dataset import Dataset

MAX_COLUMNS = 20


class BadQuestion(ValueError):
    """A question that cannot be answered as it is; the text is ready for the caller."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The part of the data that may be seen and is asked for.

    `projects`: id → slug. Times are from `from_us` up to, not including, `to_us`. No
    environments: all of them; an empty name is "named none". `now_us`: what relative times are
    counted from, and what retention is.
    """

    organization_id: int
    projects: Mapping[int, str]
    from_us: int
    to_us: int
    now_us: int
    environments: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long the time is as far as it has passed, at least one: what rates are over."""
        return max((min(self.to_us, self.now_us) - self.from_us) / SECOND_US, 1.0)


@dataclass(frozen=True, slots=True)
class Question:
    """A table that is asked for. `columns` and `sort` as written, a `-` in front for descending.

    `also`: columns that come along with single rows, beside those asked for. `weighted`:
    functions count each row as the events it stands for.
    """

    dataset: Dataset
    bounds: Bounds
    columns: tuple[str, ...]
    search: str = ""
    sort: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    limit: int = 100
    offset: int = 0
    weighted: bool = False
