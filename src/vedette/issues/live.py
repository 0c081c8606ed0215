"""What has happened to issues since one last looked: read by polling, with an overlap.

Ids and times of rows do not grow in the order of commits, so a look reaches back behind the
one before it and leaves out what it has told already. It may miss what arrives very late;
pages ask again by themselves.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.core.time import MINUTE_US, SECOND_US
from vedette.storage.records.schema import Activity, Issue, Project

_OVERLAP_US = 30 * SECOND_US
_CLOCKS_US = 10 * MINUTE_US  # senders' clocks differ, and queues take their time
_MOST = 200
_STATUSES = ("unresolved", "resolved", "ignored")


class News(msgspec.Struct, frozen=True):
    """Something happened to an issue: an activity's name, or `seen` for further events."""

    kind: str
    project_id: int
    issue_id: int
    at_us: int


class Watch:
    """One organization's issues, looked at again and again. Not thread-safe."""

    def __init__(self, organization_id: int) -> None:
        self._organization_id = organization_id
        self._looked_us: int | None = None
        self._told: dict[int, int] = {}  # activity → its time
        self._counts: dict[int, int] = {}  # issue → events, as last seen

    def look(self, session: Session, now_us: int) -> list[News]:
        """What is new, in the order in which it happened; nothing at the first look."""
        projects = list(
            session.scalars(select(Project.id).where(Project.organization_id == self._organization_id))
        )
        since_us = (self._looked_us or now_us) - _OVERLAP_US
        news = [*self._changed(session, projects, since_us), *self._counted(session, projects, now_us)]
        is_first, self._looked_us = self._looked_us is None, now_us
        return [] if is_first else sorted(news, key=lambda one: one.at_us)

    def _changed(self, session: Session, projects: Iterable[int], since_us: int) -> list[News]:
        rows = session.execute(
            select(Activity.id, Activity.type, Activity.created_us, Issue.project_id, Issue.id)
            .join(Issue, Issue.id == Activity.issue_id)
            .where(
                Issue.project_id.in_(projects),
                Activity.created_us >= since_us,
                Activity.type != "first_seen",  # told by its count
            )
            .order_by(Activity.created_us.desc())
            .limit(_MOST)
        ).all()
        told, self._told = self._told, {row[0]: row[2] for row in rows}
        return [
            News(kind, project_id, issue_id, at_us)
            for id_, kind, at_us, project_id, issue_id in rows
            if id_ not in told
        ]

    def _counted(self, session: Session, projects: Iterable[int], now_us: int) -> list[News]:
        rows = session.execute(
            select(Issue.id, Issue.project_id, Issue.times_seen, Issue.last_seen_us)
            .where(
                Issue.project_id.in_(projects),
                Issue.status.in_(_STATUSES),  # as the index begins
                Issue.last_seen_us >= now_us - _CLOCKS_US,
            )
            .order_by(Issue.last_seen_us.desc())
            .limit(_MOST)
        ).all()
        before, self._counts = self._counts, {row[0]: row[2] for row in rows}
        return [
            News("seen" if issue_id in before else "new", project_id, issue_id, last_us)
            for issue_id, project_id, count, last_us in rows
            if before.get(issue_id) != count
        ]
