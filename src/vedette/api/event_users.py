"""The people that a project's events name."""

import hashlib

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from vedette.api.errors import bad_request
from vedette.api.given import SearchText, ThePage, TheProject, TheServices
from vedette.api.issue_queries import conditions_of
from vedette.core.time import to_iso
from vedette.errors.selection import EventFilter
from vedette.errors.tags import SeenUser, TagQueries
from vedette.projects.values import Project
from vedette.projects.views import View
from vedette.search.conditions import Conditions
from vedette.search.tree import AllOf

_KEYS = ("id", "email", "username", "ip")


class SeenUserView(View, kw_only=True):
    id: str
    hash: str
    tag_value: str
    identifier: str | None
    username: str | None
    email: str | None
    name: str | None = None
    ip_address: str | None
    avatar_url: str | None = None
    date_created: str


@get("/projects/{org:str}/{proj:str}/users/", sync_to_thread=True)
def list_seen_users(
    services: TheServices, project: TheProject, page: ThePage, search: SearchText = ""
) -> Response[list[SeenUserView]]:
    """Who the project's events happened to, those with most events first. `query`: `email:…`, `id:…`."""
    events = EventFilter((project.id,), conditions=_conditions(search, services.clock()))
    rows = TagQueries(services.telemetry).users(events, page.limit + 1, page.offset)
    return page.page(rows, lambda user: _view(user, project))


def _conditions(search: str, now_us: int) -> Conditions:
    """`email:ada@x.io` as the condition on events that it stands for."""
    if not search.strip():
        return AllOf(())
    key, colon, value = search.strip().partition(":")
    if not colon or key not in _KEYS:
        raise bad_request(f"query: one of {', '.join(f'{name}:…' for name in _KEYS)}")
    quoted = value.strip('"').replace('"', "")
    return conditions_of(f'user.{key}:"{quoted}"', now_us)


def _view(user: SeenUser, project: Project) -> SeenUserView:
    digest = hashlib.md5(user.user.encode(), usedforsecurity=False).hexdigest()
    return SeenUserView(
        id=f"{project.id}-{digest[:16]}",
        hash=digest,
        tag_value=user.user,
        identifier=user.id or None,
        username=user.username or None,
        email=user.email or None,
        ip_address=user.ip or None,
        date_created=to_iso(user.first_us),
    )


HANDLERS: list[ControllerRouterHandler] = [list_seen_users]
