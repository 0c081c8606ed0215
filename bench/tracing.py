"""What a transaction of 27 spans costs before it is stored: µs of CPU of each stage.

    python bench/tracing.py [--rounds 300]

`decode`: from bytes to spans, the event normalised. `all`: with scrubbing, descriptions, self times, detectors and
rows. `encode`: its rows in the engine's format. Each body is new to the caches, as in life.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).parent))

import load
import msgspec

from vedette.filters.inbound import FilterSettings
from vedette.normalize.received import Received
from vedette.projects.handling import Delivery, Handling
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.storage.telemetry.native import encode_block
from vedette.storage.telemetry.tables import SPANS
from vedette.tracing.process import TracingConfig, process_transaction
from vedette.tracing.transaction import decode_transaction, spans_of

FACTS = Received(received_us=time.time_ns() // 1000, client_ip="198.51.100.7")
HANDLING = Handling(compile_settings(ScrubSettings()), True, 90)
CONFIG = TracingConfig(HANDLING, FilterSettings())
NOTHING = msgspec.Raw(b"{}")
DELIVERY = Delivery(1, "0" * 16, FACTS, HANDLING, NOTHING, NOTHING)
COLUMNS = [(column.name, column.travels_as) for column in SPANS.columns]
BATCH = 100  # transactions of one block


def decode(body: bytes) -> None:
    spans_of(decode_transaction(body, FACTS), 1.0)


def everything(body: bytes) -> None:
    process_transaction(body, DELIVERY, CONFIG)


def microseconds(work: Callable[[bytes], None], bodies: Sequence[bytes]) -> list[float]:
    took: list[float] = []
    for body in bodies:
        start = time.thread_time_ns()
        work(body)
        took.append((time.thread_time_ns() - start) / 1000)
    return took


def encoding(bodies: Sequence[bytes]) -> list[float]:
    took: list[float] = []
    for first in range(0, len(bodies) - BATCH + 1, BATCH):
        traced = [process_transaction(body, DELIVERY, CONFIG) for body in bodies[first : first + BATCH]]
        values = [list(chain(*column)) for column in zip(*(one.spans for one in traced), strict=True)]
        values.append([""] * len(values[0]))
        start = time.thread_time_ns()
        for chunk in encode_block(COLUMNS, values):
            len(chunk)
        took.append((time.thread_time_ns() - start) / 1000 / BATCH)
    return took


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=300)
    rounds = arguments.parse_args().rounds
    built = load.build("tx", rounds, issues=50, seed=7, noisy=True, level=0)
    bodies = [raw.split(b"\n")[2] for _, raw, _ in built]
    gc.freeze()
    for body in bodies[:20]:  # compiled patterns, first use of everything
        everything(body)
    for name, took in (
        ("decode", microseconds(decode, bodies)),
        ("all", microseconds(everything, bodies)),
        ("encode", encoding(bodies)),
    ):
        print(f"{name:8} median {median(took):7.0f} µs   mean {mean(took):7.0f} µs")


if __name__ == "__main__":
    main()
