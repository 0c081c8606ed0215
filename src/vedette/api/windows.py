"""Time, projects and environments in the query of a request: which part of the data is asked for."""

import re
from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.api.errors import bad_request
from vedette.api.given import AnyRequest
from vedette.core.ids import parse_number
from vedette.core.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US, parse_time
from vedette.errors.scope import Scope, Viewer
from vedette.projects.access import Access, visible_projects
from vedette.projects.errors import Missing
from vedette.projects.values import Project
from vedette.storage.records import schema

_PERIOD = re.compile(r"^(\d{1,6})([smhdw])?$")
_UNITS = {"s": SECOND_US, "m": MINUTE_US, "h": HOUR_US, "d": DAY_US, "w": 7 * DAY_US}
LONGEST_US = 3660 * DAY_US
_AHEAD_US = MINUTE_US  # senders' clocks may be so far ahead of ours


class Window(msgspec.Struct, frozen=True):
    """From `from_us` up to, not including, `to_us`. `is_asked`: the request names it."""

    from_us: int
    to_us: int
    is_asked: bool


def window_of(request: AnyRequest, now_us: int, default_us: int) -> Window:
    """`statsPeriod`, else `statsPeriodStart` and `-End`, else `start` and `end`, else the default."""
    query = request.query_params
    if period := query.get("statsPeriod"):
        return Window(now_us - _period_us(period), now_us + _AHEAD_US, True)
    if first := query.get("statsPeriodStart"):
        last = query.get("statsPeriodEnd")
        return _checked(now_us - _period_us(first), now_us - (_period_us(last) if last else 0))
    start, end = query.get("start"), query.get("end")
    if start or end:
        if not (start and end):
            raise bad_request("start and end must be given together")
        return _checked(_moment(start), _moment(end))
    return default_window(now_us, default_us)


def default_window(now_us: int, length_us: int) -> Window:
    return Window(now_us - length_us, now_us + _AHEAD_US, False)


def period_us(text: str) -> int | None:
    """`14d` in microseconds; None if it is no period."""
    match = _PERIOD.match(text)
    if not match or not int(match[1]):
        return None
    return min(int(match[1]) * _UNITS[match[2] or "s"], LONGEST_US)


def _period_us(text: str) -> int:
    found = period_us(text)
    if found is None:
        raise bad_request("Invalid statsPeriod: write a number and one of s m h d w, such as 14d")
    return found


def _moment(text: str) -> int:
    at_us = parse_time(text)
    if at_us is None:
        raise bad_request(f"Invalid date: {text[:40]!r} is not ISO 8601")
    return at_us


def _checked(from_us: int, to_us: int) -> Window:
    if from_us >= to_us:
        raise bad_request("start must be before end")
    return Window(max(from_us, to_us - LONGEST_US), to_us, True)


def environments_of(request: AnyRequest) -> tuple[str, ...]:
    return tuple(dict.fromkeys(request.query_params.getall("environment", [])))


def projects_asked(
    session: Session, request: AnyRequest, access: Access, project: Project | None
) -> dict[int, str]:
    """Id → slug of the projects asked for: that of the path, those of the query, else all visible.

    Raises `Missing` for one that the caller does not see.
    """
    if project is not None:
        return {project.id: project.slug}
    query = request.query_params
    wanted = [*query.getall("project", []), *query.getall("projectSlug", [])]
    table = schema.Project
    rows = session.execute(select(table.id, table.slug).where(visible_projects(access)).order_by(table.id))
    visible = {row.id: row.slug for row in rows}
    if not wanted or "-1" in wanted:
        return visible
    ids = {slug: id_ for id_, slug in visible.items()}
    return {id_: visible[id_] for id_ in _ids(wanted, visible, ids)}


def _ids(wanted: Sequence[str], visible: dict[int, str], ids: dict[str, int]) -> list[int]:
    found: list[int] = []
    for text in wanted:
        number = parse_number(text)
        id_ = ids.get(text.lower(), 0) if number is None else number
        if id_ not in visible:
            raise Missing
        found.append(id_)
    return found


def scope_of(
    session: Session,
    request: AnyRequest,
    access: Access,
    project: Project | None,
    window: Window,
) -> Scope:
    """Everything that bounds a search of this caller."""
    return Scope(
        organization_id=access.organization.id,
        projects=projects_asked(session, request, access, project),
        from_us=window.from_us,
        to_us=window.to_us,
        environments=environments_of(request),
        viewer=Viewer(access.user.id if access.user else None, tuple(access.team_roles)),
    )
