"""What people have to do with issues: bookmarks, subscriptions, what they have seen."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.storage.records.schema import Issue, IssueUser, Member, Project, Team, TeamMember, User


def participations(session: Session, issue_ids: Sequence[int], user_id: int) -> list[IssueUser]:
    """The person's rows for these issues, made where there are none."""
    known = {
        row.issue_id: row
        for row in session.scalars(
            select(IssueUser).where(IssueUser.user_id == user_id, IssueUser.issue_id.in_(issue_ids))
        )
    }
    new = [
        IssueUser(issue_id=issue_id, user_id=user_id, bookmarked=False)
        for issue_id in issue_ids
        if issue_id not in known
    ]
    session.add_all(new)
    return [*known.values(), *new]


def subscribe(session: Session, issue_ids: Sequence[int], user_ids: Iterable[int], reason: str) -> None:
    """Subscribe people to issues, except where they have said that they do not want to be."""
    for user_id in sorted(set(user_ids)):
        for row in participations(session, issue_ids, user_id):
            if row.subscribed is None:
                row.subscribed, row.subscription_reason = True, reason
    session.flush()


def bookmark(session: Session, issue_ids: Sequence[int], user_id: int, *, on: bool) -> None:
    for row in participations(session, issue_ids, user_id):
        row.bookmarked = on
        if on and row.subscribed is None:
            row.subscribed, row.subscription_reason = True, "bookmark"
    session.flush()


def set_subscription(session: Session, issue_ids: Sequence[int], user_id: int, *, on: bool) -> None:
    for row in participations(session, issue_ids, user_id):
        row.subscribed, row.subscription_reason = on, "unknown" if on else None
    session.flush()


def set_seen(session: Session, issue_ids: Sequence[int], user_id: int, *, at_us: int | None) -> None:
    for row in participations(session, issue_ids, user_id):
        row.seen_us = at_us
    session.flush()


def members_named(session: Session, issue: Issue, names: Iterable[str], ids: Iterable[int]) -> set[int]:
    """The users among these e-mail addresses and ids who belong to the issue's organization."""
    organization = select(Project.organization_id).where(Project.id == issue.project_id).scalar_subquery()
    return set(
        session.scalars(
            select(User.id)
            .join(Member, Member.user_id == User.id)
            .where(
                Member.organization_id == organization,
                User.is_active.is_(True),
                User.email.in_([name.lower() for name in names]) | User.id.in_(list(ids)),
            )
        )
    )


def members_of_teams(session: Session, issue: Issue, slugs: Iterable[str], ids: Iterable[int]) -> set[int]:
    """The users of these teams of the issue's organization."""
    organization = select(Project.organization_id).where(Project.id == issue.project_id).scalar_subquery()
    return {
        user_id
        for user_id in session.scalars(
            select(Member.user_id)
            .join(TeamMember, TeamMember.member_id == Member.id)
            .join(Team, Team.id == TeamMember.team_id)
            .where(
                Team.organization_id == organization,
                Team.slug.in_([slug.lower() for slug in slugs]) | Team.id.in_(list(ids)),
            )
        )
        if user_id is not None
    }
