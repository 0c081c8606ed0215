"""Merging issues into one, and taking hashes out of one again.

Telemetry is not touched: hashes move, and each hash stays where it was put last.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from vedette.issues.activity import Actor, tell
from vedette.issues.sightings import group_hash
from vedette.projects.errors import Invalid
from vedette.storage.records.portable import greatest, least, upsert
from vedette.storage.records.schema import (
    Activity,
    Issue,
    IssueEnvironment,
    IssueHash,
    IssueRedirect,
    IssueUser,
    Project,
)


def merge_issues(session: Session, issues: Sequence[Issue], by: Actor, now_us: int) -> tuple[int, list[int]]:
    """Merge into the issue with most events, the oldest of equals; its id and the children's.

    The children's ids and short ids lead to it from now on. Raises `Invalid` for fewer than
    two issues, or issues of several projects. The caller has locked them.
    """
    if len(issues) < 2:
        raise Invalid("merge", "at least two issues are needed")
    if len({issue.project_id for issue in issues}) > 1:
        raise Invalid("merge", "issues of different projects cannot be merged")
    parent, *children = sorted(issues, key=lambda issue: (-issue.times_seen, issue.first_seen_us, issue.id))
    tell(session, parent.id, "merge", by, now_us, {"issues": [_told(child) for child in children]})
    for child in children:
        _absorb(session, parent, child)
    return parent.id, [child.id for child in children]


def _told(child: Issue) -> dict[str, Any]:
    return {"id": str(child.id), "shortNumber": child.short_number, "title": child.title[:200]}


def _absorb(session: Session, parent: Issue, child: Issue) -> None:
    session.flush()
    _add_up(parent, child)
    _add_environments(session, parent.id, child.id)
    _add_people(session, parent.id, child.id)
    session.execute(update(IssueHash).where(IssueHash.issue_id == child.id).values(issue_id=parent.id))
    session.execute(
        update(Activity)
        .where(Activity.issue_id == child.id, Activity.type != "first_seen")
        .values(issue_id=parent.id)
    )
    session.execute(
        update(IssueRedirect).where(IssueRedirect.issue_id == child.id).values(issue_id=parent.id)
    )
    session.add(
        IssueRedirect(
            old_id=child.id,
            issue_id=parent.id,
            project_id=child.project_id,
            old_short_number=child.short_number,
        )
    )
    session.flush()
    session.execute(delete(Issue).where(Issue.id == child.id))


def _add_up(parent: Issue, child: Issue) -> None:
    if child.last_seen_us > parent.last_seen_us:
        for name in _TEXTS:
            setattr(parent, name, getattr(child, name))
    if child.first_seen_us < parent.first_seen_us:
        parent.first_release = child.first_release
    parent.first_seen_us = min(parent.first_seen_us, child.first_seen_us)
    parent.last_seen_us = max(parent.last_seen_us, child.last_seen_us)
    parent.times_seen += child.times_seen
    parent.num_comments += child.num_comments
    parent.is_unhandled = parent.is_unhandled or child.is_unhandled


_TEXTS = (
    *("type", "level", "platform", "logger", "title", "culprit", "event_metadata", "search_text"),
    "last_release",
)


def _add_environments(session: Session, parent_id: int, child_id: int) -> None:
    counted = (
        session.execute(
            select(
                IssueEnvironment.environment,
                IssueEnvironment.first_seen_us,
                IssueEnvironment.last_seen_us,
                IssueEnvironment.times_seen,
            ).where(IssueEnvironment.issue_id == child_id)
        )
        .mappings()
        .all()
    )
    if not counted:
        return
    connection = session.connection()
    statement = upsert(connection.dialect.name, IssueEnvironment)
    known, new = IssueEnvironment.__table__.c, statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["issue_id", "environment"],
            set_={
                "times_seen": known.times_seen + new.times_seen,
                "first_seen_us": least(known.first_seen_us, new.first_seen_us),
                "last_seen_us": greatest(known.last_seen_us, new.last_seen_us),
            },
        ),
        [{"issue_id": parent_id, **row} for row in counted],
    )


def _add_people(session: Session, parent_id: int, child_id: int) -> None:
    """Bookmarks and subscriptions go along; what the person said of the parent stays."""
    known = set(session.scalars(select(IssueUser.user_id).where(IssueUser.issue_id == parent_id)))
    session.execute(
        update(IssueUser)
        .where(IssueUser.issue_id == child_id, IssueUser.user_id.not_in(known))
        .values(issue_id=parent_id)
    )


# ── unmerging ─────────────────────────────────────────────────────────────────────────────


class Share(msgspec.Struct, frozen=True):
    """What stored events say of some hashes of an issue: counts, times, texts of the newest."""

    times_seen: int
    first_seen_us: int
    last_seen_us: int
    environments: Mapping[str, tuple[int, int, int]] = {}  # name → count, first, last
    texts: Mapping[str, Any] = {}  # columns of the issue: title, culprit, level …


def unmerge_hashes(
    session: Session,
    issue: Issue,
    md5s: Sequence[str],
    moved: Share,
    rest: Share,
    by: Actor,
    now_us: int,
) -> int:
    """Move hashes of an issue to a new one; its id. They never come back by themselves.

    `moved` and `rest` are what stored events say of these hashes and of the others. Raises
    `Invalid` for a hash that is not the issue's, and where none would stay. The caller has
    locked the issue.
    """
    moving = {group_hash(md5) for md5 in md5s}
    owned = set(session.scalars(select(IssueHash.group_hash).where(IssueHash.issue_id == issue.id)))
    if not moving or not moving <= owned:
        raise Invalid("id", "the issue does not have all of these hashes")
    if moving == owned:
        raise Invalid("id", "at least one hash must stay with the issue")
    new = _split_off(session, issue, moved, now_us)
    session.execute(
        update(IssueHash)
        .where(IssueHash.project_id == issue.project_id, IssueHash.group_hash.in_(moving))
        .values(issue_id=new.id)
    )
    _subtract(session, issue, moved, rest)
    data = {"fingerprints": list(md5s)}
    tell(session, issue.id, "unmerge_source", by, now_us, {**data, "destination": {"id": str(new.id)}})
    tell(session, new.id, "unmerge_destination", by, now_us, {**data, "source": {"id": str(issue.id)}})
    session.flush()
    return new.id


def _split_off(session: Session, issue: Issue, share: Share, now_us: int) -> Issue:
    texts = {name: getattr(issue, name) for name in _TEXTS if name != "last_release"}
    texts |= share.texts
    new = Issue(
        project_id=issue.project_id,
        short_number=_next_number(session, issue.project_id),
        status="unresolved",
        substatus="ongoing",
        status_details={},
        status_changed_us=now_us,
        category=issue.category,
        issue_type=issue.issue_type,
        is_unhandled=issue.is_unhandled,
        priority=issue.priority,
        first_seen_us=share.first_seen_us,
        last_seen_us=share.last_seen_us,
        times_seen=max(share.times_seen, 1),  # none would be news to the pipeline
        created_us=now_us,
        **texts,
    )
    session.add(new)
    session.flush()
    session.add_all(
        IssueEnvironment(
            issue_id=new.id, environment=name, times_seen=count, first_seen_us=first_us, last_seen_us=last_us
        )
        for name, (count, first_us, last_us) in share.environments.items()
    )
    return new


def _next_number(session: Session, project_id: int) -> int:
    number = session.scalar(
        update(Project)
        .where(Project.id == project_id)
        .values(issue_counter=Project.issue_counter + 1)
        .returning(Project.issue_counter)
    )
    assert number is not None
    return number


def _subtract(session: Session, issue: Issue, moved: Share, rest: Share) -> None:
    issue.times_seen = max(issue.times_seen - moved.times_seen, rest.times_seen, 1)
    if rest.times_seen:
        issue.last_seen_us = rest.last_seen_us
        for name, value in rest.texts.items():
            setattr(issue, name, value)
    if rest.times_seen >= issue.times_seen:  # all that is left is stored: the first is known too
        issue.first_seen_us = rest.first_seen_us
    for row in session.scalars(select(IssueEnvironment).where(IssueEnvironment.issue_id == issue.id)):
        count, _, _ = moved.environments.get(row.environment, (0, 0, 0))
        row.times_seen -= count
        if row.times_seen <= 0:
            session.delete(row)
