"""kill -9 under load: what was acknowledged is there once, whatever died.

    python -m bench.kill --rounds 20 [--rate 300] [--others 40]

Error events, and beside them transactions, logs, metrics and LLM calls. Each round kills one role,
then all roles, then the supervisor, then everything. Roles come back by themselves; where the
supervisor died, `vedette serve` is started again.
"""

import argparse
import os
import signal
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.progress import track

from bench.marked import Sender, tally
from bench.server import counted, kill_everything, roles, running, send_command, stored_ids, until_settled
from tests.e2e.server import READY_WITHIN_S, Server

BETWEEN_S = 1.5


def targets(server: Server) -> list[str]:
    return [*sorted(roles(server)), "all roles", "supervisor", "everything"]


def strike(server: Server, target: str) -> None:
    """Kill the target; return when every role is there again, and nobody who should be gone is."""
    assert server.process
    before = roles(server)
    gone = before if target in ("all roles", "supervisor", "everything") else {target: before[target]}
    if target == "everything":
        kill_everything(server)
    elif target == "supervisor":
        server.process.kill()
        server.process.wait()
    else:
        for pid in gone.values():
            os.kill(pid, signal.SIGKILL)
    if server.process.poll() is not None:
        server.start()  # fails where an orphan holds the port or the data
    deadline = time.monotonic() + READY_WITHIN_S
    while not is_back(server, before, gone):
        assert time.monotonic() < deadline, f"{target}: not back in {READY_WITHIN_S} s: {server.log()}"
        time.sleep(0.05)


def is_back(server: Server, before: dict[str, int], gone: dict[str, int]) -> bool:
    """Whether all roles run, those that were killed under another pid, and the server answers."""
    now = roles(server)
    renewed = all(now.get(name) not in (None, pid) for name, pid in gone.items())
    orphans = [pid for pid in gone.values() if Path(f"/proc/{pid}").exists()]
    return now.keys() == before.keys() and renewed and not orphans and server.answers()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20, help="kills in all, over the targets in turn")
    parser.add_argument("--rate", type=int, default=300, help="events a second meanwhile")
    parser.add_argument("--others", type=float, default=40, help="requests a second of all that is no error")
    options = parser.parse_args()
    result = run(options.rounds, options.rate, options.others)
    print(" ".join(f"{name}={value}" for name, value in result.items()))
    is_bad = any(value for name, value in result.items() if name.endswith(("lost", "doubled", "miscounted")))
    raise SystemExit(1 if is_bad else 0)


def run(rounds: int, rate: int, others: float) -> dict[str, int]:
    """Acknowledged, lost and doubled events, and marks of each other kind, over all rounds."""
    with (
        tempfile.TemporaryDirectory(prefix="vedette-kill-") as folder,
        running(Path(folder) / "data") as server,
    ):
        seconds = rounds * (BETWEEN_S + 3) + 5
        acked = Path(folder) / "acked"
        arguments = (
            "--rate",
            str(rate),
            "--count",
            str(int(rate * seconds)),
            "--duration",
            str(int(seconds)),
        )
        limits = ("-c", "16", "--timeout", "5", "--stop-after-errors", "1000000", "--acked-out", str(acked))
        load = subprocess.Popen(
            send_command(server, *arguments, *limits), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while counted(server) == 0:
            time.sleep(0.2)
            assert load.poll() is None, "the load generator ended early"
        sender = Sender(server, others)
        sender.start()
        kinds = targets(server)
        for number in track(range(rounds), "killing"):
            strike(server, kinds[number % len(kinds)])
            time.sleep(BETWEEN_S)
        sender.stop()
        load.send_signal(signal.SIGINT)
        load.wait(timeout=120)
        ids = {line.split()[0] for line in acked.read_text().splitlines()}
        count = until_settled(server, len(ids), seconds=120)
        stored = Counter(stored_ids(server))
        marks = tally(server, sender.acknowledged, seconds=60)
        of_kinds = {
            f"{name}_{what}": value for name, one in marks.items() for what, value in one._asdict().items()
        }
        return {
            "rounds": rounds,
            "acknowledged": len(ids),
            "lost": len(ids - stored.keys()),
            "doubled": sum(1 for seen in stored.values() if seen > 1),
            "miscounted": abs(count - len(stored)),
            **of_kinds,
        }


if __name__ == "__main__":
    main()
