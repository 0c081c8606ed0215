"""The published figures: a table, and bench/out/results.json (name → number).

    python -m bench.run [--seconds 60] [--only NAME,NAME]

Everything runs on this machine, the load generator included: run it with nothing else running.
Each figure is measured on a server of its own in a folder that is thrown away.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.containers import measure as measure_containers
from bench.filled import fill
from bench.issue_search import figures
from bench.issue_search import measure as measure_search
from bench.readable import measure as measure_readable
from bench.readable import summary
from bench.server import ROOT, counted, disk_bytes, memory, poll_command, running, send_command, until_settled
from bench.tail import measure as measure_tail

OUT = ROOT / "bench" / "out" / "results.json"
EVENTS_PER_S = 3_500  # bodies are built beforehand: enough for a server that keeps up with so many

# name → what this version must reach, and what it means
FIGURES: dict[str, tuple[str, str]] = {
    "first_200_s": ("≤ 5", "seconds from start to the first 200, empty folder"),
    "idle_pss_mb": ("≤ 500", "memory of all processes, idle"),
    "accepts_per_core_per_s": ("≥ 5000", "durable accepts a second on one core"),
    "hashes_per_core_per_s": ("≥ 5000", "groupings a second on one core"),
    "sustained_per_s": ("≥ 2000", "events a second, accepted to counted, 200 issues"),
    "cpu_ms_per_event": ("≤ 0.7", "CPU of all processes per event at that rate"),
    "sustained_20000_issues_per_s": ("≥ 60 %", "the same with 20,000 issues"),
    "peak_pss_mb": ("", "memory of all processes at that rate"),
    "disk_kb_per_event": ("≤ 1.6", "disk per event when merged, indexes included"),
    "readable_p50_s": ("", "accepted to readable in the API at half the sustained rate"),
    "readable_p99_s": ("≤ 2", "the same, 99th percentile"),
    "search_default_list_p95_ms": ("≤ 100", "list of issues, 1 M events, 20,000 issues"),
    "search_level_p95_ms": ("≤ 100", "the same by level"),
    "search_times_seen_p95_ms": ("≤ 100", "the same by number of events"),
    "search_a_rare_tag_p95_ms": ("≤ 250", "the same by a tag of few events"),
    "search_user_email_p95_ms": ("≤ 250", "the same by user.email"),
    "search_free_text_common_p95_ms": ("≤ 250", "the same by a text that many events have"),
    "search_stack_filename_p95_ms": ("≤ 250", "the same by stack.filename"),
    "search_environment_sort_user_p95_ms": ("≤ 250", "the same in one environment, by number of users"),
    "search_list_page_first_visit_p95_ms": ("≤ 500", "the list in Chromium until it can be used"),
    "logs_per_s": ("≥ 20000", "log lines a second in containers of 100, accepted to readable"),
    "logs_cpu_us_per_line": ("≤ 60", "CPU of all processes per line at that rate, in microseconds"),
    "logs_disk_bytes_per_line": ("", "disk per line, indexes included"),
    "metrics_per_s": ("", "metric values a second in containers of 100, accepted to readable"),
    "metrics_cpu_us_per_line": ("", "CPU of all processes per value at that rate, in microseconds"),
    "transactions_per_s": ("≥ 1000", "transactions of 24 spans a second, accepted to readable"),
    "transactions_cpu_us_per_line": (
        "",
        "CPU of all processes per transaction at that rate, in microseconds",
    ),
    "tail_p95_s": ("≤ 2", "a log line sent to seen in the live tail, 95th percentile"),
}

Numbers = dict[str, float]


def start_and_idle(seconds: float) -> Numbers:
    del seconds
    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder:
        began = time.monotonic()
        with running(Path(folder) / "data") as server:
            first = time.monotonic() - began
            time.sleep(20)
            return {"first_200_s": round(first, 2), "idle_pss_mb": memory(server)["pss_mb"]}


def accepts(seconds: float, count: int = 30_000) -> Numbers:
    del seconds
    numbers = _lines([sys.executable, "bench/accept.py", "--count", str(count)])
    return {"accepts_per_core_per_s": float(numbers["accept.per_core_per_s"])}


def hashes(seconds: float, rounds: int = 300, issues: int = 20_000) -> Numbers:
    del seconds
    command = [sys.executable, "bench/grouping.py", "--rounds", str(rounds), "--issues", str(issues)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    mixed = next(line for line in done.stdout.splitlines() if "hashes/s" in line and line.startswith("mixed"))
    return {"hashes_per_core_per_s": float(mixed.rsplit("µs,", 1)[1].split()[0].replace(",", ""))}


def sustained(seconds: float) -> Numbers:
    with (
        tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder,
        running(Path(folder) / "data") as server,
    ):
        result = _send(server, seconds, issues=200)
        time.sleep(30)  # merges finish
        events = counted(server)
        return {
            "sustained_per_s": result["digested_per_s"],
            "cpu_ms_per_event": result["server_cpu_ms_per_event"],
            "peak_pss_mb": result["peak"]["pss_mb"],
            "disk_kb_per_event": round(_stores_bytes(Path(folder) / "data") / events / 1024, 2),
        }


def sustained_20000_issues(seconds: float) -> Numbers:
    with (
        tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder,
        running(Path(folder) / "data") as server,
    ):
        return {"sustained_20000_issues_per_s": _send(server, seconds, issues=20_000)["digested_per_s"]}


def readable(seconds: float) -> Numbers:
    rate = int(_known("sustained_per_s", 2000) / 2)
    with (
        tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder,
        running(Path(folder) / "data") as server,
    ):
        arguments = (
            "--rate",
            str(rate),
            "--duration",
            str(int(seconds)),
            "--count",
            str(int(rate * seconds)),
            "-c",
            "16",
        )
        load = subprocess.Popen(
            send_command(server, *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while counted(server) == 0:
            time.sleep(0.2)
        waits = measure_readable(server, server.api(), seconds - 5)
        load.wait(timeout=120)
        found = summary(waits)
        return {"readable_p50_s": found["p50"], "readable_p99_s": found["p99"]}


def search(
    seconds: float, *, events: int = 1_000_000, issues: int = 20_000, rounds: int = 40, only: str = ""
) -> Numbers:
    del seconds
    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder:
        fill(Path(folder) / "data", events, issues)
        return figures(measure_search(Path(folder) / "data", rounds, only))


def logs(seconds: float) -> Numbers:
    return _containers("logs", seconds)


def metrics(seconds: float) -> Numbers:
    return _containers("metrics", seconds)


def transactions(seconds: float) -> Numbers:
    return _containers("transactions", seconds)


def _containers(kind: str, seconds: float) -> Numbers:
    with (
        tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder,
        running(Path(folder) / "data") as server,
    ):
        return measure_containers(server, kind, seconds)


def tail(seconds: float) -> Numbers:
    with (
        tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder,
        running(Path(folder) / "data") as server,
    ):
        return measure_tail(server, seconds, rate=20)


MEASURES: dict[str, Callable[[float], Numbers]] = {
    "idle": start_and_idle,
    "accepts": accepts,
    "hashes": hashes,
    "sustained": sustained,
    "sustained_20000": sustained_20000_issues,
    "readable": readable,
    "search": search,
    "logs": logs,
    "metrics": metrics,
    "transactions": transactions,
    "tail": tail,
}


def _send(server: Any, seconds: float, *, issues: int) -> dict[str, Any]:
    count = str(int(seconds * EVENTS_PER_S))
    arguments = ("--duration", str(int(seconds)), "--count", count, "--issues", str(issues), "-c", "16")
    polling = ("--poll-cmd", poll_command(server), "--procs", str(server.process.pid))
    done = subprocess.run(
        send_command(server, *arguments, *polling), capture_output=True, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    until_settled(server, result["accepted"], seconds=60)
    return result


def _stores_bytes(data: Path) -> int:
    """Records and telemetry; the spool goes by itself ten minutes after it is done."""
    return sum(disk_bytes(path) for path in (data / "engine", *data.glob("records.sqlite3*")))


def _lines(command: list[str]) -> dict[str, str]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if " " in line)


def _known(name: str, otherwise: float) -> float:
    return json.loads(OUT.read_text()).get(name, otherwise) if OUT.exists() else otherwise


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60, help="length of each sustained run")
    parser.add_argument("--only", default="", help=f"of {', '.join(MEASURES)}")
    options = parser.parse_args()
    console = Console()
    OUT.parent.mkdir(parents=True, exist_ok=True)
    numbers: Numbers = json.loads(OUT.read_text()) if OUT.exists() else {}
    for name, measure in MEASURES.items():
        if not options.only or name in options.only.split(","):
            with console.status(f"measuring {name}"):
                numbers |= measure(options.seconds)
            OUT.write_text(json.dumps(numbers, indent=2) + "\n")
    table = Table("figure", "measured", "at least / at most", "meaning")
    for name, (wanted, meaning) in FIGURES.items():
        table.add_row(name, str(numbers.get(name, "–")), wanted, meaning)
    console.print(table)
    console.print(f"{os.cpu_count()} cores · {OUT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
