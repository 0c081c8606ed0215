"""The audit log of an organization: who changed what, from where."""

from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.projects.access import Caller
from vedette.storage.records import schema

# Each entry's name is `thing.change`, as Sentry spells them where it has the same one.
EVENTS = (
    *("org.create", "org.edit", "member.invite", "member.add", "member.accept-invite", "member.edit"),
    *("member.remove", "member.join-team", "member.leave-team", "member.recover"),
    *("team.create", "team.edit", "team.remove", "project.create", "project.edit", "project.remove"),
    *("project.add-team", "project.remove-team", "project.ownership", "project.notifications"),
    *("projectkey.create", "projectkey.edit", "projectkey.remove"),
    *("orgauthtoken.create", "orgauthtoken.edit", "orgauthtoken.remove"),
    *("internal-integration.create", "internal-integration.remove", "environment.edit"),
    *("issue.delete", "issue.discard"),
)


class AuditEntry(msgspec.Struct, frozen=True):
    id: int
    actor_id: int | None
    actor_label: str
    event: str
    target: str
    data: dict[str, Any]
    ip_address: str | None
    created_us: int


def note(
    session: Session,
    organization_id: int,
    caller: Caller,
    event: str,
    target: str,
    now_us: int,
    **data: object,
) -> None:
    """Write an entry in the transaction of the change. Never pass secrets in `data`."""
    assert event in EVENTS, event
    session.add(
        schema.AuditEntry(
            organization_id=organization_id,
            actor_id=caller.user.id if caller.user else None,
            actor_label=caller.label[:254],
            event=event,
            target=target[:254],
            data=data,
            ip_address=caller.address[:64] or None,
            created_us=now_us,
        )
    )


def entries(
    session: Session,
    organization_id: int,
    *,
    event: str | None,
    actor_id: int | None,
    offset: int,
    limit: int,
) -> list[AuditEntry]:
    """Entries from the newest on."""
    table = schema.AuditEntry
    wanted = select(table).where(table.organization_id == organization_id)
    if event:
        wanted = wanted.where(table.event == event)
    if actor_id is not None:
        wanted = wanted.where(table.actor_id == actor_id)
    wanted = wanted.order_by(table.created_us.desc(), table.id.desc()).offset(offset).limit(limit)
    return [msgspec.convert(row, AuditEntry, from_attributes=True) for row in session.scalars(wanted)]
