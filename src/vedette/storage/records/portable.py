"""The few words of SQL that SQLite and PostgreSQL spell differently."""

from sqlalchemy import ColumnElement, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase

Upsert = sqlite.Insert | postgresql.Insert


def upsert(connection: Connection, table: type[DeclarativeBase]) -> Upsert:
    """An INSERT that can take `on_conflict_do_update` or `on_conflict_do_nothing`."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def least(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    return case((one <= other, one), else_=other)


def greatest(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    return case((one >= other, one), else_=other)
