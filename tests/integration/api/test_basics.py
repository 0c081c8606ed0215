"""What holds for every route: credentials, shapes of errors, headers, odd forms of addresses."""

import re

import pytest

from tests.conftest import SetClock
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
    made = ada.post("/teams/acme/web/projects", {"name": "No slash"})
    assert made.status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/organizations/acme/", 401),
        ("GET", "/nothing/here/", 404),
        ("PATCH", "/organizations/acme/", 405),
        ("GET", "/users/me/", 401),
    ],
)
def test_refusals_are_json_with_a_detail(
    api: Client, world: World, method: str, path: str, status: int
) -> None:
    world.acme()
    answer = api.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert isinstance(answer.json()["detail"], str)
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("header", ["Bearer nothing", "Bearer", "Digest x", "Basic !!", "DSN http://x"])
def test_a_credential_that_is_none_is_refused_even_where_none_is_needed(api: Client, header: str) -> None:
    assert api.get("/", headers={"Authorization": header}).status_code == 401


def test_another_organization_does_not_exist(api: Client, world: World) -> None:
    ada = api.with_token(world.acme())
    world.organization("other")
    assert ada.get("/organizations/other/").status_code == 404
    assert [found["slug"] for found in ada.get("/organizations/").json()] == ["acme"]


def test_every_answer_has_a_request_id_and_the_room_left(api: Client, clock: SetClock) -> None:
    first = api.get("/")
    assert re.fullmatch(r"[0-9a-f]{16}", first.headers["x-request-id"])
    assert api.get("/", headers={"X-Request-Id": "given-by-me"}).headers["x-request-id"] == "given-by-me"
    assert api.get("/", headers={"X-Request-Id": "no good\x7f"}).headers["x-request-id"] != "no good\x7f"
    remaining = int(first.headers["x-sentry-rate-limit-remaining"])
    assert remaining == int(first.headers["x-sentry-rate-limit-limit"]) - 1
    assert int(first.headers["x-sentry-rate-limit-reset"]) > clock.now_us // 1_000_000
    unknown = api.get("/nothing/")
    assert {"x-sentry-rate-limit-concurrentlimit", "x-sentry-rate-limit-concurrentremaining"} <= set(
        unknown.headers
    )


def test_a_runaway_script_gets_429_and_comes_back_in_the_next_minute(api: Client, clock: SetClock) -> None:
    limit = int(api.get("/").headers["x-sentry-rate-limit-limit"])
    answers = {api.get("/").status_code for _ in range(limit - 1)}
    assert answers == {200}
    over = api.get("/")
    assert over.status_code == 429
    assert 0 < int(over.headers["retry-after"]) <= 60
    assert api.get("/setup/").status_code == 200  # another endpoint has a count of its own
    clock.advance(60)
    assert api.get("/").status_code == 200


def test_a_preflight_is_answered_for_any_path(api: Client) -> None:
    answer = api.request("OPTIONS", "/organizations/acme/", headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 204
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers


def test_undefined_and_null_in_a_query_count_as_absent(api: Client, world: World) -> None:
    ada = api.with_token(world.acme())
    for query in ("query=undefined&cursor=undefined", "query=null", "per_page=undefined", "cursor="):
        answer = ada.get(f"/organizations/acme/projects/?{query}")
        assert [project["slug"] for project in answer.json()] == ["api"], query


def test_a_query_of_very_many_parameters_is_read(api: Client, world: World) -> None:
    ada = api.with_token(world.acme())
    query = "&".join(["a=null"] * 1500)
    assert ada.get(f"/organizations/acme/projects/?{query}").status_code == 200


def test_a_body_that_does_not_fit_names_the_field(api: Client, world: World) -> None:
    ada = api.with_token(world.acme())
    answer = ada.post("/organizations/acme/teams/", {"name": 7})
    assert answer.status_code == 400
    assert list(answer.json()) == ["name"]
    broken = ada.request("POST", "/organizations/acme/teams/", content=b"{nope")
    assert broken.status_code == 400
    assert "detail" in broken.json()


def test_a_body_beyond_the_limit_is_refused(api: Client, world: World) -> None:
    ada = api.with_token(world.acme())
    answer = ada.post("/organizations/acme/teams/", {"name": "x" * 1_100_000})
    assert answer.status_code == 413


def test_an_escaped_slash_in_a_path_stays_in_its_segment(api: Client, world: World) -> None:
    ada = api.with_token(world.acme())
    project_id = world.project_id("api")
    world.environment(project_id, "eu/live")
    found = ada.get("/projects/acme/api/environments/eu%2Flive/")
    assert found.status_code == 200
    assert found.json()["name"] == "eu/live"
    assert ada.get("/projects/acme/api/environments/eu/live/").status_code == 404


def test_regions_are_not_known_so_that_clients_stay_here(api: Client, world: World) -> None:
    assert api.with_token(world.acme()).get("/users/me/regions/").status_code == 404
