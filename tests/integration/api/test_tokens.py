"""Tokens: how they are made, what they may do, how they end."""

import base64
import json
import re

import pytest

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.worlds import World
from vedette.api.services import Services


@pytest.fixture
def ada(api: Client, world: World) -> Client:
    return api.with_token(world.acme())


def test_a_personal_token_is_shown_once_and_works_until_revoked(api: Client, ada: Client) -> None:
    made = ada.post("/api-tokens/", {"name": "ci", "scopes": ["project:read", "release:write"]}).json()
    assert re.fullmatch(r"sntryu_[0-9a-f]{64}", made["token"])
    assert made["scopes"] == ["project:read", "project:releases"]
    listed = ada.get("/api-tokens/").json()
    assert listed[0]["tokenLastCharacters"] == made["token"][-4:]
    assert "token" not in listed[0]
    mine = api.with_token(made["token"])
    assert mine.get("/projects/acme/api/").status_code == 200
    assert mine.get("/organizations/acme/").status_code == 403
    assert ada.request("DELETE", "/api-tokens/", json={"tokenId": made["id"]}).status_code == 204
    assert mine.get("/projects/acme/api/").status_code == 401


def test_a_token_expires(api: Client, ada: Client, clock: SetClock) -> None:
    made = ada.post("/api-tokens/", {"scopes": ["org:read"], "expiresInDays": 1}).json()
    mine = api.with_token(made["token"])
    assert mine.get("/organizations/acme/").status_code == 200
    clock.advance(86_400)
    assert mine.get("/organizations/acme/").status_code == 401


def test_the_token_of_an_integration_expires(api: Client, ada: Client, clock: SetClock) -> None:
    asked = {"name": "deploys", "scopes": ["org:read"], "expiresInDays": 1}
    made = api.with_token(ada.post("/organizations/acme/sentry-apps/", asked).json()["token"])
    assert made.get("/organizations/acme/").status_code == 200
    clock.advance(86_401)
    assert made.get("/organizations/acme/").status_code == 401


def test_a_token_cannot_make_one_that_may_more(api: Client, world: World, ada: Client) -> None:
    narrow = api.with_token(world.token(world.user_id("ada@example.com"), "org:read"))
    for scopes in (["org:admin"], ["all"], ["org:read", "project:read"]):
        assert narrow.post("/api-tokens/", {"scopes": scopes}).status_code == 403
    assert narrow.post("/api-tokens/", {"scopes": ["org:read"]}).status_code == 201


def test_a_token_makes_none_that_outlives_it(api: Client, ada: Client, clock: SetClock) -> None:
    asked = {"name": "x", "scopes": ["org:read", "org:write"]}
    short = api.with_token(ada.post("/api-tokens/", {**asked, "expiresInDays": 2}).json()["token"])
    places = ("/api-tokens/", "/organizations/acme/org-auth-tokens/", "/organizations/acme/sentry-apps/")
    made = [short.post(place, asked).json()["token"] for place in places]
    assert [short.post(place, {**asked, "expiresInDays": 3}).status_code for place in places] == [403] * 3
    assert short.post("/api-tokens/", {**asked, "expiresInDays": 1}).status_code == 201
    assert [api.with_token(token).get("/organizations/acme/").status_code for token in made] == [200] * 3
    clock.advance(2 * 86_400)
    assert [api.with_token(token).get("/organizations/acme/").status_code for token in made] == [401] * 3


def test_a_token_revokes_itself_and_what_may_no_more(api: Client, ada: Client) -> None:
    def make(*scopes: str) -> tuple[Client, str]:
        made = ada.post("/api-tokens/", {"scopes": scopes}).json()
        return api.with_token(made["token"]), f"/api-tokens/{made['id']}/"

    narrow, own = make("org:read")
    wider, wider_path = make("org:read", "project:read")
    _, alike = make("org:read")
    assert narrow.delete(wider_path).status_code == 403
    by_body = narrow.request("DELETE", "/api-tokens/", json={"tokenId": wider_path.split("/")[2]})
    assert by_body.status_code == 403
    assert wider.get("/organizations/acme/").status_code == 200
    assert narrow.delete(alike).status_code == 204
    assert narrow.delete(own).status_code == 204
    assert narrow.get("/organizations/acme/").status_code == 401


def test_unknown_scopes_are_refused_by_name(ada: Client) -> None:
    answer = ada.post("/api-tokens/", {"scopes": ["org:everything"]})
    assert answer.status_code == 400
    assert "org:everything" in answer.json()["scopes"][0]
    assert ada.post("/api-tokens/", {"scopes": []}).status_code == 400


def test_an_organization_token_tells_sentry_cli_where_it_belongs(api: Client, ada: Client) -> None:
    made = ada.post("/organizations/acme/org-auth-tokens/", {"name": "ci"}).json()
    prefix, middle, secret = made["token"].split("_")
    facts = json.loads(base64.b64decode(middle, validate=True))
    assert prefix == "sntrys"
    assert facts["org"] == "acme"
    assert facts["url"] == facts["region_url"] == "http://testserver"
    assert isinstance(facts["iat"], float)
    assert len(secret) == 43
    assert made["scopes"] == ["org:ci"]
    ci = api.with_token(made["token"])
    assert ci.get("/").json()["auth"]["scopes"] == ["org:ci"]
    assert ci.get("/organizations/acme/").status_code == 403
    assert ada.delete(f"/organizations/acme/org-auth-tokens/{made['id']}/").status_code == 204
    assert ci.get("/").status_code == 401


def test_an_internal_integration_sees_all_projects_with_its_scopes(
    api: Client, ada: Client, world: World
) -> None:
    made = ada.post(
        "/organizations/acme/sentry-apps/", {"name": "Bot", "scopes": ["org:read", "project:read"]}
    ).json()
    assert made["token"].startswith("sntryi_")
    bot = api.with_token(made["token"])
    world.project(world.organization_id("acme"), "jobs")
    slugs = [project["slug"] for project in bot.get("/organizations/acme/projects/").json()]
    assert slugs == ["api", "jobs"]
    assert bot.get("/auth/").status_code == 403
    assert bot.post("/api-tokens/", {"scopes": ["org:read"]}).status_code == 403
    assert ada.delete(f"/organizations/acme/sentry-apps/{made['slug']}/").status_code == 204
    assert bot.get("/organizations/acme/").status_code == 401


def test_nobody_makes_a_token_of_the_organization_beyond_the_own_scopes(api: Client, world: World) -> None:
    organization, user = world.organization(), world.user()
    world.member(organization, user, "manager")
    manager = api.with_token(world.token(user))
    body = {"name": "x", "scopes": ["org:admin"]}
    assert manager.post("/organizations/acme/org-auth-tokens/", body).status_code == 403
    assert manager.post("/organizations/acme/sentry-apps/", body).status_code == 403


def test_the_token_may_be_sent_as_the_user_of_basic_authentication(api: Client, world: World) -> None:
    text = base64.b64encode(f"{world.acme()}:".encode()).decode()
    assert api.get("/organizations/acme/", headers={"Authorization": f"Basic {text}"}).status_code == 200


def test_the_last_use_is_kept_in_batches(services: Services, ada: Client, clock: SetClock) -> None:
    ada.get("/api-tokens/")
    first = ada.get("/api-tokens/").json()[0]["dateLastUsed"]
    clock.advance(30)
    assert ada.get("/api-tokens/").json()[0]["dateLastUsed"] == first
    clock.advance(31)
    ada.get("/api-tokens/")
    assert ada.get("/api-tokens/").json()[0]["dateLastUsed"] != first


def test_others_tokens_cannot_be_revoked(api: Client, world: World, ada: Client) -> None:
    mine = ada.post("/api-tokens/", {"scopes": ["org:read"]}).json()
    eve = api.with_token(world.token(world.user("eve@example.com")))
    assert eve.delete(f"/api-tokens/{mine['id']}/").status_code == 404
