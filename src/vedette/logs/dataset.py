"""Logs as a dataset to explore."""

from vedette.explore.attributes import MAPS
from vedette.explore.common import LINKS, MAP_USER, ORIGIN, PROJECT, RELEASE_KEYS, SPAN, TIMES
from vedette.explore.dataset import Dataset, Field

LOGS = Dataset(
    name="logs",
    table="logs",
    identity="sentry.item_id",
    phrase="message",
    user="user_hash",
    attributes=MAPS,
    keys=RELEASE_KEYS,
    facets=("severity", "environment", "release", "server_name", "message.template", "origin"),
    fields=(
        Field("sentry.item_id", "item_id", form="uuid", aliases=("id",), about="id of the log"),
        *TIMES,
        Field(
            "timestamp_precise",
            "toUnixTimestamp64Micro(ts) * 1000",
            "integer",
            about="nanoseconds since 1970",
        ),
        Field("sentry.timestamp.sequence", "sequence", "integer", about="order within one timestamp"),
        Field("observed_timestamp", "received", "date", about="when it was received"),
        Field(
            "severity",
            "level",
            aliases=("level", "log.severity"),
            about="trace, debug, info, warn, error or fatal",
        ),
        Field("severity_number", "severity", "integer", aliases=("log.severity_number",), about="1 to 24"),
        Field("message", "body", aliases=("body", "log.body"), about="what was logged"),
        Field(
            "message.template",
            "template",
            optional=True,
            aliases=("sentry.message.template",),
            about="the message without its values",
        ),
        Field(
            "log.pattern",
            "pattern_hash",
            "integer",
            about="the same for messages that differ in numbers and ids",
        ),
        *LINKS,
        SPAN,
        *PROJECT,
        *ORIGIN,
        *MAP_USER,
        Field("origin", "origin", optional=True, aliases=("sentry.origin",), about="what made it"),
    ),
)
