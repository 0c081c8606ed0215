"""The table of routes: method, path below /api/0, and what a caller needs.

The third column is any of: scopes of which one is enough (stronger ones of the family
count too, see `vedette.projects.scopes`); `public`; `known` (any credential); `person` (a
session or a user's own token); `session` (signed in, no token); `own` (where nothing is
named, a scope held in one's own teams will do); `dsn` (a project's key will do as well).

`python -m vedette.api.routes` prints which of the listed operations there are; with
`--reference`, the table of `docs/reference/api.md`.
"""

import re
import sys
from pathlib import Path

import msgspec

_TABLE = """
GET    /                                                              public
GET    /openapi.json/                                                 public

# the own account, coming in
GET    /auth/                                                         person
POST   /auth/login/                                                   public
POST   /auth/logout/                                                  public
POST   /auth/recover/                                                 public
POST   /auth/reset/                                                   public
GET    /setup/                                                        public
POST   /setup/                                                        public
GET    /invites/{token}/                                              public
POST   /invites/{token}/                                              public
GET    /users/me/                                                     person
PUT    /users/me/                                                     session
PUT    /users/me/password/                                            session
GET    /users/me/regions/                                             known
GET    /internal/health/                                              known
GET    /api-tokens/                                                   person
POST   /api-tokens/                                                   person
DELETE /api-tokens/                                                   person
DELETE /api-tokens/{token_id}/                                        person

# organizations
GET    /organizations/                                                known
POST   /organizations/                                                session
GET    /organizations/{org}/                                          org:read
PUT    /organizations/{org}/                                          org:write
GET    /organizations/{org}/ai-prices/                                org:read
PUT    /organizations/{org}/ai-prices/                                org:write
GET    /organizations/{org}/audit-logs/                               org:write
GET    /organizations/{org}/relay_usage/                              org:read
GET    /organizations/{org}/org-auth-tokens/                          org:read
POST   /organizations/{org}/org-auth-tokens/                          org:write
GET    /organizations/{org}/org-auth-tokens/{token_id}/               org:read
PUT    /organizations/{org}/org-auth-tokens/{token_id}/               org:write
DELETE /organizations/{org}/org-auth-tokens/{token_id}/               org:write
GET    /organizations/{org}/sentry-apps/                              org:read
POST   /organizations/{org}/sentry-apps/                              org:write org:integrations
DELETE /organizations/{org}/sentry-apps/{app}/                        org:write org:integrations

# members and teams
GET    /organizations/{org}/members/                                  member:read
POST   /organizations/{org}/members/                                  member:invite
GET    /organizations/{org}/members/{member_id}/                      member:read
PUT    /organizations/{org}/members/{member_id}/                      member:invite
DELETE /organizations/{org}/members/{member_id}/                      member:read
POST   /organizations/{org}/members/{member_id}/recover/              org:admin session
POST   /organizations/{org}/members/{member_id}/teams/{team_slug}/    org:read team:write
PUT    /organizations/{org}/members/{member_id}/teams/{team_slug}/    member:read org:read team:write
DELETE /organizations/{org}/members/{member_id}/teams/{team_slug}/    org:read team:admin
GET    /organizations/{org}/teams/                                    org:read
POST   /organizations/{org}/teams/                                    org:write team:write own
GET    /organizations/{org}/user-teams/                               org:read
GET    /teams/{org}/{team_slug}/                                      team:read
PUT    /teams/{org}/{team_slug}/                                      team:write
DELETE /teams/{org}/{team_slug}/                                      team:admin
GET    /teams/{org}/{team_slug}/members/                              team:read
GET    /teams/{org}/{team_slug}/projects/                             project:read
POST   /teams/{org}/{team_slug}/projects/                             project:write

# projects
GET    /projects/                                                     known
GET    /organizations/{org}/projects/                                 org:read
POST   /organizations/{org}/projects/                                 project:read
GET    /projects/{org}/{proj}/                                        project:read
PUT    /projects/{org}/{proj}/                                        project:read
DELETE /projects/{org}/{proj}/                                        project:admin
GET    /projects/{org}/{proj}/teams/                                  project:read
POST   /projects/{org}/{proj}/teams/{team_slug}/                      project:write
DELETE /projects/{org}/{proj}/teams/{team_slug}/                      project:write
GET    /projects/{org}/{proj}/members/                                project:read
GET    /projects/{org}/{proj}/users/                                  project:read
GET    /organizations/{org}/project-keys/                             org:read
GET    /projects/{org}/{proj}/keys/                                   project:read
POST   /projects/{org}/{proj}/keys/                                   project:write
GET    /projects/{org}/{proj}/keys/{key_id}/                          project:read
PUT    /projects/{org}/{proj}/keys/{key_id}/                          project:write
DELETE /projects/{org}/{proj}/keys/{key_id}/                          project:admin
GET    /projects/{org}/{proj}/filters/                                project:read
PUT    /projects/{org}/{proj}/filters/{filter_id}/                    project:write
GET    /projects/{org}/{proj}/ownership/                              project:read
PUT    /projects/{org}/{proj}/ownership/                              project:read
GET    /projects/{org}/{proj}/notifications/                          project:read
PUT    /projects/{org}/{proj}/notifications/                          project:write
POST   /projects/{org}/{proj}/notifications/test/                     project:write
POST   /projects/{org}/{proj}/create-sample/                          project:read
POST   /projects/{org}/{proj}/grouping-preview/                       project:read
POST   /projects/{org}/{proj}/scrubbing-preview/                      project:read
GET    /projects/{org}/{proj}/notifications/deliveries/               project:read

# what was received
GET    /organizations/{org}/stats_v2/                                 org:read
GET    /organizations/{org}/stats-summary/                            org:read
GET    /organizations/{org}/stats/                                    org:read
GET    /organizations/{org}/stats/{stat}/                             org:read
GET    /projects/{org}/{proj}/stats/                                  project:read
GET    /projects/{org}/{proj}/stats/{stat}/                           project:read

# environments
GET    /organizations/{org}/environments/                             org:read
GET    /projects/{org}/{proj}/environments/                           project:read
PUT    /projects/{org}/{proj}/environments/                           project:write
GET    /projects/{org}/{proj}/environments/{environment}/             project:read
PUT    /projects/{org}/{proj}/environments/{environment}/             project:write
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
_TRACES = """
GET    /organizations/{org}/trace/{trace_id}/                        org:read
GET    /organizations/{org}/trace-meta/{trace_id}/                   org:read
GET    /organizations/{org}/traces/{trace_id}/spans/                 org:read
GET    /organizations/{org}/traces/{trace_id}/spans/{span_id}/       org:read
GET    /organizations/{org}/traces/{trace_id}/attributes/            org:read
GET    /projects/{org}/{proj}/trace-items/{item}/                    project:read
"""
_TELEMETRY = """
GET    /organizations/{org}/logs/context/                            org:read
GET    /organizations/{org}/logs/patterns/                           org:read
GET    /organizations/{org}/logs/live/                               org:read
GET    /organizations/{org}/metrics/names/                           org:read
"""
_EXPLORE = """
GET    /organizations/{org}/events/                                  org:read
GET    /organizations/{org}/events/validate/                         org:read
GET    /organizations/{org}/events-meta/                             org:read
GET    /organizations/{org}/events-timeseries/                       org:read
GET    /organizations/{org}/events-stats/                            org:read
GET    /organizations/{org}/events-facets/                           org:read
GET    /organizations/{org}/events-histogram/                        org:read
GET    /organizations/{org}/trace-items/attributes/                  org:read
GET    /organizations/{org}/trace-items/attributes/{key}/values/     org:read
GET    /organizations/{org}/trace-items/stats/                       org:read
GET    /organizations/{org}/explore/compare/                         org:read
GET    /organizations/{org}/discover/saved/                         org:read
POST   /organizations/{org}/discover/saved/                         org:read
GET    /organizations/{org}/discover/saved/{query_id}/              org:read
PUT    /organizations/{org}/discover/saved/{query_id}/              org:read
DELETE /organizations/{org}/discover/saved/{query_id}/              org:read
GET    /organizations/{org}/explore/saved/                          org:read
POST   /organizations/{org}/explore/saved/                          org:read
GET    /organizations/{org}/explore/saved/{query_id}/               org:read
PUT    /organizations/{org}/explore/saved/{query_id}/               org:read
DELETE /organizations/{org}/explore/saved/{query_id}/               org:read
POST   /organizations/{org}/explore/saved/{query_id}/starred/       org:read
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


ISSUE_PATHS = (
    "/organizations/{org}/issues/{issue}",
    "/issues/{issue}",
)  # the second as older clients write it
ROUTES = (
    *_parse(_TABLE),
    *_parse(_ISSUES),
    *_below(ISSUE_PATHS, _parse(_ISSUE)),
    *_parse(_EVENTS),
    *_parse(_TRACES),
    *_parse(_TELEMETRY),
    *_parse(_EXPLORE),
)
BY_KEY = {route.key: route for route in ROUTES}


# ── how many of the known operations there are ────────────────────────────────────────────

LISTED = Path("tests/contract/rest-operations.txt")


def listed_operations(text: str) -> dict[str, list[tuple[str, str]]]:
    """Method and path of each operation in the list, by chapter."""
    chapters: dict[str, list[tuple[str, str]]] = {}
    chapter = ""
    for line in text.splitlines():
        if line.startswith("#"):
            chapter = line.lstrip("# ")
        elif line.strip():
            method, path = line.split()
            chapters.setdefault(chapter, []).append((method, path))
    return chapters


def shape(path: str) -> str:
    """The path without the names of its parameters: those differ from document to document."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def reference_table() -> str:
    """The routes as the table of `docs/reference/api.md`."""
    lines = ["| | path below `/api/0` | needs one of |", "|---|---|---|"]
    lines += [
        f"| {route.method} | `{route.path}` | {' '.join(f'`{need}`' for need in route.needs)} |"
        for route in ROUTES
    ]
    return "\n".join(lines)


def main() -> None:
    """Print implemented / listed by chapter, and what is not there yet."""
    here = {(route.method, shape(route.path)) for route in ROUTES}
    there = total = 0
    for chapter, operations in listed_operations(LISTED.read_text()).items():
        missing = [f"{method} {path}" for method, path in operations if (method, shape(path)) not in here]
        there, total = there + len(operations) - len(missing), total + len(operations)
        print(f"{len(operations) - len(missing):4} / {len(operations):3}  {chapter}")
        if 0 < len(missing) < len(operations):
            print("".join(f"              {line}\n" for line in missing), end="")
    print(f"{there:4} / {total:3}  all; {len(ROUTES)} routes in the table")


if __name__ == "__main__":
    print(reference_table()) if "--reference" in sys.argv else main()
