"""Changes that people make: status, assignment, priority, marks, sharing.

Everything happens in the caller's transaction, on issues that the caller has locked and may
change. What is already so stays without an entry in the story.
"""

import secrets
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy.orm import Session

from vedette.core.time import HOUR_US, to_iso
from vedette.issues import participants
from vedette.issues.activity import Actor, tell
from vedette.issues.archives import FORECAST_HOURS, forget_counts, hourly_limit
from vedette.issues.assignment import Assignee, find_assignee
from vedette.issues.details import Archive, Resolution, stored
from vedette.issues.lifecycle import ARCHIVED, UNRESOLVED, State, Trigger, after, state_of
from vedette.issues.patch import Patch, Wish
from vedette.projects.errors import Invalid
from vedette.releases.query import latest_release
from vedette.storage.records.schema import Issue

Hours = Mapping[int, Sequence[int]]  # issue → its events in each of the last hours


class Update(msgspec.Struct, frozen=True):
    """A patch, by whom and when, and what is needed to carry it out."""

    patch: Patch
    by: Actor
    organization_id: int
    now_us: int
    hours: Hours = {}


def apply_patch(session: Session, issues: Sequence[Issue], update: Update) -> None:
    """Change the issues. Raises `Invalid` before anything is changed."""
    patch = update.patch
    assignee = _assignee(session, issues, update)
    resolutions = _resolutions(session, issues, update)
    for issue in issues:
        if patch.wish is not None:
            _move(session, issue, patch.wish, resolutions.get(issue.project_id), update)
        if patch.assigned_to is not UNSET:
            _assign(session, issue, assignee, update)
        if patch.priority is not None:
            _prioritize(session, issue, update)
        if patch.is_public is not None:
            _share(session, issue, update, on=patch.is_public)
        if patch.inbox is False:
            _review(session, issue, update)
    session.flush()
    _mark(session, [issue.id for issue in issues], update)
    _follow(session, [issue.id for issue in issues], assignee, update)


# ── status ────────────────────────────────────────────────────────────────────────────────


def _resolutions(session: Session, issues: Sequence[Issue], update: Update) -> dict[int, Resolution]:
    """The resolution wished for, per project: the release it refers to may differ."""
    wish = update.patch.wish
    if wish is None or wish.trigger is not Trigger.RESOLVE:
        return {}
    return {
        project_id: _resolution(session, project_id, wish, update.by)
        for project_id in {issue.project_id for issue in issues}
    }


def _resolution(session: Session, project_id: int, wish: Wish, by: Actor) -> Resolution:
    """Raises `Invalid` where a release is referred to and there is none."""
    if wish.in_commit:
        # The cure is on its way: what runs today may go on failing.
        base = latest_release(session, project_id)
        return Resolution(in_commit=wish.in_commit, base_release=base, actor_id=by.user_id)
    if wish.in_next_release or wish.in_release == "latest":
        latest = latest_release(session, project_id)
        if latest is None:
            raise Invalid("statusDetails", "the project has no release yet")
        if wish.in_next_release:
            return Resolution(in_next_release=True, base_release=latest, actor_id=by.user_id)
        return Resolution(in_release=latest, base_release=latest, actor_id=by.user_id)
    if wish.in_release:
        return Resolution(in_release=wish.in_release, base_release=wish.in_release, actor_id=by.user_id)
    return Resolution(actor_id=by.user_id)


def _move(session: Session, issue: Issue, wish: Wish, resolution: Resolution | None, update: Update) -> None:
    state = state_of(issue.status, issue.substatus)
    if state is None:
        return
    new = wish.state or after(state, wish.trigger)
    details = stored(_terms(issue, wish, resolution, update)) if new not in UNRESOLVED else {}
    if new is state and _without_actor(details) == _without_actor(issue.status_details):
        return
    issue.status, issue.substatus = new.status, new.substatus
    issue.status_details = details
    issue.status_changed_us = update.now_us
    if state in ARCHIVED:
        forget_counts(session.connection(), [issue.id])
    kind, data = _story(new, wish, resolution)
    tell(session, issue.id, kind, update.by, update.now_us, data)


def _without_actor(details: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if name not in ("actor_id", "times_seen")}


def _terms(issue: Issue, wish: Wish, resolution: Resolution | None, update: Update) -> Resolution | Archive:
    if resolution is not None:
        return resolution
    archive = msgspec.structs.replace(wish.archive, times_seen=issue.times_seen, actor_id=update.by.user_id)
    if wish.trigger is Trigger.ARCHIVE_UNTIL_ESCALATING:
        return msgspec.structs.replace(archive, hour_limit=_limit(issue, update))
    return archive


def _limit(issue: Issue, update: Update) -> int:
    """By the hours of the last week where they are given, else by the average over its life."""
    hours = update.hours.get(issue.id)
    if hours is not None:
        return hourly_limit(hours)
    age_hours = max(1, min(FORECAST_HOURS, (update.now_us - issue.first_seen_us) // HOUR_US))
    return hourly_limit([ceil(issue.times_seen / age_hours)])


def _story(new: State, wish: Wish, resolution: Resolution | None) -> tuple[str, dict[str, Any]]:
    if resolution is not None:
        return _resolution_story(resolution)
    if new in UNRESOLVED:
        return "set_unresolved", {}
    archive = wish.archive
    given = {
        "ignoreUntil": None if archive.until_us is None else to_iso(archive.until_us),
        "ignoreDuration": wish.minutes,
        "ignoreCount": archive.count,
        "ignoreWindow": archive.window_s and archive.window_s // 60,
        "ignoreUserCount": archive.user_count,
        "ignoreUserWindow": archive.user_window_s and archive.user_window_s // 60,
        "ignoreUntilEscalating": new is State.UNTIL_ESCALATING or None,
    }
    return "set_ignored", {name: value for name, value in given.items() if value}


def _resolution_story(resolution: Resolution) -> tuple[str, dict[str, Any]]:
    if resolution.in_commit:
        return "set_resolved_in_commit", dict(resolution.in_commit)
    if resolution.in_next_release:
        return "set_resolved_in_release", {
            "version": "",
            "inNextRelease": True,
            "current_release_version": resolution.base_release,
        }
    if resolution.in_release:
        return "set_resolved_in_release", {"version": resolution.in_release}
    return "set_resolved", {}


def _review(session: Session, issue: Issue, update: Update) -> None:
    """Taken out of the list for review: no news any more."""
    state = state_of(issue.status, issue.substatus)
    if state in UNRESOLVED and state is not State.ONGOING:
        issue.substatus = State.ONGOING.substatus
        issue.status_changed_us = update.now_us
        tell(session, issue.id, "mark_reviewed", update.by, update.now_us)


# ── who, how urgent, who may see ──────────────────────────────────────────────────────────


def _assignee(session: Session, issues: Sequence[Issue], update: Update) -> Assignee | None:
    text = update.patch.assigned_to
    if text is UNSET or not text:
        return None
    return find_assignee(session, text, update.organization_id, {issue.project_id for issue in issues})


def _assign(session: Session, issue: Issue, assignee: Assignee | None, update: Update) -> None:
    wanted = (assignee.user_id, assignee.team_id) if assignee else (None, None)
    if (issue.assignee_user_id, issue.assignee_team_id) == wanted:
        return
    issue.assignee_user_id, issue.assignee_team_id = wanted
    if assignee is None:
        tell(session, issue.id, "unassigned", update.by, update.now_us)
        return
    data = {
        "assignee": str(assignee.user_id or assignee.team_id),
        "assigneeType": "user" if assignee.user_id else "team",
        "assigneeName": assignee.name,
        "assigneeEmail": assignee.email,
    }
    tell(session, issue.id, "assigned", update.by, update.now_us, data)


def _prioritize(session: Session, issue: Issue, update: Update) -> None:
    priority = update.patch.priority
    if priority is None or (issue.priority == priority and issue.priority_locked_us is not None):
        return
    issue.priority, issue.priority_locked_us = priority, update.now_us
    tell(session, issue.id, "set_priority", update.by, update.now_us, {"priority": priority})


def _share(session: Session, issue: Issue, update: Update, *, on: bool) -> None:
    if on == (issue.share_id is not None):
        return
    issue.share_id = secrets.token_hex(16) if on else None
    tell(session, issue.id, "set_public" if on else "set_private", update.by, update.now_us)


# ── what people have to do with it ────────────────────────────────────────────────────────


def _mark(session: Session, issue_ids: list[int], update: Update) -> None:
    patch, user_id = update.patch, update.by.user_id
    if user_id is None:
        return
    if patch.has_seen is not None:
        at_us = update.now_us if patch.has_seen else None
        participants.set_seen(session, issue_ids, user_id, at_us=at_us)
    if patch.is_bookmarked is not None:
        participants.bookmark(session, issue_ids, user_id, on=patch.is_bookmarked)
    if patch.is_subscribed is not None:
        participants.set_subscription(session, issue_ids, user_id, on=patch.is_subscribed)


def _follow(session: Session, issue_ids: list[int], assignee: Assignee | None, update: Update) -> None:
    """Whoever is given an issue, or changes its status, hears of what comes of it."""
    if assignee and assignee.user_id is not None:
        participants.subscribe(session, issue_ids, [assignee.user_id], "assigned")
    if update.patch.wish is not None and update.by.user_id is not None:
        participants.subscribe(session, issue_ids, [update.by.user_id], "status_change")
