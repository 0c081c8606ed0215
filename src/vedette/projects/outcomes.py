"""What became of received items, over time: series and totals from telemetry."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from vedette.core.outcomes import Outcome
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.statements import load_statements

_SERIES = load_statements(Path(__file__).with_name("queries.sql"))["outcome_series"].sql

# On the wire an error is everything that becomes an issue.
CATEGORIES = {"error": ("error", "default", "security"), "log_item": ("log_item",), "log_byte": ("log_byte",)}
NAMES = {
    Outcome.ACCEPTED: "accepted",
    Outcome.FILTERED: "filtered",
    Outcome.RATE_LIMITED: "rate_limited",
    Outcome.INVALID: "invalid",
    Outcome.ABUSE: "abuse",
    Outcome.CLIENT_DISCARD: "client_discard",
    Outcome.CARDINALITY_LIMITED: "cardinality_limited",
    Outcome.LOST: "lost",
}
BY_NAME = {name: outcome for outcome, name in NAMES.items()}
DIMENSIONS = ("project", "category", "outcome", "reason")


class Ask(msgspec.Struct, frozen=True):
    """Which outcomes, in which slots. Empty sequences are no condition; times are epoch seconds."""

    projects: tuple[int, ...]
    from_s: int
    to_s: int
    step_s: int
    by: frozenset[str] = frozenset()  # of `DIMENSIONS`
    categories: tuple[str, ...] = ()  # as on the wire
    outcomes: tuple[Outcome, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def slots(self) -> list[int]:
        """Where each slot begins, the first one holding `from_s`."""
        return list(range(self.from_s - self.from_s % self.step_s, self.to_s, self.step_s))


class Point(msgspec.Struct, frozen=True):
    """A quantity in one slot. What was not asked to be told apart is empty."""

    project_id: int
    category: str
    outcome: str
    reason: str
    slot: int
    quantity: int


def outcome_points(telemetry: Telemetry, ask: Ask) -> list[Point]:
    """Quantities by slot and by what `ask.by` names. Raises `TelemetryError`."""
    if not ask.projects:
        return []
    flags = {f"by_{name}": int(name in ask.by) for name in DIMENSIONS}
    parameters = {
        **flags,
        "projects": list(ask.projects),
        "from_s": ask.slots[0] if ask.slots else ask.from_s,
        "to_s": ask.to_s,
        "step_s": ask.step_s,
        "categories": _stored(ask.categories),
        "outcomes": [int(outcome) for outcome in ask.outcomes],
        "reasons": list(ask.reasons),
    }
    rows = msgspec.convert(telemetry.query_rows(_SERIES, parameters).rows, list[_Row], strict=False)
    return [_point(row) for row in rows]


_Row = tuple[int, str, int, str, int, int]


def _point(row: _Row) -> Point:
    project, category, outcome, reason, slot, quantity = row
    name = NAMES[Outcome(outcome)] if outcome in set(Outcome) else ""
    return Point(project, wire_category(category), name, reason, slot, quantity)


def wire_category(stored: str) -> str:
    return "error" if stored in CATEGORIES["error"] else stored


def _stored(categories: Sequence[str]) -> list[str]:
    return [stored for name in categories for stored in CATEGORIES.get(name, (name,))]


class Group(msgspec.Struct, frozen=True):
    """One series: what it is told apart by, and its quantities slot by slot."""

    by: dict[str, str | int]
    series: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.series)


def grouped(ask: Ask, points: Iterable[Point]) -> list[Group]:
    """The points as series over all slots, the greatest first."""
    slots = {slot: index for index, slot in enumerate(ask.slots)}
    found: dict[tuple[tuple[str, str | int], ...], list[int]] = {}
    for point in points:
        series = found.setdefault(_key(ask, point), [0] * len(slots))
        if point.slot in slots:
            series[slots[point.slot]] += point.quantity
    groups = [Group(dict(key), tuple(series)) for key, series in found.items()]
    return sorted(groups, key=lambda group: -group.total)


def _key(ask: Ask, point: Point) -> tuple[tuple[str, str | int], ...]:
    values: dict[str, str | int] = {
        "project": point.project_id,
        "category": point.category,
        "outcome": point.outcome,
        "reason": point.reason,
    }
    return tuple((name, values[name]) for name in DIMENSIONS if name in ask.by)
