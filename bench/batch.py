"""What the pipeline spends on one item, from its spool record to its rows: µs of CPU.

    python -m bench.batch errors|transactions|logs|metrics [--items 3000] [--profile | --stages]

`make_batch` alone, without stores, over ranges of 250 records; each body is new to the caches, as in life, and
the first four ranges, which fill them, do not count. A container of logs or metrics is a hundred items.
`--profile`: the functions of one range by the time in themselves, and how often each was called.
`--stages`: of error events, what each stage takes; what is left over is opening records and packing rows.
"""

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from bench import load
from vedette.core.stages import through
from vedette.errors import decode, process
from vedette.normalize import event
from vedette.pipeline import features
from vedette.pipeline.batch import make_batch
from vedette.pipeline.configs import EpochConfigs, project_config
from vedette.pipeline.memory import keep_freed
from vedette.pipeline.ranges import Claim
from vedette.pipeline.units import Batch
from vedette.projects.options import PipelineConfig
from vedette.spool.record import Position, Spooled, SpoolRecord

SETS = {"errors": "mixed", "transactions": "tx", "logs": "logs", "metrics": "metrics"}  # of bench/load.py
RANGE = 250  # records: short, so that some of them run undisturbed on a busy machine
ISSUES = 200
WARM = 4 * RANGE
CLAIM = Claim("5f0c0d2a", "web-1", "bench")
CONFIG = project_config(PipelineConfig(), 90)


def records(kind: str, count: int) -> list[Spooled]:
    """What the spool holds of so many requests, one after the other."""
    bodies = load.build(SETS[kind], count, issues=ISSUES, seed=7, noisy=True, level=6)
    now_us = time.time_ns() // 1000
    return [
        Spooled(
            Position(1, n),
            Position(1, n + 1),
            SpoolRecord(
                "envelope",
                now_us + n,
                1,
                1,
                1,
                event_id,
                content_encoding="gzip",
                client_ip="198.51.100.7",
                user_agent="sentry.python/2.75.0",
                body=body,
            ),
        )
        for n, (event_id, body, _) in enumerate(bodies)
    ]


def made(spooled: Sequence[Spooled]) -> Batch:
    batch = make_batch(CLAIM, spooled, lambda one: one.record.body, EpochConfigs(lambda _: CONFIG))
    assert len(batch.units) == len(spooled), (batch.outcomes, batch.dead[:1])
    return batch


def microseconds(spooled: Sequence[Spooled]) -> float:
    """Of CPU per record of one range."""
    start = time.process_time()
    made(spooled)
    return (time.process_time() - start) * 1e6 / len(spooled)


def profile(spooled: Sequence[Spooled]) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(made, spooled)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def stages(spooled: Sequence[Spooled]) -> None:
    """Prints the medians of each stage over ranges."""
    spent: dict[str, list[float]] = {}

    def timed(stage: Callable[[Any], Any], given: Sequence[Any]) -> list[Any]:
        start = time.perf_counter()
        made = through(stage, given)
        spent.setdefault(stage.__name__, [0.0])[-1] += time.perf_counter() - start
        return made

    for module in (event, decode, process, features):
        module.__dict__["through"] = timed
    for start in range(0, len(spooled), RANGE):
        made(spooled[start : start + RANGE])
        for times in spent.values():
            times.append(0.0)
    for name, times in spent.items():
        print(f"{median(times[:-1]) * 1e6 / RANGE:8.1f} µs  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=tuple(SETS))
    parser.add_argument("--items", type=int, default=3000, help="records or entries in all")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--stages", action="store_true")
    arguments = parser.parse_args()
    entries = load.ENTRIES if arguments.kind in ("logs", "metrics") else 1
    sent = records(arguments.kind, WARM + arguments.items // entries)
    keep_freed()
    made(sent[:WARM])
    ranges = [sent[at : at + RANGE] for at in range(WARM, len(sent), RANGE)]
    if arguments.profile:
        profile(ranges[0])
        return
    if arguments.stages:
        stages(sent[WARM:])
        return
    took = [microseconds(one) / entries for one in ranges]
    print(
        f"{arguments.kind}: {min(took):.1f} µs CPU an item, lowest of {len(took)} ranges; median {median(took):.1f}"
    )


if __name__ == "__main__":
    main()
