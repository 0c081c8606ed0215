"""What moves issues when nothing happens: archives run out, news grows old."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.engine import Connection

from vedette.core.facts import IssueFact
from vedette.core.time import DAY_US
from vedette.issues.changes import Change, apply_changes, publish
from vedette.issues.details import archive_of
from vedette.issues.lifecycle import SETTLE_DAYS, State, Trigger
from vedette.storage.records.schema import Issue

BATCH = 1000  # issues moved in one transaction; the scheduler comes again for the rest


def expire_archives(connection: Connection, now_us: int, consumers: Sequence[str] = ()) -> list[IssueFact]:
    """Bring back the issues that were archived until a time that has passed."""
    rows = connection.execute(
        select(Issue.id, Issue.project_id, Issue.status_details)
        .where(Issue.status == "ignored", Issue.substatus == State.UNTIL_CONDITION.substatus)
        .order_by(Issue.project_id, Issue.id)
        .with_for_update(key_share=True)
    ).all()
    changes = [
        Change(id_, project_id, State.UNTIL_CONDITION, Trigger.EXPIRE, now_us)
        for id_, project_id, details in rows
        if (until_us := archive_of(details).until_us) is not None and until_us <= now_us
    ]
    facts = apply_changes(connection, changes[:BATCH], now_us)
    publish(connection, facts, consumers, now_us)
    return facts


def settle_issues(connection: Connection, now_us: int) -> int:
    """Make issues ongoing that have been new, regressed or escalating for a week; how many."""
    news = {state.substatus: state for state in (State.NEW, State.REGRESSED, State.ESCALATING)}
    rows = connection.execute(
        select(Issue.id, Issue.project_id, Issue.substatus)
        .where(
            Issue.status == "unresolved",
            Issue.substatus.in_(list(news)),
            Issue.status_changed_us < now_us - SETTLE_DAYS * DAY_US,
        )
        .order_by(Issue.project_id, Issue.id)
        .limit(BATCH)
        .with_for_update(key_share=True)
    ).all()
    changes = [
        Change(id_, project_id, news[substatus], Trigger.SETTLE, now_us)
        for id_, project_id, substatus in rows
    ]
    apply_changes(connection, changes, now_us)
    return len(changes)
