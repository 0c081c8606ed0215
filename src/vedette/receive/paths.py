"""Which paths are ours. Trailing slashes may be missing, slashes may be doubled."""

import re
from functools import lru_cache
from typing import Literal

import msgspec

from vedette.wire.dsn import parse_project_id

Endpoint = Literal["envelope", "store", "health", "relay_health"]

_MAX_PATH = 256
_SLASHES = re.compile(r"/{2,}")
_PROJECT = re.compile(r"/api/([^/]+)/(envelope|store)")
_HEALTH: dict[str, Endpoint] = {
    "/_health": "health",
    "/api/relay/healthcheck/ready": "relay_health",
    "/api/relay/healthcheck/live": "relay_health",
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
    if path == "/api/store":
        return Route("store")
    if path in _HEALTH:
        return Route(_HEALTH[path])
    match = _PROJECT.fullmatch(path)
    if match is None or match[1] == "0":  # /api/0/ is the REST API
        return None
    project_id = parse_project_id(match[1])
    endpoint: Endpoint = "envelope" if match[2] == "envelope" else "store"
    return Route(endpoint, project_id, is_malformed=project_id is None)
