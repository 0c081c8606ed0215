"""Which role the CPU of an event goes to: ms per event, user and system, of a server under full load.

    python -m bench.roles [--seconds 20] [--issues 200]

`rate` is events a second from the first request to the last counted; `load` is the generator itself.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

from bench.run import EVENTS_PER_S
from bench.server import poll_command, roles, running, send_command

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_ms(pid: int) -> tuple[float, float]:
    """User and system milliseconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return 1000 * int(fields[11]) / TICKS, 1000 * int(fields[12]) / TICKS


def measure(seconds: float, issues: int) -> None:
    count = str(int(seconds * EVENTS_PER_S))
    with (
        tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder,
        running(Path(folder) / "data") as server,
    ):
        pids = roles(server)
        before = {name: cpu_ms(pid) for name, pid in pids.items()}
        arguments = ("--duration", str(seconds), "--count", count, "--issues", str(issues), "-c", "16")
        polling = (
            "--poll-cmd",
            poll_command(server),
            "--procs",
            str(server.process.pid if server.process else 0),
        )
        done = subprocess.run(
            send_command(server, *arguments, *polling), capture_output=True, text=True, check=True
        )
        after = {name: cpu_ms(pid) for name, pid in pids.items()}
        result = json.loads(done.stdout.strip().splitlines()[-1])
    events, total = result["accepted"], 0.0
    print(f"{'role':12} {'user':>8} {'system':>8} {'both':>8}   ms per event")
    for name, (user, system) in sorted(before.items()):
        used, kernel = (after[name][0] - user) / events, (after[name][1] - system) / events
        total += used + kernel
        print(f"{name:12} {used:8.3f} {kernel:8.3f} {used + kernel:8.3f}")
    print(f"{'load':12} {'':8} {'':8} {1000 * result['client_cpu_s'] / events:8.3f}")
    print(f"all roles {total:.3f} ms, {events} events, rate {result['digested_per_s']}/s,", end=" ")
    print(f"peak {result['peak']['pss_mb']} MB, others used {result['other_cpu_s']} s")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--issues", type=int, default=200)
    options = parser.parse_args()
    measure(options.seconds, options.issues)


if __name__ == "__main__":
    main()
