"""The disk runs full: clients get 429, nothing acknowledged is lost, and it recovers by itself.

    python -m bench.disk

Needs root for a small file system of its own (tmpfs); without it, says so and ends.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.server import running, send_command, stored_ids
from tests.e2e.server import Server

SIZE_MB = 1024
MIN_FREE_MB = 700


def main() -> None:
    if os.getuid():
        sys.exit("bench.disk mounts a tmpfs: run it as root")
    with tempfile.TemporaryDirectory(prefix="vedette-disk-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", folder], check=True)
        try:
            result = run(Path(folder))
        finally:
            subprocess.run(["umount", "-l", folder], check=True)
    print(" ".join(f"{name}={value}" for name, value in result.items()))
    is_good = (
        result["answers_429"] and not result["lost"] and not result["doubled"] and result["accepted_after"]
    )
    raise SystemExit(0 if is_good else 1)


def run(folder: Path) -> dict[str, int]:
    """Fill the disk beside the server while events come in, then free it."""
    with running(folder / "data", {"VEDETTE_MIN_FREE_MB": str(MIN_FREE_MB)}) as server:
        before = send(server, folder / "acked-1", 300)
        ballast = folder / "ballast"
        free = os.statvfs(folder)
        mb_free = free.f_bavail * free.f_frsize >> 20
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, (mb_free - MIN_FREE_MB + 5) << 20)
        time.sleep(1.5)
        full = send(server, folder / "acked-2", 300)
        ballast.unlink()
        time.sleep(1.5)
        after = send(server, folder / "acked-3", 300)
        ids = {
            line.split()[0] for n in (1, 2, 3) for line in (folder / f"acked-{n}").read_text().splitlines()
        }
        deadline = time.monotonic() + 60
        while len(stored := Counter(stored_ids(server))) < len(ids) and time.monotonic() < deadline:
            time.sleep(0.5)
        return {
            "accepted_before": before.get("200", 0),
            "answers_429": full.get("429", 0),
            "accepted_full": full.get("200", 0),
            "accepted_after": after.get("200", 0),
            "lost": len(ids - stored.keys()),
            "doubled": sum(1 for seen in stored.values() if seen > 1),
        }


def send(server: Server, acked: Path, count: int) -> dict[str, int]:
    """Statuses of so many requests."""
    command = send_command(server, "--count", str(count), "--duration", "10", "--acked-out", str(acked))
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return dict(json.loads(done.stdout.strip().splitlines()[-1])["status"])


if __name__ == "__main__":
    main()
