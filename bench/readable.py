"""How long from acknowledged to readable: an event sent, its page asked for until it is there."""

import secrets
import threading
import time

import httpx

from bench.load import pct
from tests.e2e.server import Api, Server

EVERY_S = 0.25  # an answer costs the server some 10 ms: asked for every 0.1 s, probes took half a core beside the load


def measure(server: Server, api: Api, seconds: float) -> list[float]:
    """Seconds from the 200 to the first answer of the API that shows the event, one a probe."""
    dsn = httpx.URL(server.dsn())
    url = f"http://{dsn.host}:{dsn.port}/api/{dsn.path.strip('/')}/store/?sentry_key={dsn.username}"
    waits: list[float] = []
    threads: list[threading.Thread] = []
    ends_at = time.monotonic() + seconds
    with httpx.Client() as client:
        while time.monotonic() < ends_at:
            event_id = secrets.token_hex(16)
            body = {"event_id": event_id, "message": "how long until it can be read", "level": "info"}
            assert client.post(url, json=body).status_code == 200
            thread = threading.Thread(target=_wait, args=(api, event_id, waits))
            thread.start()
            threads.append(thread)
            time.sleep(0.5)
    for thread in threads:
        thread.join()
    return waits


def _wait(api: Api, event_id: str, waits: list[float]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < 30:
        if api.client.get(f"/projects/acme/demo/events/{event_id}/").status_code == 200:
            break
        time.sleep(EVERY_S)
    waits.append(time.monotonic() - began)


def summary(waits: list[float]) -> dict[str, float]:
    return {f"p{p}": round(pct(waits, p) or 0, 2) for p in (50, 99)}
