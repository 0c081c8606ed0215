"""One receiving server for the tests of a module."""

from collections.abc import Iterator

import pytest

from tests.support.ingest import IngestServer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IngestServer]:
    server = IngestServer(tmp_path_factory.mktemp("ingest"))
    yield server
    server.stop()


@pytest.fixture
def server(running: IngestServer) -> IngestServer:
    """The server with nothing limited, nothing counted, nothing read."""
    running.keys.active_limits = ()
    running.keys.left = None
    running.keys.is_available = True
    running.records()
    running.outcomes()
    running.rejected.clear()
    return running
