from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.pipeline.node import Node
from tests.support.engine import EngineProcess
from vedette.storage.records.database import Records
from vedette.storage.telemetry.migrate import migrate


@pytest.fixture
def node(tmp_path: Path, records: Records) -> Iterator[Node]:
    engine = EngineProcess(tmp_path / "engine")
    engine.start()
    migrate(engine.telemetry, now_us=1_700_000_000_000_000)
    yield Node(tmp_path, records, engine)
    engine.stop()
