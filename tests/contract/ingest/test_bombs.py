"""Every bomb against one whole server: the documented answer, the right outcome, and little memory."""

import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from bench.server import roles, running
from tests.e2e.server import Server
from tests.support.bombs import MIB, Outcome, bombs
from vedette.config import Settings
from vedette.core import outcomes
from vedette.roles import Home
from vedette.wire.dsn import parse_dsn

GROWTH_MOST = 64 * MIB
_SETTLED_S = 60


@pytest.fixture
def server(tmp_path: Path) -> Generator[Server]:
    with running(tmp_path / "data") as server:
        yield server


def test_all_bombs_in_a_row_are_answered_counted_and_cost_little_memory(server: Server) -> None:
    dsn = parse_dsn(server.dsn())
    client = httpx.Client(
        base_url=f"{server.url}/api/{dsn.project_id}",
        headers={"X-Sentry-Auth": f"Sentry sentry_key={dsn.public_key}, sentry_version=7"},
        timeout=30,
    )
    expected: Counter[Outcome] = Counter({("error", "accepted", ""): 1})
    assert client.post("/store/", content=b'{"message":"first"}').status_code == 200
    settle(server, expected)  # what is loaded at the first event is not the bombs' doing
    processes = roles(server)
    before = {name: start_watch(pid) for name, pid in processes.items()}
    for bomb in bombs():
        headers = {"Content-Encoding": bomb.encoding} if bomb.encoding else {}
        response = client.post(f"/{bomb.endpoint}/", content=bomb.body, headers=headers)
        assert response.status_code == bomb.status, f"{bomb.name}: {response.text[:200]}"
        expected.update(bomb.outcomes)
    settle(server, expected)
    assert roles(server) == processes, "a process was killed or died"
    growth = {name: peak_bytes(pid) - before[name] for name, pid in processes.items()}
    assert max(growth.values()) < GROWTH_MOST, growth


def settle(server: Server, expected: Counter[Outcome]) -> None:
    """Wait until everything sent has come to its outcome; and to no other."""
    deadline = time.monotonic() + _SETTLED_S
    while (counted := outcomes_of(server)).total() < expected.total():
        assert time.monotonic() < deadline, expected - counted
        time.sleep(0.2)
    assert counted == expected


def outcomes_of(server: Server) -> Counter[Outcome]:
    telemetry = Home.of(Settings(data=server.folder)).telemetry()
    rows = telemetry.query_rows(
        "SELECT toString(category), outcome, toString(reason), sum(quantity) FROM outcomes GROUP BY ALL"
    )
    telemetry.close()
    return Counter(
        {
            (str(category), outcomes.Outcome(int(outcome)).name.lower(), str(reason)): int(quantity)
            for category, outcome, reason, quantity in rows
        }
    )


def start_watch(pid: int) -> int:
    """What a process holds now; from now on its peak is of what comes."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak_bytes(pid)


def peak_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
