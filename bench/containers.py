"""Logs and metrics in containers of a hundred, and transactions of 24 spans, end to end: accepted to readable.

python -m bench.containers logs|metrics|transactions [--seconds 30]
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

from bench.load import ENTRIES, sample
from bench.server import disk_bytes, roles, running, send_command
from tests.e2e.server import Server
from vedette.config import Settings
from vedette.roles import Home
from vedette.storage.telemetry.client import Telemetry

BODIES_PER_S = {
    "logs": 400,
    "metrics": 400,
    "transactions": 2000,
}  # built beforehand: enough for a server that keeps up
SETS = {"logs": "logs", "metrics": "metrics", "transactions": "tx"}  # as bench/load.py names them
# What a line is: a row, or a transaction with all its spans.
COUNTS = {
    "logs": "SELECT count() FROM logs",
    "metrics": "SELECT count() FROM metrics",
    "transactions": "SELECT countIf(is_segment = 1) FROM spans",
}


def measure(server: Server, kind: str, seconds: float) -> dict[str, float]:
    """Lines a second from the first request to the last line readable, and what one costs."""
    assert server.process
    telemetry = Home.of(Settings(data=server.folder)).telemetry()
    before = sample([server.process.pid])["cpu_s"]
    each_before = _cpu(server)
    count = str(int(seconds * BODIES_PER_S[kind]))
    arguments = ("--set", SETS[kind], "--duration", str(int(seconds)), "--count", count, "-c", "8")
    done = subprocess.run(send_command(server, *arguments), capture_output=True, text=True, check=True)
    result = json.loads(done.stdout.strip().splitlines()[-1])
    sent = result["accepted"] * (1 if kind == "transactions" else ENTRIES)
    began = time.monotonic() - result["seconds"]
    while (stored := _stored(telemetry, kind)) < sent and time.monotonic() - began < seconds + 120:
        time.sleep(0.25)
    took = time.monotonic() - began
    cpu_s = sample([server.process.pid])["cpu_s"] - before
    each = {name: used - each_before[name] for name, used in _cpu(server).items()}
    time.sleep(20)  # merges finish
    telemetry.close()
    return {
        f"{kind}_per_s": round(stored / took),
        f"{kind}_accepted_per_s": round(sent / result["seconds"]),
        f"{kind}_missing": sent - stored,
        f"{kind}_cpu_us_per_line": round(cpu_s / max(1, stored) * 1e6, 1),
        **{f"{kind}_cpu_us_{name}": round(used / max(1, stored) * 1e6, 1) for name, used in each.items()},
        f"{kind}_disk_bytes_per_line": round(disk_bytes(server.folder / "engine") / max(1, stored)),
    }


def _stored(telemetry: Telemetry, kind: str) -> int:
    return int(telemetry.query_rows(COUNTS[kind]).rows[0][0])


def _cpu(server: Server) -> dict[str, float]:
    return {name: sample([pid])["cpu_s"] for name, pid in roles(server).items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=tuple(SETS))
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder,
        running(Path(folder) / "data") as server,
    ):
        for name, value in measure(server, options.kind, options.seconds).items():
            print(name, value)


if __name__ == "__main__":
    main()
