"""The table of routes: method, path below /api/0, and what a caller needs.

The third column is any of: scopes of which one is enough (stronger ones of the family
count too, see `vedette.projects.scopes`); `public`; `known` (any credential); `person` (a
session or a user's own token); `dsn` (a project's key will do as well).

`python -m vedette.api.routes` prints which of the listed operations there are.
"""

import msgspec

_TABLE = """
GET    /                                                             public
GET    /organizations/                                               org:read
GET    /organizations/{org}/                                         org:read
"""


class Route(msgspec.Struct, frozen=True):
    method: str
    path: str
    needs: tuple[str, ...]

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple(need for need in self.needs if ":" in need)

    @property
    def is_public(self) -> bool:
        return "public" in self.needs

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path


def _parse(table: str) -> tuple[Route, ...]:
    lines = [line.split() for line in table.splitlines() if line.strip() and not line.startswith("#")]
    return tuple(Route(method, path, tuple(needs)) for method, path, *needs in lines)


ROUTES = _parse(_TABLE)
BY_KEY = {route.key: route for route in ROUTES}
