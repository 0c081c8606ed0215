"""What holds for every route: credentials, shapes of errors, headers."""

from tests.support.client import Client
from tests.support.worlds import World


def test_the_root_says_who_is_asking(api: Client, world: World) -> None:
    token = world.acme()
    assert api.get("/").json() == {"version": "0", "user": None, "auth": None}
    answer = api.with_token(token).get("/").json()
    assert answer["user"]["id"].isdigit()
    assert "org:read" in answer["auth"]["scopes"]


def test_an_organization_is_found_by_id_and_by_slug_with_and_without_the_last_slash(
    api: Client, world: World
) -> None:
    ada = api.with_token(world.acme())
    found = ada.get("/organizations/acme/").json()
    assert found["slug"] == "acme"
    assert ada.get("/organizations/acme").json() == found
    assert ada.get(f"/organizations/{found['id']}/").json() == found


def test_a_request_without_credentials_is_refused_with_401(api: Client, world: World) -> None:
    world.acme()
    answer = api.get("/organizations/acme/")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/json"
    assert "detail" in answer.json()


def test_another_organization_does_not_exist(api: Client, world: World) -> None:
    ada = api.with_token(world.acme())
    world.organization("other")
    assert ada.get("/organizations/other/").status_code == 404
    assert [found["slug"] for found in ada.get("/organizations/").json()] == ["acme"]
