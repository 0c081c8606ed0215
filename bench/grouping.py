"""What grouping costs: µs of CPU per event and template, memos cold and warm, few issues and many.

    .venv/bin/python bench/grouping.py [--rounds 300] [--issues 20000]

"new" is an event whose crash frame was never seen, in an otherwise warm memo; "warm" one whose
frames were all seen. "rules" adds twenty project rules of each kind.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).parent))

import load

from vedette.core.event import Event
from vedette.group import LATEST, GroupingConfig, group, parse_fingerprint_rules, parse_stack_trace_rules
from vedette.group.v2026_11_01.algorithm import Algorithm
from vedette.normalize.event import Received, normalize

TEMPLATES = (*load.SETS["mixed"], "py_message", "py_template_deep")
PLAIN = GroupingConfig()
RULED = GroupingConfig(
    fingerprint_rules=parse_fingerprint_rules(
        "".join(f"type:Never{n}* module:shop.m{n}.* -> never-{n}\n" for n in range(20))
    ),
    stack_trace_rules=parse_stack_trace_rules(
        "".join(f"module:shop.m{n}.* path:**/m{n}/** -app\n" for n in range(20))
    ),
)


def events(name: str, issues: Iterator[int] | range, seed: int = 7) -> Iterator[Event]:
    """One normalised event per issue number, as the load generator makes them."""
    templates = load.load_templates(name)
    rnd = random.Random(seed)
    facts = Received(received_us=time.time_ns() // 1000)
    for k in issues:
        _, raw, _ = load.build_one(templates[k % len(templates)], k, rnd, True, 0)
        yield normalize(raw.split(b"\n")[2], facts)


def microseconds(of: Iterator[Event], config: GroupingConfig, algorithm: Algorithm) -> list[float]:
    took: list[float] = []
    for event in of:
        start = time.thread_time_ns()
        group(event, config, {LATEST: algorithm})
        took.append((time.thread_time_ns() - start) / 1000)
    return took


def frames_of(event: Event) -> int:
    values = event.exception.values if event.exception else []
    return sum(len(e.stacktrace.frames) for e in values if e.stacktrace)


def per_template(rounds: int) -> None:
    print(f"{'template':22} {'frames':>6} {'first':>8} {'new':>8} {'warm':>8} {'rules':>8}   µs, medians")
    mixed: list[float] = []
    for name in TEMPLATES:
        algorithm = Algorithm()
        sent = list(events(name, range(rounds)))
        new = microseconds(iter(sent), PLAIN, algorithm)
        warm = microseconds(iter(sent), PLAIN, algorithm)
        microseconds(iter(sent), RULED, algorithm)
        ruled = microseconds(iter(sent), RULED, algorithm)
        if name in load.SETS["mixed"]:
            mixed += warm
        figures = f"{new[0]:8.0f} {median(new):8.1f} {median(warm):8.1f} {median(ruled):8.1f}"
        print(f"{name:22} {frames_of(sent[0]):6} {figures}")
    print(f"{'mixed':22} {'':6} {'':8} {'':8} {median(mixed):8.1f}   mean {mean(mixed):.1f} µs,", end=" ")
    print(f"{1e6 / mean(mixed):,.0f} hashes/s a core")


def many_issues(issues: int) -> None:
    """Every issue once, then a fifth of them again in random order: most frames are shared, one is not."""
    algorithm = Algorithm()
    first = microseconds(events("mixed", range(issues)), PLAIN, algorithm)
    again = random.Random(1).sample(range(issues), issues // 5)
    second = microseconds(events("mixed", iter(again)), PLAIN, algorithm)
    print(f"{issues:,} issues: first {median(first):.1f} µs (mean {mean(first):.1f}),", end=" ")
    print(
        f"again {median(second):.1f} µs (mean {mean(second):.1f}), {1e6 / mean(second):,.0f} hashes/s a core"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=300)
    arguments.add_argument("--issues", type=int, default=20_000)
    chosen = arguments.parse_args()
    per_template(chosen.rounds)
    many_issues(chosen.issues)


if __name__ == "__main__":
    main()
