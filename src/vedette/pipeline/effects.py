"""What a batch does to the stores: T1's claims, the rows, T2's counters and facts."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import select, tuple_
from sqlalchemy.engine import Connection

from vedette.core.event import Event
from vedette.core.facts import CONSUMERS
from vedette.core.outcomes import Outcome
from vedette.core.time import HOUR_US, MINUTE_US, SECOND_US
from vedette.errors.store import Place, row
from vedette.issues.intake import open_issues, record_sightings
from vedette.issues.sightings import DISCARDED, Seen, Sighting
from vedette.pipeline.batch import Batch, BatchEvent
from vedette.pipeline.failpoints import Name
from vedette.pipeline.ranges import Claim, Drop, Range
from vedette.projects.quotas import Charge, charge
from vedette.storage.records.portable import execute_rows, upsert
from vedette.storage.records.schema import EventSeen
from vedette.storage.telemetry.columns import Table
from vedette.storage.telemetry.tables import ERRORS, ISSUE_HOURS, OUTCOMES

BLOCK_ROWS = 5_000
BLOCK_BYTES = 48 << 20  # of payloads; the engine refuses bodies over 64 MiB
_INSERT_CLAIM = {
    dialect: upsert(dialect, EventSeen).on_conflict_do_nothing() for dialect in ("sqlite", "postgresql")
}
_CHUNK = 400  # rows of one statement: below SQLite's and PostgreSQL's limits on parameters


class Plan(msgspec.Struct, frozen=True):
    """What T1 found: events of the batch that are not stored, and the block split."""

    dropped: tuple[Drop, ...]
    blocks: tuple[int, ...]

    def settle(self, opened: Range) -> Range:
        return msgspec.structs.replace(opened, dropped=self.dropped, blocks=self.blocks)


class Block(msgspec.Struct, frozen=True):
    """Rows of one insert."""

    table: Table
    number: int
    rows: Sequence[Sequence[Any]]
    failpoint: Name


# ── T1 ────────────────────────────────────────────────────────────────────────────────────


def plan_effects(connection: Connection, batch: Batch, *, now_us: int) -> Plan:
    """Claim the batch's event ids, count them against quotas, open the issues that are missing."""
    events = batch.events
    dropped = [Drop(number, "duplicate") for number in sorted(_claim_events(connection, events))]
    fresh = _left(events, dropped)
    charges = [Charge(events[n].project_id, "error", events[n].error.event.received_us) for n in fresh]
    dropped += [Drop(fresh[place], "quota") for place in sorted(charge(connection, charges))]
    fresh = _left(events, dropped)
    answers = open_issues(connection, [events[number].error.candidate for number in fresh], now_us)
    dropped += [
        Drop(number, "discarded")
        for number in fresh
        if answers[events[number].error.candidate.key] is DISCARDED
    ]
    sizes = [len(events[number].error.payload) for number in _left(events, dropped)]
    return Plan(tuple(dropped), _split(sizes))


def _left(events: Sequence[BatchEvent], dropped: Sequence[Drop]) -> list[int]:
    gone = {drop.number for drop in dropped}
    return [number for number in range(len(events)) if number not in gone]


def _claim_events(connection: Connection, events: Sequence[BatchEvent]) -> set[int]:
    """Numbers of the events whose id another record has claimed, or an earlier event of this batch."""
    claims: dict[tuple[int, bytes], tuple[int, int]] = {}
    duplicates: set[int] = set()
    for number, event in enumerate(events):
        key = (event.project_id, bytes.fromhex(event.error.event.event_id))
        if key in claims:
            duplicates.add(number)
        else:
            claims[key] = (number, _claim_of(event))
    rows = [
        {"project_id": project_id, "event_id": event_id, "claim": claim, "day": events[number].day}
        for (project_id, event_id), (number, claim) in claims.items()
    ]
    if rows and _insert_new(connection, rows) < len(rows):
        duplicates |= _claimed_by_others(connection, claims)
    return duplicates


def _claim_of(event: BatchEvent) -> int:
    digest = blake2b(event.position.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _insert_new(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Insert the claims that are not there yet; how many those were."""
    return execute_rows(connection, _INSERT_CLAIM[connection.dialect.name], rows)


def _claimed_by_others(connection: Connection, claims: dict[tuple[int, bytes], tuple[int, int]]) -> set[int]:
    found: set[int] = set()
    keys = list(claims)
    pair = tuple_(EventSeen.project_id, EventSeen.event_id)
    for start in range(0, len(keys), _CHUNK):
        query = select(EventSeen.project_id, EventSeen.event_id, EventSeen.claim)
        for project_id, event_id, claim in connection.execute(
            query.where(pair.in_(keys[start : start + _CHUNK]))
        ):
            number, own = claims[project_id, bytes(event_id)]
            if claim != own:
                found.add(number)
    return found


def _split(sizes: Sequence[int]) -> tuple[int, ...]:
    """Rows per block: at most `BLOCK_ROWS`, and `BLOCK_BYTES` of payload."""
    blocks: list[int] = []
    rows = size = 0
    for payload in sizes:
        if rows and (rows >= BLOCK_ROWS or size + payload > BLOCK_BYTES):
            blocks.append(rows)
            rows = size = 0
        rows += 1
        size += payload
    return (*blocks, rows) if rows else tuple(blocks)


# ── telemetry ─────────────────────────────────────────────────────────────────────────────


def rows_of(batch: Batch, opened: Range, claim: Claim) -> Iterator[Block]:
    """The blocks of a range, in the order in which they are written. The same at each try."""
    kept = _kept(batch, opened)
    mark = opened.token(claim.spool, claim.writer, ERRORS.name, 0)
    start = 0
    for number, size in enumerate(opened.blocks):
        rows = [_error_row(event, mark) for event in kept[start : start + size]]
        yield Block(ERRORS, number, rows, "after_errors")
        start += size
    if kept:
        yield Block(ISSUE_HOURS, 0, _hour_rows(kept), "after_hours")
    outcomes = _outcome_rows(batch, opened)
    if outcomes:
        yield Block(OUTCOMES, 0, outcomes, "after_outcomes")


def _kept(batch: Batch, opened: Range) -> list[BatchEvent]:
    return [batch.events[number] for number in _left(batch.events, opened.dropped)]


def _error_row(event: BatchEvent, mark: str) -> tuple[Any, ...]:
    error = event.error
    place = Place(event.project_id, error.grouping.primary_u64, event.keep_days, mark)
    return row(error.event, error.description, error.candidate.search_text, error.payload, place)


def _hour_rows(events: Sequence[BatchEvent]) -> list[tuple[Any, ...]]:
    counts: dict[tuple[int, int, int, str, int], list[int]] = defaultdict(list)
    for event in events:
        error = event.error
        hour = error.event.timestamp_us // HOUR_US * (HOUR_US // SECOND_US)
        environment = error.event.environment or ""
        key = (event.keep_days, event.project_id, error.grouping.primary_u64, environment, hour)
        counts[key].append(error.user_hash)
    return [(*key, len(users), sorted(set(users) - {0})) for key, users in counts.items()]


_OUTCOME_OF_DROP = {
    "duplicate": (Outcome.INVALID, "duplicate"),
    "discarded": (Outcome.FILTERED, "discarded-hash"),
    "quota": (Outcome.RATE_LIMITED, "quota"),
}


def _outcome_rows(batch: Batch, opened: Range) -> list[tuple[Any, ...]]:
    counts = batch.outcomes.copy()
    why = {drop.number: _OUTCOME_OF_DROP[drop.why] for drop in opened.dropped}
    for number, event in enumerate(batch.events):
        minute = event.error.event.received_us // MINUTE_US * MINUTE_US
        outcome, reason = why.get(number, (Outcome.ACCEPTED, ""))
        counts[event.project_id, event.key_id, "error", int(outcome), reason, minute] += 1
    return [
        (project_id, key_id, category, outcome, reason, minute // SECOND_US, quantity)
        for (project_id, key_id, category, outcome, reason, minute), quantity in counts.items()
    ]


# ── T2 ────────────────────────────────────────────────────────────────────────────────────


def record_effects(connection: Connection, batch: Batch, opened: Range, *, now_us: int) -> None:
    """Counters and facts."""
    record_sightings(connection, _sightings(_kept(batch, opened)), now_us, CONSUMERS)


def _sightings(events: Sequence[BatchEvent]) -> list[Sighting]:
    groups: dict[tuple[int, int], list[BatchEvent]] = defaultdict(list)
    for event in events:
        groups[event.error.candidate.key].append(event)
    return [_sighting(key, group) for key, group in groups.items()]


def _sighting(key: tuple[int, int], group: Sequence[BatchEvent]) -> Sighting:
    newest = max(group, key=lambda event: event.error.event.timestamp_us).error
    times = [event.error.event.timestamp_us for event in group]
    candidate = newest.candidate
    return Sighting(
        project_id=key[0],
        group_hash=key[1],
        count=len(group),
        first_us=min(times),
        last_us=max(times),
        last_received_us=max(event.error.event.received_us for event in group),
        event_id=newest.event.event_id,
        environments=_seen(group, lambda event: event.environment),
        releases=_seen(group, lambda event: event.release),
        users=frozenset(event.error.user_hash for event in group) - {0},
        type=candidate.type,
        level=candidate.level,
        platform=candidate.platform,
        logger=candidate.logger,
        title=candidate.title,
        culprit=candidate.culprit,
        metadata=candidate.metadata,
        search_text=candidate.search_text,
        is_unhandled=any(event.error.candidate.is_unhandled for event in group),
    )


def _seen(group: Sequence[BatchEvent], name_of: Callable[[Event], str | None]) -> tuple[Seen, ...]:
    named: dict[str, list[Event]] = defaultdict(list)
    for event in group:
        named[name_of(event.error.event) or ""].append(event.error.event)
    return tuple(_seen_one(name, events) for name, events in named.items())


def _seen_one(name: str, events: Sequence[Event]) -> Seen:
    times = [event.timestamp_us for event in events]
    return Seen(name, len(events), min(times), max(times), max(event.received_us for event in events))
