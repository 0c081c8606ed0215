"""Puts the API together: handlers, the guard before them, the edge around them."""

from litestar import Litestar, Router
from litestar.types import ASGIApp, ControllerRouterHandler

from vedette.api import (
    account,
    client_keys,
    environments,
    events,
    issue_list,
    issue_parts,
    issues,
    joining,
    live,
    members,
    notifications,
    organizations,
    project_settings,
    projects,
    root,
    searches,
    stats,
    teams,
    tokens,
)
from vedette.api.edge import Edge
from vedette.api.errors import HANDLERS
from vedette.api.given import dependencies
from vedette.api.guard import Guard
from vedette.api.limits import Limiter
from vedette.api.openapi import document_handler
from vedette.api.services import Services

PATH = "/api/0"
BODY_BYTES = 1024 * 1024  # a JSON body; routes that take files set their own

RESOURCES: tuple[list[ControllerRouterHandler], ...] = (
    root.HANDLERS,
    account.HANDLERS,
    joining.HANDLERS,
    tokens.HANDLERS,
    organizations.HANDLERS,
    members.HANDLERS,
    teams.HANDLERS,
    projects.HANDLERS,
    client_keys.HANDLERS,
    project_settings.HANDLERS,
    notifications.HANDLERS,
    environments.HANDLERS,
    stats.HANDLERS,
    issue_list.HANDLERS,
    issues.HANDLERS,
    issue_parts.HANDLERS,
    events.HANDLERS,
    searches.HANDLERS,
    live.HANDLERS,
)


def create_api(services: Services) -> ASGIApp:
    """The ASGI app for everything below /api/0/. Handlers run in threads."""
    limiter = Limiter()
    handlers = [handler for resource in RESOURCES for handler in resource]
    app = Litestar(
        # In a router, because Litestar 2.25 calls a handler in a thread twice over when a second
        # one of the same path is registered after it; a router registers all of them at once.
        [Router("/", route_handlers=[*handlers, document_handler(handlers, PATH)])],
        path=PATH,
        guards=[Guard(services, limiter, PATH)],
        dependencies=dependencies(services),
        exception_handlers=HANDLERS,  # type: ignore[arg-type]  # each takes its own kind of exception
        request_max_body_size=BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )
    return Edge(app, limiter)
