"""An unmodified OpenTelemetry SDK: its spans and logs stand beside those of Sentry's SDKs."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.e2e.sdks import CLIENTS, python_packages
from tests.e2e.server import Server

REQUIREMENTS = ("opentelemetry-sdk==1.45.2", "opentelemetry-exporter-otlp-proto-http==1.45.2")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server") / "data").start()
    yield server
    assert server.stop() == 0


def test_its_traces_and_logs_are_shown(server: Server) -> None:
    folder = python_packages(*REQUIREMENTS)
    run = secrets.token_hex(4)
    key, _, place = server.dsn().partition("://")[2].partition("@")
    program = [
        sys.executable,
        "-W",
        "ignore",
        str(CLIENTS / "otel.py"),
        server.url,
        place.split("/")[-1],
        key,
        run,
    ]
    done = subprocess.run(
        program,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    api = server.api()
    deadline = time.monotonic() + 20
    while True:
        nodes = api.get(f"/organizations/acme/trace/{told['trace']}/")
        meta = api.get(f"/organizations/acme/trace-meta/{told['trace']}/")
        if meta["spansCount"] == 3 and meta["logsCount"] == 1:
            break
        assert time.monotonic() < deadline, meta
        time.sleep(0.2)
    (root,) = nodes
    assert (root["span_id"], root["op"], root["name"], root["is_transaction"]) == (
        told["root"],
        "http.server",
        f"GET /vt-{run}",
        True,
    )
    query, charge = root["children"]
    assert (query["op"], query["parent_span_id"]) == ("db", told["root"])
    assert charge["status"] not in ("ok", "")
    span = api.get(f"/organizations/acme/traces/{told['trace']}/spans/{charge['span_id']}/")
    assert span["attributes"]["exception.message"] == f"vt-otel-{run}"
    assert (span["environment"], span["release"]) == ("otel", "3.1")
