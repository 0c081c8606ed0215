"""A real engine process per module, and a client of it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engine import EngineProcess
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.migrate import migrate


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    process = EngineProcess(tmp_path_factory.mktemp("engine"))
    process.start()
    migrate(process.telemetry, now_us=1_700_000_000_000_000)
    yield process
    process.stop()


@pytest.fixture
def telemetry(engine: EngineProcess) -> Telemetry:
    return engine.telemetry


@pytest.fixture
def own_engine(tmp_path: Path) -> Iterator[EngineProcess]:
    """An engine of the test's own, which it may kill."""
    process = EngineProcess(tmp_path / "engine")
    process.start()
    yield process
    process.stop(signal.SIGKILL)
