"""Settings of a project with addresses of their own: filters, ownership."""

import msgspec
from litestar import get, put
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from vedette.api.body import Body, kept, lines
from vedette.api.given import TheAccess, TheProject, TheServices
from vedette.core.time import to_iso
from vedette.projects import audit
from vedette.projects.errors import Denied, Invalid, Missing
from vedette.projects.options import Filters, Ownership
from vedette.projects.ownership import Rule, parse_ownership, with_owners
from vedette.projects.project_views import LEGACY_BROWSERS, SWITCHED_FILTERS, FilterView, filter_views
from vedette.projects.settings import change_options
from vedette.projects.values import Project
from vedette.projects.views import View, iso_or_none

# ── inbound filters ───────────────────────────────────────────────────────────────────────


@get("/projects/{org:str}/{proj:str}/filters/", sync_to_thread=False)
def list_filters(project: TheProject) -> list[FilterView]:
    return filter_views(project.options.filters)


class FilterChange(Body, kw_only=True):
    active: bool | None = None
    subfilters: list[str] | None = None  # of legacy-browsers


@put("/projects/{org:str}/{proj:str}/filters/{filter_id:str}/", sync_to_thread=True, status_code=204)
def change_filter(
    services: TheServices,
    access: TheAccess,
    project: TheProject,
    filter_id: FromPath[str],
    data: JSONBody[FilterChange],
) -> None:
    """Switches a filter; `legacy-browsers` takes `subfilters` instead."""
    filters = _filters(project.options.filters, filter_id, data)
    now_us = services.clock()
    with services.records.write() as session:
        change_options(session, project.id, msgspec.structs.replace(project.options, filters=filters), now_us)
        audit.note(
            session,
            access.organization.id,
            access.caller,
            "project.edit",
            project.slug,
            now_us,
            filter=filter_id,
        )


def _filters(present: Filters, filter_id: str, data: FilterChange) -> Filters:
    if filter_id == LEGACY_BROWSERS:
        if data.subfilters is None and data.active is None:
            raise Invalid("subfilters", "needed for legacy-browsers")
        browsers = data.subfilters if data.subfilters is not None else ["ie"] if data.active else []
        return msgspec.structs.replace(
            present, legacy_browsers=lines(browsers, (), field="subfilters", most=50)
        )
    name = SWITCHED_FILTERS.get(filter_id)
    if name is None:
        raise Missing
    if data.active is None:
        raise Invalid("active", "true or false")
    return msgspec.structs.replace(present, **{name: data.active})


# ── ownership ─────────────────────────────────────────────────────────────────────────────


class OwnerView(msgspec.Struct):
    type: str
    id: str
    name: str
    identifier: str


class MatcherView(msgspec.Struct):
    type: str
    pattern: str


class RuleView(msgspec.Struct):
    matcher: MatcherView
    owners: list[OwnerView]


class SchemaView(msgspec.Struct):
    version: int = msgspec.field(name="$version")
    rules: list[RuleView]


class OwnershipView(View, kw_only=True):
    raw: str
    fallthrough: bool
    auto_assignment: str
    codeowners_auto_sync: bool
    is_active: bool
    date_created: str | None
    last_updated: str | None
    schema: SchemaView | None


AUTO_ASSIGNMENTS = (
    "Auto Assign to Issue Owner",
    "Auto Assign to Suspect Commits",
    "Turn off Auto-Assignment",
)


@get("/projects/{org:str}/{proj:str}/ownership/", sync_to_thread=True)
def read_ownership(services: TheServices, project: TheProject) -> OwnershipView:
    ownership = project.options.ownership
    with services.records.read() as session:
        return _ownership_view(ownership, _resolved(session, project, ownership.raw))


class OwnershipChange(Body, kw_only=True):
    raw: str | None = None
    fallthrough: bool | None = None
    auto_assignment: str | None = None
    codeowners_auto_sync: bool | None = None


@put("/projects/{org:str}/{proj:str}/ownership/", sync_to_thread=True, status_code=202)
def change_ownership(
    services: TheServices, access: TheAccess, project: TheProject, data: JSONBody[OwnershipChange]
) -> OwnershipView:
    """Rules and what follows from them. 400 names the first line that cannot be read."""
    if not access.can_in_project(project, "project:write"):
        raise Denied("changing ownership needs the scope project:write")
    present, now_us = project.options.ownership, services.clock()
    if data.auto_assignment is not None and data.auto_assignment not in AUTO_ASSIGNMENTS:
        raise Invalid("autoAssignment", f"one of {', '.join(AUTO_ASSIGNMENTS)}")
    ownership = Ownership(
        raw=kept(data.raw, present.raw),
        fallthrough=kept(data.fallthrough, present.fallthrough),
        auto_assignment=kept(data.auto_assignment, present.auto_assignment),
        codeowners_sync=kept(data.codeowners_auto_sync, present.codeowners_sync),
        created_us=kept(present.created_us, now_us),
        updated_us=now_us,
    )
    options = msgspec.structs.replace(project.options, ownership=ownership)
    with services.records.write() as session:
        rules = with_owners(session, access.organization.id, parse_ownership(ownership.raw))
        change_options(session, project.id, options, now_us)
        audit.note(session, access.organization.id, access.caller, "project.ownership", project.slug, now_us)
    return _ownership_view(ownership, rules)


def _resolved(session: Session, project: Project, raw: str) -> list[Rule]:
    """The stored rules; without ids where an owner has left since."""
    rules = parse_ownership(raw)
    try:
        return with_owners(session, project.organization_id, rules)
    except Invalid:
        return rules


def _ownership_view(ownership: Ownership, rules: list[Rule]) -> OwnershipView:
    shown = [
        RuleView(
            MatcherView(rule.type, rule.pattern),
            [
                OwnerView(owner.type, str(owner.id), owner.name or owner.identifier, owner.identifier)
                for owner in rule.owners
            ],
        )
        for rule in rules
    ]
    return OwnershipView(
        raw=ownership.raw,
        fallthrough=ownership.fallthrough,
        auto_assignment=ownership.auto_assignment,
        codeowners_auto_sync=ownership.codeowners_sync,
        is_active=True,
        date_created=iso_or_none(ownership.created_us),
        last_updated=None if ownership.updated_us is None else to_iso(ownership.updated_us),
        schema=SchemaView(version=1, rules=shown) if shown else None,
    )


HANDLERS: list[ControllerRouterHandler] = [
    list_filters,
    change_filter,
    read_ownership,
    change_ownership,
]
