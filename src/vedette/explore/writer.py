"""Fields, functions and equations of one question as SQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from vedette.explore.ask import BadQuestion, Bounds
from vedette.explore.conditions import Lookups, condition_sql
from vedette.explore.dataset import Dataset, Field, Form
from vedette.explore.expression import Expression, of_field
from vedette.explore.functions import FUNCTIONS, Rows
from vedette.search.columns import Call, ColumnError, Number, Operation, Term, read_term
from vedette.search.conditions import Condition
from vedette.search.syntax import Key
from vedette.storage.telemetry.expressions import Parameters

METRIC_ARGUMENTS = 4  # value, name, type, unit
_EMPTY_ARGUMENT = ("", "-", "none", "None")


@dataclass
class Writer:
    """Writes into the parameters of one statement. `seconds`: what rates are over.

    Everything raises `BadQuestion` for what the dataset does not have.
    """

    dataset: Dataset
    bounds: Bounds
    parameters: Parameters
    seconds: float
    weighted: bool = False
    lookups: Lookups = field(default_factory=Lookups)
    metrics: list[str] = field(default_factory=list[str])  # the conditions of all metrics named so far

    def term(self, term: Term) -> Expression:
        if isinstance(term, Number):
            return Expression(self.parameters.add(term.value, "Float64"), "number")
        if isinstance(term, Operation):
            return self._operation(term)
        return self.call(term) if isinstance(term, Call) else self.field(term)

    def _operation(self, term: Operation) -> Expression:
        left, right = self.term(term.left), self.term(term.right)
        for side, made in ((term.left, left), (term.right, right)):
            if not made.is_number:
                raise BadQuestion(f"Invalid equation: {_name(side)} is not a number")
        divisor = f"nullIf({right.sql}, 0)" if term.op == "/" else right.sql
        same = left.type == right.type and term.op in "+-"
        unit = left.unit if same and left.unit == right.unit else None
        return Expression(f"({left.sql} {term.op} {divisor})", left.type if same else "number", unit)

    # -- fields

    def field(self, key: Key) -> Expression:
        """A field, or an attribute by its key."""
        known = None if key.box else self.dataset.find(key.name)
        if known is None:
            return self._attribute(key)
        made = _FORMS.get(known.form)
        return made(self, known) if made else of_field(known)

    def project(self, known: Field) -> Expression:
        """The project's slug."""
        projects = self.bounds.projects
        ids = self.parameters.add(list(projects), "Array(UInt64)")
        slugs = self.parameters.add(list(projects.values()), "Array(String)")
        return Expression(f"transform({known.sql}, {ids}, {slugs}, '')", "string", distinct=known.sql)

    def issue(self, known: Field) -> Expression:
        """Project and group, of all groups of an issue the same one; a name is looked up for it later."""
        merged = self.lookups.merged
        if not merged:
            return Expression(f"(project_id, {known.sql})", known.type, form="issue")
        hashes, firsts = (
            self.parameters.add(list(values), "Array(UInt64)") for values in (merged, merged.values())
        )
        folded = f"transform({known.sql}, {hashes}, {firsts}, {known.sql})"
        return Expression(f"(project_id, {folded})", known.type, form="issue")

    def _attribute(self, key: Key) -> Expression:
        name = f"flags.{key.name}" if key.box == "flags" else key.name
        attributes, measure = self.dataset.attributes, self.dataset.measure(name)
        if key.type == "boolean":
            return Expression(attributes.truth(name, self.parameters), "boolean")
        if key.type == "number" or (measure and not key.box):
            sql = attributes.number(name, self.parameters)
            return Expression(
                sql, measure.type if measure else "number", measure.shown_unit if measure else None
            )
        return Expression(attributes.text(name, self.parameters), "string", optional=True)

    def value(self, text: str) -> Expression:
        """An argument that names any field."""
        return self.field(self._key(text))

    def number(self, text: str, call: str) -> Expression:
        """An argument that names a number; an attribute that nothing is known of is taken for one."""
        key = self._key(text)
        if not key.box and self.dataset.find(key.name) is None:
            key = Key(key.name, "", "number")
        elif key.box and not key.type:
            key = Key(key.name, key.box, "number")
        found = self.field(key)
        if not found.is_number:
            raise BadQuestion(f"Invalid function: {call}() needs a number, {text} is none")
        return found

    def _key(self, text: str) -> Key:
        try:
            term = read_term(text)
        except ColumnError as error:
            raise BadQuestion(str(error)) from error
        if isinstance(term, Call):
            raise BadQuestion(f"Invalid function: {text} cannot be an argument")
        return term

    def test(self, condition: Condition) -> str:
        return condition_sql(self.dataset, self.bounds, self.lookups, condition, self.parameters)

    # -- functions

    def call(self, call: Call) -> Expression:
        make = FUNCTIONS.get(call.name)
        if make is None:
            raise BadQuestion(f"Invalid function: {call.name}() is not known")
        if not (self.dataset.metric and len(call.arguments) == METRIC_ARGUMENTS):
            return make(self, call.name, call.arguments, Rows())
        made = make(self, call.name, call.arguments[:1], Rows(self._metric(call.arguments[1:])))
        unit = call.arguments[-1]
        is_of_values = made.type == "number" and made.unit is None and unit not in _EMPTY_ARGUMENT
        return replace(made, unit=unit) if is_of_values else made

    def _metric(self, named: tuple[str, ...]) -> str:
        """The rows of the metric that a function names; parts left out are not asked."""
        parts = [
            f"{column} = {self.parameters.add(value, 'String')}"
            for column, value in zip(("name", "type", "unit"), named, strict=True)
            if value not in _EMPTY_ARGUMENT
        ]
        condition = " AND ".join(parts) or "1"
        self.metrics.append(condition)
        return f"({condition})"


_FORMS: Mapping[Form, Callable[[Writer, Field], Expression]] = {
    "project": Writer.project,
    "issue": Writer.issue,
}


def _name(term: Term) -> str:
    return term.name if isinstance(term, Key) else str(term)
