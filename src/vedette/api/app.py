"""Puts the API together: handlers, the guard before them, the edge around them."""

from collections.abc import Iterable
from copy import copy

from litestar import Litestar, Router
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from vedette.api import (
    account,
    ai_prices,
    client_keys,
    environments,
    event_users,
    events,
    explore,
    explore_attributes,
    explore_saved,
    explore_series,
    explore_validate,
    health,
    issue_list,
    issue_parts,
    issues,
    joining,
    live,
    logs,
    members,
    metrics,
    notifications,
    organizations,
    previews,
    project_settings,
    projects,
    root,
    searches,
    stats,
    teams,
    tokens,
    traces,
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
    ai_prices.HANDLERS,
    projects.HANDLERS,
    client_keys.HANDLERS,
    project_settings.HANDLERS,
    notifications.HANDLERS,
    previews.HANDLERS,
    environments.HANDLERS,
    stats.HANDLERS,
    issue_list.HANDLERS,
    issues.HANDLERS,
    issue_parts.HANDLERS,
    events.HANDLERS,
    event_users.HANDLERS,
    searches.HANDLERS,
    traces.HANDLERS,
    explore.HANDLERS,
    explore_validate.HANDLERS,
    explore_series.HANDLERS,
    explore_attributes.HANDLERS,
    explore_saved.HANDLERS,
    live.HANDLERS,
    logs.HANDLERS,
    metrics.HANDLERS,
    health.HANDLERS,
)


def create_api(services: Services) -> Edge:
    """The ASGI app for everything below /api/0/. Handlers run in threads."""
    limiter = Limiter()
    handlers = _one_per_path(handler for resource in RESOURCES for handler in resource)
    app = Litestar(
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


def _one_per_path(handlers: Iterable[ControllerRouterHandler]) -> list[ControllerRouterHandler]:
    """The handlers, those of several paths as one copy for each.

    Litestar 2.25 prepares a handler for its thread once per registration, and one that was
    prepared twice answers with a coroutine. It registers a handler once per path, and again
    when another method of the path comes later; the router takes care of the second.
    """
    single: list[ControllerRouterHandler] = []
    for handler in handlers:
        if not isinstance(handler, HTTPRouteHandler):
            single.append(handler)
            continue
        for path in sorted(handler.paths):
            one = copy(handler)
            one.paths = {path}
            single.append(one)
    return single
