"""Removing the events of deleted issues from telemetry: queued jobs, carried out together.

A mutation rewrites every part it touches, so one for many jobs costs little more than one
for one; nobody sees the rows meanwhile, because records have let go of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from vedette.core.time import HOUR_US, SECOND_US
from vedette.errors.conditions import Parameters
from vedette.errors.groups import unsigned
from vedette.issues.removal import JOB_KIND, DeleteEvents
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Job
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.errors import TelemetryError

_AT_ONCE = 200  # jobs of one mutation
_RETRY_US = HOUR_US
_WAIT_S = 1800.0


def remove_deleted_events(records: Records, telemetry: Telemetry, now_us: int) -> int:
    """Carry out the jobs that are due; how many. Raises `TelemetryError`, and tries them again later."""
    with records.connect() as connection:
        jobs = _claim(connection, now_us)
    if not jobs:
        return 0
    work = [msgspec.convert(payload, DeleteEvents) for _, payload in jobs]
    try:
        for table, time in (("errors", "received"), ("issue_hours", "hour")):
            _delete(telemetry, table, time, work)
    except TelemetryError as error:
        _put_back(records, [id_ for id_, _ in jobs], now_us, str(error))
        raise
    with records.connect() as connection:
        _set(connection, [id_ for id_, _ in jobs], state="done", updated_us=now_us)
    return len(jobs)


def _claim(connection: Connection, now_us: int) -> list[tuple[int, dict[str, object]]]:
    """Jobs in work are due again after a while: their worker may have died."""
    rows = connection.execute(
        select(Job.id, Job.payload)
        .where(Job.kind == JOB_KIND, Job.state.in_(("queued", "running")), Job.due_us <= now_us)
        .order_by(Job.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    ids = [row[0] for row in rows]
    _set(connection, ids, state="running", due_us=now_us + _RETRY_US, attempts=Job.attempts + 1)
    return [(id_, payload) for id_, payload in rows]


def _set(connection: Connection, ids: Sequence[int], **values: object) -> None:
    connection.execute(update(Job).where(Job.id.in_(ids)).values(values))


def _put_back(records: Records, ids: Sequence[int], now_us: int, reason: str) -> None:
    with records.connect() as connection:
        _set(
            connection,
            ids,
            state="queued",
            due_us=now_us + _RETRY_US,
            updated_us=now_us,
            progress={"error": reason[:500]},
        )


def _delete(telemetry: Telemetry, table: str, time: str, work: Iterable[DeleteEvents]) -> None:
    parameters = Parameters()
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for one in work:
        alike[one.project_id, one.before_us] += [unsigned(hash_) for hash_ in one.group_hashes]
    tests = [_test(time, *key, hashes, parameters) for key, hashes in sorted(alike.items())]
    sql = f"ALTER TABLE {table} DELETE WHERE {' OR '.join(tests)}"
    telemetry.command(sql, parameters.values, settings={"mutations_sync": 1}, timeout_s=_WAIT_S)


def _test(time: str, project_id: int, before_us: int, hashes: list[int], parameters: Parameters) -> str:
    project = parameters.add(project_id, "UInt64")
    groups = parameters.add(hashes, "Array(UInt64)")
    before = parameters.add(before_us // SECOND_US if time == "hour" else before_us, "Int64")
    moment = "toUnixTimestamp(hour)" if time == "hour" else "toUnixTimestamp64Micro(received)"
    return f"(project_id = {project} AND has({groups}, group_hash) AND {moment} < {before})"
