"""What a batch does to the stores: T1's claims, the rows, T2's counters and facts."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import count
from typing import Any

import msgspec
from sqlalchemy import select, tuple_
from sqlalchemy.engine import Connection

from vedette.core.facts import CONSUMERS
from vedette.core.outcomes import Outcome
from vedette.core.time import HOUR_US, MINUTE_US, SECOND_US
from vedette.errors.process import ErrorEvent
from vedette.issues.intake import open_issues, record_sightings
from vedette.issues.sightings import DISCARDED, Seen, Sighting, signed
from vedette.pipeline.failpoints import Name
from vedette.pipeline.ranges import Claim, Drop, Range
from vedette.pipeline.units import Batch, Unit, by_column
from vedette.projects.quotas import Charge, charge, quotas_of
from vedette.storage.records.portable import execute_rows, upsert
from vedette.storage.records.schema import EventSeen
from vedette.storage.telemetry import native
from vedette.storage.telemetry.columns import Table
from vedette.storage.telemetry.tables import ERRORS, ISSUE_HOURS, OUTCOMES

BLOCK_BYTES = 48 << 20  # of payloads; the engine refuses bodies over 64 MiB
_INSERT_CLAIM = {
    dialect: upsert(dialect, EventSeen).on_conflict_do_nothing() for dialect in ("sqlite", "postgresql")
}
_CHUNK = 400  # rows of one statement: below SQLite's and PostgreSQL's limits on parameters


class Plan(msgspec.Struct, frozen=True):
    """What T1 found: units of the batch that are not stored, and the block split of each table."""

    dropped: tuple[Drop, ...]
    blocks: dict[str, tuple[int, ...]]

    def settle(self, opened: Range) -> Range:
        return msgspec.structs.replace(opened, dropped=self.dropped, blocks=self.blocks)


class Block(msgspec.Struct, frozen=True):
    """Rows of one insert."""

    table: Table
    number: int
    columns: native.Values
    failpoint: Name


# ── T1 ────────────────────────────────────────────────────────────────────────────────────


def plan_effects(connection: Connection, batch: Batch, *, now_us: int) -> Plan:
    """Claim the batch's event ids, count it against quotas, open the issues that are missing."""
    units = batch.units
    dropped = [Drop(number, "duplicate") for number in sorted(_claim_events(connection, units))]
    dropped += _over_quota(connection, units, _left(units, dropped))
    kept = [number for number in _left(units, dropped) if units[number].error is not None]
    dropped += _discarded(connection, units, kept, now_us)
    return Plan(tuple(dropped), _blocks(units, _left(units, dropped)))


def _left(units: Sequence[Unit], dropped: Sequence[Drop]) -> Sequence[int]:
    """Numbers of the units that are neither dropped nor part of one that is."""
    if not dropped:
        return range(len(units))
    gone = {drop.number for drop in dropped}
    return [number for number, unit in enumerate(units) if number not in gone and unit.part_of not in gone]


def _over_quota(connection: Connection, units: Sequence[Unit], fresh: Sequence[int]) -> list[Drop]:
    quotas = quotas_of(connection, {units[number].project_id for number in fresh})
    if not quotas:
        return []
    charges: list[Charge] = []
    owners: list[int] = []
    for number in fresh:
        unit = units[number]
        for category, quantity in unit.counts:
            charges.append(Charge(unit.project_id, category, unit.received_us, quantity))
            owners.append(number)
    over = {owners[place] for place in charge(connection, quotas, charges)}
    return [Drop(number, "quota") for number in sorted(over)]


def _discarded(
    connection: Connection, units: Sequence[Unit], numbers: Sequence[int], now_us: int
) -> list[Drop]:
    candidates = [error.candidate for number in numbers if (error := units[number].error)]
    answers = open_issues(connection, candidates, now_us)
    if DISCARDED not in answers.values():
        return []
    return [
        Drop(number, "discarded")
        for number, candidate in zip(numbers, candidates, strict=True)
        if answers[candidate.key] is DISCARDED
    ]


def _claim_events(connection: Connection, units: Sequence[Unit]) -> set[int]:
    """Numbers of the units whose event id another record has claimed, or an earlier unit of this batch."""
    claims: dict[tuple[int, bytes], tuple[int, int]] = {}
    duplicates: set[int] = set()
    for number, unit in enumerate(units):
        if not unit.event_id:
            continue
        key = (unit.project_id, bytes.fromhex(unit.event_id))
        if key in claims:
            duplicates.add(number)
        else:
            claims[key] = (number, _claim_of(unit))
    rows = [
        {"project_id": key[0], "event_id": key[1], "claim": claims[key][1], "day": units[claims[key][0]].day}
        for key in sorted(claims)  # as the index has them, and so that two nodes never wait for each other
    ]
    if rows and _insert_new(connection, rows) < len(rows):
        duplicates |= _claimed_by_others(connection, claims)
    return duplicates


def _claim_of(unit: Unit) -> int:
    digest = blake2b(unit.position.encode(), digest_size=8).digest()
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


def _blocks(units: Sequence[Unit], kept: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Rows per insert, for each table."""
    sizes: dict[str, list[int]] = defaultdict(list)
    tables = {ERRORS.name: ERRORS}
    errors = [error.size_bytes for number in kept if (error := units[number].error) is not None]
    if errors:
        sizes[ERRORS.name] = errors
    for part in [part for number in kept for part in units[number].rows]:
        tables[part.table.name] = part.table
        sizes[part.table.name] += [part.size_bytes // max(1, len(part))] * len(part)
    return {name: _split(found, tables[name].block_rows) for name, found in sizes.items()}


def _split(sizes: Sequence[int], most_rows: int) -> tuple[int, ...]:
    """Rows per block: at most `most_rows`, and `BLOCK_BYTES` of payload."""
    blocks: list[int] = []
    rows = size = 0
    for payload in sizes:
        if rows and (rows >= most_rows or size + payload > BLOCK_BYTES):
            blocks.append(rows)
            rows = size = 0
        rows += 1
        size += payload
    return (*blocks, rows) if rows else tuple(blocks)


# ── telemetry ─────────────────────────────────────────────────────────────────────────────


def rows_of(batch: Batch, opened: Range, claim: Claim) -> Iterator[Block]:
    """The blocks of a range, in the order in which they are written. The same at each try."""
    left = _left(batch.units, opened.dropped)
    kept = [batch.units[number] for number in left]
    mark = opened.token(claim.spool, claim.writer, ERRORS.name, 0)
    errors = [(unit.keep_days, unit.error) for unit in kept if unit.error is not None]
    yield from _cut(ERRORS, _error_columns(batch, left, mark), opened, "after_errors")
    if errors:
        yield Block(ISSUE_HOURS, 0, by_column(_hour_rows(errors)), "after_hours")
    for table, columns in _feature_columns(kept, mark):
        yield from _cut(table, columns, opened, "after_features")
    outcomes = _outcome_rows(batch, opened)
    if outcomes:
        yield Block(OUTCOMES, 0, by_column(outcomes), "after_outcomes")


def _error_columns(batch: Batch, left: Sequence[int], mark: str) -> native.Values:
    """The columns of the error events among the units that are left."""
    if len(left) == len(batch.units):
        return _marked(batch.error_rows.columns(), mark)
    place_of = dict(zip([number for number, _ in batch.errors()], count()))
    rows = [place_of[number] for number in left if number in place_of]
    return _marked(batch.error_rows.columns(rows), mark)


def _cut(table: Table, columns: native.Values, opened: Range, name: Name) -> Iterator[Block]:
    start = 0
    for number, size in enumerate(opened.blocks.get(table.name, ())):
        yield Block(table, number, [column[start : start + size] for column in columns], name)
        start += size


def _feature_columns(kept: Sequence[Unit], mark: str) -> list[tuple[Table, native.Values]]:
    """The columns of all features, by table, those that recovery counts with their mark."""
    tables: dict[str, tuple[Table, list[list[Any]]]] = {}
    for part in (part for unit in kept for part in unit.rows if part):
        known = tables.get(part.table.name)
        if known is None:
            tables[part.table.name] = (part.table, list(map(_grown, part.columns)))
        else:
            for column, values in zip(known[1], part.columns, strict=True):
                column.extend(values)
    return [
        (table, _marked(columns, mark) if table.columns[-1].name == "batch" else columns)
        for table, columns in tables.values()
    ]


def _grown(column: Sequence[Any]) -> Any:
    """A copy that can be extended: a list, or an array of numbers as it is packed."""
    return column[:] if isinstance(column, array) else list(column)


def _marked(columns: native.Values, mark: str) -> native.Values:
    """With the column `batch`."""
    return [*columns, [mark] * len(columns[0])] if columns else ()


def _hour_rows(errors: Iterable[tuple[int, ErrorEvent]]) -> list[tuple[Any, ...]]:
    """Of events, each with how many days it is kept."""
    counts: dict[tuple[int, int, int, str, int], list[int]] = defaultdict(list)
    for keep_days, error in errors:
        candidate = error.candidate
        hour = candidate.at_us // HOUR_US * (HOUR_US // SECOND_US)
        key = (keep_days, candidate.project_id, error.group_hash, candidate.environment or "", hour)
        counts[key].append(error.user_hash)
    return [(*key, len(users), sorted(set(users) - {0})) for key, users in counts.items()]


_OUTCOME_OF_DROP = {
    "duplicate": (Outcome.INVALID, "duplicate"),
    "discarded": (Outcome.FILTERED, "discarded-hash"),
    "quota": (Outcome.RATE_LIMITED, "quota"),
}


def _outcome_rows(batch: Batch, opened: Range) -> list[tuple[Any, ...]]:
    counts = batch.outcomes.copy()
    why = {drop.number: drop.why for drop in opened.dropped}
    alike = Counter(
        (unit.project_id, unit.key_id, unit.counts, unit.received_us // MINUTE_US, why.get(number))
        for number, unit in enumerate(batch.units)
    )
    for (project_id, key_id, counted, minute, dropped), units in alike.items():
        outcome, reason = _OUTCOME_OF_DROP[dropped] if dropped else (Outcome.ACCEPTED, "")
        for category, quantity in counted:
            key = (project_id, key_id, category, int(outcome), reason, minute * MINUTE_US)
            counts[key] += quantity * units
    return [
        (project_id, key_id, category, outcome, reason, minute // SECOND_US, quantity)
        for (project_id, key_id, category, outcome, reason, minute), quantity in counts.items()
    ]


# ── T2 ────────────────────────────────────────────────────────────────────────────────────


def record_effects(connection: Connection, batch: Batch, opened: Range, *, now_us: int) -> None:
    """Counters and facts."""
    left = _left(batch.units, opened.dropped)
    errors = [error for number in left if (error := batch.units[number].error)]
    record_sightings(connection, _sightings(errors), now_us, CONSUMERS)


def _sightings(errors: Sequence[ErrorEvent]) -> list[Sighting]:
    groups: dict[tuple[int, int], list[ErrorEvent]] = defaultdict(list)
    for error in errors:
        groups[error.candidate.project_id, error.group_hash].append(error)
    return [_sighting(project_id, signed(hash_), group) for (project_id, hash_), group in groups.items()]


def _sighting(project_id: int, group_hash: int, group: Sequence[ErrorEvent]) -> Sighting:
    candidates = [error.candidate for error in group]
    times = [candidate.at_us for candidate in candidates]
    received = [candidate.received_us for candidate in candidates]
    newest = times.index(max(times))
    shown = candidates[newest]
    return Sighting(
        project_id=project_id,
        group_hash=group_hash,
        count=len(group),
        first_us=min(times),
        last_us=times[newest],
        last_received_us=max(received),
        event_id=group[newest].event_id,
        environments=_seen([candidate.environment or "" for candidate in candidates], times, received),
        releases=_seen([candidate.release or "" for candidate in candidates], times, received),
        users=frozenset([error.user_hash for error in group]) - {0},
        type=shown.type,
        level=shown.level,
        platform=shown.platform,
        logger=shown.logger,
        title=shown.title,
        culprit=shown.culprit,
        metadata=shown.metadata,
        search_text=shown.search_text,
        is_unhandled=any(candidate.is_unhandled for candidate in candidates),
    )


def _seen(names: Sequence[str], times: Sequence[int], received: Sequence[int]) -> tuple[Seen, ...]:
    """The names of events, one each, and when those of each name happened and were received."""
    if names.count(names[0]) == len(names):
        return (Seen(names[0], len(names), min(times), max(times), max(received)),)
    found: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        found[name].append(number)
    return tuple(
        Seen(
            name,
            len(numbers),
            min(times[number] for number in numbers),
            max(times[number] for number in numbers),
            max(received[number] for number in numbers),
        )
        for name, numbers in found.items()
    )
