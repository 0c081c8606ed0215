"""What answers about issues are made of: records, figures from telemetry, shapes."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET
from sqlalchemy.orm import Session

from vedette.api.services import Services
from vedette.issues.query import (
    Listed,
    load_audience,
    load_issues,
    load_releases,
    load_story,
)
from vedette.issues.views import Figures, IssueDetailView, IssueView, issue_detail, issue_view
from vedette.projects.access import Access
from vedette.projects.errors import Missing

STORY = 100  # entries of an issue's story that come with the issue; `activities/` has the rest


def page_url(services: Services, access: Access) -> str:
    """Where the organization's pages are."""
    return f"{services.settings.base_url}/organizations/{access.organization.slug}/"


def viewer_id(access: Access) -> int | None:
    return access.user.id if access.user else None


def the_issue(session: Session, access: Access, issue_id: int) -> Listed:
    """Raises `Missing` if it has gone meanwhile."""
    found = load_issues(session, [issue_id], viewer_id(access))
    if not found:
        raise Missing
    return found[0]


def shown(
    services: Services,
    access: Access,
    listed: Sequence[Listed],
    figures: Mapping[int, Figures],
    collapse: frozenset[str] = frozenset(),
) -> list[IssueView]:
    url = page_url(services, access)
    return [issue_view(one, figures.get(one.issue.id), url, collapse) for one in listed]


def detail(
    services: Services,
    access: Access,
    issue_id: int,
    figures: Figures | None,
    tags: list[dict[str, Any]] | None,
    collapse: frozenset[str] = frozenset(),
) -> IssueDetailView:
    """The whole of an issue. Raises `Missing`."""
    with services.records.read() as session:
        listed = the_issue(session, access, issue_id)
        story = load_story(session, issue_id, limit=STORY)
        audience = load_audience(session, issue_id)
        versions = (listed.issue.first_release, listed.issue.last_release)
        releases = load_releases(session, access.organization.id, versions)
    return issue_detail(
        listed,
        figures,
        page_url(services, access),
        story,
        audience,
        releases,
        UNSET if tags is None else tags,
        collapse,
    )
