"""The OpenAPI document, made from the handlers and the table of routes when first asked for.

Made in an app of its own that is then thrown away: what Litestar builds for it stays in
memory otherwise, in every web process, for a page that few ever open.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import orjson
from litestar import Litestar, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler, Method
from litestar.types.internal_types import PathParameterDefinition

from vedette import __version__
from vedette.api.given import TheServices, dependencies
from vedette.api.routes import BY_KEY, Route
from vedette.api.services import Services

_RENDERED = "/rendered"  # where the thrown-away app would serve its own pages
_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token: personal, of an organization, or of an integration.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "vedette_session",
        "description": "A browser's session; unsafe methods also need X-CSRFToken.",
    },
}
_ERROR = {"type": "object", "properties": {"detail": {"type": "string"}}}
_REFUSALS = {
    "401": "No credential, or an invalid one.",
    "403": "Not permitted.",
    "404": "Not there, or not visible.",
}


def make_document(handlers: Sequence[ControllerRouterHandler], services: Services, path: str) -> bytes:
    """The document as JSON."""
    config = OpenAPIConfig(
        title="Vedette",
        version=__version__,
        description="Sentry-compatible monitoring. Ids are strings, times are UTC and end in Z.",
        path=_RENDERED,
        render_plugins=[JsonRenderPlugin()],
        operation_id_creator=_operation_id,
    )
    app = Litestar(
        [Router("/", route_handlers=handlers)],
        path=path,
        dependencies=dependencies(services),
        openapi_config=config,
        logging_config=None,
    )
    schema: dict[str, Any] = app.openapi_schema.to_schema()
    found = {
        place: item for place, item in schema["paths"].items() if not place.startswith(f"{path}{_RENDERED}")
    }
    schema["paths"] = {
        f"{place.rstrip('/')}/": _described(place, item, path) for place, item in found.items()
    }
    schema.setdefault("components", {})["securitySchemes"] = _SECURITY
    return orjson.dumps(schema)


def _operation_id(
    _: HTTPRouteHandler, method: Method, components: Sequence[str | PathParameterDefinition]
) -> str:
    """`get-organizations-org-teams`: unique, since method and path are."""
    names = [part if isinstance(part, str) else part.name for part in components]
    return "-".join([str(method).lower(), *names[2:]])  # without /api/0


def _described(place: str, item: dict[str, Any], path: str) -> dict[str, Any]:
    """The operations of one path, with what each needs."""
    for method, operation in item.items():
        route = BY_KEY.get((method.upper(), f"{place.removeprefix(path).rstrip('/')}/"))
        if route is not None:
            _describe(operation, route)
    return item


def _describe(operation: dict[str, Any], route: Route) -> None:
    operation["tags"] = [_tag(route)]
    _name_path_parameters(operation, route)
    if route.is_public:
        return
    operation["security"] = [{"token": list(route.scopes)}, {"session": []}]
    operation["x-needs"] = list(route.needs)
    for status, text in _REFUSALS.items():
        content = {"application/json": {"schema": _ERROR}}
        operation["responses"].setdefault(status, {"description": text, "content": content})


def _name_path_parameters(operation: dict[str, Any], route: Route) -> None:
    """Every parameter of the path is listed, also those that the guard reads and no handler does."""
    listed = operation.setdefault("parameters", [])
    named = {parameter["name"] for parameter in listed if parameter["in"] == "path"}
    for part in route.path.split("/"):
        name = part.strip("{}")
        if part.startswith("{") and name not in named:
            listed.append({"name": name, "in": "path", "required": True, "schema": {"type": "string"}})


def _tag(route: Route) -> str:
    """The resource: the first word of the path that is neither a parameter nor an organization's prefix."""
    words = [part for part in route.path.split("/") if part and not part.startswith("{")]
    return (
        words[1] if len(words) > 1 and words[0] in ("organizations", "projects") else (words or ["root"])[0]
    )


class Documents:
    """Makes the document once per process."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = Lock()
        self._made: bytes | None = None

    def get(self, handlers: Sequence[ControllerRouterHandler], services: Services) -> bytes:
        with self._lock:
            if self._made is None:
                self._made = make_document(handlers, services, self._path)
            return self._made


def document_handler(handlers: Sequence[ControllerRouterHandler], path: str) -> ControllerRouterHandler:
    """The handler of `/openapi.json`, for these handlers and itself."""
    documents = Documents(path)

    @get("/openapi.json", sync_to_thread=True, media_type="application/json")
    def read_document(services: TheServices) -> Response[bytes]:
        """This document."""
        return Response(documents.get([*handlers, read_document], services), media_type="application/json")

    return read_document
