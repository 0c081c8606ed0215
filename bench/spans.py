"""What reading a large table of spans takes over HTTP: a trace, percentiles per transaction, completion.

    .venv/bin/python -m bench.make_spans --spans 100000000 --folder DIR
    .venv/bin/python -m bench.spans --folder DIR [--rounds 40]

Asks a whole server on the folder; each round another trace, another value. Prints p50 and p95 in milliseconds, and the
CPU of all the server's processes each time, which is what remains comparable on a busy machine.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from bench.make_spans import NOW_US, large_numbers, trace_ids
from bench.server import memory, running
from tests.e2e.server import Api
from vedette.config import Settings
from vedette.core.time import to_iso
from vedette.roles import Home
from vedette.storage.records.schema import Project

DAY_US = 86_400_000_000


def questions(folder: Path, rounds: int) -> dict[str, Callable[[Api, int], object]]:
    """What is asked, each with the number of its round. The day asked for is the last that has spans."""
    large = _traces(folder, rounds)
    day = {"start": to_iso(NOW_US - DAY_US), "end": to_iso(NOW_US)}
    events = "/organizations/acme/events/"
    values = "/organizations/acme/trace-items/attributes/{}/values/"

    def by_transaction(api: Api, number: int) -> object:
        fields = ["transaction", "p95(span.duration)", "count()"]
        query = f"is_transaction:true !transaction:nothing{number}"
        return api.get(
            events, dataset="spans", field=fields, query=query, sort="-count()", per_page=50, **day
        )

    return {
        "trace of 1,000 spans": lambda api, n: api.get(f"/organizations/acme/traces/{large[n % len(large)]}/spans/"),
        "the same, nested": lambda api, n: api.get(f"/organizations/acme/trace/{large[n % len(large)]}/"),
        "p95 duration per transaction, 24 h": by_transaction,
        "values of an attribute": lambda api, n: api.get(values.format("url.path"), itemType="spans", attributeType="string", substringMatch=f"/{n}", **day),
        "values of a common attribute": lambda api, n: api.get(values.format("region"), itemType="spans", attributeType="string", substringMatch="e" if n % 2 else "u", **day),
    }  # fmt: skip


def _traces(folder: Path, limit: int) -> list[str]:
    """Ids of the large traces, spread over the days."""
    telemetry = Home.of(Settings(data=folder)).telemetry()
    segments = telemetry.query_rows("SELECT count() FROM spans WHERE is_segment = 1", max_seconds=60)
    both = int(segments.rows[0][0])  # small traces and large ones
    numbers = large_numbers(both - len(large_numbers(both)))
    found = trace_ids(telemetry, numbers[:: max(1, len(numbers) // limit)][:limit])
    telemetry.close()
    return found


def measure(folder: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """p50 and p95 of each question, in milliseconds. Every question is asked once before."""
    found: dict[str, tuple[float, float]] = {}
    with running(folder) as server:
        _add_projects(folder)
        api = server.api()
        for name, ask in questions(folder, rounds).items():
            ask(api, rounds)
            times: list[float] = []
            cpu_s = memory(server)["cpu_s"]
            for number in range(rounds):
                began = time.perf_counter()
                ask(api, number)
                times.append((time.perf_counter() - began) * 1e3)
            times.sort()
            found[name] = (times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))])
            cpu = (memory(server)["cpu_s"] - cpu_s) / rounds * 1e3
            print(
                f"{name:38} p50 {found[name][0]:8.1f} ms  p95 {found[name][1]:8.1f} ms  CPU {cpu:6.1f} ms",
                flush=True,
            )
    return found


def _add_projects(folder: Path) -> None:
    """The spans are of projects 1 and 2; a new server has the first alone."""
    with Home.of(Settings(data=folder)).records().write() as session:
        if session.get(Project, 2) is None:
            session.add(Project(id=2, organization_id=1, slug="second", name="Second", created_us=NOW_US))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    measure(options.folder, options.rounds)


if __name__ == "__main__":
    main()
