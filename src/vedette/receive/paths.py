"""Which paths are ours. Trailing slashes may be missing, slashes may be doubled."""

import re
from functools import lru_cache
from typing import Literal

import msgspec

from vedette.wire.dsn import parse_project_id

Endpoint = Literal[
    "envelope",
    "store",
    "health",
    "relay_health",
    "ingest",
    "ingest_health",
    "ingest_schema",
    "otlp_traces",
    "otlp_logs",
]

_MAX_PATH = 256
_SLASHES = re.compile(r"/{2,}")
_PROJECT = re.compile(r"/api/([^/]+)/(envelope|store)")
_OTLP = re.compile(r"/api/([^/]+)/integration/otlp/v1/(traces|logs)")
_FIXED: dict[str, Endpoint] = {
    "/api/store": "store",
    "/v1/ingest": "ingest",
    "/v1/ingest/schema.json": "ingest_schema",
    "/v1/traces": "otlp_traces",
    "/v1/logs": "otlp_logs",
    "/health": "ingest_health",
    "/_health": "health",
    "/api/relay/healthcheck/ready": "relay_health",
    "/api/relay/healthcheck/live": "relay_health",
}
_ENDPOINTS: dict[str, Endpoint] = {
    "envelope": "envelope",
    "store": "store",
    "traces": "otlp_traces",
    "logs": "otlp_logs",
}


class Route(msgspec.Struct, frozen=True):
    """An endpoint; `project_id` is None where the path names none, `is_malformed` where it is no number."""

    endpoint: Endpoint
    project_id: int | None = None
    is_malformed: bool = False


def find_route(path: str) -> Route | None:
    """The route of a path below the prefix, None when it is not ours."""
    return _find_route(path) if len(path) <= _MAX_PATH else None


@lru_cache(maxsize=1024)  # a path per project and endpoint, nothing else comes often
def _find_route(path: str) -> Route | None:
    path = _SLASHES.sub("/", path).rstrip("/")
    if path in _FIXED:
        return Route(_FIXED[path])
    match = _PROJECT.fullmatch(path) or _OTLP.fullmatch(path)
    if match is None or match[1] == "0":  # /api/0/ is the REST API
        return None
    project_id = parse_project_id(match[1])
    return Route(_ENDPOINTS[match[2]], project_id, is_malformed=project_id is None)
