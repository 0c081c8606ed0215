"""The health page's figures, and who may see them."""

import json
import os
from pathlib import Path

from tests.support.client import Client
from tests.support.feed import Feed, error
from tests.support.worlds import World


def test_it_tells_how_the_server_does(ada: Client, feed: Feed, project_id: int, tmp_path: Path) -> None:
    feed.send(project_id, error(), error("OSError"))
    (tmp_path / "run").mkdir()
    roles = [
        {"name": "web-0", "pid": os.getpid(), "started_us": 1_767_000_000_000_000, "restarts": 2},
        {"name": "engine", "pid": 0, "started_us": 0, "restarts": 0},
    ]
    (tmp_path / "run/roles.json").write_text(json.dumps(roles))
    health = ada.get("/internal/health/").json()
    assert [(role["name"], role["up"], role["restarts"]) for role in health["roles"]] == [
        ("web-0", True, 2),
        ("engine", False, 0),
    ]
    assert health["roles"][0]["memoryMb"] > 1 and health["startedAt"].startswith("2025-12-29")
    assert health["disk"]["freeBytes"] > 0 and health["spool"]["bytes"] > 0
    assert health["outcomes"] == [
        {"project": "api", "category": "error", "outcome": "accepted", "reason": "", "quantity": 2}
    ]
    assert {store["name"] for store in health["stores"]} >= {"records", "spool", "telemetry.errors"}
    assert health["engine"]["answers"] and health["slowQueries"] == []


def test_members_and_weak_tokens_may_not_see_it(ada: Client, api: Client, world: World) -> None:
    bob = world.user("bob@example.com")
    world.member(world.organization_id("acme"), bob, "member")
    assert api.with_token(world.token(bob)).get("/internal/health/").status_code == 403
    weak = world.token(world.user_id("ada@example.com"), "org:read")
    assert api.with_token(weak).get("/internal/health/").status_code == 403
    assert api.get("/internal/health/").status_code == 401


def test_an_owner_sees_no_other_organizations_figures(
    ada: Client, api: Client, feed: Feed, world: World, project_id: int
) -> None:
    other = world.organization("other")
    eve = world.user("eve@example.com")
    world.member(other, eve)
    feed.send(project_id, error())
    assert api.with_token(world.token(eve)).get("/internal/health/").json()["outcomes"] == []
