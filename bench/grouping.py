"""What grouping costs: µs of CPU per event and template, memos cold and warm, few issues and many.

    .venv/bin/python bench/grouping.py [--rounds 300] [--issues 20000]

"new" is an event whose crash frame was never seen, in an otherwise warm memo; "warm" one whose
frames were all seen. "rules" adds twenty project rules of each kind.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).parent))

import load
import msgspec

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


def events(name: str, issues: Iterable[int], seed: int = 7) -> Iterator[Event]:
    """One normalised event per issue number, as the load generator makes them."""
    templates = load.load_templates(name)
    rnd = random.Random(seed)
    facts = Received(received_us=time.time_ns() // 1000)
    for k in issues:
        _, raw, _ = load.build_one(templates[k % len(templates)], k, rnd, True, 0)
        yield normalize(raw.split(b"\n")[2], facts)


def microseconds(of: Iterable[Event], config: GroupingConfig, algorithm: Algorithm) -> list[float]:
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
        new = microseconds(sent, PLAIN, algorithm)
        texts = [msgspec.json.encode(event) for event in sent]
        warm = microseconds((msgspec.json.decode(text, type=Event) for text in texts), PLAIN, algorithm)
        microseconds(sent, RULED, algorithm)
        ruled = microseconds(sent, RULED, algorithm)
        if name in load.SETS["mixed"]:
            mixed += warm
        figures = f"{new[0]:8.0f} {median(new):8.1f} {median(warm):8.1f} {median(ruled):8.1f}"
        print(f"{name:22} {frames_of(sent[0]):6} {figures}")
    print(f"{'mixed':22} {'':6} {'':8} {'':8} {median(mixed):8.1f}   mean {mean(mixed):.1f} µs,", end=" ")
    print(f"{1e6 / mean(mixed):,.0f} hashes/s a core")


def many_issues(issues: int) -> None:
    """Every issue once, then a fifth of them again in random order: most frames are shared, one is not."""
    algorithm = Algorithm()
    first = in_chunks(range(issues), algorithm)
    again = in_chunks(random.Random(1).sample(range(issues), issues // 5), algorithm)
    print(f"{issues:,} issues: first {median(first):.1f} µs (mean {mean(first):.1f}),", end=" ")
    print(f"again {median(again):.1f} µs (mean {mean(again):.1f}), {1e6 / mean(again):,.0f} hashes/s a core")


def in_chunks(numbers: Sequence[int], algorithm: Algorithm) -> list[float]:
    """As the pipeline meets events: a batch, each decoded just before."""
    took: list[float] = []
    for start in range(0, len(numbers), 1000):
        chunk = [msgspec.json.encode(event) for event in events("mixed", numbers[start : start + 1000])]
        took += microseconds((msgspec.json.decode(text, type=Event) for text in chunk), PLAIN, algorithm)
    return took


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=300)
    arguments.add_argument("--issues", type=int, default=20_000)
    chosen = arguments.parse_args()
    per_template(chosen.rounds)
    many_issues(chosen.issues)


if __name__ == "__main__":
    main()
