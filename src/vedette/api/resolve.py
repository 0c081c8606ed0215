"""Path parameters that name something: how each is found. One table.

A resolver gets a session, the visit so far and the text from the path; it returns the
visit with what it found, or raises `Missing`. Parameters not listed stay plain text.
Order matters: `org` comes before what lies in it.
"""

from collections.abc import Callable

import msgspec
from sqlalchemy.orm import Session

from vedette.api.visit import Visit
from vedette.issues.find import find_issue_id, project_of_issue
from vedette.projects.access import Access, enter, find_project, find_team, organizations_of
from vedette.projects.errors import Missing

Resolver = Callable[[Session, Visit, str], Visit]


def _organization(session: Session, visit: Visit, text: str) -> Visit:
    return msgspec.structs.replace(visit, access=enter(session, visit.caller, text))


def _project(session: Session, visit: Visit, text: str) -> Visit:
    return msgspec.structs.replace(visit, project=find_project(session, access_of(visit), text))


def _team(session: Session, visit: Visit, text: str) -> Visit:
    return msgspec.structs.replace(visit, team=find_team(session, access_of(visit), text))


def _issue(session: Session, visit: Visit, text: str) -> Visit:
    """An issue by id or short id, in the organization of the path or in any of the caller's."""
    accesses = organizations_of(session, visit.caller) if visit.access is None else [visit.access]
    by_id = {access.organization.id: access for access in accesses}
    issue_id = find_issue_id(session, text, list(by_id))
    if issue_id is None:
        raise Missing
    project = project_of_issue(session, issue_id)
    access = by_id[project.organization_id]
    if not access.sees(project):
        raise Missing
    found = {**visit.found, "issue": issue_id}
    return msgspec.structs.replace(visit, access=access, project=project, found=found)


def access_of(visit: Visit) -> Access:
    if visit.access is None:
        raise Missing
    return visit.access


RESOLVERS: dict[str, Resolver] = {
    "org": _organization,
    "proj": _project,
    "team_slug": _team,
    "issue": _issue,
}


def resolve(session: Session, visit: Visit, parameters: dict[str, str]) -> Visit:
    """The visit with everything the path names."""
    for name, resolver in RESOLVERS.items():
        if name in parameters:
            visit = resolver(session, visit, parameters[name])
    return visit
