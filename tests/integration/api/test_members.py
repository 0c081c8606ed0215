"""Members and teams of an organization."""

import pytest

from tests.conftest import Outbox
from tests.integration.api.test_login import PASSWORD, sign_in
from tests.support.client import Client
from tests.support.worlds import World


@pytest.fixture
def ada(api: Client, world: World) -> Client:
    return api.with_token(world.acme())


def member_of(world: World, email: str, role: str = "member") -> int:
    return world.member(world.organization_id("acme"), world.user(email), role)


def test_members_are_listed_and_searched(ada: Client, world: World) -> None:
    member_of(world, "grace@example.com", "manager")
    member_of(world, "linus@example.com")
    listed = ada.get("/organizations/acme/members/").json()
    assert [(one["email"], one["orgRole"]) for one in listed] == [
        ("ada@example.com", "owner"),
        ("grace@example.com", "manager"),
        ("linus@example.com", "member"),
    ]
    assert listed[0]["teams"] == ["web"]
    assert listed[0]["projects"] == ["api"]
    assert listed[0]["user"]["id"].isdigit()
    found = ada.get("/organizations/acme/members/?query=role:manager grace").json()
    assert [one["email"] for one in found] == ["grace@example.com"]


def test_a_role_is_changed_by_those_who_reach_it(api: Client, ada: Client, world: World) -> None:
    linus = member_of(world, "linus@example.com")
    manager = world.user("grace@example.com")
    world.member(world.organization_id("acme"), manager, "manager")
    grace = api.with_token(world.token(manager))
    path = f"/organizations/acme/members/{linus}/"
    assert grace.put(path, {"orgRole": "manager"}).json()["orgRole"] == "manager"
    assert grace.put(path, {"orgRole": "owner"}).status_code == 403
    assert ada.put(path, {"orgRole": "owner"}).status_code == 200
    assert grace.put(path, {"orgRole": "member"}).status_code == 403
    assert ada.put(path, {"orgRole": "king"}).status_code == 400


def test_who_may_only_invite_makes_nobody_more_than_a_member(api: Client, ada: Client, world: World) -> None:
    member_of(world, "linus@example.com")
    linus = api.with_token(world.token(world.user_id("linus@example.com")))
    path = "/organizations/acme/members/"
    for extra in ({"orgRole": "admin"}, {"teamRoles": [{"teamSlug": "web", "role": "admin"}]}):
        assert linus.post(path, {"email": "second@example.com", **extra}).status_code == 403
    plain = {"email": "second@example.com", "teamRoles": [{"teamSlug": "web", "role": "contributor"}]}
    assert linus.post(path, plain).status_code == 201


@pytest.mark.parametrize("role", ["member", "manager"])
def test_nobody_gets_the_link_of_an_invitation_above_the_own_role(
    api: Client, ada: Client, world: World, role: str
) -> None:
    member_of(world, "linus@example.com", role)
    linus = api.with_token(world.token(world.user_id("linus@example.com")))
    path = "/organizations/acme/members/"
    above = ada.post(path, {"email": "boss@example.com", "orgRole": "owner"}).json()["id"]
    for asked in ({"regenerate": True}, {"reinvite": True}):
        assert linus.put(f"{path}{above}/", asked).status_code == 403
    equal = ada.post(path, {"email": "second@example.com", "orgRole": role}).json()["id"]
    assert linus.put(f"{path}{equal}/", {"regenerate": True}).status_code == 200


def test_the_last_owner_stays(ada: Client, world: World) -> None:
    me = ada.get("/organizations/acme/members/me/").json()
    assert me["isOnlyOwner"] is True
    assert ada.put("/organizations/acme/members/me/", {"orgRole": "member"}).status_code == 400
    assert ada.delete("/organizations/acme/members/me/").status_code == 403
    member_of(world, "grace@example.com", "owner")
    assert ada.delete("/organizations/acme/members/me/").status_code == 204
    assert ada.get("/organizations/acme/").status_code == 404


def test_a_member_leaves_but_removes_nobody(api: Client, ada: Client, world: World) -> None:
    linus = member_of(world, "linus@example.com")
    client = api.with_token(world.token(world.user_id("linus@example.com")))
    grace = member_of(world, "grace@example.com")
    assert client.delete(f"/organizations/acme/members/{grace}/").status_code == 403
    assert client.delete(f"/organizations/acme/members/{linus}/").status_code == 204
    assert ada.delete(f"/organizations/acme/members/{grace}/").status_code == 204


def test_teams_are_joined_and_left(api: Client, ada: Client, world: World) -> None:
    member_of(world, "linus@example.com")
    linus = api.with_token(world.token(world.user_id("linus@example.com")))
    path = "/organizations/acme/members/me/teams/web/"
    joined = linus.post(path)
    assert (joined.status_code, joined.json()["slug"]) == (201, "web")
    assert linus.post(path).status_code == 204
    assert linus.put(path, {"teamRole": "admin"}).status_code == 403
    listed = ada.get("/teams/acme/web/members/").json()
    assert [(one["email"], one["teamRole"]) for one in listed] == [
        ("ada@example.com", "contributor"),
        ("linus@example.com", "contributor"),
    ]
    number = next(one["id"] for one in listed if one["email"] == "linus@example.com")
    role = ada.put(f"/organizations/acme/members/{number}/teams/web/", {"teamRole": "admin"})
    assert role.json() == {"isActive": True, "teamRole": "admin"}
    assert linus.delete(path).status_code == 200
    assert linus.delete(path).status_code == 404


def test_a_team_is_made_renamed_and_removed_but_not_its_projects(ada: Client) -> None:
    assert ada.post("/organizations/acme/teams/", {"name": "Web"}).json()["slug"] == "web-2"
    assert ada.post("/organizations/acme/teams/", {"slug": "web"}).status_code == 409
    assert ada.post("/organizations/acme/teams/", {}).status_code == 400
    assert ada.put("/teams/acme/web/", {"slug": "front", "name": "Front"}).json()["slug"] == "front"
    assert ada.delete("/teams/acme/front/").status_code == 204
    project = ada.get("/projects/acme/api/").json()
    assert (project["team"], project["teams"]) == (None, [])
    given = ada.post("/projects/acme/api/teams/web-2/").json()
    assert given["team"]["slug"] == "web-2"
    assert ada.get("/projects/acme/api/teams/").json()[0]["memberCount"] == 1
    assert ada.delete("/projects/acme/api/teams/web-2/").json()["teams"] == []


def test_teams_show_their_projects_and_organization_as_asked(ada: Client) -> None:
    listed = ada.get("/organizations/acme/teams/").json()
    assert [project["slug"] for project in listed[0]["projects"]] == ["api"]
    assert "projects" not in ada.get("/organizations/acme/teams/?detailed=0").json()[0]
    assert ada.get("/teams/acme/web/").json()["organization"]["slug"] == "acme"
    plain = ada.get("/teams/acme/web/?collapse=organization&expand=projects").json()
    assert "organization" not in plain
    assert [project["slug"] for project in plain["projects"]] == ["api"]
    assert [team["slug"] for team in ada.get("/organizations/acme/user-teams/").json()] == ["web"]


def test_an_owner_gets_a_link_for_a_member_of_the_own_organizations_only(
    api: Client, world: World, outbox: Outbox
) -> None:
    outbox.can_send = False
    organization, owner = world.organization(), world.user(password=PASSWORD)
    world.member(organization, owner, "owner")
    linus = world.user("linus@example.com", password=PASSWORD)
    number = world.member(organization, linus)
    csrf = sign_in(api)
    path = f"/organizations/acme/members/{number}/recover/"
    link = api.post(path, headers=csrf).json()["link"]
    token = link.rpartition("token=")[2]
    assert api.anew().post("/auth/reset/", {"token": token, "password": "a new horse"}).status_code == 200
    world.member(world.organization("other"), linus)
    assert api.post(path, headers=csrf).status_code == 403
    assert api.with_token(world.token(owner)).post(path).status_code == 403
