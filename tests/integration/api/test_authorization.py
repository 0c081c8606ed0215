"""Who may do what: role × scope × whose resource, for every route of the table."""

from collections import defaultdict

import pytest

from tests.support.client import Client
from tests.support.worlds import World
from vedette.api.routes import ROUTES, Route
from vedette.projects.scopes import SCOPES, accepted_by

# What stands for each path parameter: something of acme, or of an organization called other.
ACME = {
    "org": "acme",
    "proj": "api",
    "team_slug": "web",
    "member_id": "me",
    "filter_id": "localhost",
    "environment": "production",
    "key_id": "0" * 32,
    "token_id": "1",
    "app": "1",
    "stat": "received",
    "issue": "API-1",
    "short": "API-1",
    "event": "0" * 32,
    "attachment": "1",
    "key": "level",
    "note": "1",
    "search": "1",
}
QUERIES = {  # what a route cannot do without
    "/organizations/{org}/events/": "?field=id",
    "/organizations/{org}/events-histogram/": "?field=span.duration&dataset=spans",
    "/organizations/{org}/logs/context/": f"?item_id={'0' * 32}",
}
ORGANIZATION_ROUTES = [route for route in ROUTES if "{org}" in route.path and route.scopes]
STREAMS = ("/organizations/{org}/live/",)  # do not end by themselves
ROLES = ("member", "admin", "manager", "owner")


def path_of(route: Route, org: str = "acme") -> str:
    return route.path.format_map(defaultdict(lambda: "1", {**ACME, "org": org}))


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.fixture
def everything(world: World) -> World:
    """acme and other, both with a team `web`, a project `api` and an issue in it; nobody is in both."""
    world.acme()
    world.issue(world.project_id("api"))
    other = world.organization("other")
    member = world.member(other, world.user("eve@example.com"))
    team = world.team(other)
    world.join(team, member)
    world.issue(world.project(other, team_id=team))
    return world


def test_what_is_of_another_organization_does_not_exist(api: Client, everything: World) -> None:
    """Whatever the role at home, whatever the kind of token: 404, never 403."""
    acme = everything.organization_id("acme")
    tokens = [
        everything.token(everything.user_id("ada@example.com")),
        everything.organization_token(acme, *SCOPES),
        everything.integration_token(acme),
    ]
    for token in tokens:
        client = api.with_token(token)
        for route in ORGANIZATION_ROUTES:
            if "session" in route.needs:
                continue
            answer = client.request(route.method, path_of(route, "other"), json={})
            assert answer.status_code == 404, (name_of(route), answer.text)


def test_without_a_credential_every_route_but_the_public_ones_is_401(api: Client, everything: World) -> None:
    for route in ROUTES:
        answer = api.request(route.method, path_of(route) if "{org}" in route.path else "/users/me/")
        if "{org}" in route.path:
            assert answer.status_code == 401, name_of(route)


def test_a_token_without_one_of_the_scopes_is_403(api: Client, everything: World) -> None:
    """For each route: all scopes of the owner but those that would do."""
    ada = everything.user_id("ada@example.com")
    for route in ORGANIZATION_ROUTES:
        enough = {scope for need in route.scopes for scope in accepted_by(need)}
        client = api.with_token(everything.token(ada, *(scope for scope in SCOPES if scope not in enough)))
        answer = client.request(route.method, path_of(route), json={})
        assert answer.status_code == 403, (name_of(route), answer.text)


def test_each_scope_that_is_enough_passes_the_guard(api: Client, everything: World) -> None:
    """With only that scope, reading routes answer 200 or, where the thing named is not there, 404."""
    ada = everything.user_id("ada@example.com")
    routes = [route for route in ORGANIZATION_ROUTES if route.method == "GET" and route.path not in STREAMS]
    clients = {scope: api.with_token(everything.token(ada, scope)) for scope in SCOPES}
    for route in routes:
        for scope in {scope for need in route.scopes for scope in accepted_by(need)}:
            answer = clients[scope].get(path_of(route) + QUERIES.get(route.path, ""))
            assert answer.status_code in (200, 404, 503), (name_of(route), scope, answer.text)


# What the least role is for each change; asked with the role's session-like token of all scopes.
CHANGES: list[tuple[str, str, dict[str, object], str]] = [
    ("PUT", "/organizations/acme/", {"name": "Acme"}, "manager"),
    ("POST", "/organizations/acme/members/", {"email": "new@example.com"}, "member"),
    ("POST", "/organizations/acme/members/", {"email": "new@example.com", "orgRole": "owner"}, "owner"),
    ("POST", "/organizations/acme/teams/", {"name": "New"}, "admin"),
    ("PUT", "/teams/acme/web/", {"name": "Web"}, "admin"),
    ("DELETE", "/teams/acme/web/", {}, "admin"),
    ("PUT", "/teams/acme/ops/", {"name": "Ops"}, "manager"),
    ("POST", "/teams/acme/web/projects/", {"name": "New"}, "admin"),
    ("POST", "/teams/acme/ops/projects/", {"name": "New"}, "manager"),
    ("POST", "/organizations/acme/projects/", {"name": "New"}, "member"),
    ("PUT", "/projects/acme/api/", {"name": "API"}, "admin"),
    ("PUT", "/projects/acme/api/", {"isBookmarked": True}, "member"),
    ("PUT", "/projects/acme/jobs/", {"name": "Jobs"}, "manager"),
    ("DELETE", "/projects/acme/api/", {}, "admin"),
    ("DELETE", "/projects/acme/jobs/", {}, "manager"),
    ("POST", "/projects/acme/api/keys/", {"name": "New"}, "admin"),
    ("PUT", "/projects/acme/api/filters/localhost/", {"active": True}, "admin"),
    ("PUT", "/projects/acme/api/notifications/", {"mail": False}, "admin"),
    ("PUT", "/projects/acme/api/ownership/", {"raw": ""}, "admin"),
    ("POST", "/organizations/acme/org-auth-tokens/", {"name": "ci"}, "manager"),
    ("GET", "/organizations/acme/audit-logs/", {}, "manager"),
    ("POST", "/organizations/acme/sentry-apps/", {"name": "x", "scopes": ["org:read"]}, "admin"),
]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says(api: Client, world: World, role: str) -> None:
    """The caller is in team web with project api; team ops with project jobs is somebody else's."""
    for method, path, body, least in CHANGES:
        slug = f"acme-{abs(hash((method, path, str(body)))) % 10**8}x"
        organization = world.organization(slug)
        user = world.user(f"{role}@{slug}.example")
        member = world.member(organization, user, role)
        web, ops = world.team(organization, "web"), world.team(organization, "ops")
        world.join(web, member)
        world.project(organization, "api", team_id=web)
        world.project(organization, "jobs", team_id=ops)
        client = api.with_token(world.token(user))
        answer = client.request(method, path.replace("/acme/", f"/{slug}/"), json=body)
        allowed = ROLES.index(role) >= ROLES.index(least)
        assert (answer.status_code < 300) is allowed, (role, method, path, answer.status_code, answer.text)
        assert allowed or answer.status_code == 403


def test_closed_membership_hides_projects_and_teams_of_others(api: Client, world: World) -> None:
    organization = world.organization("acme", open_membership=False)
    user = world.user()
    member = world.member(organization, user, "member")
    web, ops = world.team(organization, "web"), world.team(organization, "ops")
    world.join(web, member)
    world.project(organization, "api", team_id=web)
    world.project(organization, "jobs", team_id=ops)
    client = api.with_token(world.token(user))
    listed = client.get("/organizations/acme/projects/").json()
    assert [project["slug"] for project in listed] == ["api"]
    assert [team["slug"] for team in client.get("/organizations/acme/teams/").json()] == ["web"]
    assert client.get("/projects/acme/jobs/").status_code == 404
    assert client.get("/teams/acme/ops/").status_code == 404
    assert client.get("/projects/acme/api/").status_code == 200
    assert [key["projectId"] for key in client.get("/organizations/acme/project-keys/").json()] == []
    assert client.post("/organizations/acme/members/me/teams/ops/").status_code == 404


def test_a_team_admin_changes_the_projects_of_that_team_only(api: Client, world: World) -> None:
    organization, user = world.organization(), world.user()
    member = world.member(organization, user, "member")
    web, ops = world.team(organization, "web"), world.team(organization, "ops")
    world.join(web, member, "admin")
    world.join(ops, member)
    world.project(organization, "api", team_id=web)
    world.project(organization, "jobs", team_id=ops)
    client = api.with_token(world.token(user))
    assert client.put("/projects/acme/api/", {"name": "A"}).status_code == 200
    assert client.put("/projects/acme/jobs/", {"name": "J"}).status_code == 403


def test_a_dsn_opens_nothing_that_does_not_ask_for_it(api: Client, world: World) -> None:
    ada = api.with_token(world.acme())
    made = ada.post("/projects/acme/api/keys/", {"name": "k"}).json()
    header = {"Authorization": f"DSN {made['dsn']['public']}"}
    for route in ORGANIZATION_ROUTES:
        if "dsn" not in route.needs:
            answer = api.request(route.method, path_of(route), json={}, headers=header)
            assert answer.status_code == 401, name_of(route)


def test_an_issue_of_another_organization_does_not_exist_by_any_name(api: Client, everything: World) -> None:
    """Also without the organization in the path, and among the ids of a bulk request."""
    ada = api.with_token(everything.token(everything.user_id("ada@example.com")))
    eves = everything.issue(everything.project(everything.organization("third"), "hidden"))
    for name in (eves, "HIDDEN-1"):
        for base in (f"/issues/{name}/", f"/organizations/acme/issues/{name}/"):
            for method, rest in (
                ("GET", ""),
                ("PUT", ""),
                ("DELETE", ""),
                ("GET", "events/"),
                ("POST", "notes/"),
            ):
                answer = ada.request(method, base + rest, json={"status": "resolved", "text": "x"})
                assert answer.status_code == 404, (method, base + rest, answer.text)
    assert ada.get("/organizations/acme/shortids/HIDDEN-1/").status_code == 404
    answer = ada.put(f"/organizations/acme/issues/?id={eves}", {"status": "resolved"})
    assert answer.status_code == 204


ISSUE_CHANGES: list[tuple[str, str, dict[str, object], str]] = [
    ("GET", "/issues/{issue}/activities/", {}, "member"),
    ("PUT", "/issues/{issue}/", {"status": "resolved"}, "member"),
    ("PUT", "/organizations/acme/issues/?id={issue}", {"priority": "low"}, "member"),
    ("POST", "/issues/{issue}/notes/", {"text": "x"}, "member"),
    ("PUT", "/issues/{issue}/", {"discard": True}, "admin"),
    ("DELETE", "/issues/{issue}/", {}, "admin"),
    ("DELETE", "/organizations/acme/issues/?id={issue}", {}, "admin"),
    ("DELETE", "/projects/acme/api/issues/?id={issue}", {}, "admin"),
]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_to_issues_what_the_table_says(api: Client, world: World, role: str) -> None:
    """In an organization that does not let members delete issues."""
    organization = world.organization("acme", events_member_admin=False)
    user = world.user(f"{role}@example.com")
    web = world.team(organization)
    world.join(web, world.member(organization, user, role))
    project = world.project(organization, team_id=web)
    client = api.with_token(world.token(user))
    for number, (method, path, body, least) in enumerate(ISSUE_CHANGES, 1):
        issue = world.issue(project, number)
        answer = client.request(method, path.format(issue=issue), json=body)
        allowed = ROLES.index(role) >= ROLES.index(least)
        assert (answer.status_code < 300) is allowed, (role, method, path, answer.status_code, answer.text)
        assert allowed or answer.status_code == 403
