"""What the guard has found out about a request, handed to its handler."""

from typing import Any

import msgspec
from litestar.connection import ASGIConnection

from vedette.projects.access import NOBODY, Access, Caller
from vedette.projects.errors import Missing
from vedette.projects.values import Project, Team

_STATE = "vedette_visit"
Connection = ASGIConnection[Any, Any, Any, Any]  # Litestar's four parameters say nothing we use


class Visit(msgspec.Struct, frozen=True):
    """The caller, and what the path names: resolved, visible to it, and permitted for this route."""

    caller: Caller = NOBODY
    access: Access | None = None
    project: Project | None = None
    team: Team | None = None
    found: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])  # by path parameter, see `resolve`


def remember(connection: Connection, visit: Visit) -> None:
    connection.scope["state"][_STATE] = visit


def visit_of(connection: Connection) -> Visit:
    visit = connection.scope["state"].get(_STATE)
    assert isinstance(visit, Visit), "the guard has not run"
    return visit


def given(value: Any) -> Any:
    """The value, where the path names one. A handler that asks for more than that is a mistake."""
    if value is None:
        raise Missing
    return value
