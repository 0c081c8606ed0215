"""The health page: how the whole server does, for who runs it. Parts that cannot be told are left out."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import orjson
import structlog
from litestar import get
from litestar.types import ControllerRouterHandler
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vedette import __version__
from vedette.api.given import TheCaller, TheServices
from vedette.api.services import Services
from vedette.core.outcomes import Outcome
from vedette.core.time import HOUR_US, SECOND_US, to_iso
from vedette.folder import DataFolder
from vedette.projects.access import Caller, organizations_of, visible_projects
from vedette.projects.errors import Denied
from vedette.projects.outcomes import NAMES, wire_category
from vedette.spool.letters import count_letters
from vedette.storage.records.notes import PAUSED, SILENT, read_note
from vedette.storage.records.schema import Job, Project, QuotaFlag, SpoolCursor
from vedette.storage.sizes import growth_per_day, measure
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.errors import TelemetryError

log = structlog.get_logger("vedette.api")

Json = dict[str, Any]
SPOOL_MOST_BYTES = 16 << 30  # the spool's own high-water mark; the disk's is `min_free_mb`
_OUTCOMES = """
SELECT project_id, toString(category), outcome, toString(reason), sum(quantity) AS total
FROM outcomes
WHERE minute >= toDateTime({from_s:UInt32}, 'UTC') AND project_id IN {projects:Array(UInt64)}
GROUP BY ALL ORDER BY total DESC LIMIT 200
"""
_RATES = """
SELECT outcome, sum(quantity) FROM outcomes
WHERE minute >= toDateTime({from_s:UInt32}, 'UTC') AND minute < toDateTime({to_s:UInt32}, 'UTC')
    AND project_id IN {projects:Array(UInt64)} GROUP BY outcome
"""
_SLOW = """
SELECT query_id, elapsed, substring(query, 1, 300) FROM system.processes
WHERE elapsed > 1 ORDER BY elapsed DESC LIMIT 10
"""
_RATE_MINUTES = 5


def may_see_server(session: Session, caller: Caller) -> bool:
    """A superuser, or who owns an organization; a token needs the scope `org:admin`."""
    if caller.user is not None and caller.user.is_superuser and caller.token_scopes is None:
        return True
    return any(access.can("org:admin") for access in organizations_of(session, caller))


@get("/internal/health/", sync_to_thread=True)
def read_health(services: TheServices, caller: TheCaller) -> Json:
    """Processes, spool, disk, stores and what became of what was received in the last hour."""
    now_us = services.clock()
    with services.records.read() as session:
        if not may_see_server(session, caller):
            raise Denied("this needs a superuser, or the scope org:admin")
        projects = _projects(session, caller)
        jobs, protection = _jobs(session), _protection(session, projects, now_us)
        lag = _lag_s(session, now_us)
    folder = DataFolder(services.settings.data)
    roles = roles_of(folder.roles)
    health: Json = {
        "version": __version__,
        "roles": roles,
        "spool": {**spool_of(folder), "oldestSeconds": lag, "limitBytes": SPOOL_MOST_BYTES},
        "jobs": jobs,
        "protection": protection,
        **_notes(services),
    }
    started = [role["startedAt"] for role in roles if role["startedAt"]]
    if started:
        health["startedAt"] = min(started)
    parts: dict[str, Callable[[], Any]] = {
        "stores": lambda: _stores(services, folder, now_us),
        "outcomes": lambda: _outcomes(services.telemetry, projects, now_us),
        "rates": lambda: _rates(services.telemetry, list(projects), now_us),
        "slowQueries": lambda: _slow(services.telemetry),
    }
    health["engine"] = {"answers": services.telemetry.ping()}
    for name, part in parts.items():
        try:
            health[name] = part()
        except TelemetryError as error:
            health["engine"] = {"answers": False, "error": str(error)[:200]}
    health["disk"] = _disk(folder.path, health.get("stores"))
    return health


def _projects(session: Session, caller: Caller) -> dict[int, str]:
    """Id → slug of the projects whose figures the caller may see."""
    if caller.user is not None and caller.user.is_superuser:
        rows = session.execute(select(Project.id, Project.slug).where(Project.status == "active")).all()
        return {row.id: row.slug for row in rows}
    found: dict[int, str] = {}
    for access in organizations_of(session, caller):
        if access.can("org:admin"):
            rows = session.execute(select(Project.id, Project.slug).where(visible_projects(access))).all()
            found.update({row.id: row.slug for row in rows})
    return found


# ── this node ─────────────────────────────────────────────────────────────────────────────


def roles_of(file: Path) -> list[Json]:
    """The processes that the supervisor of this node has started; none where each role runs alone."""
    try:
        written: list[Json] = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return []
    return [_role(role) for role in written]


def _role(role: Json) -> Json:
    memory = memory_mb(int(role["pid"])) if role["pid"] else None
    started_us = int(role["started_us"])
    return {
        "name": role["name"],
        "pid": role["pid"],
        "up": memory is not None,
        "restarts": role["restarts"],
        "startedAt": to_iso(started_us) if started_us else None,
        "memoryMb": memory,
    }


def memory_mb(pid: int) -> float | None:
    """A process's own share of memory (PSS), else what is resident; None if it is not there."""
    folder = Path(f"/proc/{pid}")
    try:
        for line in (folder / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return round(int(line.split()[1]) / 1024, 1)
    except OSError:
        pass
    try:
        pages = int((folder / "statm").read_text().split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1048576, 1)
    except (OSError, IndexError, ValueError):
        return None


def spool_of(folder: DataFolder) -> Json:
    size = sum(file.stat().st_size for file in folder.spool.rglob("*.seg")) if folder.spool.exists() else 0
    return {"bytes": size, "deadLetters": count_letters(folder.dead)}


def _lag_s(session: Session, now_us: int) -> float:
    """How long the oldest range in flight has been waiting; 0 when all is done."""
    opened = session.scalar(
        select(func.min(SpoolCursor.range_opened_us)).where(SpoolCursor.range_opened_us.is_not(None))
    )
    return round(max(0, now_us - opened) / SECOND_US, 1) if opened else 0.0


def _disk(path: Path, stores: list[Json] | None) -> Json:
    state = os.statvfs(path)
    free = state.f_bavail * state.f_frsize
    disk: Json = {"freeBytes": free, "totalBytes": state.f_blocks * state.f_frsize}
    growth = sum(store.get("growthBytesPerDay") or 0 for store in stores or [])
    if growth > 0:
        disk["forecastDays"] = round(free / growth)
    return disk


# ── the stores ────────────────────────────────────────────────────────────────────────────


def _stores(services: Services, folder: DataFolder, now_us: int) -> list[Json]:
    sizes = measure(services.records, services.telemetry, folder.spool)
    growth = growth_per_day(services.records, now_us)
    return [
        {"name": name, "bytes": size, **({"growthBytesPerDay": growth[name]} if name in growth else {})}
        for name, size in sizes.items()
    ]


def _outcomes(telemetry: Telemetry, projects: dict[int, str], now_us: int) -> list[Json]:
    since = {"from_s": (now_us - HOUR_US) // SECOND_US, "projects": list(projects)}
    return [
        {
            "project": projects[int(project_id)],
            "category": wire_category(category),
            "outcome": NAMES.get(Outcome(outcome), ""),
            "reason": reason,
            "quantity": int(total),
        }
        for project_id, category, outcome, reason, total in _rows(telemetry, _OUTCOMES, since)
    ]


def _rates(telemetry: Telemetry, projects: list[int], now_us: int) -> Json:
    """Per minute, over the last five whole minutes."""
    to_s = now_us // SECOND_US // 60 * 60
    window = {"from_s": to_s - _RATE_MINUTES * 60, "to_s": to_s, "projects": projects}
    totals = {int(outcome): int(total) for outcome, total in _rows(telemetry, _RATES, window)}
    accepted = totals.pop(int(Outcome.ACCEPTED), 0)
    return {
        "acceptedPerMinute": round(accepted / _RATE_MINUTES, 1),
        "notAcceptedPerMinute": round(sum(totals.values()) / _RATE_MINUTES, 1),
    }


def _slow(telemetry: Telemetry) -> list[Json]:
    """Statements that have been running for more than a second."""
    return [
        {"id": str(id_), "seconds": round(float(seconds), 1), "query": str(text)}
        for id_, seconds, text in _rows(telemetry, _SLOW, {})
    ]


def _rows(telemetry: Telemetry, sql: str, parameters: dict[str, Any]) -> list[list[Any]]:
    return cast("list[list[Any]]", telemetry.query_rows(sql, parameters).rows)


def _jobs(session: Session) -> list[Json]:
    rows = session.scalars(
        select(Job).where(Job.kind.like("delete_%"), Job.state != "done").order_by(Job.id).limit(50)
    )
    return [
        {
            "id": str(row.id),
            "kind": row.kind,
            "title": str(row.payload.get("title") or row.payload.get("slug") or ""),
            "state": row.state,
            "since": to_iso(row.created_us),
            **{name: row.progress[name] for name in ("parts_to_do", "failure") if name in row.progress},
        }
        for row in rows
    ]


def _protection(session: Session, projects: dict[int, str], now_us: int) -> list[Json]:
    """Limits that are used up at the moment."""
    rows = session.scalars(select(QuotaFlag).where(QuotaFlag.until_us > now_us).limit(100))
    return [
        {
            "name": f"{row.scope} {projects.get(row.scope_id, row.scope_id)} {row.category or 'all'}".strip(),
            "until": to_iso(row.until_us),
            "reason": row.reason,
        }
        for row in rows
        if row.scope != "project" or row.scope_id in projects
    ]


def _notes(services: Services) -> Json:
    found: Json = {}
    retention = read_note(services.records, "retention")
    if retention:
        found["retention"] = {"lastRun": to_iso(retention["last_us"]), "dropped": retention["dropped"]}
    backup = read_note(services.records, "backup")
    if backup:
        found["backup"] = {"last": to_iso(backup["at_us"]), "folder": backup.get("folder", "")}
    silent = read_note(services.records, SILENT).get("writers")
    if silent:
        found["silentWriters"] = silent
    paused = read_note(services.records, PAUSED)
    if paused and int(paused.get("until_us", 0)) > services.clock():
        found["paused"] = {"until": to_iso(int(paused["until_us"]))}
    return found


HANDLERS: list[ControllerRouterHandler] = [read_health]
