"""Settings of organizations and projects: the JSON columns `options`, as frozen values.

Defaults are left out of the store, so that a default changed in a later version reaches
everybody who never chose. Field names are ours; `views` and the API spell them for the wire.
"""

from typing import Any, TypeVar

import msgspec

from vedette.projects.errors import Invalid
from vedette.scrub.rules import InvalidRules, parse_rules

T = TypeVar("T", bound=msgspec.Struct)


class Quota(msgspec.Struct, frozen=True):
    """At most `count` items of a category in `window_s` seconds; no category: all together."""

    count: int
    window_s: int = 60
    category: str = ""


class ScrubRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One scrubbing rule: what to look for, where, and what to do with it."""

    type: str  # creditcard ip email password … pattern anything
    method: str = "mask"  # mask remove hash replace
    source: str = "**"  # selector: $user.ip_address, $frame.vars.** …
    pattern: str = ""  # regular expression of type `pattern`
    placeholder: str = ""  # text of method `replace`


class Scrubbing(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is taken out of events before they are stored."""

    enabled: bool = True  # `dataScrubber`
    defaults: bool = True  # the well-known names: password, secret, token … (`dataScrubberDefaults`)
    sensitive_fields: tuple[str, ...] = ()
    safe_fields: tuple[str, ...] = ()
    store_ips: bool = True  # the opposite of `scrubIPAddresses`
    rules: tuple[ScrubRule, ...] = ()
    pii_config: str = ""  # `relayPiiConfig`, the JSON text as given


class ModelPrice(msgspec.Struct, frozen=True, omit_defaults=True):
    """US dollars for a million tokens of a model; `cached_input` None: as other input."""

    input: float
    output: float
    cached_input: float | None = None


class OrganizationOptions(msgspec.Struct, frozen=True, omit_defaults=True):
    open_membership: bool = True  # members see and join all teams
    default_role: str = "member"
    events_member_admin: bool = True  # members may delete issues
    alerts_member_write: bool = True
    allow_member_invite: bool = True
    allow_member_project_creation: bool = True
    allow_shared_issues: bool = True
    allow_join_requests: bool = True
    enhanced_privacy: bool = False
    scrape_javascript: bool = True
    scrubbing: Scrubbing = Scrubbing()
    quotas: tuple[Quota, ...] = ()
    issue_alerts_thread: bool = True
    ai_prices: dict[str, ModelPrice] = {}  # by model, or a pattern of models: `my-*`


class Filters(msgspec.Struct, frozen=True, omit_defaults=True):
    """Inbound filters. The id on the wire is the field's name with dashes."""

    browser_extensions: bool = False
    localhost: bool = False
    filtered_transaction: bool = True
    web_crawlers: bool = True
    legacy_browsers: tuple[str, ...] = ()
    react_hydration_errors: bool = True
    chunk_load_error: bool = True
    ip_addresses: tuple[str, ...] = ()  # addresses or networks
    releases: tuple[str, ...] = ()  # globs
    error_messages: tuple[str, ...] = ()  # globs


class Grouping(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rules of the project; their grammar is that of `vedette.group`."""

    fingerprint_rules: str = ""
    stack_rules: str = ""


class Notifications(msgspec.Struct, frozen=True, omit_defaults=True):
    """The built-in rule: whom to tell of new, regressed and escalating issues."""

    enabled: bool = True
    kinds: tuple[str, ...] = ("new", "regressed", "escalating")
    mail: bool = True  # to the members of the project's teams, or the assignee
    targets: tuple[str, ...] = ()  # webhook and apprise URLs
    frequency_minutes: int = 30
    minimum_level: str = ""  # empty: all


class Ownership(msgspec.Struct, frozen=True, omit_defaults=True):
    raw: str = ""
    fallthrough: bool = True
    auto_assignment: str = "Auto Assign to Suspect Commits"
    codeowners_sync: bool = True
    created_us: int | None = None
    updated_us: int | None = None


class ProjectOptions(msgspec.Struct, frozen=True, omit_defaults=True):
    allowed_origins: tuple[str, ...] = ("*",)
    filters: Filters = Filters()
    grouping: Grouping = Grouping()
    scrubbing: Scrubbing = Scrubbing()
    quotas: tuple[Quota, ...] = ()
    notifications: Notifications = Notifications()
    ownership: Ownership = Ownership()
    resolve_age_hours: int = 0  # 0: never resolve by age
    retention_days: int = 0  # 0: as the server
    default_environment: str = ""
    subject_prefix: str = ""
    subject_template: str = "$shortID - $title"
    scrape_javascript: bool = True
    verify_ssl: bool = False
    security_token: str = ""
    security_token_header: str = "X-Sentry-Token"  # noqa: S105 - a header's name
    auto_release_creation: bool = True
    highlight_tags: tuple[str, ...] = ()
    highlight_context: dict[str, list[str]] = {}


class PipelineConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the pipeline reads of a project: the content of `config_changes.config`.

    A pure function of the two option values, so that an epoch says all there is to know.
    """

    organization_id: int = 0
    scrubbing: Scrubbing = Scrubbing()  # organization and project together
    filters: Filters = Filters()
    grouping: Grouping = Grouping()
    quotas: tuple[Quota, ...] = ()
    retention_days: int = 0
    auto_release_creation: bool = True
    ai_prices: dict[str, ModelPrice] = {}


def pipeline_config(
    organization_id: int, organization: OrganizationOptions, project: ProjectOptions
) -> PipelineConfig:
    return PipelineConfig(
        organization_id=organization_id,
        scrubbing=both(organization.scrubbing, project.scrubbing),
        filters=project.filters,
        grouping=project.grouping,
        quotas=project.quotas,
        retention_days=project.retention_days,
        auto_release_creation=project.auto_release_creation,
        ai_prices=organization.ai_prices,
    )


def both(organization: Scrubbing, project: Scrubbing) -> Scrubbing:
    """The stricter of both: what either asks to scrub is scrubbed, safe fields count for the project."""
    return Scrubbing(
        enabled=organization.enabled or project.enabled,
        defaults=organization.defaults or project.defaults,
        sensitive_fields=_joined(organization.sensitive_fields, project.sensitive_fields),
        safe_fields=_joined(organization.safe_fields, project.safe_fields),
        store_ips=organization.store_ips and project.store_ips,
        rules=organization.rules + project.rules,
        pii_config=project.pii_config or organization.pii_config,
    )


def checked_pii_config(text: str) -> str:
    """The text if it is a JSON object of rules that can be used, or empty. Raises `Invalid`."""
    if text.strip():
        try:
            msgspec.json.decode(text, type=dict[str, Any])
            parse_rules(text)
        except msgspec.DecodeError as error:
            raise Invalid("relayPiiConfig", f"not a JSON object: {error}") from error
        except InvalidRules as error:
            raise Invalid("relayPiiConfig", str(error)) from error
    return text.strip()


def decode(kind: type[T], stored: dict[str, Any]) -> T:
    """Options from their column; keys of a later version are ignored."""
    return msgspec.convert(stored, kind)


def encode(options: msgspec.Struct) -> dict[str, Any]:
    return msgspec.to_builtins(options)


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(first + second))
