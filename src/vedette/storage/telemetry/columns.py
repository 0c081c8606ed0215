"""What a table's column is, for the one who writes it and for the test that compares the schema."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """Name and type; `expression` where what is stored is computed from what is sent (as `sent`)."""

    name: str
    type: str
    sent: str = ""
    expression: str = ""

    @property
    def travels_as(self) -> str:
        """The type of the values that an insert is given."""
        return self.sent or self.type


@dataclass(frozen=True)
class Table:
    """A telemetry table, the columns an insert names, in order, and the most rows of one insert."""

    name: str
    columns: tuple[Column, ...]
    block_rows: int = 5_000
