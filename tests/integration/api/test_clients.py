"""Shapes that sentry-cli and sentry-mcp insist on; from running them, see docs of the clients."""

import re
from typing import Any, cast

import msgspec
import pytest

from tests.support.client import Client
from tests.support.worlds import World
from vedette.api.services import Services


@pytest.fixture
def ada(api: Client, world: World) -> Client:
    return api.with_token(world.acme())


def strings(value: Any, path: str = "$") -> list[tuple[str, str]]:
    """Every text in a JSON value, with where it stands."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return [found for key, one in members.items() for found in strings(one, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for one in cast("list[Any]", value) for found in strings(one, f"{path}[]")]
    return [(path, value)] if isinstance(value, str) else []


PAGES = (
    "/",
    "/auth/",
    "/organizations/",
    "/organizations/acme/",
    "/organizations/acme/projects/",
    "/organizations/acme/teams/",
    "/organizations/acme/members/",
    "/projects/",
    "/projects/acme/api/",
    "/projects/acme/api/keys/",
    "/organizations/acme/audit-logs/",
    "/api-tokens/",
)


def test_dates_end_in_z_and_ids_are_strings(ada: Client) -> None:
    ada.post("/projects/acme/api/keys/", {"name": "k"})
    for page in PAGES:
        body = ada.get(page).json()
        for path, text in strings(body):
            if re.match(r"^\d{4}-\d\d-\d\dT", text):
                assert text.endswith("Z"), (page, path, text)
        for path, value in _ids(body):
            assert isinstance(value, str), (page, path, value)


def _ids(value: Any, path: str = "$") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        own = [(f"{path}.id", members["id"])] if "id" in members else []
        return own + [found for key, one in members.items() for found in _ids(one, f"{path}.{key}")]
    if not isinstance(value, list):
        return []
    return [found for one in cast("list[Any]", value) for found in _ids(one, f"{path}[]")]


def test_the_content_type_is_exactly_json(ada: Client) -> None:
    for page in PAGES:
        assert ada.get(page).headers["content-type"] == "application/json"


def test_an_organization_has_what_sentry_cli_cannot_do_without(ada: Client) -> None:
    found = ada.get("/organizations/?cursor=").json()[0]
    assert {"id", "slug", "name", "dateCreated", "features"} <= set(found)
    for name in ("isEarlyAdopter", "require2FA", "requireEmailVerification"):
        assert found[name] is False


def test_the_region_is_empty_unless_the_server_is_on_https(
    ada: Client, services: Services, api: Client
) -> None:
    links = ada.get("/organizations/acme/").json()["links"]
    assert links == {"organizationUrl": "http://testserver/organizations/acme/", "regionUrl": ""}
    assert services.settings.base_url == "http://testserver"


def test_a_key_has_every_address(ada: Client) -> None:
    ada.post("/projects/acme/api/keys/", {"name": "k"})
    key = ada.get("/projects/acme/api/keys/").json()[0]
    public, project = key["public"], key["projectId"]
    assert key["id"] == public
    assert isinstance(project, int)
    assert key["dsn"]["public"] == f"http://{public}@testserver/{project}"
    assert key["dsn"]["secret"] == f"http://{public}:{key['secret']}@testserver/{project}"
    assert key["dsn"]["security"] == f"http://testserver/api/{project}/security/?sentry_key={public}"
    assert key["dsn"]["crons"] == f"http://testserver/api/{project}/cron/___MONITOR_SLUG___/{public}/"
    assert key["dsn"]["otlp_traces"] == f"http://testserver/api/{project}/integration/otlp/v1/traces"
    assert key["browserSdk"]["choices"][0] == ["latest", "latest"]


def test_whoami_is_a_flat_person(ada: Client) -> None:
    found = ada.get("/auth/").json()
    assert (found["id"].isdigit(), found["email"], found["name"]) == (True, "ada@example.com", "Ada")


def test_a_project_is_found_by_its_number_wherever_a_slug_is(ada: Client, world: World) -> None:
    number = world.project_id("api")
    assert ada.get(f"/projects/acme/{number}/").json()["slug"] == "api"
    assert ada.get(f"/projects/acme/{number}/keys/").status_code == 200


def test_addresses_keep_the_prefix_of_the_public_url(world: World, services: Services) -> None:
    settings = msgspec.structs.replace(services.settings, public_url="https://host.example/vedette/")
    assert settings.base_url == "https://host.example/vedette"
    assert settings.prefix == "/vedette"
