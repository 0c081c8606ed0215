"""Metrics as the API's JSON."""

import msgspec

from vedette.core.time import to_iso
from vedette.metrics.query import MetricName


class MetricNameView(msgspec.Struct, kw_only=True, rename="camel"):
    """`unit` is `none` where values have none."""

    name: str
    type: str
    unit: str
    count: int
    first_seen: str
    last_seen: str


def metric_name_view(metric: MetricName) -> MetricNameView:
    return MetricNameView(
        name=metric.name,
        type=metric.type,
        unit=metric.unit or "none",
        count=metric.count,
        first_seen=to_iso(metric.first_us),
        last_seen=to_iso(metric.last_us),
    )
