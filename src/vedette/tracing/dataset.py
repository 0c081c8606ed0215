"""Spans as a dataset to explore, and transactions, which are their segments under older names."""

from dataclasses import replace

from vedette.explore.attributes import MAPS
from vedette.explore.common import LINKS, MAP_USER, ORIGIN, PROJECT, RELEASE_KEYS, SPAN, TIMES
from vedette.explore.dataset import Dataset, Field, Measures

_FAILED = "status NOT IN ('ok', 'cancelled', 'unknown', '')"
_MEASURES = (
    Measures("measurements.score."),
    Measures("measurements.cls"),
    Measures("measurements.frames_"),
    Measures("measurements.stall_count"),
    Measures("measurements.", "duration"),
    Measures("gen_ai.usage."),
    Measures("gen_ai.cost.", unit="usd"),
    Measures("gen_ai.server.time_to_first_token", unit="second"),
    Measures("gen_ai.response.time_to_first_token", unit="second"),
    Measures("http.response_content_length", "size"),
    Measures("http.decoded_response_content_length", "size"),
    Measures("http.response_transfer_size", "size"),
    Measures("http.response.body.size", "size"),
    Measures("cache.item_size", "size"),
    Measures("messaging.message.body.size", "size"),
    Measures("messaging.message.receive.latency", "duration"),
    Measures("messaging.message.retry.count"),
)
_FACETS = (
    "transaction",
    "environment",
    "release",
    "platform",
    "server_name",
    "http.status_code",
    "sdk.name",
    "origin",
)
_DURATION = Field(
    "span.duration", "duration_us / 1000", "duration", aliases=("duration",), about="how long it took"
)
_STATUS = Field("span.status", "status", aliases=("status",), about="ok, not_found, internal_error …")
_TRANSACTION_ID = Field(
    "transaction.id", "transaction_id", form="uuid", aliases=("transaction.event_id",), about="event id"
)
_SHARED = (
    *TIMES,
    *LINKS,
    *PROJECT,
    *ORIGIN,
    *MAP_USER,
    Field("dist", "dist", optional=True, about="distribution of the release"),
    Field("platform", "platform", aliases=("platform.name",), about="python, node …"),
    Field(
        "transaction",
        "transaction",
        aliases=("sentry.segment.name", "segment.name"),
        about="route, task or page",
    ),
    Field("origin", "origin", optional=True, aliases=("sentry.origin", "span.origin"), about="what made it"),
    Field(
        "profile.id",
        "profile_id",
        form="uuid",
        aliases=("profile_id", "profiler.id"),
        about="profile or profiler",
    ),
    Field(
        "http.status_code",
        "nullIf(http_status, 0)",
        "integer",
        aliases=("span.status_code", "http.response.status_code"),
        about="200, 404 …",
    ),
)

SPANS = Dataset(
    name="spans",
    table="spans",
    identity="id",
    phrase="span.description",
    duration="span.duration",
    user="user_hash",
    failed=_FAILED,
    transaction="is_segment = 1",
    weight="weight",
    measures=_MEASURES,
    attributes=MAPS,
    keys=RELEASE_KEYS,
    facets=("span.op", "span.status", "span.normalized_description", *_FACETS),
    fields=(
        replace(SPAN, name="id", aliases=("span_id", "span.id")),
        Field(
            "parent_span",
            "parent_span_id",
            form="span_id",
            aliases=("parent_span_id",),
            about="id of its parent",
        ),
        Field(
            "transaction.span_id",
            "segment_id",
            form="span_id",
            aliases=("span.segment_id", "segment_id", "segment.id"),
            about="id of its segment",
        ),
        Field(
            "is_transaction",
            "is_segment",
            "boolean",
            aliases=("is_segment",),
            about="whether it is a segment",
        ),
        _DURATION,
        Field(
            "span.self_time", "self_us / 1000", "duration", aliases=("self_time",), about="less its children"
        ),
        Field(
            "precise.start_ts",
            "toUnixTimestamp64Micro(ts) / 1e6",
            "number",
            about="start, seconds since 1970",
        ),
        Field(
            "precise.finish_ts",
            "(toUnixTimestamp64Micro(ts) + duration_us) / 1e6",
            "number",
            about="end, seconds since 1970",
        ),
        Field("received", "received", "date", about="when it was received"),
        Field(
            "span.op", "op", aliases=("op", "sentry.op", "transaction.op"), about="db.query, http.client …"
        ),
        Field(
            "span.description",
            "description",
            aliases=("description", "span.name", "name", "message"),
            about="what it did",
        ),
        Field(
            "span.normalized_description",
            "normalized",
            aliases=("sentry.normalized_description", "normalized_description"),
            about="what it did, without ids and values",
        ),
        Field(
            "span.category", "category", aliases=("category", "sentry.category"), about="db, http, cache …"
        ),
        Field(
            "span.group",
            "if(group_hash = 0, '', lower(leftPad(hex(group_hash), 16, '0')))",
            aliases=("sentry.group",),
            distinct="group_hash",
            about="the same for spans that do the same",
        ),
        Field("span.action", "action", optional=True, aliases=("sentry.action",), about="SELECT, GET …"),
        Field(
            "span.domain", "domain", optional=True, aliases=("sentry.domain",), about="tables, host, queue"
        ),
        Field("span.system", "system", optional=True, about="postgresql, redis, openai …"),
        Field(
            "gen_ai.request.model", "model", optional=True, aliases=("model",), about="model of an LLM call"
        ),
        _STATUS,
        Field("trace.status", "status", about="as span.status"),
        _TRANSACTION_ID,
        *_SHARED,
    ),
)

TRANSACTIONS = Dataset(
    name="transactions",
    table="spans",
    identity="id",
    phrase="title",
    duration="transaction.duration",
    user="user_hash",
    failed=_FAILED,
    weight="weight",
    where="is_segment = 1",
    measures=_MEASURES,
    attributes=MAPS,
    keys=RELEASE_KEYS,
    facets=("transaction.op", "transaction.status", *_FACETS),
    fields=(
        replace(_TRANSACTION_ID, name="id", aliases=("transaction.id", "event_id")),
        replace(SPAN, aliases=("span.id", "trace.span")),
        Field("trace.parent_span", "parent_span_id", form="span_id", about="id of its parent"),
        replace(_DURATION, name="transaction.duration", aliases=("span.duration", "duration")),
        replace(_STATUS, name="transaction.status", aliases=("span.status", "status", "trace.status")),
        Field("transaction.op", "op", aliases=("span.op", "op"), about="http.server, pageload …"),
        Field("transaction.method", "attributes['http.request.method']", optional=True, about="GET, POST …"),
        Field(
            "title", "transaction", aliases=("message", "span.description"), about="name of the transaction"
        ),
        Field("event.type", "'transaction'", about="transaction"),
        Field("is_transaction", "is_segment", "boolean", about="true"),
        *_SHARED,
    ),
)
