"""The states of an issue, and what moves it from one to another: one table, no I/O.

A cell that is not in the table changes nothing. Times, conditions and releases are
decided by the callers (`regression.py`, `archives.py`, `update.py`); here stands only
what follows once they have decided.
"""

from enum import Enum
from typing import Literal

Status = Literal["unresolved", "resolved", "ignored"]
Priority = Literal["high", "medium", "low"]

SETTLE_DAYS = 7  # new, regressed and escalating are news for a week


class State(Enum):
    """Status and substatus, in the field's words."""

    NEW = ("unresolved", "new")
    ONGOING = ("unresolved", "ongoing")
    ESCALATING = ("unresolved", "escalating")
    REGRESSED = ("unresolved", "regressed")
    RESOLVED = ("resolved", None)
    UNTIL_ESCALATING = ("ignored", "archived_until_escalating")
    UNTIL_CONDITION = ("ignored", "archived_until_condition_met")
    FOREVER = ("ignored", "archived_forever")

    @property
    def status(self) -> str:
        return self.value[0]

    @property
    def substatus(self) -> str | None:
        return self.value[1]


class Trigger(Enum):
    """What happens to an issue."""

    RESOLVE = "resolve"
    UNRESOLVE = "unresolve"
    ARCHIVE_UNTIL_ESCALATING = "archive_until_escalating"
    ARCHIVE_UNTIL_CONDITION = "archive_until_condition"
    ARCHIVE_FOREVER = "archive_forever"
    REGRESS = "regress"  # an event came that the resolution should have prevented
    ESCALATE = "escalate"  # more events in an hour than were forecast
    REACH = "reach"  # the count or users an archive waited for were reached
    EXPIRE = "expire"  # the time an archive was for has passed
    SETTLE = "settle"  # a week without other change


UNRESOLVED = (State.NEW, State.ONGOING, State.ESCALATING, State.REGRESSED)
ARCHIVED = (State.UNTIL_ESCALATING, State.UNTIL_CONDITION, State.FOREVER)

TABLE: dict[tuple[State, Trigger], State] = {
    **{(state, Trigger.RESOLVE): State.RESOLVED for state in State},
    **{(state, Trigger.ARCHIVE_UNTIL_ESCALATING): State.UNTIL_ESCALATING for state in State},
    **{(state, Trigger.ARCHIVE_UNTIL_CONDITION): State.UNTIL_CONDITION for state in State},
    **{(state, Trigger.ARCHIVE_FOREVER): State.FOREVER for state in State},
    **{(state, Trigger.UNRESOLVE): State.ONGOING for state in (State.RESOLVED, *ARCHIVED)},
    (State.RESOLVED, Trigger.REGRESS): State.REGRESSED,
    (State.UNTIL_ESCALATING, Trigger.ESCALATE): State.ESCALATING,
    (State.UNTIL_CONDITION, Trigger.REACH): State.ESCALATING,
    (State.UNTIL_CONDITION, Trigger.EXPIRE): State.ONGOING,
    (State.NEW, Trigger.SETTLE): State.ONGOING,
    (State.ESCALATING, Trigger.SETTLE): State.ONGOING,
    (State.REGRESSED, Trigger.SETTLE): State.ONGOING,
}

_STATES: dict[tuple[str, str | None], State] = {state.value: state for state in State}
_BY_STATUS = {"unresolved": State.ONGOING, "resolved": State.RESOLVED, "ignored": State.UNTIL_ESCALATING}


def state_of(status: str, substatus: str | None) -> State | None:
    """The state a row is in; None while an issue is being deleted."""
    return _STATES.get((status, substatus)) or _BY_STATUS.get(status)


def after(state: State, trigger: Trigger) -> State:
    """The state that follows; the same one where the trigger means nothing to it."""
    return TABLE.get((state, trigger), state)


def first_priority(level: str, *, is_unhandled: bool) -> Priority:
    """The priority a new issue starts with: what stopped something is high, what merely informs is low."""
    if level == "fatal" or (level == "error" and is_unhandled):
        return "high"
    return "low" if level in ("info", "debug") else "medium"
