"""The answers that travel in a page."""

import asyncio
from contextlib import aclosing
from typing import Any

import orjson

from tests.conftest import SharedApi
from tests.support.client import Client
from tests.support.feed import Feed, error
from tests.support.worlds import World
from vedette.api.services import Services
from vedette.boot import Boot

LIST = "/organizations/acme/issues/"
PASSWORD = "correct horse battery"


def page(services: Services, shared: SharedApi, path: str, cookies: str = "") -> list[dict[str, Any]]:
    """Both blocks of a page."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"testserver"), (b"cookie", cookies.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "scheme": "http",
        "root_path": "",
        "http_version": "1.1",
    }

    async def parts() -> list[dict[str, Any]]:
        async with aclosing(Boot(services, shared.over(services))(scope)) as blocks:
            return [orjson.loads(orjson.dumps(await anext(blocks))) for _ in range(2)]

    with asyncio.Runner() as runner:
        return runner.run(parts())


def signed_in(api: Client, world: World) -> str:
    """The cookies of a member of `acme`, who is not one of `other`."""
    user = world.user("eve@example.com", password=PASSWORD)
    world.member(world.organization_id("acme"), user)
    api.post("/auth/login/", {"email": "eve@example.com", "password": PASSWORD})
    return "; ".join(f"{name}={value}" for name, value in api.cookies.items())


def test_they_are_those_that_the_api_gives_to_the_same_person(
    api: Client,
    ada: Client,
    feed: Feed,
    project_id: int,
    world: World,
    services: Services,
    shared_api: SharedApi,
) -> None:
    feed.send(project_id, error())
    cookies = signed_in(api, world)
    begin, answers = page(services, shared_api, LIST, cookies)
    assert begin["user"]["email"] == "eve@example.com"
    assert [one["slug"] for one in begin["organizations"]] == ["acme"]
    assert set(answers) == set(begin["coming"]) and len(answers) == 4
    for path, answer in answers.items():
        assert answer["body"] == api.get(path).json()


def test_nothing_of_another_organization_travels(
    api: Client, ada: Client, world: World, services: Services, shared_api: SharedApi
) -> None:
    cookies = signed_in(api, world)
    world.organization("other")
    begin, answers = page(services, shared_api, "/organizations/other/issues/", cookies)
    assert [one["slug"] for one in begin["organizations"]] == ["acme"]
    assert answers == {}


def test_whoever_is_switched_off_gets_nothing(
    api: Client, ada: Client, world: World, services: Services, shared_api: SharedApi
) -> None:
    cookies = signed_in(api, world)
    world.switch_off(world.user_id("eve@example.com"))
    begin, answers = page(services, shared_api, LIST, cookies)
    assert (begin["user"], begin["coming"], answers) == (None, [], {})
