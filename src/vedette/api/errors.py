"""Refusals and failures as JSON: `{"detail": …}`, or field names with their messages."""

from collections.abc import Mapping
from typing import cast

import structlog
from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException, ValidationException

from vedette.explore.ask import BadQuestion
from vedette.projects.errors import (
    Denied,
    Invalid,
    Missing,
    Moved,
    Refused,
    Taken,
    TooMany,
    Unauthenticated,
)
from vedette.search.error import SearchError
from vedette.storage.telemetry.errors import (
    TelemetryError,
    TelemetryLimit,
    TelemetryMismatch,
    TelemetryRefused,
)

log = structlog.get_logger("vedette.api")
Body = dict[str, object]
_STATUS: dict[type[Refused], int] = {
    Unauthenticated: 401,
    Denied: 403,
    Missing: 404,
    Taken: 409,
    TooMany: 429,
}


class Answer(Exception):
    """An answer that a handler gives by raising: a status and a body of its own."""

    def __init__(self, status: int, body: Body, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def bad_request(detail: str) -> Answer:
    return Answer(400, {"detail": detail})


def on_refused(request: Request[object, object, State], error: Refused) -> Response[Body]:
    if isinstance(error, Invalid):
        return _reply(400, dict(error.fields))
    if isinstance(error, Moved):
        return _moved(request, error)
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooMany) else {}
    return _reply(status, {"detail": str(error)}, headers)


_NOT_THERE_YET = {16, 47, 60, 81}  # a column, table or database that a migration under way is to make
_OURS: Body = {"detail": "internal error; the server's log has it under this request id"}


def on_answer(_: Request[object, object, State], error: Answer) -> Response[Body]:
    return _reply(error.status, error.body, error.headers)


def on_invalid_request(_: Request[object, object, State], error: ValidationException) -> Response[Body]:
    """A body or a query that does not fit the handler's types, by field."""
    fields: Body = {}
    problems: object = error.extra
    for problem in cast("list[dict[str, object]]", problems) if isinstance(problems, list) else []:
        fields[str(problem.get("key") or "detail")] = [str(problem.get("message", "")).lower()]
    return _reply(400, fields or {"detail": error.detail})


def on_search_error(_: Request[object, object, State], error: SearchError) -> Response[Body]:
    return _reply(400, {"detail": str(error)})


def on_bad_question(_: Request[object, object, State], error: BadQuestion) -> Response[Body]:
    return _reply(400, {"detail": str(error)})


def on_telemetry(_: Request[object, object, State], error: TelemetryError) -> Response[Body]:
    """The telemetry store is out, or the question is too big for it."""
    if isinstance(error, TelemetryLimit):
        return _reply(400, {"detail": "this needs to read too much: choose a shorter time or fewer projects"})
    if isinstance(error, TelemetryMismatch):
        log.warning("telemetry refused a question", error=str(error)[:500])
        return _reply(
            400, {"detail": "this cannot be asked: a value in it does not fit what it is compared with"}
        )
    log.error("telemetry failed", error=str(error)[:500])
    if isinstance(error, TelemetryRefused) and error.code not in _NOT_THERE_YET:
        return _reply(500, _OURS)  # our own statement is wrong: no retry mends it
    return _reply(503, {"detail": "the telemetry store does not answer"}, {"Retry-After": "5"})


def on_http(_: Request[object, object, State], error: HTTPException) -> Response[Body]:
    return _reply(error.status_code, {"detail": error.detail.lower()}, error.headers)


def on_failure(request: Request[object, object, State], error: Exception) -> Response[Body]:
    """Our own mistake: logged with its traceback, told without."""
    template = cast("dict[str, object]", request.scope).get("path_template")
    log.error("request failed", method=request.method, path=template, exc_info=error)
    return _reply(500, _OURS)


def _moved(request: Request[object, object, State], error: Moved) -> Response[Body]:
    prefix, _, rest = request.url.path.partition("/projects/")
    organization, _, rest = rest.partition("/")
    tail = rest.partition("/")[2].strip("/")
    url = f"{prefix}/projects/{organization}/{error.slug}/{tail}".rstrip("/") + "/"
    query = f"?{request.url.query}" if request.url.query else ""
    extra = {"url": url + query, "slug": error.slug}
    detail = {"code": "resource-moved", "message": str(error), "extra": extra}
    return _reply(302, {"slug": error.slug, "detail": detail}, {"Location": url + query})


def _reply(status: int, body: Body, headers: Mapping[str, str] | None = None) -> Response[Body]:
    return Response(body, status_code=status, headers=dict(headers or {}), media_type=MediaType.JSON)


HANDLERS = {
    Refused: on_refused,
    Answer: on_answer,
    SearchError: on_search_error,
    BadQuestion: on_bad_question,
    TelemetryError: on_telemetry,
    ValidationException: on_invalid_request,
    HTTPException: on_http,
    Exception: on_failure,
}
