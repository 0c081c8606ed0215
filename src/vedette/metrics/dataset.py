"""Metrics as a dataset to explore: functions name the metric they are of."""

from vedette.explore.attributes import MAPS
from vedette.explore.common import LINKS, MAP_USER, ORIGIN, PROJECT, RELEASE_KEYS, SPAN, TIMES
from vedette.explore.dataset import Dataset, Field

METRICS = Dataset(
    name="tracemetrics",
    table="metrics",
    identity="id",
    phrase="metric.name",
    user="user_hash",
    weight="weight",
    metric=True,
    attributes=MAPS,
    keys=RELEASE_KEYS,
    facets=("metric.name", "environment", "release", "server_name"),
    fields=(
        Field("id", "item_id", form="uuid", aliases=("sentry.item_id",), about="id of the value"),
        *TIMES,
        Field("metric.name", "name", aliases=("metric_name",), about="name of the metric"),
        Field("metric.type", "type", aliases=("metric_type",), about="counter, gauge or distribution"),
        Field("metric.unit", "unit", optional=True, aliases=("metric_unit",), about="millisecond, byte …"),
        Field("value", "value", "number", about="what was measured"),
        *LINKS,
        SPAN,
        *PROJECT,
        *ORIGIN,
        *MAP_USER,
    ),
)
