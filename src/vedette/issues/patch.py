"""What a client asks to change about issues, decoded and checked. No I/O.

Bodies are partial and unknown keys are ignored. Conditions of an archive may stand in
`statusDetails` or, as some clients send them, beside it.
"""

import re
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from vedette.core.time import MINUTE_US
from vedette.issues.details import Archive
from vedette.issues.lifecycle import Priority, State, Trigger
from vedette.projects.errors import Invalid

_MOST_MINUTES = 10 * 365 * 24 * 60
_MOST_WINDOW = 7 * 24 * 60
_MOST_USERS = 10_000  # each is a row while the archive waits
_PATH = re.compile(r"\$\.?([A-Za-z]*)")

_Status = Literal["resolved", "unresolved", "ignored", "resolvedInNextRelease", "muted", "reprocessing"]
_SUBSTATUS = {state.substatus: state for state in State if state.substatus}


class _Details(msgspec.Struct, rename="camel"):
    in_next_release: bool | None = None
    in_release: str | None = None
    in_commit: dict[str, Any] | str | None = None
    ignore_duration: int | None = None
    ignore_count: int | None = None
    ignore_window: int | None = None
    ignore_user_count: int | None = None
    ignore_user_window: int | None = None


class _Body(_Details, rename="camel"):
    status: _Status | None = None
    substatus: str | None = None
    status_details: _Details | None = None
    snooze_duration: int | None = None
    assigned_to: str | int | UnsetType | None = UNSET
    priority: Priority | None = None
    has_seen: bool | None = None
    is_bookmarked: bool | None = None
    is_subscribed: bool | None = None
    is_public: bool | None = None
    inbox: bool | None = None
    merge: bool | None = None
    discard: bool | None = None


class Wish(msgspec.Struct, frozen=True):
    """The wished-for state: how to get there, and on which terms."""

    trigger: Trigger
    state: State | None = None  # for `unresolved` with a substatus
    in_next_release: bool = False
    in_release: str | None = None
    in_commit: dict[str, str] | None = None
    archive: Archive = Archive()
    minutes: int | None = None  # of an archive


class Patch(msgspec.Struct, frozen=True):
    """All that is to change; None leaves as it is."""

    wish: Wish | None = None
    assigned_to: str | UnsetType | None = UNSET
    priority: Priority | None = None
    has_seen: bool | None = None
    is_bookmarked: bool | None = None
    is_subscribed: bool | None = None
    is_public: bool | None = None
    inbox: bool | None = None
    merge: bool = False
    discard: bool = False

    @property
    def archives_until_escalating(self) -> bool:
        return self.wish is not None and self.wish.trigger is Trigger.ARCHIVE_UNTIL_ESCALATING


def decode_patch(body: object, now_us: int) -> Patch:
    """Raises `Invalid` with the field that cannot be used."""
    try:
        given = msgspec.convert(body, _Body, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    details = _details(given)
    return Patch(
        wish=_wish(given, details, now_us),
        assigned_to=_text(given.assigned_to),
        priority=given.priority,
        has_seen=given.has_seen,
        is_bookmarked=given.is_bookmarked,
        is_subscribed=given.is_subscribed,
        is_public=given.is_public,
        inbox=given.inbox,
        merge=bool(given.merge),
        discard=bool(given.discard),
    )


def _invalid(error: msgspec.ValidationError) -> Invalid:
    text, _, where = str(error).partition(" - at ")
    match = _PATH.search(where)
    return Invalid(match[1] if match and match[1] else "detail", text.lower())


def _text(assigned: str | int | UnsetType | None) -> str | UnsetType | None:
    return str(assigned) if isinstance(assigned, int) else assigned


def _details(given: _Body) -> _Details:
    """What stands in `statusDetails`, and what stands beside it where that says nothing."""
    inner = given.status_details or _Details()
    for name in _Details.__struct_fields__:
        if getattr(inner, name) is None:
            setattr(inner, name, getattr(given, name))
    inner.ignore_duration = inner.ignore_duration or given.snooze_duration
    return inner


def _wish(given: _Body, details: _Details, now_us: int) -> Wish | None:
    status = given.status or _implied_status(given, details)
    if status is None:
        return None
    if status in ("resolved", "resolvedInNextRelease"):
        return _resolution(details, in_next_release=status == "resolvedInNextRelease")
    if status in ("ignored", "muted"):
        return _archive(given, details, now_us)
    if status == "unresolved":
        return Wish(Trigger.UNRESOLVE, state=_substatus(given, "unresolved"))
    raise Invalid("status", "this status cannot be set")


def _implied_status(given: _Body, details: _Details) -> str | None:
    """Without `status`, what the rest of the body speaks of."""
    if given.substatus:
        if given.substatus not in _SUBSTATUS:
            raise Invalid("substatus", f"there is no substatus {given.substatus}")
        return _SUBSTATUS[given.substatus].status
    if details.in_next_release or details.in_release or details.in_commit:
        return "resolved"
    return "ignored" if _is_conditional(details) else None


def _substatus(given: _Body, status: str) -> State | None:
    if not given.substatus:
        return None
    state = _SUBSTATUS.get(given.substatus)
    if state is None or state.status != status:
        raise Invalid("substatus", f"{given.substatus} is no substatus of {status}")
    return state


def _resolution(details: _Details, *, in_next_release: bool) -> Wish:
    if details.in_commit:
        return Wish(Trigger.RESOLVE, in_commit=_commit(details.in_commit))
    if details.in_release:
        return Wish(Trigger.RESOLVE, in_release=details.in_release[:250])
    return Wish(Trigger.RESOLVE, in_next_release=in_next_release or bool(details.in_next_release))


def _commit(given: dict[str, Any] | str) -> dict[str, str]:
    parts = {"commit": given} if isinstance(given, str) else given
    commit = str(parts.get("commit") or "")
    if not commit:
        raise Invalid("inCommit", "the commit's id is missing")
    return {"commit": commit[:64], "repository": str(parts.get("repository") or "")[:200]}


def _is_conditional(details: _Details) -> bool:
    return bool(details.ignore_duration or details.ignore_count or details.ignore_user_count)


def _archive(given: _Body, details: _Details, now_us: int) -> Wish:
    if _is_conditional(details):
        archive = Archive(
            until_us=_until_us(details, now_us),
            count=_number("ignoreCount", details.ignore_count, 1 << 31),
            window_s=_window("ignoreWindow", details.ignore_window),
            user_count=_number("ignoreUserCount", details.ignore_user_count, _MOST_USERS),
            user_window_s=_window("ignoreUserWindow", details.ignore_user_window),
        )
        return Wish(Trigger.ARCHIVE_UNTIL_CONDITION, archive=archive, minutes=details.ignore_duration)
    state = _substatus(given, "ignored")
    if state is State.UNTIL_CONDITION:
        raise Invalid(
            "statusDetails", "the condition is missing: ignoreDuration, ignoreCount or ignoreUserCount"
        )
    if state is State.FOREVER:
        return Wish(Trigger.ARCHIVE_FOREVER)
    return Wish(Trigger.ARCHIVE_UNTIL_ESCALATING)


def _until_us(details: _Details, now_us: int) -> int | None:
    minutes = _number("ignoreDuration", details.ignore_duration, _MOST_MINUTES)
    return None if minutes is None else now_us + minutes * MINUTE_US


def _window(name: str, minutes: int | None) -> int | None:
    checked = _number(name, minutes, _MOST_WINDOW)
    return None if checked is None else checked * 60


def _number(name: str, number: int | None, most: int) -> int | None:
    if not number:
        return None
    if not 0 < number <= most:
        raise Invalid(name, f"must be from 1 to {most}")
    return number
