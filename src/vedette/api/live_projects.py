"""Live news of single projects: events received and requests refused, for who waits for a first event.

Refusals of this process are told at once; those of others, and what the pipeline did not
take, are found in the outcomes, event by event in telemetry, while somebody listens.
"""

from collections.abc import Sequence
from typing import Any, cast

import msgspec

from vedette.api.reasons import in_words
from vedette.core.outcomes import Outcome
from vedette.core.time import MINUTE_US, SECOND_US, Clock, to_iso
from vedette.errors.groups import signed
from vedette.issues.query import issues_of_hashes
from vedette.projects.outcomes import wire_category
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry

TOPIC = "project:"
_OVERLAP_US = 30 * SECOND_US
_EVENTS_MOST = 20
_NOT_TOLD = (int(Outcome.ACCEPTED), int(Outcome.CLIENT_DISCARD))
_EVENTS = """
SELECT event_id, group_hash, title, received FROM errors
WHERE project_id = {project:UInt64} AND received >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
ORDER BY received DESC LIMIT {limit:UInt32}
"""
_REFUSED = """
SELECT toString(category), toString(reason), sum(quantity) FROM outcomes
WHERE project_id = {project:UInt64} AND minute >= toDateTime({from_s:UInt32}, 'UTC')
    AND outcome NOT IN {not_told:Array(UInt8)}
GROUP BY category, reason
"""


class ProjectNews(msgspec.Struct, frozen=True):
    """One message of a project's topic."""

    project_id: int
    content: dict[str, Any]


class ProjectWatch:
    """One project, looked at again and again. Not thread-safe; looks block."""

    def __init__(
        self, records: Records, telemetry: Telemetry, clock: Clock, project_id: int, slug: str
    ) -> None:
        self._records = records
        self._telemetry = telemetry
        self._clock = clock
        self.project_id = project_id
        self._topic = f"{TOPIC}{slug}"
        self._began_us = clock()
        self._events: set[str] = set()
        self._counts: dict[tuple[str, str], int] | None = None
        self._counts_of: int = 0

    def look(self) -> list[ProjectNews]:
        """What is new since the last look. The first tells of events only, from when the watch began."""
        return [*self._received(), *self._refused()]

    def _received(self) -> list[ProjectNews]:
        since_us = max(self._began_us, self._clock() - _OVERLAP_US)
        where = {"project": self.project_id, "since": since_us, "limit": _EVENTS_MOST}
        found = cast("list[list[Any]]", self._telemetry.query_rows(_EVENTS, where).rows)
        rows = [row for row in found if str(row[0]) not in self._events]
        if not rows:
            return []
        keys = [(self.project_id, signed(int(row[1]))) for row in rows]
        with self._records.read() as session:
            issues = issues_of_hashes(session, keys)
        self._events |= {str(row[0]) for row in rows}
        return [
            self._news(
                "received",
                category="error",
                event=str(row[0]).replace("-", ""),
                issue=str(issues[key]) if key in issues else None,
                title=row[2],
            )
            for row, key in reversed(list(zip(rows, keys, strict=True)))
        ]

    def _refused(self) -> list[ProjectNews]:
        minute = self._began_us // MINUTE_US * (MINUTE_US // SECOND_US)
        where = {"project": self.project_id, "from_s": minute, "not_told": list(_NOT_TOLD)}
        rows = cast("list[list[Any]]", self._telemetry.query_rows(_REFUSED, where).rows)
        found = {(str(category), str(reason)): int(total) for category, reason, total in rows}
        before, self._counts = self._counts, found
        if before is None:
            return []
        return [
            self._rejected(reason, "", wire_category(category), count - before.get((category, reason), 0))
            for (category, reason), count in found.items()
            if count > before.get((category, reason), 0)
        ]

    def rejected_here(self, reason: str, detail: str) -> ProjectNews:
        """A request that this process has just refused. It comes again, counted, with the outcomes."""
        return self._rejected(reason, detail, "", 1)

    def _rejected(self, reason: str, detail: str, category: str, quantity: int) -> ProjectNews:
        return self._news(
            "rejected",
            reason=reason,
            detail=detail,
            message=in_words(reason),
            category=category,
            quantity=quantity,
        )

    def _news(self, kind: str, **more: Any) -> ProjectNews:
        content = {"topic": self._topic, "kind": kind, "at": to_iso(self._clock()), **more}
        return ProjectNews(self.project_id, content)


def messages(news: Sequence[ProjectNews]) -> bytes:
    """As events of the stream."""
    return b"".join(b"data: " + msgspec.json.encode(one.content) + b"\n\n" for one in news)
