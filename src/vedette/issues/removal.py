"""Deleting and discarding issues: gone from records at once, from telemetry by a job.

The hashes stay. Of a deleted issue, they wait with `since_us` for the next event, so that
rows of telemetry that are still there belong to nobody; discarded ones turn events away.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from vedette.storage.records.schema import Issue, IssueHash, Job

JOB_KIND = "delete_events"
_PER_JOB = 500  # hashes of one mutation


class DeleteEvents(msgspec.Struct, frozen=True):
    """The payload of a job: events of these hashes, received before a time, are to go."""

    project_id: int
    group_hashes: list[int]  # signed
    before_us: int
    title: str = ""


def remove_issues(session: Session, issues: Sequence[Issue], now_us: int, *, discard: bool = False) -> None:
    """Delete the issues and queue what is left to do. The caller has locked them."""
    for issue in issues:
        hashes = list(session.scalars(select(IssueHash.group_hash).where(IssueHash.issue_id == issue.id)))
        session.execute(
            update(IssueHash)
            .where(IssueHash.issue_id == issue.id)
            .values(issue_id=None, since_us=now_us, state="discarded" if discard else "open")
        )
        for start in range(0, len(hashes), _PER_JOB):
            _queue(session, issue, hashes[start : start + _PER_JOB], start, now_us)
    session.flush()
    session.execute(delete(Issue).where(Issue.id.in_([issue.id for issue in issues])))


def _queue(session: Session, issue: Issue, hashes: list[int], start: int, now_us: int) -> None:
    payload: dict[str, Any] = msgspec.to_builtins(
        DeleteEvents(issue.project_id, hashes, now_us, issue.title[:200])
    )
    session.add(
        Job(
            key=f"{JOB_KIND}:{issue.id}:{start}",
            kind=JOB_KIND,
            payload=payload,
            due_us=now_us,
            created_us=now_us,
            updated_us=now_us,
        )
    )
