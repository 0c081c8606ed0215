"""Facts: what one feature tells the others, through the outbox in the records store.

A fact is written in the transaction that makes it true, claimed by each consumer,
and deleted when done. At most one fact per (issue, kind, batch).
"""

from typing import Literal

import msgspec

ALERTS = "alerts"
CONSUMERS = (ALERTS,)  # whom every fact is written for

FactKind = Literal["issue_new", "issue_regressed", "issue_escalating", "issue_unarchived", "first_event"]


class IssueFact(msgspec.Struct, frozen=True):
    """An issue entered a state worth telling people about."""

    kind: FactKind
    project_id: int
    issue_id: int
    event_id: str  # the event that made it so
    at_us: int


class MentionFact(msgspec.Struct, frozen=True):
    """A comment names people who should hear of it. Its kind in the outbox is `mention`."""

    project_id: int
    issue_id: int
    note_id: int
    user_ids: list[int]
    at_us: int
