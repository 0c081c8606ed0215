"""Mails of accounts (invitations, new passwords): queued by requests, sent by the scheduler's role.

They are rows of `jobs`, because deliveries belong to projects. A row goes when its mail is
sent, or when its time is over: what is in it opens an account.
"""

import secrets
from collections.abc import Callable

import structlog
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from vedette.alerts.mail import Letter
from vedette.alerts.sending import CLAIM_US, Senders
from vedette.core.time import HOUR_US, SECOND_US, Clock
from vedette.projects.mail import Message
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Job

log = structlog.get_logger("vedette.alerts")

JOB_KIND = "send_mail"
_GIVE_UP_US = HOUR_US  # a link for a new password is of no use after that
_AGAIN_US = 30 * SECOND_US
_AT_ONCE = 8


class QueuedMailer:
    """The `Mailer` of a server with a mail server: `send` writes a row and returns."""

    can_send = True

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def send(self, message: Message) -> None:
        now_us = self._clock()
        try:
            with self._records.write() as session:
                session.execute(
                    insert(Job).values(
                        key=f"{JOB_KIND}:{secrets.token_hex(16)}",
                        kind=JOB_KIND,
                        payload={"to": message.to, "subject": message.subject, "text": message.text},
                        state="queued",
                        progress={},
                        attempts=0,
                        due_us=now_us,
                        created_us=now_us,
                        updated_us=now_us,
                    )
                )
        except Exception:  # as promised: a mail that is not queued must not fail what it tells of
            log.exception("mail_not_queued")


def send_letters(records: Records, senders: Senders, clock: Clock) -> int:
    """Send the mails that are due; how many were sent or tried."""
    with records.write() as session:
        letters = _claim(session, clock())
    for job_id, letter, created_us in letters:
        sent = senders.mail(letter)
        now_us = clock()
        with records.write() as session:
            row = session.get(Job, job_id)
            if row is None:
                continue
            if sent.ok or sent.is_final or now_us - created_us > _GIVE_UP_US:
                session.delete(row)
            else:
                row.due_us, row.updated_us = now_us + _AGAIN_US * row.attempts, now_us
                row.progress = {"error": sent.detail}
        if not sent.ok:
            log.warning("mail_not_sent", detail=sent.detail, given_up=sent.is_final)
    return len(letters)


def _claim(session: Session, now_us: int) -> list[tuple[int, Letter, int]]:
    rows = session.scalars(
        select(Job)
        .where(Job.kind == JOB_KIND, Job.state == "queued", Job.due_us <= now_us)
        .order_by(Job.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.due_us, row.attempts, row.updated_us = now_us + CLAIM_US, row.attempts + 1, now_us
    return [
        (
            row.id,
            Letter(row.payload["to"], row.payload["subject"], row.payload["text"], key=row.key),
            row.created_us,
        )
        for row in rows
    ]


def letters_of(records: Records, senders: Senders, clock: Clock) -> Callable[[], int]:
    return lambda: send_letters(records, senders, clock)
