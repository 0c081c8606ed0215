"""Who is sent mail about an issue."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.storage.records.schema import Issue, IssueUser, Member, Project, ProjectTeam, TeamMember, User


def recipients(session: Session, issue: Issue) -> list[str]:
    """Addresses for news of an issue, sorted.

    The assignee, or the assigned team; where nobody is assigned, the members of the project's
    teams. Besides them whoever has subscribed to the issue, and never who has unsubscribed or
    left the organization.
    """
    subscribed = dict(
        session.execute(
            select(IssueUser.user_id, IssueUser.subscribed).where(
                IssueUser.issue_id == issue.id, IssueUser.subscribed.is_not(None)
            )
        ).all()
    )
    wanted = _responsible(session, issue) | {user_id for user_id, on in subscribed.items() if on}
    return addresses(session, issue.project_id, {id_ for id_ in wanted if subscribed.get(id_) is not False})


def addresses(session: Session, project_id: int, user_ids: set[int]) -> list[str]:
    """The addresses of those of these people who are active members of the project's organization."""
    organization = select(Project.organization_id).where(Project.id == project_id).scalar_subquery()
    return sorted(
        session.scalars(
            select(User.email)
            .join(Member, Member.user_id == User.id)
            .where(Member.organization_id == organization, User.is_active.is_(True), User.id.in_(user_ids))
        )
    )


def _responsible(session: Session, issue: Issue) -> set[int]:
    if issue.assignee_user_id is not None:
        return {issue.assignee_user_id}
    if issue.assignee_team_id is not None:
        return _members_of(session, [issue.assignee_team_id])
    teams = select(ProjectTeam.team_id).where(ProjectTeam.project_id == issue.project_id)
    return _members_of(session, list(session.scalars(teams)))


def _members_of(session: Session, team_ids: list[int]) -> set[int]:
    found = session.scalars(
        select(Member.user_id)
        .join(TeamMember, TeamMember.member_id == Member.id)
        .where(TeamMember.team_id.in_(team_ids))
    )
    return {user_id for user_id in found if user_id is not None}
