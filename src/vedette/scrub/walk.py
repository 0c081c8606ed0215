"""Rules with selectors: every value of a part, its way from the top, and the rules that reach it."""

from typing import cast

from vedette.core.remarks import Path
from vedette.scrub import nodes
from vedette.scrub.redact import Json, Redactor, is_pairs, is_secret
from vedette.scrub.rules import Rule
from vedette.scrub.selectors import Place, Way

Rules = tuple[Rule, ...]
_TOP = (Place("", frozenset(("event", "error"))),)


class Walker:
    """Walks parts of one event."""

    def __init__(self, rules: Rules, redactor: Redactor) -> None:
        self._rules = rules
        self._explicit = tuple(rule for rule in rules if rule.where.explicit)
        self._redactor = redactor

    def part(self, name: str, value: Json) -> tuple[bool, Json]:
        """Whether the part changed, and what is left of it."""
        before = self._redactor.changes
        kept = self._child("event", name, name, value, _TOP, (), ())
        return self._redactor.changes > before, kept

    def _child(
        self, node: str, key: str, index: str | int, value: Json, way: Way, path: Path, active: Rules
    ) -> Json:
        """The value under a key of `node`. `active`: rules whose selector met a container around it."""
        sheltered = key in nodes.SHELTERED.get(node, ())
        if value is None or (sheltered and not self._explicit) or self._redactor.is_safe(key):
            return value
        inner = nodes.child(node, key)
        way = (*way, nodes.place(key, inner, value))
        candidates = self._explicit if sheltered else self._rules
        return self._value(inner, key, value, way, (*path, index), active, candidates)

    def _value(
        self, node: str, key: str, value: Json, way: Way, path: Path, active: Rules, candidates: Rules
    ) -> Json:
        reached = (*active, *(rule for rule in candidates if rule not in active and rule.where.matches(way)))
        for rule in reached:
            if rule.takes_whole(value) or (rule.key is not None and is_secret(rule, key, value)):
                return self._redactor.whole(rule, value, path)
        if isinstance(value, dict):
            below = tuple(rule for rule in reached if rule.where.spreads)
            return self._object(node, cast("dict[str, Json]", value), way, path, below)
        if isinstance(value, list):
            below = tuple(rule for rule in reached if rule.where.spreads)
            return self._array(node, key, cast("list[Json]", value), way, path, below)
        if isinstance(value, str):
            return self._redactor.text(value, reached, path)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._redactor.number(value, reached, path)
        return value

    def _object(self, node: str, value: dict[str, Json], way: Way, path: Path, active: Rules) -> Json:
        for key, item in value.items():
            value[key] = self._child(node, key, key, item, way, path, active)
        return value

    def _array(self, node: str, key: str, value: list[Json], way: Way, path: Path, active: Rules) -> Json:
        if is_pairs(value):
            for index, pair in enumerate(cast("list[list[Json]]", value)):
                pair[1] = self._child("", str(pair[0]), 1, pair[1], way, (*path, index), active)
            return value
        for index, item in enumerate(value):
            if item is not None:
                inner = nodes.child(node, str(index))
                step = nodes.place(str(index), inner, item)
                value[index] = self._value(
                    inner, key, item, (*way, step), (*path, index), active, self._rules
                )
        return value
