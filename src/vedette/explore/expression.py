"""An expression of SQL with what it gives: the type and unit of a column of an answer."""

from dataclasses import dataclass

from vedette.explore.dataset import Field, Form, ValueType


@dataclass(frozen=True, slots=True)
class Expression:
    """`form`, `optional`, `distinct`: as of a field."""

    sql: str
    type: ValueType
    unit: str | None = None
    form: Form = "plain"
    optional: bool = False
    distinct: str = ""

    @property
    def is_number(self) -> bool:
        """An issue's number is none: what is counted with is its group."""
        return self.form != "issue" and self.type in ("integer", "number", "duration", "size", "percentage")


def of_field(field: Field) -> Expression:
    return Expression(field.sql, field.type, field.shown_unit, field.form, field.optional, field.distinct)
