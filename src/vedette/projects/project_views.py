"""Projects, keys, filters, ownership → the JSON shapes that Sentry's clients expect."""

from typing import Any

import msgspec

from vedette.core.time import to_iso
from vedette.projects.access import Access
from vedette.projects.client_keys import Key, Rate, addresses_of
from vedette.projects.options import Filters, ProjectOptions
from vedette.projects.projects import ProjectFacts
from vedette.projects.values import Team
from vedette.projects.views import (
    Avatar,
    OrganizationView,
    QuotaView,
    View,
    iso_or_none,
    organization_view,
)

_COLORS = ("#3b7dbf", "#bf5f3b", "#3f9a6c", "#8a5fbf", "#b38b1d", "#bf3b6e", "#3ba3ad", "#6c7a3f")


class TeamName(msgspec.Struct):
    id: str
    slug: str
    name: str


class ReleaseName(msgspec.Struct):
    version: str


class EventProcessing(View, kw_only=True):
    symbolication_degraded: bool = False


class ProjectView(View, kw_only=True):
    """A project as lists show it. What there is no data for yet is false."""

    id: str
    slug: str
    name: str
    platform: str | None
    platforms: list[str]
    date_created: str
    status: str
    first_event: str | None
    first_transaction_event: bool = False
    is_bookmarked: bool
    is_member: bool
    is_public: bool = False
    is_internal: bool = False
    has_access: bool
    access: list[str]
    features: list[str] = msgspec.field(default_factory=lambda: ["releases"])
    color: str
    avatar: Avatar = msgspec.field(default_factory=Avatar)
    team: TeamName | None
    teams: list[TeamName]
    environments: list[str]
    latest_release: ReleaseName | None
    latest_deploys: None = None
    event_processing: EventProcessing = msgspec.field(default_factory=EventProcessing)
    has_sessions: bool = False
    has_profiles: bool = False
    has_replays: bool = False
    has_flags: bool = False
    has_feedbacks: bool = False
    has_new_feedbacks: bool = False
    has_user_reports: bool = False
    has_monitors: bool = False
    has_minified_stack_trace: bool = False
    has_logs: bool = False
    has_trace_metrics: bool = False
    has_insights_http: bool = False
    has_insights_db: bool = False
    has_insights_assets: bool = False
    has_insights_app_start: bool = False
    has_insights_screen_load: bool = False
    has_insights_vitals: bool = False
    has_insights_caches: bool = False
    has_insights_queues: bool = False
    has_insights_agent_monitoring: bool = False
    has_insights_mcp: bool = msgspec.field(default=False, name="hasInsightsMCP")


class ProjectOfOrganization(ProjectView, kw_only=True):
    """A project in a list over organizations."""

    organization: OrganizationView


class ScrubRuleView(msgspec.Struct):
    type: str
    method: str
    source: str
    pattern: str
    placeholder: str


class ProjectDetail(ProjectOfOrganization, kw_only=True):
    options: dict[str, Any]
    digests_min_delay: int = 300
    digests_max_delay: int = 1800
    subject_prefix: str
    subject_template: str
    resolve_age: int
    data_scrubber: bool
    data_scrubber_defaults: bool
    sensitive_fields: list[str]
    safe_fields: list[str]
    scrub_ip_addresses: bool = msgspec.field(name="scrubIPAddresses")
    scrape_javascript: bool = msgspec.field(name="scrapeJavaScript")
    store_crash_reports: int | None = None
    relay_pii_config: str | None
    scrubbing_rules: list[ScrubRuleView]
    allowed_domains: list[str]
    verify_ssl: bool = msgspec.field(name="verifySSL")
    security_token: str
    security_token_header: str | None
    default_environment: str | None
    grouping_config: str = "vedette:latest"
    grouping_enhancements: str
    derived_grouping_enhancements: str = ""
    secondary_grouping_config: str | None = None
    secondary_grouping_expiry: int = 0
    fingerprinting_rules: str
    enable_auto_release_creation: bool
    highlight_tags: list[str]
    highlight_context: dict[str, list[str]]
    highlight_preset: dict[str, Any] = msgspec.field(default_factory=lambda: {"tags": [], "context": {}})
    quotas: list[QuotaView]
    retention_days: int
    plugins: list[str] = msgspec.field(default_factory=list[str])
    processing_issues: int = 0
    builtin_symbol_sources: list[str] = msgspec.field(default_factory=list[str])
    symbol_sources: str = "[]"
    dynamic_sampling_biases: list[str] = msgspec.field(default_factory=list[str])
    is_dynamically_sampled: bool = False
    debug_files_role: str | None = None


def project_view(facts: ProjectFacts, access: Access) -> ProjectView:
    return ProjectView(**_fields(facts, access))


def project_in_organization(facts: ProjectFacts, access: Access, base_url: str) -> ProjectOfOrganization:
    return ProjectOfOrganization(**_fields(facts, access), organization=organization_view(access, base_url))


def project_detail(facts: ProjectFacts, access: Access, base_url: str) -> ProjectDetail:
    options = facts.project.options
    scrubbing = options.scrubbing
    may_write = access.can_in_project(facts.project, "project:write")
    return ProjectDetail(
        **_fields(facts, access),
        organization=organization_view(access, base_url),
        options=wire_options(options),
        subject_prefix=options.subject_prefix,
        subject_template=options.subject_template,
        resolve_age=options.resolve_age_hours,
        data_scrubber=scrubbing.enabled,
        data_scrubber_defaults=scrubbing.defaults,
        sensitive_fields=list(scrubbing.sensitive_fields),
        safe_fields=list(scrubbing.safe_fields),
        scrub_ip_addresses=not scrubbing.store_ips,
        scrape_javascript=options.scrape_javascript,
        relay_pii_config=scrubbing.pii_config or None,
        scrubbing_rules=[
            ScrubRuleView(rule.type, rule.method, rule.source, rule.pattern, rule.placeholder)
            for rule in scrubbing.rules
        ],
        allowed_domains=list(options.allowed_origins),
        verify_ssl=options.verify_ssl,
        security_token=options.security_token if may_write else "",
        security_token_header=options.security_token_header or None,
        default_environment=options.default_environment or None,
        grouping_enhancements=options.grouping.stack_rules,
        fingerprinting_rules=options.grouping.fingerprint_rules,
        enable_auto_release_creation=options.auto_release_creation,
        highlight_tags=list(options.highlight_tags),
        highlight_context=options.highlight_context,
        quotas=[QuotaView(quota.count, quota.window_s, quota.category) for quota in options.quotas],
        retention_days=options.retention_days,
    )


def wire_options(options: ProjectOptions) -> dict[str, Any]:
    """The settings that travel under `options`, by their names on the wire; lists as lines."""
    filters = options.filters
    return {
        "filters:blacklisted_ips": "\n".join(filters.ip_addresses),
        "filters:releases": "\n".join(filters.releases),
        "filters:error_messages": "\n".join(filters.error_messages),
        "filters:react-hydration-errors": filters.react_hydration_errors,
        "filters:chunk-load-error": filters.chunk_load_error,
    }


def _fields(facts: ProjectFacts, access: Access) -> dict[str, Any]:
    project = facts.project
    teams = [team_name(team) for team in facts.teams]
    return {
        "id": str(project.id),
        "slug": project.slug,
        "name": project.name,
        "platform": project.platform,
        "platforms": [project.platform] if project.platform else [],
        "date_created": to_iso(project.created_us),
        "status": project.status,
        "first_event": iso_or_none(project.first_event_us),
        "is_bookmarked": facts.is_bookmarked,
        "is_member": not access.team_roles.keys().isdisjoint(project.team_ids),
        "has_access": access.sees(project),
        "access": sorted(access.scopes_in_teams(project.team_ids)),
        "color": _COLORS[project.id % len(_COLORS)],
        "team": teams[0] if teams else None,
        "teams": teams,
        "environments": list(facts.environments),
        "latest_release": ReleaseName(facts.latest_release) if facts.latest_release else None,
    }


def team_name(team: Team) -> TeamName:
    return TeamName(str(team.id), team.slug, team.name)


# ── keys ──────────────────────────────────────────────────────────────────────────────────


class BrowserSdk(msgspec.Struct):
    choices: list[tuple[str, str]]


class LoaderOptions(View, kw_only=True):
    has_replay: bool = True
    has_performance: bool = True
    has_debug: bool = False


class KeyView(View, kw_only=True):
    id: str
    name: str
    label: str
    public: str
    secret: str
    project_id: int
    is_active: bool
    rate_limit: Rate | None
    dsn: dict[str, str]
    browser_sdk_version: str
    browser_sdk: BrowserSdk
    date_created: str
    dynamic_sdk_loader_options: LoaderOptions
    use_case: str = "user"


SDK_VERSIONS = ("latest", "10.x", "9.x", "8.x", "7.x")


def key_view(key: Key, base_url: str) -> KeyView:
    loader = key.options.get("loader", {})
    return KeyView(
        id=key.public_key,
        name=key.label,
        label=key.label,
        public=key.public_key,
        secret=key.secret_key,
        project_id=key.project_id,
        is_active=key.is_active,
        rate_limit=key.rate,
        dsn=addresses_of(base_url, key),
        browser_sdk_version=str(key.options.get("browser_sdk_version", "10.x")),
        browser_sdk=BrowserSdk([(version, version) for version in SDK_VERSIONS]),
        date_created=to_iso(key.created_us),
        dynamic_sdk_loader_options=msgspec.convert(loader, LoaderOptions),
    )


# ── filters ───────────────────────────────────────────────────────────────────────────────


class FilterView(View, kw_only=True):
    id: str
    active: bool | list[str]


SWITCHED_FILTERS = {
    "browser-extensions": "browser_extensions",
    "localhost": "localhost",
    "filtered-transaction": "filtered_transaction",
    "web-crawlers": "web_crawlers",
    "react-hydration-errors": "react_hydration_errors",
    "chunk-load-error": "chunk_load_error",
}
LEGACY_BROWSERS = "legacy-browsers"


def filter_views(filters: Filters) -> list[FilterView]:
    switched = [FilterView(id=id_, active=getattr(filters, name)) for id_, name in SWITCHED_FILTERS.items()]
    legacy = FilterView(id=LEGACY_BROWSERS, active=list(filters.legacy_browsers) or False)
    return [*switched, legacy]
