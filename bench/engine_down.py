"""A minute without the engine, then one without the records' database: receiving goes on, everything arrives.

    python -m bench.engine_down [--seconds 60] [--rate 100]

The second part needs PostgreSQL 15 (the one that `make test` installs).
"""

import argparse
import json
import os
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.server import roles, running, send_command, stored_ids
from tests.e2e.server import Server
from tests.support.postgres import Cluster


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60, help="how long each is away")
    parser.add_argument("--rate", type=int, default=100, help="events a second meanwhile")
    options = parser.parse_args()
    results = {"engine": without_engine(options.seconds, options.rate)}
    results["database"] = without_database(options.seconds, options.rate)
    for name, result in results.items():
        print(name, " ".join(f"{key}={value}" for key, value in result.items()))
    raise SystemExit(1 if any(r["refused"] or r["lost"] or r["doubled"] for r in results.values()) else 0)


def without_engine(seconds: int, rate: int) -> dict[str, int]:
    with (
        tempfile.TemporaryDirectory(prefix="vedette-down-") as folder,
        running(Path(folder) / "data") as server,
    ):
        return measure(server, Path(folder), rate, lambda: engine_away(server, seconds), seconds)


def engine_away(server: Server, seconds: int) -> None:
    """SIGSTOP, so that the supervisor does not start another; then kill -9."""
    pid = roles(server)["engine"]
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)


def without_database(seconds: int, rate: int) -> dict[str, int]:
    cluster = Cluster()
    try:
        url = cluster.url(cluster.new_database()).replace("postgresql+psycopg://", "postgresql://")
        with (
            tempfile.TemporaryDirectory(prefix="vedette-down-") as folder,
            running(Path(folder) / "data", {"VEDETTE_DATABASE_URL": url}) as server,
        ):
            return measure(server, Path(folder), rate, lambda: database_away(cluster, seconds), seconds)
    finally:
        cluster.stop()


def database_away(cluster: Cluster, seconds: int) -> None:
    cluster.halt()
    time.sleep(seconds)
    cluster.start()


def measure(
    server: Server, folder: Path, rate: int, away: Callable[[], None], seconds: int
) -> dict[str, int]:
    """Send before, while and after something is away; what was refused, lost, doubled."""
    total = seconds + 10
    acked = folder / "acked"
    arguments = (
        "--rate",
        str(rate),
        "--duration",
        str(total),
        "--count",
        str(rate * total),
        "--acked-out",
        str(acked),
    )
    command = send_command(server, *arguments)
    load = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    time.sleep(5)
    away()
    output, _ = load.communicate(timeout=300)
    result = json.loads(output.strip().splitlines()[-1])
    ids = {line.split()[0] for line in acked.read_text().splitlines()}
    stored = settled(server, len(ids))
    return {
        "acknowledged": len(ids),
        "refused": result["requests"] - result["status"].get("200", 0),
        "lost": len(ids - stored.keys()),
        "doubled": sum(1 for seen in stored.values() if seen > 1),
    }


def settled(server: Server, expected: int) -> Counter[str]:
    """What is stored, once it is all there or three minutes are over."""
    deadline = time.monotonic() + 180
    while True:
        stored = Counter(stored_ids(server))
        if len(stored) >= expected or time.monotonic() > deadline:
            return stored
        time.sleep(1)


if __name__ == "__main__":
    main()
