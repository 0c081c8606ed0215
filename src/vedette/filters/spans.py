"""Inbound filters of spans that come by themselves: those that make sense without an event."""

from typing import NamedTuple

from vedette.filters.inbound import (
    FilterSettings,
    is_blocked_address,
    is_crawler,
    is_health_check,
    is_legacy_browser,
    is_local,
    is_local_url,
    matches_any,
)


class SpanFacts(NamedTuple):
    """What of a span the filters look at; empty for unknown."""

    transaction: str  # name of its segment
    release: str
    url: str
    user_agent: str
    user_ip: str
    is_localhost: bool  # as the SDK says


def which_span_filter(facts: SpanFacts, settings: FilterSettings, client_ip: str | None) -> str | None:
    """The id of the first filter that takes the span, or None. `client_ip` is the connection's."""
    blocked = settings.blacklisted_ips
    if blocked and any(is_blocked_address(ip, blocked) for ip in (client_ip, facts.user_ip)):
        return "ip-address"
    if settings.releases and matches_any(facts.release, settings.releases, ignore_case=True):
        return "release-version"
    if settings.localhost and (
        facts.is_localhost or is_local(facts.user_ip) or (facts.url and is_local_url(facts.url))
    ):
        return "localhost"
    if facts.user_agent:
        if is_legacy_browser(facts.user_agent, settings.legacy_browsers):
            return "legacy-browsers"
        if settings.web_crawlers and is_crawler(facts.user_agent):
            return "web-crawlers"
    if settings.filtered_transaction and facts.transaction and is_health_check(facts.transaction):
        return "filtered-transaction"
    return None
