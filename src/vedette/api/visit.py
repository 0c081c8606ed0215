"""What the guard has found out about a request, handed to its handler."""

from typing import Any

import msgspec
from litestar.connection import ASGIConnection

from vedette.projects.access import NOBODY, Access, Caller
from vedette.projects.errors import Missing
from vedette.projects.values import Project, Team

_STATE = "vedette_visit"
PAGE = "vedette_page"  # where one page keeps the visits of the answers that travel in it
Connection = ASGIConnection[Any, Any, Any, Any]  # Litestar's four parameters say nothing we use


class Visit(msgspec.Struct, frozen=True):
    """The caller, and what the path names: resolved, visible to it, and permitted for this route."""

    caller: Caller = NOBODY
    access: Access | None = None
    project: Project | None = None
    team: Team | None = None
    found: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])  # by path parameter, see `resolve`


Parameters = tuple[tuple[str, str], ...]
PageVisits = dict[Parameters, Visit]  # by what the path names; all with one cookie, within a second


def visits_of_page(connection: Connection) -> PageVisits:
    """What was found for other answers of the same page; of a request by itself: nothing, kept for nobody."""
    return connection.scope["state"].get(PAGE, {})


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
