"""Kept questions of Explore and Discover: whose they are, who sees them, stars."""

import pytest

from tests.support.client import Client
from tests.support.worlds import World

EXPLORE, DISCOVER = "/organizations/acme/explore/saved/", "/organizations/acme/discover/saved/"


@pytest.fixture
def ada(api: Client, world: World) -> Client:
    return api.with_token(world.acme())


@pytest.fixture
def bob(api: Client, world: World, ada: Client) -> Client:
    """A member of `acme`."""
    user = world.user("bob@example.com")
    world.member(world.organization_id("acme"), user, "member")
    return api.with_token(world.token(user))


def test_a_query_of_discover_is_kept_as_it_was_written(ada: Client) -> None:
    body = {
        "name": "Slow",
        "fields": ["title", "count()"],
        "query": "level:error",
        "yAxis": ["count()"],
        "range": "24h",
    }
    created = ada.post(DISCOVER, {**body, "projects": [1], "queryDataset": "error-events"})
    assert created.status_code == 201
    view = created.json()
    assert view.items() >= {**body, "projects": [1], "queryDataset": "error-events", "version": 2}.items()
    assert view["createdBy"]["email"] == "ada@example.com"
    assert view["dateCreated"].endswith("Z")
    path = f"{DISCOVER}{view['id']}/"
    assert ada.get(path).json() == view
    assert ada.put(path, {"name": "Slower"}).json().items() >= {**body, "name": "Slower"}.items()
    assert [one["name"] for one in ada.get(f"{DISCOVER}?query=slow").json()] == ["Slower"]
    assert ada.get(EXPLORE).json() == []
    assert ada.delete(path).status_code == 204
    assert ada.get(path).status_code == 404


def test_a_query_of_explore_is_ones_own_until_it_is_shared(ada: Client, bob: Client) -> None:
    query = {"name": "Checkout", "dataset": "spans", "query": [{"query": "span.op:db", "mode": "samples"}]}
    path = f"{EXPLORE}{ada.post(EXPLORE, query).json()['id']}/"
    assert bob.get(path).status_code == 404
    assert bob.get(EXPLORE).json() == []
    assert ada.put(path, {"visibility": "organization"}).json()["query"] == query["query"]
    assert bob.get(path).json()["name"] == "Checkout"
    assert bob.put(path, {"name": "Mine"}).status_code == 403
    assert bob.delete(path).status_code == 403


def test_stars_are_each_persons_and_come_first(ada: Client, bob: Client) -> None:
    shared = {"visibility": "organization"}
    ids = [ada.post(EXPLORE, {"name": name, **shared}).json()["id"] for name in ("a", "b", "c")]
    assert bob.post(f"{EXPLORE}{ids[0]}/starred/", {"starred": True}).json()["starred"] is True
    assert bob.get(EXPLORE).json()[0]["name"] == "a"
    assert not any(one["starred"] for one in ada.get(EXPLORE).json())
    assert bob.post(f"{EXPLORE}{ids[0]}/starred/", {"starred": False}).json()["starred"] is False
    assert [one["name"] for one in bob.get(f"{EXPLORE}?sortBy=-name&per_page=2").json()] == ["c", "b"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": " "},
        {"name": 5},
        {"name": "a", "visibility": "world"},
        {"name": "a", "query": "x" * 40_000},
    ],
)
def test_what_cannot_be_kept_is_refused(ada: Client, body: dict[str, object]) -> None:
    assert ada.post(EXPLORE, body).status_code == 400


def test_a_query_of_another_organization_is_not_there(ada: Client, world: World, api: Client) -> None:
    eve = world.user("eve@example.com")
    world.member(world.organization("other"), eve)
    id_ = ada.post(EXPLORE, {"name": "a", "visibility": "organization"}).json()["id"]
    client = api.with_token(world.token(eve))
    assert client.get(f"/organizations/other/explore/saved/{id_}/").status_code == 404
