"""Facts of the outbox become deliveries, in the transaction that takes the facts away.

So a crash leaves either the fact or its deliveries. The key of a delivery is unique: a fact
that came twice would not be told twice.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from vedette.alerts.notice import KINDS, Notice, is_loud_enough
from vedette.alerts.recipients import addresses, recipients
from vedette.alerts.targets import BadTarget, channel_of, fingerprint, masked
from vedette.core.facts import ALERTS, IssueFact, MentionFact
from vedette.core.ids import short_id
from vedette.core.time import MINUTE_US, to_iso
from vedette.projects.options import Notifications, ProjectOptions, decode
from vedette.storage.records.database import Records
from vedette.storage.records.portable import upsert
from vedette.storage.records.schema import (
    Activity,
    Delivery,
    Fact,
    Issue,
    IssueEnvironment,
    Organization,
    Project,
    User,
)

log = structlog.get_logger("vedette.alerts")

AT_ONCE = 100  # facts of one transaction
FLOOD_MOST = 30  # messages to one target in the rule's time; a release that breaks everything says so once
_UNRESOLVED = "unresolved"


class Place(NamedTuple):
    """Where an issue belongs, and what its project says about telling people."""

    organization: str
    project: str
    rule: Notifications


class Address(NamedTuple):
    """Somebody to tell. `secret`: the fingerprint of the URL, whose text stays in the project's options."""

    channel: str
    target: str
    secret: str = ""


def consume_facts(records: Records, base_url: str, now_us: int, *, can_mail: bool) -> int:
    """Turn the facts that are due into deliveries; how many facts there were."""
    with records.write() as session:
        facts = session.scalars(
            select(Fact)
            .where(Fact.consumer == ALERTS, Fact.due_us <= now_us)
            .order_by(Fact.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        known = _Known(session, facts)
        for fact in facts:
            _tell(session, known, fact, base_url, now_us, can_mail=can_mail)
        if facts:
            session.execute(delete(Fact).where(Fact.id.in_([fact.id for fact in facts])))
        return len(facts)


class _Known:
    """What facts of one transaction have in common, read once."""

    def __init__(self, session: Session, facts: Sequence[Fact]) -> None:
        self._session = session
        self._places: dict[int, Place | None] = {}
        ids = {id_ for fact in facts if isinstance(id_ := fact.payload.get("issue_id"), int)}
        self.issues = {one.id: one for one in session.scalars(select(Issue).where(Issue.id.in_(ids)))}

    def place(self, project_id: int) -> Place | None:
        if project_id not in self._places:
            self._places[project_id] = _place(self._session, project_id)
        return self._places[project_id]


def _tell(session: Session, known: _Known, fact: Fact, base_url: str, now_us: int, *, can_mail: bool) -> None:
    try:
        if fact.kind == "mention":
            mention = msgspec.convert(fact.payload, MentionFact)
            _tell_mention(session, known, mention, base_url, now_us, can_mail)
        elif fact.kind in KINDS:
            _tell_issue(session, known, msgspec.convert(fact.payload, IssueFact), base_url, now_us, can_mail)
    except msgspec.ValidationError as error:  # of another version: dropped, or it would come back for ever
        log.warning("fact_not_understood", kind=fact.kind, error=str(error)[:200])


# ── news of issues ────────────────────────────────────────────────────────────────────────


def _tell_issue(
    session: Session, known: _Known, fact: IssueFact, base_url: str, now_us: int, can_mail: bool
) -> None:
    issue, place = known.issues.get(fact.issue_id), known.place(fact.project_id)
    if issue is None or place is None or not _is_wanted(fact, issue, place.rule):
        return
    mailed = recipients(session, issue) if can_mail and place.rule.mail else []
    told = [Address("mail", address) for address in mailed] + target_addresses(place.rule)
    if not told:
        return
    notice = _notice(session, fact, issue, place, base_url)
    since_us = now_us - place.rule.frequency_minutes * MINUTE_US
    for address in told:
        reason = _why_not(session, issue, address, since_us)
        key = f"{fact.kind}:{issue.id}:{fact.event_id or fact.at_us}:{address.channel}:{_short(address)}"
        _queue(session, fact.project_id, issue.id, address, notice, key, now_us, reason)


def _is_wanted(fact: IssueFact, issue: Issue, rule: Notifications) -> bool:
    return (
        rule.enabled
        and KINDS[fact.kind] in rule.kinds
        and issue.status == _UNRESOLVED
        and is_loud_enough(issue.level, rule.minimum_level)
    )


def target_addresses(rule: Notifications) -> list[Address]:
    """The rule's URLs; those that may no longer be used are left out."""
    found: list[Address] = []
    for url in rule.targets:
        try:
            found.append(Address(channel_of(url), masked(url), fingerprint(url)))
        except BadTarget as error:
            log.warning("target_left_out", target=masked(url), reason=str(error))
    return found


def _why_not(session: Session, issue: Issue, address: Address, since_us: int) -> str:
    """Why a message is kept back; empty if it is to be sent."""
    recent = select(func.count(Delivery.id)).where(
        Delivery.project_id == issue.project_id,
        Delivery.created_us > since_us,
        Delivery.channel == address.channel,
        Delivery.target == shown(address),
        Delivery.state != "suppressed",
        Delivery.kind.in_(list(KINDS)),
    )
    if session.scalar(recent.where(Delivery.issue_id == issue.id)):
        return "told of this issue lately"
    if (session.scalar(recent) or 0) >= FLOOD_MOST:
        return f"more than {FLOOD_MOST} messages lately"
    return ""


def _notice(session: Session, fact: IssueFact, issue: Issue, place: Place, base_url: str) -> Notice:
    environment = session.scalar(
        select(IssueEnvironment.environment)
        .where(IssueEnvironment.issue_id == issue.id)
        .order_by(IssueEnvironment.last_seen_us.desc())
        .limit(1)
    )
    return Notice(
        kind=fact.kind,
        project=place.project,
        organization=place.organization,
        url=issue_url(base_url, place.organization, issue.id),
        short_id=short_id(place.project, issue.short_number),
        issue_id=issue.id,
        title=issue.title[:500],
        culprit=issue.culprit[:300],
        level=issue.level,
        platform=issue.platform,
        environment=environment or "",
        release=issue.last_release or "",
        event_id=fact.event_id,
        times_seen=issue.times_seen,
        first_seen=to_iso(issue.first_seen_us),
        last_seen=to_iso(issue.last_seen_us),
    )


def issue_url(base_url: str, organization: str, issue_id: int) -> str:
    return f"{base_url}/organizations/{organization}/issues/{issue_id}/"


# ── mentions ──────────────────────────────────────────────────────────────────────────────


def _tell_mention(
    session: Session, known: _Known, fact: MentionFact, base_url: str, now_us: int, can_mail: bool
) -> None:
    issue, place = known.issues.get(fact.issue_id), known.place(fact.project_id)
    note = session.get(Activity, fact.note_id)
    if issue is None or place is None or note is None or not can_mail:
        return
    author = session.get(User, note.user_id) if note.user_id is not None else None
    notice = Notice(
        kind="mention",
        project=place.project,
        organization=place.organization,
        url=issue_url(base_url, place.organization, issue.id),
        short_id=short_id(place.project, issue.short_number),
        issue_id=issue.id,
        title=issue.title[:500],
        culprit=issue.culprit[:300],
        level=issue.level,
        author=(author.name or author.email) if author else "Somebody",
        comment=str(note.data.get("text", ""))[:4000],
    )
    for address in addresses(session, issue.project_id, set(fact.user_ids)):
        key = f"mention:{fact.note_id}:{fingerprint(address)}"
        _queue(session, issue.project_id, issue.id, Address("mail", address), notice, key, now_us, "")


# ── rows ──────────────────────────────────────────────────────────────────────────────────


def _place(session: Session, project_id: int) -> Place | None:
    row = session.execute(
        select(Organization.slug, Project.slug, Project.options)
        .join(Organization, Organization.id == Project.organization_id)
        .where(Project.id == project_id, Project.status == "active")
    ).one_or_none()
    return None if row is None else Place(row[0], row[1], decode(ProjectOptions, row[2]).notifications)


def _queue(
    session: Session,
    project_id: int,
    issue_id: int,
    address: Address,
    notice: Notice,
    key: str,
    now_us: int,
    suppressed: str,
) -> None:
    values = {
        "key": key[:160],
        "project_id": project_id,
        "issue_id": issue_id,
        "kind": notice.kind,
        "channel": address.channel,
        "target": shown(address),
        "payload": {"notice": msgspec.to_builtins(notice), "secret": address.secret},
        "state": "suppressed" if suppressed else "queued",
        "detail": suppressed,
        "attempts": 0,
        "due_us": now_us,
        "created_us": now_us,
    }
    dialect = session.get_bind().dialect.name
    session.execute(upsert(dialect, Delivery).values(values).on_conflict_do_nothing())


def shown(address: Address) -> str:
    """The target as the log shows it; two services of one kind are told apart by their fingerprints."""
    return f"{address.target}#{address.secret[:6]}" if address.secret else address.target


def _short(address: Address) -> str:
    return address.secret or fingerprint(address.target)
