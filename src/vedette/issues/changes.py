"""A change of state and all that goes with it: row, activity, fact."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, case, insert, update
from sqlalchemy.engine import Connection

from vedette.core.facts import FactKind, IssueFact
from vedette.issues.archives import forget_counts
from vedette.issues.lifecycle import ARCHIVED, State, Trigger, after
from vedette.storage.records.schema import Activity, Fact, Issue


class Change(msgspec.Struct, frozen=True):
    """An issue that moves by itself, and the event that moved it (empty: the clock did)."""

    issue_id: int
    project_id: int
    state: State
    trigger: Trigger
    at_us: int
    event_id: str = ""
    data: dict[str, Any] = {}


_STORY: dict[Trigger, tuple[str, FactKind | None]] = {
    Trigger.REGRESS: ("set_regression", "issue_regressed"),
    Trigger.ESCALATE: ("set_escalating", "issue_escalating"),
    Trigger.REACH: ("set_unresolved", "issue_unarchived"),
    Trigger.EXPIRE: ("set_unresolved", "issue_unarchived"),
    Trigger.SETTLE: ("auto_set_ongoing", None),
}

_MOVE = (
    update(Issue)
    .where(Issue.id == bindparam("i"))
    .values(
        status=bindparam("s"),
        substatus=bindparam("ss"),
        status_details={},
        status_changed_us=bindparam("t"),
        priority=case(
            (Issue.priority_locked_us.is_(None) & (bindparam("ss") == "escalating"), "high"),
            else_=Issue.priority,
        ),
    )
)


def apply_changes(connection: Connection, changes: Sequence[Change], now_us: int) -> list[IssueFact]:
    """Move the issues, write what happened into their story, and give back the facts.

    The caller has locked the rows. An issue that escalates becomes of high priority, unless
    a person set it.
    """
    if not changes:
        return []
    states = [(change, after(change.state, change.trigger)) for change in changes]
    connection.execute(
        _MOVE,
        [
            {"i": change.issue_id, "s": state.status, "ss": state.substatus, "t": now_us}
            for change, state in states
        ],
    )
    connection.execute(insert(Activity), [_activity(change) for change in changes])
    forget_counts(connection, [change.issue_id for change in changes if change.state in ARCHIVED])
    return [fact for change in changes if (fact := _fact(change)) is not None]


def _activity(change: Change) -> dict[str, object]:
    data = {**change.data, "event_id": change.event_id} if change.event_id else change.data
    return {
        "issue_id": change.issue_id,
        "type": _STORY[change.trigger][0],
        "user_id": None,
        "data": data,
        "created_us": change.at_us,
    }


def _fact(change: Change) -> IssueFact | None:
    kind = _STORY[change.trigger][1]
    if kind is None:
        return None
    return IssueFact(kind, change.project_id, change.issue_id, change.event_id, change.at_us)


def publish(
    connection: Connection, facts: Iterable[IssueFact], consumers: Iterable[str], now_us: int
) -> None:
    """Put facts into the outbox, once for each consumer."""
    names = tuple(consumers)
    rows = [
        {
            "consumer": consumer,
            "kind": fact.kind,
            "project_id": fact.project_id,
            "payload": msgspec.to_builtins(fact),
            "due_us": now_us,
            "attempts": 0,
            "created_us": now_us,
        }
        for fact in facts
        for consumer in names
    ]
    if rows:
        connection.execute(insert(Fact), rows)
