"""A metric as a row of the telemetry table `metrics`. A pure function of it: a retry makes the same row."""

from typing import Any

import msgspec

from vedette.normalize.attributes import Attributes
from vedette.normalize.source import Source

Row = tuple[Any, ...]  # one value per column of the table `metrics` but the last, in its order


class StoredMetric(msgspec.Struct, gc=False):
    """One value of a metric, ready to be stored."""

    name: str
    type: str  # counter gauge distribution
    unit: str  # empty for none
    ts_us: int
    item_id: str  # 32 hex digits
    value: float
    trace_id: str  # the same, or empty
    span_id: int  # 0 for none
    source: Source
    weight: float
    attributes: Attributes


def row(metric: StoredMetric, project_id: int, keep_days: int, received_us: int) -> Row:
    source = metric.source
    return (
        keep_days,
        project_id,
        metric.name,
        metric.type,
        metric.unit,
        metric.ts_us,
        received_us,
        metric.item_id,
        metric.value,
        metric.trace_id,
        metric.span_id,
        source.environment,
        source.release,
        source.server_name,
        source.sdk_name,
        source.sdk_version,
        source.user,
        source.user_hash,
        source.replay_id,
        metric.weight,
        metric.attributes.texts,
        metric.attributes.numbers,
    )
