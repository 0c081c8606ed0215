"""The delivery log of a project: what was sent, to whom, with what result; and the test message."""

import secrets

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from vedette.alerts.consume import Address, shown
from vedette.alerts.notice import Notice
from vedette.alerts.sending import Senders
from vedette.alerts.sent import Sent
from vedette.alerts.targets import BadTarget, channel_of, fingerprint, masked
from vedette.core.time import to_iso
from vedette.projects.values import Project
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Delivery


class DeliveryView(msgspec.Struct, rename="camel", kw_only=True):
    id: str
    kind: str
    channel: str
    target: str
    state: str
    status: int | None
    detail: str
    attempts: int
    issue_id: str | None
    short_id: str
    title: str
    date_created: str
    date_sent: str | None


def deliveries(session: Session, project_id: int, limit: int, offset: int) -> list[Delivery]:
    """Newest first."""
    return list(
        session.scalars(
            select(Delivery)
            .where(Delivery.project_id == project_id)
            .order_by(Delivery.created_us.desc(), Delivery.id.desc())
            .limit(limit)
            .offset(offset)
        )
    )


def delivery_view(row: Delivery) -> DeliveryView:
    notice = msgspec.convert(
        row.payload.get("notice", {"kind": row.kind, "project": "", "organization": "", "url": ""}), Notice
    )
    return DeliveryView(
        id=str(row.id),
        kind=row.kind,
        channel=row.channel,
        target=row.target,
        state=row.state,
        status=row.status,
        detail=row.detail,
        attempts=row.attempts,
        issue_id=str(row.issue_id) if row.issue_id else None,
        short_id=notice.short_id,
        title=notice.title,
        date_created=to_iso(row.created_us),
        date_sent=to_iso(row.sent_us) if row.sent_us else None,
    )


def notice_for_test(project: Project, organization: str, base_url: str) -> Notice:
    return Notice(
        kind="test",
        project=project.slug,
        organization=organization,
        url=f"{base_url}/organizations/{organization}/issues/?project={project.id}",
        title="ExampleError: this is only a test",
        culprit="example.module in function",
        level="info",
        environment="production",
    )


def send_test(
    records: Records, senders: Senders, project_id: int, notice: Notice, to: str, now_us: int
) -> DeliveryView:
    """Send a test message now to a URL or a mail address, and put what came of it into the log.

    Raises `BadTarget` for a URL that cannot be a target.
    """
    key = f"test:{secrets.token_hex(16)}"
    if "://" in to:
        address = Address(channel_of(to), masked(to), fingerprint(to))
        sent = senders.notice_to_url(to, notice, key, project_id, now_us)
    elif "@" in to:
        address = Address("mail", to)
        sent = senders.notice_by_mail(to, notice, key)
    else:
        raise BadTarget("neither a URL nor a mail address")
    return _keep(records, project_id, key, notice, address, sent, now_us)


def _keep(
    records: Records, project_id: int, key: str, notice: Notice, address: Address, sent: Sent, now_us: int
) -> DeliveryView:
    with records.write() as session:
        row = session.scalars(
            insert(Delivery)
            .values(
                key=key,
                project_id=project_id,
                kind=notice.kind,
                channel=address.channel,
                target=shown(address),
                payload={"notice": msgspec.to_builtins(notice)},
                state="sent" if sent.ok else "failed",
                status=sent.status,
                detail=sent.detail[:500],
                attempts=1,
                due_us=now_us,
                sent_us=now_us if sent.ok else None,
                created_us=now_us,
            )
            .returning(Delivery)
        ).one()
        return delivery_view(row)
