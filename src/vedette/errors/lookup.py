"""Straight to one issue: by the id of one of its events, or by its short id."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.core.ids import parse_event_id, parse_short_id
from vedette.errors.groups import signed
from vedette.errors.query import EventQueries, EventRow
from vedette.errors.scope import Scope
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Issue, IssueHash, IssueRedirect
from vedette.storage.telemetry.client import Telemetry


class Hit(NamedTuple):
    """The issue, and the event if that was asked for."""

    issue_id: int
    event: EventRow | None = None


def direct_hit(
    text: str, scope: Scope, records: Records, telemetry: Telemetry, *, short_ids: bool
) -> Hit | None:
    """What a query means that is nothing but an event id, or (if `short_ids`) a short id.

    None if it is neither, or names nothing in the scope's projects; time and environment
    are not asked.
    """
    text = text.strip()
    event_id = parse_event_id(text)
    if event_id:
        return issue_of_event(event_id, scope, records, telemetry)
    if not short_ids:
        return None
    with records.read() as session:
        issue_id = issue_by_short_id(session, text, scope)
    return Hit(issue_id) if issue_id else None


def issue_of_event(event_id: str, scope: Scope, records: Records, telemetry: Telemetry) -> Hit | None:
    """The issue an event belongs to now; None for events of deleted or discarded issues."""
    event = EventQueries(telemetry).by_id(list(scope.projects), event_id) if scope.projects else None
    if event is None:
        return None
    with records.read() as session:
        issue_id = session.scalar(
            select(IssueHash.issue_id).where(
                IssueHash.project_id == event.project_id,
                IssueHash.group_hash == signed(event.group_hash),
                IssueHash.state == "open",
                IssueHash.since_us <= event.received_us,
            )
        )
    return Hit(issue_id, event) if issue_id else None


def issue_by_short_id(session: Session, text: str, scope: Scope) -> int | None:
    """The issue with this short id, or the one that it was merged into."""
    parsed = parse_short_id(text)
    projects = {slug: id for id, slug in scope.projects.items()}
    if parsed is None or parsed[0] not in projects:
        return None
    project_id, number = projects[parsed[0]], parsed[1]
    found = session.scalar(
        select(Issue.id).where(Issue.project_id == project_id, Issue.short_number == number)
    )
    return found or session.scalar(
        select(IssueRedirect.issue_id).where(
            IssueRedirect.project_id == project_id, IssueRedirect.old_short_number == number
        )
    )
