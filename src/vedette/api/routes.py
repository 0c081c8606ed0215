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

_ISSUES = """
GET    /organizations/{org}/issues/                                  event:read
PUT    /organizations/{org}/issues/                                  event:write
DELETE /organizations/{org}/issues/                                  event:admin
GET    /projects/{org}/{proj}/issues/                                event:read
PUT    /projects/{org}/{proj}/issues/                                event:write
DELETE /projects/{org}/{proj}/issues/                                event:admin
GET    /organizations/{org}/issues-count/                            event:read
GET    /organizations/{org}/issues-stats/                            event:read
GET    /organizations/{org}/shortids/{short}/                        event:read
GET    /organizations/{org}/eventids/{event}/                        event:read
GET    /shared/issues/{share}/                                       public
"""
_ISSUE = """
GET    /                                                             event:read
PUT    /                                                             event:write
DELETE /                                                             event:admin
GET    /events/                                                      event:read
GET    /events/{event}/                                              event:read
GET    /hashes/                                                      event:read
DELETE /hashes/                                                      event:write
PUT    /hashes/                                                      event:write
GET    /tags/                                                        event:read
GET    /tags/{key}/                                                  event:read
GET    /tags/{key}/values/                                           event:read
GET    /activities/                                                  event:read
GET    /notes/                                                       event:read
POST   /notes/                                                       event:write
PUT    /notes/{note}/                                                event:write
DELETE /notes/{note}/                                                event:write
GET    /similar-issues/                                              event:read
GET    /stats/                                                       event:read
GET    /user-reports/                                                event:read
GET    /external-issues/                                             event:read
GET    /attachments/                                                 event:read
"""
_EVENTS = """
GET    /projects/{org}/{proj}/events/                                project:read
GET    /projects/{org}/{proj}/events/{event}/                        project:read
GET    /projects/{org}/{proj}/events/{event}/json/                   project:read
GET    /projects/{org}/{proj}/events/{event}/attachments/            project:read
GET    /projects/{org}/{proj}/events/{event}/attachments/{attachment}/  project:read
GET    /projects/{org}/{proj}/events/{event}/source-map-debug/       project:read
GET    /projects/{org}/{proj}/events/{event}/grouping-info/          project:read
GET    /organizations/{org}/tags/                                    org:read
GET    /organizations/{org}/tags/{key}/values/                       org:read
GET    /organizations/{org}/searches/                                org:read
POST   /organizations/{org}/searches/                                org:read
PUT    /organizations/{org}/searches/{search}/                       org:read
DELETE /organizations/{org}/searches/{search}/                       org:read
GET    /organizations/{org}/recent-searches/                         org:read
POST   /organizations/{org}/recent-searches/                         org:read
GET    /organizations/{org}/live/                                    org:read
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


def _below(prefixes: tuple[str, ...], routes: tuple[Route, ...]) -> tuple[Route, ...]:
    return tuple(
        Route(route.method, f"{prefix}{route.path}", route.needs) for prefix in prefixes for route in routes
    )


ISSUE_PATHS = ("/organizations/{org}/issues/{issue}", "/issues/{issue}")  # the second as older clients write it
ROUTES = (
    *_parse(_TABLE),
    *_parse(_ISSUES),
    *_below(ISSUE_PATHS, _parse(_ISSUE)),
    *_parse(_EVENTS),
)
BY_KEY = {route.key: route for route in ROUTES}
