"""The body that changes a project: many names on the wire, one `Change` inside."""

from typing import Any, cast

import msgspec

from vedette.api.body import Body, Lines, kept, lines
from vedette.api.organizations import quotas_of
from vedette.projects.errors import Invalid
from vedette.projects.options import (
    Filters,
    Grouping,
    ProjectOptions,
    Scrubbing,
    ScrubRule,
    checked_pii_config,
)
from vedette.projects.projects import Change
from vedette.projects.rules import checked_fingerprint_rules, checked_stack_rules
from vedette.projects.values import Project
from vedette.projects.views import QuotaView
from vedette.scrub.rules import InvalidRules, parse_rules

_RETENTION_DAYS = (0, 7, 30, 90, 365)  # 0: as the server
_TEXT_MOST = 64_000
_RULES_MOST = 100


class ProjectChange(Body, kw_only=True):
    """Everything is optional; what is absent or null stays."""

    name: str | None = None
    slug: str | None = None
    platform: str | None = None
    is_bookmarked: bool | None = None
    subject_prefix: str | None = None
    subject_template: str | None = None
    resolve_age: int | None = None
    retention_days: int | None = None
    default_environment: str | None = None
    allowed_domains: Lines = None
    data_scrubber: bool | None = None
    data_scrubber_defaults: bool | None = None
    sensitive_fields: Lines = None
    safe_fields: Lines = None
    scrub_ip_addresses: bool | None = msgspec.field(default=None, name="scrubIPAddresses")
    relay_pii_config: str | None = None
    scrubbing_rules: list[ScrubRule] | None = None
    scrape_javascript: bool | None = msgspec.field(default=None, name="scrapeJavaScript")
    verify_ssl: bool | None = msgspec.field(default=None, name="verifySSL")
    security_token: str | None = None
    security_token_header: str | None = None
    grouping_enhancements: str | None = None
    fingerprinting_rules: str | None = None
    enable_auto_release_creation: bool | None = None
    highlight_tags: list[str] | None = None
    highlight_context: dict[str, list[str]] | None = None
    quotas: list[QuotaView] | None = None
    options: dict[str, Any] | None = None


def change_of(project: Project, data: ProjectChange) -> Change:
    """What the body asks for. Raises `Invalid` for a value that will not do."""
    options = _options(project.options, data)
    return Change(
        name=data.name,
        slug=data.slug,
        platform=data.platform,
        is_bookmarked=data.is_bookmarked,
        options=options if options != project.options else None,
    )


def _options(present: ProjectOptions, data: ProjectChange) -> ProjectOptions:
    return msgspec.structs.replace(
        present,
        allowed_origins=lines(data.allowed_domains, present.allowed_origins, field="allowedDomains"),
        filters=_filters(present.filters, data.options or {}),
        grouping=_grouping(present.grouping, data),
        scrubbing=scrubbing_of(present.scrubbing, data),
        quotas=quotas_of(data.quotas, present.quotas),
        resolve_age_hours=_within(data.resolve_age, present.resolve_age_hours, "resolveAge", 24 * 365),
        retention_days=_retention(data.retention_days, present.retention_days),
        default_environment=_text(data.default_environment, present.default_environment, 64),
        subject_prefix=_text(data.subject_prefix, present.subject_prefix, 200),
        subject_template=_text(data.subject_template, present.subject_template, 200),
        scrape_javascript=kept(data.scrape_javascript, present.scrape_javascript),
        verify_ssl=kept(data.verify_ssl, present.verify_ssl),
        security_token=_text(data.security_token, present.security_token, 64),
        security_token_header=_text(data.security_token_header, present.security_token_header, 64),
        auto_release_creation=kept(data.enable_auto_release_creation, present.auto_release_creation),
        highlight_tags=lines(data.highlight_tags, present.highlight_tags, field="highlightTags", most=100),
        highlight_context=kept(data.highlight_context, present.highlight_context),
    )


def _grouping(present: Grouping, data: ProjectChange) -> Grouping:
    fingerprints = _text(data.fingerprinting_rules, present.fingerprint_rules, _TEXT_MOST)
    stacks = _text(data.grouping_enhancements, present.stack_rules, _TEXT_MOST)
    if fingerprints != present.fingerprint_rules:
        checked_fingerprint_rules(fingerprints)
    if stacks != present.stack_rules:
        checked_stack_rules(stacks)
    return Grouping(fingerprint_rules=fingerprints, stack_rules=stacks)


def scrubbing_of(present: Scrubbing, data: ProjectChange) -> Scrubbing:
    ips = data.scrub_ip_addresses
    return Scrubbing(
        enabled=kept(data.data_scrubber, present.enabled),
        defaults=kept(data.data_scrubber_defaults, present.defaults),
        sensitive_fields=lines(data.sensitive_fields, present.sensitive_fields, field="sensitiveFields"),
        safe_fields=lines(data.safe_fields, present.safe_fields, field="safeFields"),
        store_ips=present.store_ips if ips is None else not ips,
        rules=_rules(data.scrubbing_rules, present.rules),
        pii_config=checked_pii_config(kept(data.relay_pii_config, present.pii_config)),
    )


def _rules(given: list[ScrubRule] | None, present: tuple[ScrubRule, ...]) -> tuple[ScrubRule, ...]:
    if given is None:
        return present
    if len(given) > _RULES_MOST:
        raise Invalid("scrubbingRules", f"at most {_RULES_MOST} rules")
    try:
        parse_rules([msgspec.to_builtins(rule) for rule in given])
    except InvalidRules as error:
        raise Invalid("scrubbingRules", str(error)) from error
    return tuple(given)


_LISTS = {
    "filters:blacklisted_ips": "ip_addresses",
    "filters:releases": "releases",
    "filters:error_messages": "error_messages",
}
_SWITCHES = {
    "filters:react-hydration-errors": "react_hydration_errors",
    "filters:chunk-load-error": "chunk_load_error",
}


def _filters(present: Filters, given: dict[str, Any]) -> Filters:
    """The filters that travel under `options`; other names there are ignored."""
    changes: dict[str, Any] = {}
    for name, field in _LISTS.items():
        value: object = given.get(name)
        if isinstance(value, list):
            value = "\n".join(map(str, cast("list[object]", value)))
        if isinstance(value, str):
            changes[field] = lines(value, (), field=name)
    for name, field in _SWITCHES.items():
        if name in given:
            changes[field] = given[name] in (True, "1", "true", 1)
    return msgspec.structs.replace(present, **changes)


def _within(given: int | None, present: int, field: str, most: int) -> int:
    if given is None:
        return present
    if not 0 <= given <= most:
        raise Invalid(field, f"0 to {most}")
    return given


def _retention(given: int | None, present: int) -> int:
    if given is not None and given not in _RETENTION_DAYS:
        raise Invalid("retentionDays", f"one of {', '.join(map(str, _RETENTION_DAYS))}")
    return present if given is None else given


def _text(given: str | None, present: str, most: int) -> str:
    return present if given is None else given[:most]
