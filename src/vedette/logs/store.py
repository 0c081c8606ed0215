"""A log as a row of the telemetry table `logs`. A pure function of the log: a retry makes the same row."""

from typing import Any

import msgspec

from vedette.normalize.attributes import Attributes
from vedette.normalize.source import Source

Row = tuple[Any, ...]  # one value per column of the table `logs` but the last, in its order


class StoredLog(msgspec.Struct, gc=False):
    """One log, ready to be stored."""

    ts_us: int
    sequence: int
    item_id: str  # 32 hex digits
    trace_id: str  # the same, or empty
    span_id: int  # 0 for none
    level: str
    severity: int
    template: str
    pattern_hash: int
    origin: str
    source: Source
    body: str
    attributes: Attributes


def row(log: StoredLog, project_id: int, keep_days: int, received_us: int) -> Row:
    source = log.source
    return (
        keep_days,
        project_id,
        log.ts_us,
        received_us,
        log.sequence,
        log.item_id,
        log.trace_id,
        log.span_id,
        log.level,
        log.severity,
        log.body,
        log.template,
        log.pattern_hash,
        source.environment,
        source.release,
        source.server_name,
        source.sdk_name,
        source.sdk_version,
        log.origin,
        source.user,
        source.user_hash,
        source.replay_id,
        log.attributes.texts,
        log.attributes.numbers,
    )
