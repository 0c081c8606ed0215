"""Organizations and teams with what lies in them → JSON."""

from typing import Any

import msgspec

from vedette.projects.access import Access
from vedette.projects.project_views import ProjectView
from vedette.projects.values import Team
from vedette.projects.views import (
    OrganizationView,
    QuotaView,
    RoleView,
    TeamView,
    organization_fields,
    organization_view,
    role_list,
    team_fields,
    team_role_list,
)


class OrganizationDetail(OrganizationView, kw_only=True):
    role: str | None
    org_role: str | None
    org_role_list: list[RoleView]
    team_role_list: list[RoleView]
    is_default: bool = False
    default_role: str
    open_membership: bool
    allow_shared_issues: bool
    allow_join_requests: bool
    enhanced_privacy: bool
    events_member_admin: bool
    alerts_member_write: bool
    attachments_role: str = "member"
    debug_files_role: str = "admin"
    data_scrubber: bool
    data_scrubber_defaults: bool
    sensitive_fields: list[str]
    safe_fields: list[str]
    scrub_ip_addresses: bool = msgspec.field(name="scrubIPAddresses")
    scrape_javascript: bool = msgspec.field(name="scrapeJavaScript")
    store_crash_reports: int = 0
    relay_pii_config: str | None
    relay_dsn_endpoint: str | None = None
    trusted_relays: list[str] = msgspec.field(default_factory=list[str])
    issue_alerts_thread_flag: bool
    metric_alerts_thread_flag: bool = True
    requires_sso: bool = False
    hide_ai_features: bool = True
    aggregated_data_consent: bool = False
    is_dynamically_sampled: bool = False
    pending_access_requests: int = 0
    experiments: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    quotas: list[QuotaView]
    teams: list[TeamView]
    projects: list[ProjectView]


def organization_detail(
    access: Access, base_url: str, teams: list[TeamView], projects: list[ProjectView]
) -> OrganizationDetail:
    options = access.organization.options
    scrubbing = options.scrubbing
    return OrganizationDetail(
        **organization_fields(access, base_url),
        role=access.role,
        org_role=access.role,
        org_role_list=role_list(access),
        team_role_list=team_role_list(),
        default_role=options.default_role,
        open_membership=options.open_membership,
        allow_shared_issues=options.allow_shared_issues,
        allow_join_requests=options.allow_join_requests,
        enhanced_privacy=options.enhanced_privacy,
        events_member_admin=options.events_member_admin,
        alerts_member_write=options.alerts_member_write,
        data_scrubber=scrubbing.enabled,
        data_scrubber_defaults=scrubbing.defaults,
        sensitive_fields=list(scrubbing.sensitive_fields),
        safe_fields=list(scrubbing.safe_fields),
        scrub_ip_addresses=not scrubbing.store_ips,
        scrape_javascript=options.scrape_javascript,
        relay_pii_config=scrubbing.pii_config or None,
        issue_alerts_thread_flag=options.issue_alerts_thread,
        quotas=[QuotaView(quota.count, quota.window_s, quota.category) for quota in options.quotas],
        teams=teams,
        projects=projects,
    )


class TeamDetail(TeamView, kw_only=True):
    """A team with its projects and organization, unless the caller did without."""

    organization: OrganizationView | msgspec.UnsetType = msgspec.UNSET
    projects: list[ProjectView] | msgspec.UnsetType = msgspec.UNSET


def team_detail(
    team: Team,
    access: Access,
    member_count: int,
    *,
    projects: list[ProjectView] | None = None,
    base_url: str | None = None,
) -> TeamDetail:
    """`base_url`: given where the organization is to be shown."""
    return TeamDetail(
        **team_fields(team, access, member_count),
        organization=organization_view(access, base_url) if base_url else msgspec.UNSET,
        projects=msgspec.UNSET if projects is None else projects,
    )
