"""`vedette demo`: the traffic of a small shop, over HTTP like anybody's."""

import random
import time
from typing import Any

import httpx
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from vedette.cli.demo_events import Shop
from vedette.cli.main import fail
from vedette.config import Settings
from vedette.projects.setup import first_dsn
from vedette.roles import Home
from vedette.wire.dsn import DsnError, parse_dsn

_TRIES = 3


def run_demo(settings: Settings, *, minutes: float, rate: float, dsn: str | None) -> None:
    """Send for so many minutes; a spike of one error comes twice in that time."""
    url, key = _address(dsn or _own_dsn(settings))
    shop = Shop(random.Random())  # noqa: S311 - believable, not secret
    console = Console(highlight=False)
    console.print(f"Sending to {url}. Ctrl-C ends it.")
    began = time.monotonic()
    ends_at = began + minutes * 60
    sent = refused = 0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with httpx.Client(timeout=10) as client, Progress(*columns, console=console) as progress:
        task = progress.add_task("0 events", total=minutes * 60)
        try:
            while time.monotonic() < ends_at:
                share = (time.monotonic() - began) / (minutes * 60)
                for event in shop.next(time.time(), share):
                    ok = _send(client, url, key, event)
                    sent, refused = sent + ok, refused + (not ok)
                progress.update(task, completed=share * minutes * 60, description=f"{sent} events")
                time.sleep(shop.pause_s(rate))
        except KeyboardInterrupt:
            pass
        except httpx.HTTPError as error:
            fail(f"the server does not answer: {error}")
    console.print(f"{sent} events taken, {refused} refused.")


def _own_dsn(settings: Settings) -> str:
    home = Home.of(settings)
    if not settings.database_url and not home.folder.records.exists():
        fail(f"no server has been started in {home.folder.path}: run `vedette serve`, or give --dsn")
    records = home.records()
    with records.read() as session:
        dsn = first_dsn(session, f"http://127.0.0.1:{settings.port}{settings.prefix}")
    records.close()
    if dsn is None:
        fail("there is no project yet: open the set-up page first, or give --dsn")
    return dsn


def _address(dsn: str) -> tuple[str, str]:
    """The envelope URL and the key of a DSN."""
    try:
        parsed = parse_dsn(dsn)
    except DsnError as error:
        fail(f"{dsn}: {error}")
    return parsed.endpoint("envelope"), parsed.public_key


def _send(client: httpx.Client, url: str, key: str, event: dict[str, Any]) -> bool:
    payload = orjson.dumps(event)
    head = orjson.dumps({"event_id": event["event_id"], "sent_at": event["timestamp"]})
    item = orjson.dumps({"type": "event", "length": len(payload)})
    auth = f"Sentry sentry_version=7, sentry_key={key}, sentry_client=vedette.demo/1"
    for attempt in range(_TRIES):
        answer = client.post(url, content=b"\n".join((head, item, payload)), headers={"X-Sentry-Auth": auth})
        if answer.status_code != 429:
            return answer.status_code == 200
        time.sleep(min(5.0, float(answer.headers.get("Retry-After", 1))) * (attempt + 1) / _TRIES)
    return False
