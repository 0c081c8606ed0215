"""Problems found in other data, as events of issues: stored, grouped and shown like any event."""

import msgspec

from vedette.core.event import Event
from vedette.errors.process import ErrorConfig, ErrorEvent, error_event
from vedette.errors.store import payload_of
from vedette.group import group


class Occurrence(msgspec.Struct, frozen=True):
    """An event of type `generic`, scrubbed, whose `occurrence` says what was found, and the issue's kind."""

    event: Event
    fingerprint: str  # 32 hex digits: the hash of the issue
    category: str
    issue_type: str


def occurrence_event(found: Occurrence, project_id: int, config: ErrorConfig) -> ErrorEvent:
    """The event ready to be stored. Its fingerprint decides alone: rules are for errors."""
    event = msgspec.structs.replace(found.event, checksum=found.fingerprint)
    return error_event(
        event,
        payload_of(event),
        project_id,
        config,
        group(event, config.grouping),
        category=found.category,
        issue_type=found.issue_type,
    )
