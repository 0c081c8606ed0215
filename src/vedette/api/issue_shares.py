"""What stored events say of some hashes of an issue: needed where an issue is split."""

from collections.abc import Sequence

from vedette.api.services import Services
from vedette.errors.groups import Group
from vedette.errors.query import EventQueries
from vedette.errors.selection import EventFilter
from vedette.errors.tags import TagQueries
from vedette.issues.merging import Share

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


def _metadata(types: Sequence[str], values: Sequence[str], title: str) -> dict[str, str]:
    if not types and not values:
        return {"title": title}
    found = {"type": types[-1] if types else "", "value": values[-1] if values else ""}
    return {name: text for name, text in found.items() if text}
