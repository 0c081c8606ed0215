"""The API over a real engine, with a pipeline that stores what a test sends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import Outbox, SetClock
from tests.support.client import Client
from tests.support.engine import EngineProcess
from tests.support.feed import Feed
from tests.support.worlds import World
from vedette.api.live import Hub
from vedette.api.services import Services, services_of
from vedette.config import Settings
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Project
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.migrate import migrate
from vedette.storage.telemetry.tables import TABLES


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    process = EngineProcess(tmp_path_factory.mktemp("engine"))
    process.start()
    migrate(process.telemetry, now_us=0)
    yield process
    process.stop()


@pytest.fixture
def telemetry(engine: EngineProcess) -> Telemetry:
    """The engine, emptied."""
    for table in TABLES:
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
        live=Hub(records, clock),
    )


@pytest.fixture
def feed(tmp_path: Path, records: Records, telemetry: Telemetry, clock: SetClock) -> Iterator[Feed]:
    feed = Feed(tmp_path, records, telemetry, clock)
    yield feed
    feed.close()


@pytest.fixture
def ada(api: Client, world: World) -> Client:
    """The owner of `acme`, who sees its project `api`."""
    return api.with_token(world.acme())


@pytest.fixture
def project_id(ada: Client, records: Records) -> int:
    with records.read() as session:
        return session.scalars(select(Project.id).where(Project.slug == "api")).one()
