"""What answers about events are made of: rows and payloads from telemetry, the issues they belong to."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from vedette.api.given import AnyRequest
from vedette.api.issue_queries import conditions_of
from vedette.api.paging import PageRequest
from vedette.api.services import Services
from vedette.api.windows import Window, scope_of, window_of
from vedette.core.ids import parse_event_id
from vedette.core.time import DAY_US
from vedette.errors.grouping import grouping_config, hashes_of
from vedette.errors.groups import groups_of, signed, unsigned
from vedette.errors.query import EventCursor, EventQueries, EventRow
from vedette.errors.selection import EventFilter
from vedette.errors.views import (
    EventDetailView,
    EventView,
    Surroundings,
    decode_payload,
    event_detail,
    event_view,
)
from vedette.issues.query import issues_of_hashes, load_hashes, load_releases
from vedette.issues.views import release_view
from vedette.projects.access import Access
from vedette.projects.errors import Missing
from vedette.projects.values import Project
from vedette.releases.expand import expand
from vedette.search.conditions import Condition, Conditions
from vedette.search.keys import Kind
from vedette.search.tree import AllOf, map_leaves

DEFAULT_US = 3660 * DAY_US  # events of an issue, or of a project, are shown however old they are
NAMED = ("latest", "oldest", "recommended")
_CURSOR = re.compile(r"(\d{1,17})_([0-9a-f]{32}):0:([01])")


class EventPlace(NamedTuple):
    """Events older than this one (`back`: newer), as a cursor of a URL."""

    ts_us: int
    event_id: str
    back: bool = False

    def __str__(self) -> str:
        return f"{self.ts_us}_{self.event_id}:0:{int(self.back)}"

    @property
    def cursor(self) -> EventCursor:
        return EventCursor(self.ts_us, self.event_id)


def read_place(text: str) -> EventPlace | None:
    match = _CURSOR.fullmatch(text)
    return EventPlace(int(match[1]), match[2], match[3] == "1") if match else None


class EventPage(NamedTuple):
    rows: list[EventRow]
    previous: EventPlace
    next: EventPlace
    has_previous: bool
    has_next: bool


_NOWHERE = EventPlace(0, "0" * 32)


def events_asked(
    services: Services,
    request: AnyRequest,
    access: Access,
    project: Project | None,
    issue_id: int | None,
) -> EventFilter:
    """The events of an issue or of projects that the request asks for. Raises `SearchError`, `Answer`."""
    now_us = services.clock()
    window = window_of(request, now_us, DEFAULT_US)
    with services.records.read() as session:
        scope = scope_of(session, request, access, project, window)
        tree = conditions_of(request.query_params.get("query") or "", now_us)
        tree = _of_events(expand(tree, session, scope))
        groups = None if issue_id is None else tuple(groups_of(session, [issue_id]))
    return EventFilter(
        project_ids=tuple(scope.projects),
        groups=groups,
        from_us=window.from_us if window.is_asked else None,
        to_us=_end(window, now_us),
        environments=scope.environments,
        conditions=tree,
    )


def events_of_issue(services: Services, issue_id: int) -> EventFilter:
    """All events of an issue."""
    with services.records.read() as session:
        return EventFilter.of_groups(groups_of(session, [issue_id]))


def _end(window: Window, now_us: int) -> int | None:
    """Open where the request reaches up to now: clocks of senders may be a little ahead."""
    return window.to_us if window.is_asked and window.to_us < now_us else None


def _of_events(tree: Conditions) -> Conditions:
    """The tree without what only issues can satisfy: a query follows people from the list of issues."""

    def of_event(leaf: Condition) -> Conditions:
        return AllOf(()) if leaf.key.kind is Kind.ISSUE and not leaf.key.columns else leaf

    return map_leaves(tree, of_event)


def read_page(services: Services, request: AnyRequest, events: EventFilter, page: PageRequest) -> EventPage:
    """One page of events, the newest first; with `sample` in another order."""
    queries = EventQueries(services.telemetry)
    if request.query_params.get("sample") in ("1", "true"):
        return _sampled(queries, events, page)
    place = read_place(request.query_params.get("cursor", ""))
    back = place is not None and place.back
    after = place.cursor if place else None
    rows = queries.page(events, page.limit + 1, after=after, oldest_first=back)
    more, rows = len(rows) > page.limit, rows[: page.limit]
    if back:
        rows.reverse()
    first = EventPlace(rows[0].ts_us, rows[0].event_id, True) if rows else _NOWHERE
    last = EventPlace(rows[-1].ts_us, rows[-1].event_id) if rows else _NOWHERE
    has_previous = more if back else place is not None
    return EventPage(rows, first, last, has_previous and bool(rows), bool(rows) and (more or back))


def _sampled(queries: EventQueries, events: EventFilter, page: PageRequest) -> EventPage:
    rows = queries.sample(events, page.limit + 1, page.offset)
    more = len(rows) > page.limit
    return EventPage(rows[: page.limit], _NOWHERE, _NOWHERE, False, more)


def find_event(services: Services, events: EventFilter, text: str) -> EventRow:
    """The event by its id, or the latest, oldest or recommended one. Raises `Missing`."""
    queries = EventQueries(services.telemetry)
    if text in NAMED:
        found = getattr(queries, text)(events)
    else:
        event_id = parse_event_id(text)
        found = queries.by_id(events.project_ids, event_id) if event_id else None
        if found is not None and not _holds(events, found):
            found = None
    if found is None:
        raise Missing
    return found


def _holds(events: EventFilter, row: EventRow) -> bool:
    """Whether the event is one of the issue's."""
    if events.groups is None:
        return True
    return any(
        (group.project_id, group.group_hash) == (row.project_id, row.group_hash)
        and row.received_us >= group.since_us
        for group in events.groups
    )


def issues_of(services: Services, rows: Sequence[EventRow]) -> dict[tuple[int, int], int]:
    """The issue of each (project, unsigned hash) among the rows."""
    with services.records.read() as session:
        found = issues_of_hashes(session, {(row.project_id, signed(row.group_hash)) for row in rows})
    return {(project_id, unsigned(hash_)): issue_id for (project_id, hash_), issue_id in found.items()}


def views_of(services: Services, rows: Sequence[EventRow], *, full: bool) -> list[EventView]:
    """List items; with `full` all that is stored of each."""
    issues = issues_of(services, rows)
    if not full:
        return [event_view(row, issues.get((row.project_id, row.group_hash))) for row in rows]
    payloads = EventQueries(services.telemetry).payloads(rows)
    return [
        event_detail(
            row,
            decode_payload(row, payloads.get(row.event_id, b"")),
            Surroundings(issue_id=issues.get((row.project_id, row.group_hash))),
        )
        for row in rows
    ]


def detail_of(
    services: Services, access: Access, project: Project, row: EventRow, neighbours: EventFilter
) -> EventDetailView:
    """The whole event, with the ids of those before and after it."""
    queries = EventQueries(services.telemetry)
    event = decode_payload(row, queries.payload(row))
    previous_id, next_id = queries.neighbours(neighbours, row)
    issue_id = issues_of(services, [row]).get((row.project_id, row.group_hash))
    with services.records.read() as session:
        hashes = load_hashes(session, issue_id) if issue_id else []
        releases = load_releases(session, access.organization.id, [row.release])
    options = project.options.grouping
    config = grouping_config(options.fingerprint_rules, options.stack_rules)
    own = tuple(md5 for md5, hash_ in hashes if hash_ == signed(row.group_hash))
    around = Surroundings(
        issue_id=issue_id,
        fingerprints=_fingerprints(hashes_of(event, config), own),
        grouping_config=config.config_id,
        previous_id=previous_id,
        next_id=next_id,
        release=release_view(row.release or None, releases),
    )
    return event_detail(row, event, around)


def _fingerprints(today: tuple[str, ...], stored: tuple[str, ...]) -> tuple[str, ...]:
    """All hashes of the event, if the present rules still make the one it was stored under."""
    return today if not stored or stored[0] in today else stored
