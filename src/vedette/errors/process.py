"""Error events, from their bytes to what is stored of them."""

from collections.abc import Sequence

import msgspec

from vedette.core.event import Event, user_hash
from vedette.core.patterns import BytesPattern, either
from vedette.core.stages import paired, through
from vedette.errors.decode import Decoded, Payload, decode
from vedette.errors.store import Place, Row, payload_of, row, search_text
from vedette.filters.inbound import Filtered, FilterSettings, which_filter
from vedette.group import Grouping, GroupingConfig, group
from vedette.issues.sightings import Candidate
from vedette.normalize.received import Received
from vedette.normalize.sanitize import SUSPECT
from vedette.normalize.title import Description, describe
from vedette.projects.handling import Handling
from vedette.scrub.rules import Scrubber
from vedette.scrub.scrub import scrub


class ErrorConfig(msgspec.Struct, frozen=True):
    """What a project says about its errors, at one epoch."""

    handling: Handling
    look: BytesPattern | None  # for what a scrubbing rule for the whole event or a reader of JSON minds
    filters: FilterSettings
    grouping: GroupingConfig


def look_for(scrubber: Scrubber) -> BytesPattern | None:
    """One search for what the scrubber looks for everywhere and for what readers of JSON choke on."""
    return None if scrubber.glance is None else either(scrubber.glance, SUSPECT)


class Unsupported(Exception):
    """The payload is of a kind that has no slice yet; `category` is what it counts as."""

    def __init__(self, category: str) -> None:
        super().__init__(category)
        self.category = category


class ErrorEvent(msgspec.Struct, gc=False):
    """An event ready to be stored: what its issue needs, and its row until that is taken to be packed.

    The event itself is let go of: 2,000 that are kept until their range is written hold 90 MB more,
    and touching new pages for them took 20 µs each.
    """

    event_id: str
    candidate: Candidate
    group_hash: int  # unsigned
    user_hash: int
    row: Row
    size_bytes: int  # of the payload

    def take_row(self) -> Row:
        """The row, which is let go of here."""
        row, self.row = self.row, ()
        return row


class Sent(msgspec.Struct, frozen=True, gc=False):
    """One `event` item: its JSON, the project that it goes to, and what that says of its errors."""

    json: bytes
    received: Received
    project_id: int
    config: ErrorConfig


_Open = tuple[Sent, Decoded]


def process(items: Sequence[Sent | Exception]) -> list[ErrorEvent | Exception]:
    """Each event scrubbed, grouped, described and made a row; all events together, stage by stage.

    `InvalidPayload`, `Filtered` or `Unsupported` stands in the place of an event that came to that, and an
    exception that was given stays where it is.
    """
    opened = paired(items, decode(through(_payload, items)))
    return through(_made, through(_grouped, through(_scrubbed, through(_wanted, opened))))


def _payload(item: Sent) -> Payload:
    facts = item.received
    if not item.config.handling.store_ips:
        facts = msgspec.structs.replace(facts, store_ips=False)
    return Payload(item.json, facts, item.config.look)


def _wanted(found: _Open) -> _Open:
    item, decoded = found
    event = decoded.event
    if event.type in ("transaction", "feedback"):
        raise Unsupported(event.type)
    if reason := which_filter(event, item.config.filters, item.received.client_ip):
        raise Filtered(reason)
    return found


def _scrubbed(found: _Open) -> tuple[Sent, Event, bytes]:
    """With the event's JSON, as it is stored."""
    item, decoded = found
    event, scrubber = decoded.event, item.config.handling.scrubber
    if decoded.seen or event.errors or scrubber.selected:
        event = scrub(event, scrubber, seen=decoded.seen)
    return item, event, payload_of(event)


def _grouped(found: tuple[Sent, Event, bytes]) -> tuple[Sent, Event, bytes, Grouping]:
    item, event, json = found
    return item, event, json, group(event, item.config.grouping)


def _made(found: tuple[Sent, Event, bytes, Grouping]) -> ErrorEvent:
    item, event, json, grouping = found
    return error_event(event, json, item.project_id, item.config, grouping)


def error_event(
    event: Event,
    json: bytes,
    project_id: int,
    config: ErrorConfig,
    grouping: Grouping,
    *,
    category: str = "error",
    issue_type: str = "error",
) -> ErrorEvent:
    """A scrubbed and grouped event described and made a row; `json` is what is stored of it."""
    description = describe(event, grouping.title)
    candidate = _candidate(event, grouping, description, project_id, category, issue_type)
    user = user_hash(event.tags.get("user", ""))
    place = Place(project_id, grouping.primary_u64, config.handling.keep_days)
    cells = row(event, description, candidate.search_text, json, place, grouping.mentioned)
    return ErrorEvent(event.event_id, candidate, grouping.primary_u64, user, cells, len(json))


def _candidate(
    event: Event,
    grouping: Grouping,
    description: Description,
    project_id: int,
    category: str,
    issue_type: str,
) -> Candidate:
    return Candidate(
        project_id=project_id,
        hashes=tuple(grouping.hashes),
        at_us=event.timestamp_us,
        received_us=event.received_us,
        type=event.type,
        category=category,
        issue_type=issue_type,
        level=event.level,
        platform=event.platform,
        logger=event.logger,
        title=description.title,
        culprit=description.culprit,
        metadata=description.metadata,
        search_text=search_text(event, description),
        release=event.release,
        environment=event.environment,
        is_unhandled=event.tags.get("handled") == "no",
        secondary=grouping.secondary,
    )
