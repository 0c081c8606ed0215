"""Logs as the API's JSON."""

from collections.abc import Mapping
from typing import Any

import msgspec

from vedette.core.ids import span_id_text
from vedette.core.time import to_iso
from vedette.logs.query import LogRow, Pattern, Patterns

Json = dict[str, Any]


class LogView(msgspec.Struct, kw_only=True):
    """A log. Texts that it lacks are empty."""

    id: str
    item_id: str = msgspec.field(name="sentry.item_id")
    timestamp: str
    timestamp_precise: int  # nanoseconds since the epoch
    severity: str
    severity_number: int
    message: str
    template: str = msgspec.field(name="message.template")
    trace: str
    span_id: str
    project: str
    project_id: str = msgspec.field(name="project.id")
    environment: str
    release: str
    server_name: str = msgspec.field(name="server.address")
    sdk_name: str = msgspec.field(name="sdk.name")
    sdk_version: str = msgspec.field(name="sdk.version")
    user: str
    replay_id: str = msgspec.field(name="replayId")
    attributes: Json


class PatternView(msgspec.Struct, kw_only=True, rename="camel"):
    """`series`: logs by slice of time, oldest first, each `[start in seconds, logs]`."""

    id: str
    pattern: str
    example: str
    count: int
    first_seen: str
    last_seen: str
    levels: dict[str, int]
    series: list[tuple[int, int]]


class PatternsView(msgspec.Struct, kw_only=True, rename="camel"):
    """`isSampled`: found in the newest logs only, because there were too many."""

    patterns: list[PatternView]
    is_sampled: bool
    start: str
    end: str


def log_view(row: LogRow, projects: Mapping[int, str]) -> LogView:
    """`projects`: id → slug."""
    return LogView(
        id=row.item_id,
        item_id=row.item_id,
        timestamp=to_iso(row.ts_us),
        timestamp_precise=row.ts_us * 1000,
        severity=row.level,
        severity_number=row.severity,
        message=row.body,
        template=row.template,
        trace=row.trace_id,
        span_id=span_id_text(row.span_id),
        project=projects.get(row.project_id, ""),
        project_id=str(row.project_id),
        environment=row.environment,
        release=row.release,
        server_name=row.server_name,
        sdk_name=row.sdk_name,
        sdk_version=row.sdk_version,
        user=row.user,
        replay_id=row.replay_id,
        attributes=dict(sorted({**row.attributes, **row.numbers}.items())),
    )


def patterns_view(found: Patterns, from_us: int, to_us: int, slices: int) -> PatternsView:
    slice_us = max(1, -(-(to_us - from_us) // slices))
    return PatternsView(
        patterns=[_pattern_view(pattern, from_us, slice_us, slices) for pattern in found.patterns],
        is_sampled=found.is_sampled,
        start=to_iso(from_us),
        end=to_iso(to_us),
    )


def _pattern_view(pattern: Pattern, from_us: int, slice_us: int, slices: int) -> PatternView:
    return PatternView(
        id=f"{pattern.pattern_hash:016x}",
        pattern=pattern.pattern,
        example=pattern.example,
        count=pattern.count,
        first_seen=to_iso(pattern.first_us),
        last_seen=to_iso(pattern.last_us),
        levels=pattern.levels,
        series=[
            ((from_us + number * slice_us) // 1_000_000, pattern.slices.get(number, 0))
            for number in range(slices)
        ],
    )
