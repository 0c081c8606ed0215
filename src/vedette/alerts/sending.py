"""Sending what is queued: deliveries and the mails of accounts.

A delivery is claimed by moving its due time on, sent outside any transaction, and then
settled. A process that dies in between leaves it to be sent again later: at least once,
with a key by which the receiver can tell.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from vedette.alerts.addresses import Allowed
from vedette.alerts.chat import send_chat
from vedette.alerts.mail import Letter, send_mail
from vedette.alerts.notice import Notice
from vedette.alerts.sent import Sent
from vedette.alerts.targets import channel_of, fingerprint
from vedette.alerts.texts import html, plain_text, subject
from vedette.alerts.webhook import post_webhook, signing_secret
from vedette.config import Settings
from vedette.core.mail_server import SmtpServer, parse_smtp_url
from vedette.core.time import DAY_US, SECOND_US, Clock
from vedette.projects.options import ProjectOptions, decode
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Delivery, Project

log = structlog.get_logger("vedette.alerts")

AT_ONCE = 8  # messages under way; each may wait 10 s for a slow receiver
CLAIM_US = 120 * SECOND_US  # longer than any sending takes
WAITS_US = tuple(
    seconds * SECOND_US for seconds in (30, 120, 600, 3600)
)  # after each failed try; then it has failed
KEEP_US = 30 * DAY_US
_IDLE_S = 1.0


class Senders(msgspec.Struct, frozen=True):
    """How messages leave: the mail server, if any, whom webhooks may reach, what they are signed with."""

    smtp: SmtpServer | None
    mail_from: str
    allowed: Allowed
    server_key: str

    @classmethod
    def of(cls, settings: Settings, server_key: str) -> "Senders":
        smtp = parse_smtp_url(settings.smtp_url) if settings.smtp_url else None
        return cls(smtp, settings.mail_from, Allowed(settings.allow_private), server_key)

    def mail(self, letter: Letter) -> Sent:
        if self.smtp is None:
            return Sent(False, "no mail server is set: VEDETTE_SMTP_URL", is_final=True)
        return send_mail(self.smtp, letter, self.mail_from)

    def notice_by_mail(self, to: str, notice: Notice, key: str) -> Sent:
        thread = f"issue-{notice.issue_id}" if notice.issue_id else ""
        return self.mail(Letter(to, subject(notice), plain_text(notice), html(notice), key, thread))

    def notice_to_url(self, url: str, notice: Notice, key: str, project_id: int, now_us: int) -> Sent:
        """Raises `BadTarget`."""
        if channel_of(url) == "apprise":
            return send_chat(url, notice, allowed=self.allowed)
        secret = signing_secret(self.server_key, project_id)
        return post_webhook(url, notice, key=key, secret=secret, now_us=now_us, allowed=self.allowed)


class Claimed(msgspec.Struct, frozen=True):
    """A delivery that this process is to send. `url`: the target whole; empty once it has been taken away."""

    id: int
    key: str
    project_id: int
    channel: str
    target: str
    notice: Notice
    attempts: int
    url: str = ""


def claim(records: Records, now_us: int, most: int = AT_ONCE) -> list[Claimed]:
    """Take deliveries that are due; nobody else gets them for two minutes."""
    with records.write() as session:
        rows = session.scalars(
            select(Delivery)
            .where(Delivery.state == "queued", Delivery.due_us <= now_us)
            .order_by(Delivery.due_us)
            .limit(most)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.due_us, row.attempts = now_us + CLAIM_US, row.attempts + 1
        session.flush()
        return [_claimed(session, row) for row in rows]


def _claimed(session: Session, row: Delivery) -> Claimed:
    notice = msgspec.convert(row.payload["notice"], Notice)
    secret = row.payload.get("secret", "")
    options = session.scalar(select(Project.options).where(Project.id == row.project_id)) or {}
    urls = decode(ProjectOptions, options).notifications.targets if secret else ()
    url = next((url for url in urls if fingerprint(url) == secret), "")
    return Claimed(row.id, row.key, row.project_id, row.channel, row.target, notice, row.attempts, url)


def send(claimed: Claimed, senders: Senders, now_us: int) -> Sent:
    """Send one delivery. Does not raise."""
    try:
        if claimed.channel == "mail":
            return senders.notice_by_mail(claimed.target, claimed.notice, claimed.key)
        if not claimed.url:
            return Sent(False, "the target has been taken out of the settings", is_final=True)
        return senders.notice_to_url(claimed.url, claimed.notice, claimed.key, claimed.project_id, now_us)
    except Exception as error:  # a delivery that breaks the program must not stop the others
        log.exception("delivery_broke", delivery=claimed.id)
        return Sent(False, f"internal error: {type(error).__name__}", is_final=True)


def settle(records: Records, claimed: Claimed, sent: Sent, now_us: int) -> None:
    """Write down what came of it, and when to try again."""
    values: dict[str, Any] = {"status": sent.status, "detail": sent.detail[:500]}
    if sent.ok:
        values |= {"state": "sent", "sent_us": now_us}
    elif sent.is_final or claimed.attempts > len(WAITS_US):
        values |= {"state": "failed"}
    else:
        values |= {"due_us": now_us + WAITS_US[claimed.attempts - 1]}
    with records.write() as session:
        session.execute(
            update(Delivery).where(Delivery.id == claimed.id, Delivery.state == "queued").values(values)
        )
    if not sent.ok:
        log.warning(
            "delivery_failed",
            delivery=claimed.id,
            target=claimed.target,
            try_=claimed.attempts,
            detail=sent.detail,
        )


def send_due(records: Records, senders: Senders, clock: Clock, pool: ThreadPoolExecutor | None = None) -> int:
    """One round: claim, send side by side, settle; how many were sent or tried."""
    claimed = claim(records, clock())

    def one(delivery: Claimed) -> None:
        settle(records, delivery, send(delivery, senders, clock()), clock())

    run_all(one, claimed, pool)
    return len(claimed)


def run_all(one: Any, given: Sequence[Any], pool: ThreadPoolExecutor | None) -> None:
    if pool is None:
        for item in given:
            one(item)
    else:
        list(pool.map(one, given))


def forget_deliveries(records: Records, now_us: int) -> None:
    """Drop log entries of a month ago."""
    with records.write() as session:
        session.execute(delete(Delivery).where(Delivery.created_us < now_us - KEEP_US))


def run_senders(
    records: Records, senders: Senders, clock: Clock, send_letters: Any, stop: threading.Event
) -> None:
    """Send until `stop`. `send_letters`: sends the mails of accounts that are due, see `outbox`."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="deliver") as pool:
        while not stop.is_set():
            done = 0
            try:
                done = send_due(records, senders, clock, pool) + send_letters()
            except Exception as error:  # the store may be away for a while
                log.warning("sending_paused", error=str(error)[:200])
            if not done:
                stop.wait(_IDLE_S)
