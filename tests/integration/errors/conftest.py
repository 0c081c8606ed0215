"""A real engine and SQLite, filled once per module with a small world of events and issues."""

from collections.abc import Iterator

import pytest

from tests.integration.errors.sample import Sample, fill_records, fill_telemetry
from tests.support.engine import EngineProcess
from vedette.storage.records.database import Records, sqlite_url
from vedette.storage.records.migrate import migrate as migrate_records
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.migrate import migrate as migrate_telemetry


@pytest.fixture(scope="module")
def telemetry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telemetry]:
    """An engine with the sample's events."""
    process = EngineProcess(tmp_path_factory.mktemp("engine"))
    process.start()
    migrate_telemetry(process.telemetry, now_us=0)
    yield process.telemetry
    process.stop()


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample.make()


@pytest.fixture(scope="module")
def filled(telemetry: Telemetry, sample: Sample) -> Telemetry:
    fill_telemetry(telemetry, sample)
    return telemetry


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory, sample: Sample) -> Iterator[Records]:
    records = Records(sqlite_url(tmp_path_factory.mktemp("records") / "records.sqlite3"))
    migrate_records(records)
    fill_records(records, sample)
    yield records
    records.close()
