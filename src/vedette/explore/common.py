"""Fields that every table of telemetry has, under the same columns."""

from vedette.explore.dataset import Field
from vedette.search.keys import KeySpec, Kind, Type

TIMES = (
    Field("timestamp", "ts", "date", aliases=("date", "event.timestamp"), about="when it was"),
    Field("timestamp.to_hour", "toStartOfHour(ts)", "date", about="the hour it was in"),
    Field("timestamp.to_day", "toStartOfDay(ts)", "date", about="the day it was on"),
)
PROJECT = (
    Field("project", "project_id", form="project", aliases=("project.name", "project.slug"), about="slug"),
    Field("project.id", "project_id", "integer", aliases=("project_id",), about="number of the project"),
)
ORIGIN = (
    Field("environment", "environment", optional=True, about="production, staging …"),
    Field("release", "release", optional=True, about="version"),
    Field("server_name", "server_name", optional=True, about="host name"),
    Field("sdk.name", "sdk_name", about="SDK that sent it", aliases=("sentry.sdk.name",)),
    Field("sdk.version", "sdk_version", about="version of that SDK", aliases=("sentry.sdk.version",)),
)
# Searched for, not shown: what stands for the releases that it means.
RELEASE_KEYS = (
    KeySpec("release.version", Kind.COLUMN, Type.VERSION, aliases=("release.semver",), about="as in >=1.2.0"),
    KeySpec("release.package", Kind.COLUMN, about="what stands before the @ of a release"),
    KeySpec("release.build", Kind.COLUMN, about="what stands after the + of a release"),
)
LINKS = (
    Field("trace", "trace_id", form="uuid", aliases=("trace_id", "trace.id"), about="id of the trace"),
    Field(
        "replayId",
        "replay_id",
        form="uuid",
        aliases=("replay.id", "replayid", "sentry.replay_id"),
        about="replay",
    ),
)
SPAN = Field(
    "span_id", "span_id", form="span_id", aliases=("span.id", "trace.span_id"), about="id of the span"
)


def user_fields(email: str, name: str, id_: str, ip: str) -> tuple[Field, ...]:
    """The user's fields from the expressions of these texts."""
    display = f"multiIf({email} != '', {email}, {name} != '', {name}, {id_} != '', {id_}, {ip})"
    return (
        Field("user", "user", optional=True, distinct="user_hash", about="id:…, email:…, username:… or ip:…"),
        Field("user.id", id_, optional=True, about="id of the user"),
        Field("user.email", email, optional=True, about="e-mail of the user"),
        Field("user.username", name, optional=True, aliases=("user.name",), about="name of the user"),
        Field("user.ip", ip, optional=True, aliases=("user.ip_address",), about="address of the user"),
        Field(
            "user.display", display, optional=True, distinct="user_hash", about="e-mail, name, id or address"
        ),
    )


MAP_USER = user_fields(
    "attributes['user.email']",
    "attributes['user.name']",
    "attributes['user.id']",
    "attributes['user.ip_address']",
)
