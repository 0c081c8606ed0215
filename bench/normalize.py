"""What one event costs before it is stored: µs of CPU per template.

    python bench/normalize.py [--rounds 300]

`normalize`: decode, normalise, user agent, tags. `all`: the same, then default scrubbing and title. `repaired`: all,
with every part sent through repair. Each body is new to the caches, as in life.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).parent))

import load

from vedette.normalize.event import Received, normalize
from vedette.normalize.title import describe
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.scrub.scrub import scrub

TEMPLATES = (*load.SETS["mixed"], "py_message", "py_template_deep")
SCRUBBER = compile_settings(ScrubSettings())
FACTS = Received(received_us=time.time_ns() // 1000, client_ip="198.51.100.7")


def payloads(name: str, count: int) -> list[bytes]:
    built = load.build(name, count, issues=count, seed=7, noisy=True, level=0)
    return [raw.split(b"\n")[2] for _, raw, _ in built]


def only_normalize(body: bytes) -> None:
    normalize(body, FACTS)


def everything(body: bytes) -> None:
    describe(scrub(normalize(body, FACTS), SCRUBBER))


def repaired(body: bytes) -> None:
    describe(scrub(normalize(body, FACTS, repair_all=True), SCRUBBER))


def microseconds(work: Callable[[bytes], None], bodies: list[bytes]) -> list[float]:
    took: list[float] = []
    for body in bodies:
        start = time.thread_time_ns()
        work(body)
        took.append((time.thread_time_ns() - start) / 1000)
    return took


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=300)
    rounds = arguments.parse_args().rounds
    columns: dict[str, Callable[[bytes], None]] = {
        "normalize": only_normalize,
        "all": everything,
        "repaired": repaired,
    }
    mixed: dict[str, list[float]] = {name: [] for name in columns}
    print(f"{'template, median µs':22} {'bytes':>7}", *(f"{name:>10}" for name in columns))
    for name in TEMPLATES:
        bodies = payloads(name, rounds)
        everything(bodies[0])
        took = {column: microseconds(work, bodies) for column, work in columns.items()}
        if name in load.SETS["mixed"]:
            for column in columns:
                mixed[column] += took[column]
        print(f"{name:22} {len(bodies[0]):7}", *(f"{median(took[column]):10.1f}" for column in columns))
    print(f"{'mixed':30}", *(f"{median(times):10.1f}" for times in mixed.values()))
    print(f"{'mixed, mean':30}", *(f"{mean(times):10.1f}" for times in mixed.values()))


if __name__ == "__main__":
    main()
