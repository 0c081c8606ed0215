"""How many durable accepts one web process makes: authentication, inflating, scanning, spool, fsync, answer.

    .venv/bin/python bench/accept.py --count 30000 --connections 32

Prints one line per number. `per_core_per_s` is accepts divided by the CPU the server used, so it
holds also where the load generator or a neighbour takes part of the machine; `per_s` is by the clock.
The server has one key in memory; bodies are those of bench/bodies, as bench/load.py varies them.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[0] / "src")]
import load  # noqa: E402
import uvicorn  # noqa: E402
import uvloop  # noqa: E402

from vedette.projects.keys import KeyInfo  # noqa: E402
from vedette.receive.app import create_receive  # noqa: E402
from vedette.receive.protocol import IngestProtocol  # noqa: E402
from vedette.spool.folder import open_spool  # noqa: E402
from vedette.spool.space import Space  # noqa: E402
from vedette.spool.writer import SpoolWriter  # noqa: E402

KEY = "0123456789abcdef0123456789abcdef"


class OneKey:
    key = KeyInfo(1, KEY, 1, 1)

    def known(self, public_key):
        return self.key if public_key == KEY else None

    async def find(self, public_key):
        return self.key if public_key == KEY else None

    def limits(self, key):
        return ()

    async def take(self, key, events):
        return None


async def serve(root: Path) -> None:
    """The receiver of a web process, its port on standard output."""

    def clock():
        return time.time_ns() // 1000

    folder = open_spool(root)
    space = Space(folder, clock=clock, max_bytes=1 << 40, min_free_bytes=1 << 28)
    writer = SpoolWriter(folder.writer_folder("web-0"), clock=clock, space=space)
    app = create_receive(OneKey(), writer, clock=clock)
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    bound.listen(1024)
    print(bound.getsockname()[1], flush=True)
    config = uvicorn.Config(
        app,
        http=IngestProtocol,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    asyncio.get_running_loop().add_reader(sys.stdin, setattr, server, "should_exit", True)
    await server.serve([bound])
    print(json.dumps({"appended": writer.appended, "commits": writer.commits}), flush=True)
    await writer.close()


async def send(port, bodies, connections):
    """Latencies in seconds, by as many connections at once; every answer must be a 200."""
    head = (
        f"POST /api/1/envelope/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: sentry.python/2.75.0\r\n"
        f"X-Sentry-Auth: Sentry sentry_key={KEY}, sentry_version=7, sentry_client=sentry.python/2.75.0\r\n"
        "Content-Type: application/x-sentry-envelope\r\nContent-Encoding: gzip\r\nContent-Length: "
    )
    requests = iter([f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies])
    latencies = []

    async def one():
        client = load.Client("127.0.0.1", port)
        for data in requests:
            began = time.perf_counter()
            status, _, answer = await client.do(data)
            latencies.append(time.perf_counter() - began)
            assert status == 200, answer

    await asyncio.gather(*(one() for _ in range(connections)))
    return latencies


def cpu_s(pid):
    """User and system seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def measure(args):
    bodies = [body for _, body, _ in load.build(args.set, args.count, 200, 1, False, 9)]
    with tempfile.TemporaryDirectory(dir=args.folder, prefix="bench-accept-") as root:
        command = [sys.executable, __file__, "--serve", root]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            port = int(server.stdout.readline())
            uvloop.run(send(port, bodies[:200], 4))  # warm up
            before, began = cpu_s(server.pid), time.perf_counter()
            latencies = sorted(uvloop.run(send(port, bodies, args.connections)))
            elapsed, used = time.perf_counter() - began, cpu_s(server.pid) - before
        finally:
            server.stdin.close()
        counts = json.loads(server.stdout.readline())
        server.wait()
    return {
        "accept.per_core_per_s": round(len(latencies) / used),
        "accept.per_s": round(len(latencies) / elapsed),
        "accept.cpu_ms": round(1000 * used / len(latencies), 4),
        "accept.p50_ms": round(1000 * latencies[len(latencies) // 2], 2),
        "accept.p99_ms": round(1000 * latencies[len(latencies) * 99 // 100], 2),
        "accept.per_commit": round(counts["appended"] / counts["commits"], 1),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=30_000)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--set", default="mixed")
    parser.add_argument("--folder", help="where the spool lies; a disk to be measured")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        uvloop.run(serve(args.serve))
        return
    for name, number in measure(args).items():
        print(f"{name:24} {number}")


if __name__ == "__main__":
    main()
