"""Handlers of one issue answer at two paths: below the organization, and as older clients write it."""

from collections.abc import Callable
from typing import Any

from litestar.handlers import HTTPRouteHandler

from vedette.api.routes import ISSUE_PATHS

_PREFIXES = tuple(path.replace("}", ":str}") for path in ISSUE_PATHS)
Function = Callable[..., Any]


def on_issue(
    method: Callable[..., Callable[[Function], HTTPRouteHandler]], rest: str, **options: Any
) -> Callable[[Function], list[HTTPRouteHandler]]:
    """A handler for each of the paths. `method`: Litestar's `get`, `put`, …; `rest`: after the issue's id.

    One handler with two paths would not do: Litestar 2.25 wraps such a one twice for its thread.
    """

    def handlers(function: Function) -> list[HTTPRouteHandler]:
        return [method(f"{prefix}/{rest}", **options)(function) for prefix in _PREFIXES]

    return handlers
