"""How much was received, and what became of it: the newer forms and the older ones."""

import re
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from vedette.api.errors import bad_request
from vedette.api.given import AnyRequest, TheAccess, TheProject, TheServices
from vedette.api.services import Services
from vedette.api.windows import projects_asked, window_of
from vedette.core.outcomes import Outcome
from vedette.core.time import DAY_US, SECOND_US, parse_time, to_iso
from vedette.projects.access import Access
from vedette.projects.outcomes import (
    BY_NAME,
    DIMENSIONS,
    Ask,
    Group,
    grouped,
    outcome_points,
)
from vedette.projects.values import Project

_MOST_SLOTS = 10_000
_STEP = re.compile(r"^(\d{1,4})([smhdw])$")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DEFAULT_US = 14 * DAY_US
_FIELDS = ("sum(quantity)", "sum(times_seen)")  # both count items here

Names = Annotated[list[str] | None, QueryParameter(name="field")]
Categories = Annotated[list[str] | None, QueryParameter(name="category")]
Outcomes = Annotated[list[str] | None, QueryParameter(name="outcome")]
Reasons = Annotated[list[str] | None, QueryParameter(name="reason")]
GroupBy = Annotated[list[str] | None, QueryParameter(name="groupBy")]


# ── the newer forms ───────────────────────────────────────────────────────────────────────


class SeriesGroup(msgspec.Struct):
    by: dict[str, str | int]
    totals: dict[str, int]
    series: dict[str, list[int]]


class Series(msgspec.Struct):
    start: str
    end: str
    intervals: list[str]
    groups: list[SeriesGroup]


@get("/organizations/{org:str}/stats_v2/", sync_to_thread=True)
def read_series(
    services: TheServices,
    access: TheAccess,
    request: AnyRequest,
    group_by: GroupBy = None,
    fields: Names = None,
    categories: Categories = None,
    outcomes: Outcomes = None,
    reasons: Reasons = None,
    interval: FromQuery[str] = "1h",
) -> Series:
    """Quantities over time, told apart by `groupBy`: project, category, outcome, reason."""
    names = _names(fields)
    by = frozenset(group_by or [])
    if not by <= set(DIMENSIONS):
        raise bad_request(f"groupBy: of {', '.join(DIMENSIONS)}")
    ask = _ask(services, request, access, by, _step_s(interval), categories, outcomes, reasons)
    groups = grouped(ask, outcome_points(services.telemetry, ask))
    return Series(
        start=to_iso(ask.from_s * SECOND_US),
        end=to_iso(ask.to_s * SECOND_US),
        intervals=[to_iso(slot * SECOND_US) for slot in ask.slots],
        groups=[_series(group, names) for group in groups],
    )


def _series(group: Group, names: list[str]) -> SeriesGroup:
    return SeriesGroup(
        by=group.by,
        totals=dict.fromkeys(names, group.total),
        series={name: list(group.series) for name in names},
    )


class CategoryStats(msgspec.Struct):
    category: str
    outcomes: dict[str, int]
    totals: dict[str, int]


class ProjectStats(msgspec.Struct):
    id: str
    slug: str
    stats: list[CategoryStats]


class Summary(msgspec.Struct):
    start: str
    end: str
    projects: list[ProjectStats]


@get("/organizations/{org:str}/stats-summary/", sync_to_thread=True)
def read_summary(
    services: TheServices,
    access: TheAccess,
    request: AnyRequest,
    fields: Names = None,
    categories: Categories = None,
    outcomes: Outcomes = None,
    reasons: Reasons = None,
) -> Summary:
    """Totals per project and category, with what became of them."""
    name = _names(fields)[0]
    by = frozenset({"project", "category", "outcome"})
    ask = _ask(services, request, access, by, None, categories, outcomes, reasons)
    with services.records.read() as session:
        slugs = projects_asked(session, request, access, None)
    counts: dict[int, dict[str, dict[str, int]]] = {}
    for point in outcome_points(services.telemetry, ask):
        found = counts.setdefault(point.project_id, {}).setdefault(point.category, dict.fromkeys(BY_NAME, 0))
        found[point.outcome] += point.quantity
    return Summary(
        start=to_iso(ask.from_s * SECOND_US),
        end=to_iso(ask.to_s * SECOND_US),
        projects=[_project(id_, slugs[id_], counts[id_], name) for id_ in sorted(counts)],
    )


def _project(id_: int, slug: str, counts: dict[str, dict[str, int]], name: str) -> ProjectStats:
    stats = [
        CategoryStats(
            category,
            outcomes,
            {"dropped": sum(outcomes.values()) - outcomes["accepted"], name: sum(outcomes.values())},
        )
        for category, outcomes in sorted(counts.items())
    ]
    return ProjectStats(str(id_), slug, stats)


def _ask(
    services: Services,
    request: AnyRequest,
    access: Access,
    by: frozenset[str],
    step_s: int | None,
    categories: list[str] | None,
    outcomes: list[str] | None,
    reasons: list[str] | None,
) -> Ask:
    """`step_s` None: the whole window is one slot."""
    window = window_of(request, services.clock(), _DEFAULT_US)
    from_s, to_s = window.from_us // SECOND_US, -(-window.to_us // SECOND_US)
    if step_s is not None and (to_s - from_s) // step_s > _MOST_SLOTS:
        raise bad_request(f"interval: too many slots, at most {_MOST_SLOTS}")
    unknown = [name for name in outcomes or [] if name not in BY_NAME]
    if unknown:
        raise bad_request(f"outcome: of {', '.join(BY_NAME)}")
    with services.records.read() as session:
        projects = tuple(projects_asked(session, request, access, None))
    return Ask(
        projects=projects,
        from_s=from_s,
        to_s=to_s,
        step_s=step_s or max(to_s, 1),
        by=by,
        categories=tuple(categories or ()),
        outcomes=tuple(BY_NAME[name] for name in outcomes or ()),
        reasons=tuple(reasons or ()),
    )


def _names(given: list[str] | None) -> list[str]:
    names = given or [_FIELDS[0]]
    if not set(names) <= set(_FIELDS):
        raise bad_request(f"field: of {', '.join(_FIELDS)}")
    return names


def _step_s(text: str) -> int:
    match = _STEP.match(text)
    if not match or not int(match[1]):
        raise bad_request("interval: a number and one of s m h d w, such as 1h")
    return max(int(match[1]) * _UNITS[match[2]], 60)  # outcomes are kept by the minute


# ── the older forms ───────────────────────────────────────────────────────────────────────

_REFUSED = (Outcome.RATE_LIMITED, Outcome.INVALID, Outcome.ABUSE)
_OLD_STATS: dict[str, tuple[Outcome, ...]] = {
    "received": (*_REFUSED, Outcome.ACCEPTED, Outcome.FILTERED, Outcome.LOST),
    "rejected": _REFUSED,
    "blacklisted": (Outcome.FILTERED,),
    "generated": (Outcome.ACCEPTED,),
}
Points = list[tuple[int, int]]


@get("/organizations/{org:str}/stats/", sync_to_thread=True)
def read_old(
    services: TheServices, access: TheAccess, request: AnyRequest, stat: FromQuery[str] = "received"
) -> Points:
    """`[[epoch seconds, count], …]` of errors: `stat` received, rejected, blacklisted or generated."""
    return _old(services, request, access, None, stat)


@get("/organizations/{org:str}/stats/{stat:str}/", sync_to_thread=True)
def read_old_by_path(
    services: TheServices, access: TheAccess, request: AnyRequest, stat: FromPath[str]
) -> Points:
    """The same; some clients write the stat into the path."""
    return _old(services, request, access, None, stat)


@get("/projects/{org:str}/{proj:str}/stats/", sync_to_thread=True)
def read_old_of_project(
    services: TheServices,
    access: TheAccess,
    project: TheProject,
    request: AnyRequest,
    stat: FromQuery[str] = "received",
) -> Points:
    """As for an organization, of one project."""
    return _old(services, request, access, project, stat)


@get("/projects/{org:str}/{proj:str}/stats/{stat:str}/", sync_to_thread=True)
def read_old_of_project_by_path(
    services: TheServices,
    access: TheAccess,
    project: TheProject,
    request: AnyRequest,
    stat: FromPath[str],
) -> Points:
    return _old(services, request, access, project, stat)


def _old(
    services: Services, request: AnyRequest, access: Access, project: Project | None, stat: str
) -> Points:
    outcomes = _OLD_STATS.get(stat)
    if outcomes is None:
        raise bad_request(f"stat: one of {', '.join(_OLD_STATS)}")
    query = request.query_params
    to_s = _moment_s(query.get("until"), services.clock() // SECOND_US)
    from_s = _moment_s(query.get("since"), to_s - 86_400)
    step_s = _step_s(query.get("resolution") or "1h")
    if from_s >= to_s or (to_s - from_s) // step_s > _MOST_SLOTS:
        raise bad_request(f"since must be before until, with at most {_MOST_SLOTS} slots between")
    with services.records.read() as session:
        projects = tuple(projects_asked(session, request, access, project))
    ask = Ask(projects, from_s, to_s, step_s, categories=("error",), outcomes=outcomes)
    groups = grouped(ask, outcome_points(services.telemetry, ask))
    series = groups[0].series if groups else (0,) * len(ask.slots)
    return list(zip(ask.slots, series, strict=True))


def _moment_s(given: str | None, default_s: int) -> int:
    if not given:
        return default_s
    at_us = parse_time(given)
    if at_us is None:
        raise bad_request("since and until: epoch seconds or ISO 8601")
    return at_us // SECOND_US


HANDLERS: list[ControllerRouterHandler] = [
    read_series,
    read_summary,
    read_old,
    read_old_by_path,
    read_old_of_project,
    read_old_of_project_by_path,
]
