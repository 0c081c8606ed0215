"""Puts the API together: handlers, the guard before them, the edge around them."""

from litestar import Litestar
from litestar.types import ASGIApp, ControllerRouterHandler

from vedette.api import organizations, root
from vedette.api.edge import Edge
from vedette.api.errors import HANDLERS
from vedette.api.given import dependencies
from vedette.api.guard import Guard
from vedette.api.limits import Limiter
from vedette.api.services import Services

PATH = "/api/0"
BODY_BYTES = 1024 * 1024  # a JSON body; routes that take files set their own

RESOURCES: tuple[list[ControllerRouterHandler], ...] = (
    root.HANDLERS,
    organizations.HANDLERS,
)


def create_api(services: Services) -> ASGIApp:
    """The ASGI app for everything below /api/0/. Handlers run in threads."""
    limiter = Limiter()
    app = Litestar(
        [handler for handlers in RESOURCES for handler in handlers],
        path=PATH,
        guards=[Guard(services, limiter, PATH)],
        dependencies=dependencies(services),
        exception_handlers=HANDLERS,  # type: ignore[arg-type]  # each takes its own kind of exception
        request_max_body_size=BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )
    return Edge(app, limiter)
