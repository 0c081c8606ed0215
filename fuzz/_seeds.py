"""The main loop of fuzz programs whose inputs are made from a seed."""

import argparse
import sys
import time
from collections.abc import Callable


def main(description: str | None, attempt: Callable[[int], None]) -> None:
    """Try seeds from 0 on for as long as is asked, or the one named; a seed that raises is printed first."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=None, help="run this one input only")
    options = parser.parse_args()
    print(f"{_run(attempt, options.seconds, options.seed)} inputs, no surprise")


def _run(attempt: Callable[[int], None], seconds: float, seed: int | None) -> int:
    """How many inputs were tried."""
    ends, done = time.monotonic() + seconds, 0
    for one in range(1 << 40) if seed is None else [seed]:
        if time.monotonic() > ends:
            break
        try:
            attempt(one)
        except Exception:
            print(f"seed {one} fails", file=sys.stderr)
            raise
        done += 1
    return done
