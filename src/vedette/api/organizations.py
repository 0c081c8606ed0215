"""Organizations: list, read, change; the audit log; who else has their keys."""

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromQuery, JSONBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from vedette.api.body import Body, Lines, kept, lines
from vedette.api.given import SearchText, TheAccess, TheCaller, ThePage, TheServices
from vedette.api.paging import Cursor
from vedette.api.services import Services
from vedette.projects import audit
from vedette.projects.access import Access, enter, organizations_of
from vedette.projects.errors import Invalid
from vedette.projects.options import OrganizationOptions, Quota, Scrubbing, checked_pii_config
from vedette.projects.organization_views import OrganizationDetail, organization_detail
from vedette.projects.organizations import change_organization, found_organization
from vedette.projects.project_views import project_view
from vedette.projects.projects import list_projects
from vedette.projects.scopes import ROLES
from vedette.projects.teams import list_teams, member_counts
from vedette.projects.views import (
    AuditLog,
    OrganizationView,
    QuotaView,
    audit_view,
    organization_view,
    team_view,
)

_WHOLE = 10_000  # teams and projects in the detail of an organization


@get("/organizations/", sync_to_thread=True)
def list_organizations(
    services: TheServices,
    caller: TheCaller,
    page: ThePage,
    search: SearchText = "",
    owner: FromQuery[str] = "",
) -> Response[list[OrganizationView]]:
    """The organizations the caller belongs to, by slug. `owner=1`: only those it owns."""
    with services.records.read() as session:
        found = organizations_of(session, caller)
    words = [word.removeprefix("slug:").removeprefix("query:") for word in search.lower().split()]
    shown = [
        organization_view(access, services.settings.base_url)
        for access in found
        if all(word in f"{access.organization.slug} {access.organization.name}".lower() for word in words)
        and (access.role == "owner" or owner not in ("1", "true"))
    ]
    return page.whole(shown)


class NewOrganization(Body, kw_only=True):
    name: str
    slug: str = ""


@post("/organizations/", sync_to_thread=True)
def create_organization(
    services: TheServices, caller: TheCaller, data: JSONBody[NewOrganization]
) -> OrganizationDetail:
    """A new organization, owned by the person who makes it."""
    now_us = services.clock()
    with services.records.write() as session:
        made = found_organization(session, caller, data.name, data.slug, now_us)
    with services.records.read() as session:
        return _detail(session, services, enter(session, caller, made.slug), detailed=True)


@get("/organizations/{org:str}/", sync_to_thread=True)
def read_organization(
    services: TheServices, access: TheAccess, detailed: FromQuery[str] = "1"
) -> OrganizationDetail:
    """Settings, roles, and (unless `detailed=0`) teams and projects."""
    with services.records.read() as session:
        return _detail(session, services, access, detailed=detailed != "0")


class OrganizationChange(Body, kw_only=True):
    name: str | None = None
    slug: str | None = None
    default_role: str | None = None
    open_membership: bool | None = None
    events_member_admin: bool | None = None
    alerts_member_write: bool | None = None
    allow_member_invite: bool | None = None
    allow_member_project_creation: bool | None = None
    allow_shared_issues: bool | None = None
    allow_join_requests: bool | None = None
    enhanced_privacy: bool | None = None
    scrape_javascript: bool | None = msgspec.field(default=None, name="scrapeJavaScript")
    data_scrubber: bool | None = None
    data_scrubber_defaults: bool | None = None
    sensitive_fields: Lines = None
    safe_fields: Lines = None
    scrub_ip_addresses: bool | None = msgspec.field(default=None, name="scrubIPAddresses")
    relay_pii_config: str | None = None
    issue_alerts_thread_flag: bool | None = None
    quotas: list[QuotaView] | None = None


@put("/organizations/{org:str}/", sync_to_thread=True)
def update_organization(
    services: TheServices, access: TheAccess, data: JSONBody[OrganizationChange]
) -> OrganizationDetail:
    options = _options(access.organization.options, data)
    with services.records.write() as session:
        changed = change_organization(
            session, access, name=data.name, slug=data.slug, options=options, now_us=services.clock()
        )
    with services.records.read() as session:
        return _detail(session, services, enter(session, access.caller, changed.slug), detailed=True)


def _options(present: OrganizationOptions, data: OrganizationChange) -> OrganizationOptions:
    if data.default_role is not None and data.default_role not in ROLES:
        raise Invalid("defaultRole", f"one of {', '.join(ROLES)}")
    return OrganizationOptions(
        open_membership=kept(data.open_membership, present.open_membership),
        default_role=kept(data.default_role, present.default_role),
        events_member_admin=kept(data.events_member_admin, present.events_member_admin),
        alerts_member_write=kept(data.alerts_member_write, present.alerts_member_write),
        allow_member_invite=kept(data.allow_member_invite, present.allow_member_invite),
        allow_member_project_creation=kept(
            data.allow_member_project_creation, present.allow_member_project_creation
        ),
        allow_shared_issues=kept(data.allow_shared_issues, present.allow_shared_issues),
        allow_join_requests=kept(data.allow_join_requests, present.allow_join_requests),
        enhanced_privacy=kept(data.enhanced_privacy, present.enhanced_privacy),
        scrape_javascript=kept(data.scrape_javascript, present.scrape_javascript),
        scrubbing=_scrubbing(present.scrubbing, data),
        quotas=quotas_of(data.quotas, present.quotas),
        issue_alerts_thread=kept(data.issue_alerts_thread_flag, present.issue_alerts_thread),
        ai_prices=present.ai_prices,
    )


def _scrubbing(present: Scrubbing, data: OrganizationChange) -> Scrubbing:
    ips = data.scrub_ip_addresses
    return msgspec.structs.replace(
        present,
        enabled=kept(data.data_scrubber, present.enabled),
        defaults=kept(data.data_scrubber_defaults, present.defaults),
        sensitive_fields=lines(data.sensitive_fields, present.sensitive_fields, field="sensitiveFields"),
        safe_fields=lines(data.safe_fields, present.safe_fields, field="safeFields"),
        store_ips=present.store_ips if ips is None else not ips,
        pii_config=checked_pii_config(kept(data.relay_pii_config, present.pii_config)),
    )


def quotas_of(given: list[QuotaView] | None, present: tuple[Quota, ...]) -> tuple[Quota, ...]:
    """The quotas given, or those there are. Raises `Invalid` for one without sense."""
    if given is None:
        return present
    if any(not (0 <= quota.count < 2**31 and 0 < quota.window <= 31 * 86_400) for quota in given):
        raise Invalid("quotas", "a count in a window of 1 second to 31 days")
    return tuple(Quota(quota.count, quota.window, quota.category) for quota in given)


def _detail(session: Session, services: Services, access: Access, *, detailed: bool) -> OrganizationDetail:
    teams = list_teams(session, access, limit=_WHOLE) if detailed else []
    counts = member_counts(session, [team.id for team in teams])
    projects = list_projects(session, access, limit=_WHOLE) if detailed else []
    return organization_detail(
        access,
        services.settings.base_url,
        [team_view(team, access, counts.get(team.id, 0)) for team in teams],
        [project_view(facts, access) for facts in projects],
    )


@get("/organizations/{org:str}/audit-logs/", sync_to_thread=True)
def read_audit_log(
    services: TheServices,
    access: TheAccess,
    page: ThePage,
    event: FromQuery[str | None] = None,
    actor: FromQuery[int | None] = None,
) -> Response[AuditLog]:
    """Who changed what, from the newest on. `event`: one name from `options`; `actor`: a user's id."""
    with services.records.read() as session:
        rows = audit.entries(
            session,
            access.organization.id,
            event=event,
            actor_id=actor,
            offset=page.offset,
            limit=page.limit + 1,
        )
    log = AuditLog(rows=[audit_view(row) for row in rows[: page.limit]], options=list(audit.EVENTS))
    return page.linked(
        log,
        previous=Cursor(0, max(page.offset - page.limit, 0), True),
        next_=Cursor(0, page.offset + page.limit),
        has_previous=page.offset > 0,
        has_next=len(rows) > page.limit,
    )


class RelayUsage(msgspec.Struct, rename="camel"):
    relay_id: str
    version: str
    public_key: str
    first_seen: str
    last_seen: str


@get("/organizations/{org:str}/relay_usage/", sync_to_thread=False)
def relay_usage() -> list[RelayUsage]:
    """Always empty: SDKs send here without a relay between."""
    return []


HANDLERS: list[ControllerRouterHandler] = [
    list_organizations,
    create_organization,
    read_organization,
    update_organization,
    read_audit_log,
    relay_usage,
]
