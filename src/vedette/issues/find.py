"""Finding issues by what people write: ids, short ids, share ids; also of issues merged away."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from vedette.core.ids import parse_number, parse_short_id
from vedette.projects.values import Project as ProjectValue
from vedette.projects.values import projects_of
from vedette.storage.records.schema import Issue, IssueRedirect, Project, ProjectRedirect


def find_issue_id(session: Session, text: str, organization_ids: Sequence[int]) -> int | None:
    """The issue with this id or short id in one of the organizations."""
    id_ = parse_number(text)
    if id_ is not None:
        return _by_id(session, id_, organization_ids)
    short = parse_short_id(text)
    return _by_short_id(session, *short, organization_ids) if short else None


def find_shared_id(session: Session, share_id: str) -> int | None:
    return session.scalar(select(Issue.id).where(Issue.share_id == share_id))


def project_of_issue(session: Session, issue_id: int) -> ProjectValue:
    row = session.scalars(
        select(Project).join(Issue, Issue.project_id == Project.id).where(Issue.id == issue_id)
    ).one()
    return projects_of(session, [row])[0]


def lock_issues(session: Session, ids: Iterable[int]) -> list[Issue]:
    """The issues that are there, by project and id; locked in that order, as the pipeline does."""
    return list(
        session.scalars(
            select(Issue)
            .where(Issue.id.in_(sorted(set(ids))))
            .order_by(Issue.project_id, Issue.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def _in(organization_ids: Sequence[int]) -> ColumnElement[bool]:
    return Project.organization_id.in_(organization_ids) & (Project.status == "active")


def _by_id(session: Session, id_: int, organization_ids: Sequence[int]) -> int | None:
    moved = select(IssueRedirect.issue_id).where(IssueRedirect.old_id == id_)
    return session.scalar(
        select(Issue.id)
        .join(Project, Project.id == Issue.project_id)
        .where((Issue.id == id_) | Issue.id.in_(moved), _in(organization_ids))
    )


def _by_short_id(session: Session, slug: str, number: int, organization_ids: Sequence[int]) -> int | None:
    for project_id in _projects(session, slug, organization_ids):
        found = session.scalar(
            select(Issue.id).where(Issue.project_id == project_id, Issue.short_number == number)
        )
        found = found or session.scalar(
            select(IssueRedirect.issue_id).where(
                IssueRedirect.project_id == project_id, IssueRedirect.old_short_number == number
            )
        )
        if found is not None:
            return found
    return None


def _projects(session: Session, slug: str, organization_ids: Sequence[int]) -> list[int]:
    """Projects that have the slug, then those that had it."""
    now = select(Project.id).where(Project.slug == slug, _in(organization_ids))
    once = (
        select(Project.id)
        .join(ProjectRedirect, ProjectRedirect.project_id == Project.id)
        .where(ProjectRedirect.slug == slug, _in(organization_ids))
    )
    return [*session.scalars(now), *session.scalars(once)]
