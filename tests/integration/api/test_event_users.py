"""The people that events name, over the real pipeline and engine."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.engine import EngineProcess
from tests.support.feed import Feed, error
from tests.support.worlds import World
from vedette.api.services import Services
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.migrate import migrate


@pytest.fixture(scope="module")
def telemetry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telemetry]:
    process = EngineProcess(tmp_path_factory.mktemp("engine"))
    process.start()
    migrate(process.telemetry, now_us=0)
    yield process.telemetry
    process.stop()


@pytest.fixture
def services(services: Services, telemetry: Telemetry) -> Services:
    return msgspec.structs.replace(services, telemetry=telemetry)


@pytest.fixture
def records(records: Records, telemetry: Telemetry) -> Records:
    telemetry.command("TRUNCATE TABLE errors")
    return records


def test_users_are_listed_by_their_events_and_found_by_their_address(
    api: Client, world: World, records: Records, telemetry: Telemetry, clock: SetClock, tmp_path: Path
) -> None:
    ada = api.with_token(world.acme())
    feed = Feed(tmp_path, records, telemetry, clock)
    grace = {"id": "5", "email": "grace@example.com", "ip_address": "192.0.2.7"}
    feed.send(
        world.project_id("api"), *(error(user=grace) for _ in range(2)), error(user={"username": "linus"})
    )
    feed.close()
    found = ada.get("/projects/acme/api/users/").json()
    assert [user["tagValue"] for user in found] == ["id:5", "username:linus"]
    assert (found[0]["email"], found[0]["ipAddress"], found[0]["username"]) == (
        "grace@example.com",
        "192.0.2.7",
        None,
    )
    assert found[0]["dateCreated"].endswith("Z")
    by_address = ada.get("/projects/acme/api/users/?query=email:grace@example.com").json()
    assert [user["identifier"] for user in by_address] == ["5"]
    assert ada.get("/projects/acme/api/users/?query=shoe:42").status_code == 400
