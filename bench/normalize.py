"""What one event costs before it is stored: µs of CPU per template, repair off and on.

python bench/normalize.py [--rounds 300]
"""

import argparse
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

import load

from vedette.normalize import parts
from vedette.normalize.event import Received, normalize

TEMPLATES = (*load.SETS["mixed"], "py_message", "py_template_deep")


def payloads(name: str, count: int) -> list[bytes]:
    built = load.build(name, count, issues=count, seed=7, noisy=True, level=0)
    return [raw.split(b"\n")[2] for _, raw, _ in built]


def microseconds(bodies: list[bytes]) -> list[float]:
    now_us = time.time_ns() // 1000
    facts = Received(received_us=now_us, client_ip="198.51.100.7")
    took: list[float] = []
    for body in bodies:
        start = time.thread_time_ns()
        normalize(body, facts)
        took.append((time.thread_time_ns() - start) / 1000)
    return took


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=300)
    rounds = arguments.parse_args().rounds
    mixed: list[float] = []
    print(f"{'template':22} {'bytes':>7} {'median µs':>10} {'repaired µs':>12}")
    for name in TEMPLATES:
        bodies = payloads(name, rounds)
        microseconds(bodies[:50])
        fast = microseconds(bodies)
        limit, parts._MAX_OBJECTS = parts._MAX_OBJECTS, -1
        slow = microseconds(bodies[:100])
        parts._MAX_OBJECTS = limit
        if name in load.SETS["mixed"]:
            mixed += fast
        print(f"{name:22} {len(bodies[0]):7} {median(fast):10.1f} {median(slow):12.1f}")
    print(f"{'mixed':22} {'':7} {median(mixed):10.1f}   mean {sum(mixed) / len(mixed):.1f}")


if __name__ == "__main__":
    main()
