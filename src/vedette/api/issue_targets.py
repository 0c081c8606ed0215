"""Which issues a bulk request is about: ids in the query or the body, or all that a query finds.

Ids that are given never fall through to "all", whatever becomes of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.api.errors import bad_request
from vedette.api.given import AnyRequest
from vedette.api.issue_queries import search_page
from vedette.api.services import Services
from vedette.api.windows import projects_asked
from vedette.issues.find import find_issue_id
from vedette.projects.access import Access
from vedette.projects.values import Project
from vedette.storage.records.schema import Issue

MOST = 1000


def target_ids(
    services: Services,
    request: AnyRequest,
    access: Access,
    project: Project | None,
    body: Mapping[str, Any],
) -> list[int]:
    """Ids of issues that the caller sees, at most 1000. Raises `Answer` where nothing says which."""
    given = _given(request, body)
    if given is not None:
        with services.records.read() as session:
            return _seen(session, given, request, access, project)
    query = request.query_params
    if query.get("query") is None and not query.getall("status", []):
        raise bad_request("say which issues: id, or a query")
    return list(search_page(services, request, access, project, limit=MOST).issue_ids)


def _given(request: AnyRequest, body: Mapping[str, Any]) -> list[str] | None:
    """The ids as written; None if the request has none at all."""
    texts = list(request.query_params.getall("id", []))
    if "id" in body:
        found: Any = body["id"]
        texts += map(str, cast("list[object]", found)) if isinstance(found, list) else [str(found)]
    return texts if texts or "id" in body or "id" in request.query_params else None


def _seen(
    session: Session,
    given: Sequence[str],
    request: AnyRequest,
    access: Access,
    project: Project | None,
) -> list[int]:
    visible = projects_asked(session, request, access, project)
    ids = {find_issue_id(session, text.strip(), [access.organization.id]) for text in given[:MOST]}
    wanted = select(Issue.id).where(
        Issue.id.in_([id_ for id_ in ids if id_ is not None]), Issue.project_id.in_(visible)
    )
    statuses = request.query_params.getall("status", [])
    if statuses:
        wanted = wanted.where(Issue.status.in_(statuses))
    return list(session.scalars(wanted.order_by(Issue.id)))
