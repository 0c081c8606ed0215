"""Settings of a project with addresses of their own: filters, ownership, notification."""

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
from vedette.projects.options import Filters, Notifications, Ownership
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


# ── notification ──────────────────────────────────────────────────────────────────────────

KINDS = ("new", "regressed", "escalating")
LEVELS = ("", "debug", "info", "warning", "error", "fatal")
_TARGETS_MOST = 20


class NotificationView(View, kw_only=True):
    enabled: bool
    kinds: list[str]
    mail: bool
    targets: list[str]  # URLs; without their secrets for who may not change them
    frequency_minutes: int
    minimum_level: str


@get("/projects/{org:str}/{proj:str}/notifications/", sync_to_thread=False)
def read_notifications(access: TheAccess, project: TheProject) -> NotificationView:
    may_write = access.can_in_project(project, "project:write")
    return _notification_view(project.options.notifications, with_secrets=may_write)


class NotificationChange(Body, kw_only=True):
    enabled: bool | None = None
    kinds: list[str] | None = None
    mail: bool | None = None
    targets: list[str] | None = None
    frequency_minutes: int | None = None
    minimum_level: str | None = None


@put("/projects/{org:str}/{proj:str}/notifications/", sync_to_thread=True)
def change_notifications(
    services: TheServices, access: TheAccess, project: TheProject, data: JSONBody[NotificationChange]
) -> NotificationView:
    """The built-in rule: whom to tell of new, regressed and escalating issues."""
    present, now_us = project.options.notifications, services.clock()
    notifications = Notifications(
        enabled=kept(data.enabled, present.enabled),
        kinds=_kinds(data.kinds, present.kinds),
        mail=kept(data.mail, present.mail),
        targets=_targets(data.targets, present.targets),
        frequency_minutes=_frequency(data.frequency_minutes, present.frequency_minutes),
        minimum_level=_level(data.minimum_level, present.minimum_level),
    )
    options = msgspec.structs.replace(project.options, notifications=notifications)
    with services.records.write() as session:
        change_options(session, project.id, options, now_us)
        audit.note(
            session, access.organization.id, access.caller, "project.notifications", project.slug, now_us
        )
    return _notification_view(notifications, with_secrets=True)


def _notification_view(settings: Notifications, *, with_secrets: bool) -> NotificationView:
    targets = list(settings.targets) if with_secrets else [_without_secrets(url) for url in settings.targets]
    return NotificationView(
        enabled=settings.enabled,
        kinds=list(settings.kinds),
        mail=settings.mail,
        targets=targets,
        frequency_minutes=settings.frequency_minutes,
        minimum_level=settings.minimum_level,
    )


def _without_secrets(url: str) -> str:
    """Scheme and host at most: in apprise's URLs the rest is tokens."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    return f"{scheme}://{host}/…" if scheme in ("http", "https") else f"{scheme}://…"


def _kinds(given: list[str] | None, present: tuple[str, ...]) -> tuple[str, ...]:
    if given is not None and not set(given) <= set(KINDS):
        raise Invalid("kinds", f"of {', '.join(KINDS)}")
    return present if given is None else tuple(kind for kind in KINDS if kind in given)


def _targets(given: list[str] | None, present: tuple[str, ...]) -> tuple[str, ...]:
    targets = lines(given, present, field="targets", most=_TARGETS_MOST)
    if any("://" not in target for target in targets):
        raise Invalid("targets", "each is a URL: https://… or one of apprise")
    return targets


def _frequency(given: int | None, present: int) -> int:
    if given is not None and not 0 <= given <= 10_080:
        raise Invalid("frequencyMinutes", "0 to 10080")
    return kept(given, present)


def _level(given: str | None, present: str) -> str:
    if given is not None and given not in LEVELS:
        raise Invalid("minimumLevel", f"one of {', '.join(LEVELS[1:])}, or empty")
    return kept(given, present)


HANDLERS: list[ControllerRouterHandler] = [
    list_filters,
    change_filter,
    read_ownership,
    change_ownership,
    read_notifications,
    change_notifications,
]
