"""Client keys of projects: what SDKs authenticate with, and the addresses made from them."""

from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from vedette.core.ids import new_public_key
from vedette.projects import audit
from vedette.projects.access import Access, visible_projects
from vedette.projects.errors import Invalid, Missing
from vedette.projects.values import Project
from vedette.storage.records import schema

_MOST_WINDOW_S = 86_400


class Rate(msgspec.Struct, frozen=True):
    """At most `count` events in `window` seconds; the names are those of the wire."""

    count: int
    window: int


class Key(msgspec.Struct, frozen=True):
    id: int
    project_id: int
    public_key: str
    secret_key: str
    label: str
    is_active: bool
    rate_count: int | None
    rate_window_s: int | None
    options: dict[str, Any]
    created_us: int

    @property
    def rate(self) -> Rate | None:
        if self.rate_count is None or self.rate_window_s is None:
            return None
        return Rate(self.rate_count, self.rate_window_s)


def key_of(row: schema.ProjectKey) -> Key:
    return msgspec.convert(row, Key, from_attributes=True)


def create_key(
    session: Session, project_id: int, *, label: str, rate: Rate | None = None, now_us: int
) -> Key:
    """A new, active key. The keys are random: nothing of ours can be read from them."""
    row = schema.ProjectKey(
        project_id=project_id,
        public_key=new_public_key(),
        secret_key=new_public_key(),
        label=label.strip()[:64] or "Default",
        created_us=now_us,
    )
    _set_rate(row, rate)
    session.add(row)
    session.flush()
    return key_of(row)


def list_keys(
    session: Session, project_id: int, *, active: bool | None, offset: int = 0, limit: int = 101
) -> list[Key]:
    table = schema.ProjectKey
    wanted = select(table).where(table.project_id == project_id)
    if active is not None:
        wanted = wanted.where(table.is_active.is_(active))
    return [key_of(row) for row in session.scalars(wanted.order_by(table.id).offset(offset).limit(limit))]


def list_organization_keys(
    session: Session, access: Access, *, active: bool | None, team_ids: list[int], offset: int, limit: int
) -> list[Key]:
    """Keys of all projects the caller sees, or of those of some teams."""
    table, link = schema.ProjectKey, schema.ProjectTeam
    wanted = select(table).join(schema.Project, schema.Project.id == table.project_id)
    wanted = wanted.where(visible_projects(access))
    if team_ids:
        wanted = wanted.where(table.project_id.in_(select(link.project_id).where(link.team_id.in_(team_ids))))
    if active is not None:
        wanted = wanted.where(table.is_active.is_(active))
    return [key_of(row) for row in session.scalars(wanted.order_by(table.id).offset(offset).limit(limit))]


def find_key(session: Session, project: Project, public_key: str) -> Key:
    return key_of(_row(session, project, public_key))


class KeyChange(msgspec.Struct, frozen=True):
    """What to change of a key; None keeps what is there. `rate` counts only with `sets_rate`."""

    label: str | None = None
    is_active: bool | None = None
    sets_rate: bool = False
    rate: Rate | None = None
    options: dict[str, Any] | None = None


def change_key(
    session: Session, access: Access, project: Project, public_key: str, change: KeyChange, now_us: int
) -> Key:
    row = _row(session, project, public_key)
    if change.label is not None:
        row.label = change.label.strip()[:64] or row.label
    if change.is_active is not None:
        row.is_active = change.is_active
    if change.sets_rate:
        _set_rate(row, change.rate)
    if change.options is not None:
        row.options = {**row.options, **change.options}
    audit.note(
        session,
        project.organization_id,
        access.caller,
        "projectkey.edit",
        row.label,
        now_us,
        project=project.slug,
    )
    session.flush()
    return key_of(row)


def remove_key(session: Session, access: Access, project: Project, public_key: str, now_us: int) -> None:
    row = _row(session, project, public_key)
    session.execute(delete(schema.ProjectKey).where(schema.ProjectKey.id == row.id))
    audit.note(
        session,
        project.organization_id,
        access.caller,
        "projectkey.remove",
        row.label,
        now_us,
        project=project.slug,
    )


def _row(session: Session, project: Project, public_key: str) -> schema.ProjectKey:
    table = schema.ProjectKey
    row = session.scalar(
        select(table).where(table.project_id == project.id, table.public_key == public_key.lower())
    )
    if row is None:
        raise Missing
    return row


def _set_rate(row: schema.ProjectKey, rate: Rate | None) -> None:
    if rate is not None and not (0 < rate.count < 2**31 and 0 < rate.window <= _MOST_WINDOW_S):
        raise Invalid("rateLimit", f"a positive count in a window of 1 to {_MOST_WINDOW_S} seconds")
    row.rate_count = rate.count if rate else None
    row.rate_window_s = rate.window if rate else None


# ── addresses ─────────────────────────────────────────────────────────────────────────────


def dsn_of(base_url: str, key: Key, *, with_secret: bool = False) -> str:
    """`https://KEY@host/prefix/7`, from the server's public URL."""
    scheme, _, rest = base_url.partition("://")
    user = f"{key.public_key}:{key.secret_key}" if with_secret else key.public_key
    return f"{scheme}://{user}@{rest}/{key.project_id}"


def addresses_of(base_url: str, key: Key) -> dict[str, str]:
    """Every address of a key, by the name that clients know it by."""
    public = key.public_key
    api = f"{base_url}/api/{key.project_id}"
    return {
        "public": dsn_of(base_url, key),
        "secret": dsn_of(base_url, key, with_secret=True),
        "csp": f"{api}/csp-report/?sentry_key={public}",
        "security": f"{api}/security/?sentry_key={public}",
        "minidump": f"{api}/minidump/?sentry_key={public}",
        "unreal": f"{api}/unreal/{public}/",
        "nel": f"{api}/nel/?sentry_key={public}",
        "playstation": f"{api}/playstation/?sentry_key={public}",
        "cdn": f"{base_url}/js-sdk-loader/{public}.min.js",
        "crons": f"{api}/cron/___MONITOR_SLUG___/{public}/",
        "integration": f"{api}/integration/",
        "otlp_traces": f"{api}/integration/otlp/v1/traces",
        "otlp_logs": f"{api}/integration/otlp/v1/logs",
    }
