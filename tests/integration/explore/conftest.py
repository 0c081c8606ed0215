"""The API over a real engine whose rows a test writes by hand."""

from collections.abc import Iterator

import pytest

from tests.conftest import Outbox, SetClock
from tests.support.client import Client
from tests.support.engine import EngineProcess
from tests.support.rows import Filler
from tests.support.worlds import World
from vedette.api.services import Services, services_of
from vedette.config import Settings
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.migrate import migrate


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    process = EngineProcess(tmp_path_factory.mktemp("engine"))
    process.start()
    migrate(process.telemetry, now_us=0)
    yield process
    process.stop()


@pytest.fixture
def telemetry(engine: EngineProcess) -> Telemetry:
    for table in ("errors", "spans", "logs", "metrics"):
        engine.telemetry.command(f"TRUNCATE TABLE {table}")
    return engine.telemetry


@pytest.fixture
def services(
    records: Records, telemetry: Telemetry, clock: SetClock, outbox: Outbox, settings: Settings
) -> Services:
    return services_of(
        settings=settings,
        records=records,
        telemetry=telemetry,
        clock=clock,
        mailer=outbox,
        signing_key="a signing key for tests",
    )


@pytest.fixture
def ada(api: Client, world: World) -> Client:
    """The owner of `acme`, who sees its project `api`."""
    return api.with_token(world.acme())


@pytest.fixture
def fill(ada: Client, world: World, telemetry: Telemetry, clock: SetClock) -> Filler:
    """Writes rows of the project `api`, an hour old unless they say otherwise."""
    return Filler(telemetry, world.project_id("api"), clock.now_us)
