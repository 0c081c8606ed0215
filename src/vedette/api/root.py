"""`/`: which server this is, and who is asking."""

import msgspec
from litestar import get
from litestar.types import ControllerRouterHandler

from vedette.api.given import TheCaller
from vedette.projects.views import UserView, user_view


class Auth(msgspec.Struct):
    scopes: list[str]


class Root(msgspec.Struct):
    version: str
    user: UserView | None
    auth: Auth | None


@get("/", sync_to_thread=False)
def read_root(caller: TheCaller) -> Root:
    """The API's version and the caller; both null for nobody."""
    user = user_view(caller.user) if caller.user else None
    auth = Auth(sorted(caller.token_scopes)) if caller.token_scopes is not None else None
    return Root(version="0", user=user, auth=auth)


HANDLERS: list[ControllerRouterHandler] = [read_root]
