"""Deleting issues and projects: queued jobs that take rows out of telemetry, then out of records.

    queued    waits until everything received before the deletion is stored
    running   the store rewrites its parts; `progress` holds the handle to ask about it
    done      nothing is left

Every step may be repeated: a crash before the handle is kept deletes once more what is gone.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from vedette.core.time import DAY_US, SECOND_US
from vedette.issues.removal import JOB_KIND as DELETE_EVENTS
from vedette.issues.removal import DeleteEvents
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Issue, Job, Project, QuotaFlag, QuotaUsage
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.maintenance import delete_groups, delete_progress, delete_project

log = structlog.get_logger("vedette.scheduler")

DELETE_PROJECT = "delete_project"
_KINDS = (DELETE_EVENTS, DELETE_PROJECT)
_LOOK_AGAIN_US = 5 * SECOND_US
_HASHES_MOST = 2_000  # of one mutation
_JOBS_AT_ONCE = 200
_ISSUES_AT_ONCE = 200  # of one transaction: writers wait for it
_KEEP_US = 7 * DAY_US


class _Job(msgspec.Struct, frozen=True):
    id: int
    kind: str
    payload: dict[str, Any]
    progress: dict[str, Any]
    created_us: int


def run_deletions(records: Records, telemetry: Telemetry, now_us: int, settled_us: int) -> None:
    """One round over all deletions: begin what may begin, look after what runs.

    `settled_us`: the watermark; what was received before it is stored.
    """
    waiting = [job for job in _jobs(records, "queued", now_us) if job.created_us < settled_us]
    for batch in _batches([job for job in waiting if job.kind == DELETE_EVENTS]):
        _begin(records, batch, _delete_events(telemetry, batch), now_us)
    for job in waiting:
        if job.kind == DELETE_PROJECT:
            _begin(records, [job], delete_project(telemetry, int(job.payload["project_id"])), now_us)
    for job in _jobs(records, "running", now_us):
        _look_after(records, telemetry, job, now_us)


def _jobs(records: Records, state: str, now_us: int) -> list[_Job]:
    with records.read() as session:
        rows = session.scalars(
            select(Job)
            .where(Job.kind.in_(_KINDS), Job.state == state, Job.due_us <= now_us)
            .order_by(Job.id)
            .limit(_JOBS_AT_ONCE)
        )
        return [_Job(row.id, row.kind, row.payload, row.progress, row.created_us) for row in rows]


def _batches(jobs: Sequence[_Job]) -> list[list[_Job]]:
    """Jobs of one deletion together: a mutation rewrites parts, however little it deletes."""
    alike: dict[tuple[int, int], list[_Job]] = defaultdict(list)
    for job in jobs:
        payload = msgspec.convert(job.payload, DeleteEvents)
        alike[payload.project_id, payload.before_us].append(job)
    batches: list[list[_Job]] = []
    for together in alike.values():
        size = 0
        for job in together:
            hashes = len(job.payload["group_hashes"])
            if not size or size + hashes > _HASHES_MOST:
                batches.append([])
                size = 0
            batches[-1].append(job)
            size += hashes
    return batches


def _delete_events(telemetry: Telemetry, batch: Sequence[_Job]) -> str:
    payloads = [msgspec.convert(job.payload, DeleteEvents) for job in batch]
    hashes = [value & 0xFFFF_FFFF_FFFF_FFFF for payload in payloads for value in payload.group_hashes]
    if not hashes:
        return ""
    return delete_groups(telemetry, payloads[0].project_id, hashes, before_us=payloads[0].before_us)


def _begin(records: Records, batch: Sequence[_Job], handle: str, now_us: int) -> None:
    values = {"state": "running", "progress": {"handle": handle}, "updated_us": now_us}
    with records.write() as session:
        session.execute(update(Job).where(Job.id.in_([job.id for job in batch])).values(values))


def _look_after(records: Records, telemetry: Telemetry, job: _Job, now_us: int) -> None:
    handle = str(job.progress.get("handle", ""))
    progress = delete_progress(telemetry, handle) if handle else None
    if progress is not None and progress.known and not progress.done:
        seen = {"handle": handle, "parts_to_do": progress.parts_to_do, "failure": progress.failure[:300]}
        with records.write() as session:
            _change(session, job.id, progress=seen, due_us=now_us + _LOOK_AGAIN_US, updated_us=now_us)
        if progress.failure:
            log.error("deletion_fails", job=job.id, reason=progress.failure[:300])
        return
    if job.kind == DELETE_PROJECT:
        _remove_project(records, int(job.payload["project_id"]))
    with records.write() as session:
        _change(
            session, job.id, state="done", progress={"handle": handle, "parts_to_do": 0}, updated_us=now_us
        )


def _change(session: Session, job_id: int, **values: Any) -> None:
    session.execute(update(Job).where(Job.id == job_id).values(values))


def _remove_project(records: Records, project_id: int) -> None:
    """Its rows in records, issues first and some at a time; what has gone before a crash stays gone."""
    gone = _ISSUES_AT_ONCE
    while gone == _ISSUES_AT_ONCE:
        with records.write() as session:
            ids = list(
                session.scalars(select(Issue.id).where(Issue.project_id == project_id).limit(_ISSUES_AT_ONCE))
            )
            gone = len(ids)
            session.execute(delete(Issue).where(Issue.id.in_(ids)))
    with records.write() as session:
        for table in (QuotaUsage, QuotaFlag):
            session.execute(delete(table).where(table.scope == "project", table.scope_id == project_id))
        session.execute(delete(Project).where(Project.id == project_id, Project.status == "deleting"))


def forget_jobs(records: Records, now_us: int) -> None:
    """Drop what was done a week ago."""
    with records.write() as session:
        session.execute(
            delete(Job).where(Job.kind.in_(_KINDS), Job.state == "done", Job.updated_us < now_us - _KEEP_US)
        )
