"""Fixtures for all tests: the records store on both engines, a clock, the API and its clients."""

import asyncio
import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings as hypothesis_settings

from tests.support import postgres
from tests.support.client import BASE_URL, Client
from tests.support.examples import QUICK
from tests.support.worlds import World
from vedette.api.app import create_api
from vedette.api.edge import Edge
from vedette.api.services import Services, services_of
from vedette.config import Settings
from vedette.core.time import SECOND_US
from vedette.projects.mail import Message
from vedette.storage.records.database import Records, sqlite_url
from vedette.storage.records.migrate import migrate
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.connection import Address

if QUICK:
    hypothesis_settings.load_profile("quick")


def pytest_collection_finish() -> None:
    if QUICK:  # going through what was imported and collected, again and again, was a sixth of the quick run
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)


class SetClock:
    """A clock that stands until it is moved. Starts at 2026-01-02T03:04:05Z."""

    def __init__(self) -> None:
        self.now_us = 1_767_323_045 * SECOND_US

    def __call__(self) -> int:
        return self.now_us

    def advance(self, seconds: float) -> None:
        self.now_us += round(seconds * SECOND_US)


class Outbox:
    """A mailer that keeps what it is given."""

    def __init__(self) -> None:
        self.can_send = True
        self.messages: list[Message] = []

    def send(self, message: Message) -> None:
        self.messages.append(message)


# ── the records store ─────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records") / "template.sqlite3"
    records = Records(sqlite_url(path))
    migrate(records)
    records.close()  # the last connection to close folds the log into the file
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    if not postgres.is_available():
        pytest.skip("PostgreSQL 15 is not installed")
    cluster = postgres.Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def postgres_template(cluster: postgres.Cluster) -> str:
    name = cluster.new_database()
    records = Records(cluster.url(name))
    migrate(records)
    records.close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    """An empty, migrated store; the test runs once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "records.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        records = Records(sqlite_url(path))
        yield records
        records.close()
        return
    cluster: postgres.Cluster = request.getfixturevalue("cluster")
    name = cluster.new_database(request.getfixturevalue("postgres_template"))
    records = Records(cluster.url(name), pool_size=4)
    yield records
    records.close()
    cluster.drop(name)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


# ── the API ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, public_url=BASE_URL)


@pytest.fixture
def services(
    records: Records, clock: SetClock, outbox: Outbox, settings: Settings, tmp_path: Path
) -> Services:
    nowhere = Telemetry(Address(unix=tmp_path / "no-engine.sock"))
    return services_of(
        settings=settings,
        records=records,
        telemetry=nowhere,
        clock=clock,
        mailer=outbox,
        signing_key="a signing key for tests",
    )


class SharedApi:
    """One app for all tests: making it takes a quarter of a second, most tests a tenth of that."""

    def __init__(self) -> None:
        self._services: Services | None = None
        self._app: Edge | None = None

    def over(self, services: Services) -> Edge:
        """The app over these services, with nobody counted yet."""
        if self._services is None or self._app is None:
            self._services = msgspec.structs.replace(services)
            self._app = create_api(self._services)
        for name in Services.__struct_fields__:
            msgspec.structs.force_setattr(self._services, name, getattr(services, name))
        self._app.limiter.clear()
        return self._app


@pytest.fixture(scope="session")
def shared_api() -> SharedApi:
    return SharedApi()


@pytest.fixture
def api(services: Services, shared_api: SharedApi) -> Iterator[Client]:
    """A client without credentials; `api.with_token(text)` has one."""
    with asyncio.Runner() as runner:
        yield Client(shared_api.over(services), runner)


@pytest.fixture
def world(records: Records, clock: SetClock) -> World:
    """Makes people, organizations, teams, projects and tokens, straight in the store."""
    return World(records, clock)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser's tests last: Playwright keeps an event loop running in this thread."""
    items.sort(key=lambda item: "e2e" in item.path.parts)
