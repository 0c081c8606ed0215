"""Errors as a dataset to explore; searches know the same keys as lists of events do."""

from typing import Literal

from vedette.errors.conditions import TAG_COLUMNS, column_sql, event_condition
from vedette.explore.common import PROJECT, TIMES, user_fields
from vedette.explore.dataset import Dataset, Field
from vedette.search.conditions import Condition, Test
from vedette.search.issue_keys import EVENT_KEYS
from vedette.search.keys import KeySpec
from vedette.storage.telemetry.expressions import Parameters

_COLUMN_PAIRS = ", ".join(f"('{key}', toString({column}))" for key, column in TAG_COLUMNS.items())
_ALL_PAIRS = f"arrayConcat(CAST(tags, 'Array(Tuple(String, String))'), [{_COLUMN_PAIRS}])"
_PAIRS = f"arrayFilter(pair -> pair.2 != '', {_ALL_PAIRS})"


class Tags:
    """The tags of events: texts, some of them in columns of their own."""

    def text(self, name: str, parameters: Parameters) -> str:
        column = TAG_COLUMNS.get(name)
        return f"toString({column})" if column else f"tags[{parameters.add(name, 'String')}]"

    def number(self, name: str, parameters: Parameters) -> str:
        return f"toFloat64OrNull({self.text(name, parameters)})"

    def truth(self, name: str, parameters: Parameters) -> str:
        text = self.text(name, parameters)
        return f"if({text} = '', NULL, lower({text}) IN ('true', '1', 'yes'))"

    def test(self, key: KeySpec, test: Test, parameters: Parameters) -> str:
        return event_condition(Condition(key, test), parameters)

    def pairs(self, kind: Literal["string", "number"]) -> str:
        return _PAIRS if kind == "string" else "CAST([], 'Array(Tuple(String, String))')"


def _condition(condition: Condition, parameters: Parameters) -> str | None:
    """Tests of what lists of events are searched by, as they write them."""
    known = EVENT_KEYS.by_name.get(condition.key.name)
    if condition.key not in (known, EVENT_KEYS.phrase):
        return None
    return event_condition(condition, parameters)


def _payload(name: str, path: str) -> Field:
    return Field(name, column_sql(f"payload:{path}"), optional=True)


ERRORS = Dataset(
    name="errors",
    table="errors",
    where="type NOT IN ('transaction', 'generic')",  # those are of problems found in other data
    identity="id",
    phrase=EVENT_KEYS.phrase,
    user="user_hash",
    attributes=Tags(),
    keys=EVENT_KEYS.specs,
    condition=_condition,
    fields=(
        Field("id", "event_id", form="uuid", aliases=("event_id", "event.id"), about="id of the event"),
        Field("issue", "group_hash", form="issue", about="short id, such as API-2F"),
        Field("issue.id", "group_hash", "integer", form="issue", about="number of the issue"),
        *TIMES,
        Field("timestamp.received", "received", "date", about="when it was received"),
        Field("title", "title", about="title of the event"),
        Field("message", "message", about="message of the event"),
        Field("culprit", "culprit", about="where it happened"),
        Field("location", "location", optional=True, about="file it happened in"),
        Field("level", "level", about="fatal, error, warning, info or debug"),
        Field("event.type", "type", about="error, default, csp …"),
        Field("platform", "platform", aliases=("platform.name",), about="python, node …"),
        Field("logger", "logger", optional=True, about="name of the logger"),
        Field("transaction", "transaction", optional=True, about="route, task or page"),
        Field("environment", "environment", optional=True, about="production, staging …"),
        Field("release", "release", optional=True, about="version"),
        Field("dist", "dist", optional=True, about="distribution of the release"),
        Field("server_name", "server_name", optional=True, about="host name"),
        Field("sdk.name", "sdk_name", about="SDK that sent it"),
        Field("sdk.version", "sdk_version", about="version of that SDK"),
        Field("browser.name", "browser_name", optional=True, about="browser, without version"),
        Field("os.name", "os_name", optional=True, about="operating system, without version"),
        Field("http.method", "http_method", optional=True, about="GET, POST …"),
        Field("http.url", "http_url", optional=True, aliases=("url",), about="URL of the request"),
        Field("error.type", "exception_types", "array", about="types of the exceptions"),
        Field("error.value", "exception_values", "array", about="messages of the exceptions"),
        Field("error.mechanism", "mechanism", optional=True, about="how it was captured"),
        Field("error.handled", "handled != 0", "boolean", about="whether the code caught it"),
        Field("error.unhandled", "handled = 0", "boolean", about="whether nothing caught it"),
        Field("stack.filename", "stack_filename", "array", about="files of the frames"),
        Field("stack.function", "stack_function", "array", about="functions of the frames"),
        Field("stack.module", "stack_module", "array", about="modules of the frames"),
        Field("stack.abs_path", "stack_abs_path", "array", about="full paths of the frames' files"),
        Field("stack.package", "stack_package", "array", about="packages of the frames"),
        Field("trace", "trace_id", form="uuid", aliases=("trace_id", "trace.id"), about="id of the trace"),
        Field("span_id", "span_id", optional=True, aliases=("trace.span",), about="id of the span"),
        Field("replayId", "replay_id", form="uuid", aliases=("replay.id", "replayid"), about="replay"),
        *PROJECT,
        *user_fields("user_email", "user_username", "user_id", "user_ip"),
        _payload("geo.city", "user.geo.city"),
        _payload("geo.country_code", "user.geo.country_code"),
        _payload("geo.region", "user.geo.region"),
        _payload("http.status_code", "contexts.response.status_code"),
        _payload("device.arch", "contexts.device.arch"),
        _payload("device.name", "contexts.device.name"),
    ),
)
