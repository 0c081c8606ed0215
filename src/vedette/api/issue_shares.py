"""What stored events say of some hashes of an issue: needed where an issue is split."""

from collections.abc import Mapping, Sequence

from vedette.api.services import Services
from vedette.errors.grouping import grouping_config, hashes_of
from vedette.errors.groups import Group, unsigned
from vedette.errors.query import EventQueries
from vedette.errors.selection import EventFilter
from vedette.errors.tags import TagQueries
from vedette.errors.views import decode_payload
from vedette.issues.merging import Share
from vedette.projects.values import Project

_ENVIRONMENTS = 1000  # of one issue; more keep their counts with the issue they were counted in


def share_of(services: Services, groups: Sequence[Group]) -> Share:
    """Counts, times and the newest texts of the groups' events."""
    events = EventFilter.of_groups(groups)
    tags = TagQueries(services.telemetry)
    totals = tags.totals(events)
    latest = EventQueries(services.telemetry).latest(events)
    if latest is None:
        now_us = services.clock()
        return Share(0, now_us, now_us)
    named = tags.values(events, "environment", _ENVIRONMENTS).values
    environments = {value.value: (value.events, value.first_us, value.last_us) for value in named}
    unnamed = totals.events - sum(value.events for value in named)
    if unnamed > 0:
        environments[""] = (unnamed, totals.first_us, totals.last_us)
    return Share(
        times_seen=totals.events,
        first_seen_us=totals.first_us,
        last_seen_us=totals.last_us,
        environments=environments,
        texts={
            "type": latest.type,
            "level": latest.level,
            "platform": latest.platform,
            "logger": latest.logger or None,
            "title": latest.title,
            "culprit": latest.culprit,
            "event_metadata": _metadata(latest.exception_types, latest.exception_values, latest.title),
            "search_text": "\n".join(filter(None, (latest.title, latest.message, latest.culprit))).lower(),
        },
    )


def other_hashes(
    services: Services,
    project: Project,
    groups: Sequence[Group],
    leaving: Sequence[Group],
    hashes: Mapping[str, int],
) -> list[str]:
    """The other variants of the events that leave: hashes of the issue under which it has no events.

    They go along; else the next variant of such an event would come back by one of them.
    """
    queries = EventQueries(services.telemetry)
    options = project.options.grouping
    config = grouping_config(options.fingerprint_rules, options.stack_rules)
    found: set[str] = set()
    for group in leaving:
        row = queries.latest(EventFilter.of_groups([group]))
        if row is not None:
            found |= set(hashes_of(decode_payload(row, queries.payload(row)), config))
    left = {unsigned(hashes[md5]): md5 for md5 in found if md5 in hashes}
    named = {group.group_hash for group in leaving}
    return [
        left[group.group_hash]
        for group in groups
        if group.group_hash in left
        and group.group_hash not in named
        and queries.latest(EventFilter.of_groups([group])) is None
    ]


def _metadata(types: Sequence[str], values: Sequence[str], title: str) -> dict[str, str]:
    if not types and not values:
        return {"title": title}
    found = {"type": types[-1] if types else "", "value": values[-1] if values else ""}
    return {name: text for name, text in found.items() if text}
