"""How long from sent to seen: lines in the live tail, from before they are posted until a listener has them.

    python -m bench.tail [--seconds 60] [--rate 20]

A log line every so often, posted by itself, and one listener of the stream. Prints p50, p95 and the most, in seconds.
"""

import argparse
import json
import tempfile
import threading
import time
from pathlib import Path

import httpx

from bench.load import parse_dsn, pct
from bench.server import running
from tests.e2e.server import Server


class Listener(threading.Thread):
    """Notes when each line came."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self.seen: dict[str, float] = {}
        self.left_out = 0
        self.is_on = threading.Event()
        self._client = server.api().client

    def run(self) -> None:
        try:
            with self._client.stream("GET", "/organizations/acme/logs/live/", timeout=60) as answer:
                for line in answer.iter_lines():
                    self.is_on.set()
                    if line.startswith("data: "):
                        self._note(json.loads(line.removeprefix("data: ")), time.monotonic())
        except httpx.HTTPError:
            return  # the server has been stopped

    def _note(self, told: dict[str, object], at: float) -> None:
        self.left_out += int(str(told["leftOut"]))
        logs = told["logs"]
        assert isinstance(logs, list)
        for log in logs:
            self.seen[log["message"]] = at


def measure(server: Server, seconds: float, rate: float) -> dict[str, float]:
    listener = Listener(server)
    listener.start()
    assert listener.is_on.wait(10)
    _, host, port, key, path = parse_dsn(server.dsn())
    url = f"http://{host}:{port}{path}?sentry_key={key}&sentry_version=7"
    sent: dict[str, float] = {}
    ends_at = time.monotonic() + seconds
    with httpx.Client() as client:
        while time.monotonic() < ends_at:
            body = f"line {len(sent)}"
            entry = {"timestamp": time.time(), "level": "info", "body": body}
            payload = json.dumps({"items": [entry]})
            sent[body] = time.monotonic()
            item = json.dumps({"type": "log", "item_count": 1})
            assert client.post(url, content=f"{{}}\n{item}\n{payload}\n").status_code == 200
            time.sleep(1 / rate)
    time.sleep(5)
    waits = [listener.seen[body] - at for body, at in sent.items() if body in listener.seen]
    return {
        "tail_p50_s": round(pct(waits, 50) or 0, 2),
        "tail_p95_s": round(pct(waits, 95) or 0, 2),
        "tail_max_s": round(max(waits, default=0), 2),
        "tail_missed": len(sent) - len(waits),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=20, help="lines a second")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder,
        running(Path(folder) / "data") as server,
    ):
        for name, value in measure(server, options.seconds, options.rate).items():
            print(name, value)


if __name__ == "__main__":
    main()
