"""`/metrics`: what it says, and to whom."""

import re
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import SetClock
from tests.support.worlds import World
from vedette.folder import DataFolder
from vedette.gauges import gauges_of, permits_of
from vedette.prometheus import METRICS, Metered, WebMetrics
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.connection import Address

REFERENCE = Path(__file__).parents[3] / "docs/reference/metrics.md"


async def site(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"page"})


async def ask(app: Any, path: str, address: str = "127.0.0.1", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://h") as client:
        return await client.get(path, headers=headers)


def metered(records: Records, clock: SetClock, tmp_path: Path) -> Metered:
    folder = DataFolder(tmp_path)
    folder.make()
    other = WebMetrics(folder.run, "web-1")
    other.statuses[200] = 40
    other.write()
    metrics = WebMetrics(folder.run, "web-0")
    metrics.statuses.update({200: 2, 429: 1})
    metrics.rejected('over "quota"')
    collect = gauges_of(records, Telemetry(Address(unix=tmp_path / "none")), folder, clock)
    return Metered(site, metrics, prefix="/v", collect=collect, permits=permits_of(records, clock))


async def test_figures_of_all_processes_are_added_up(
    records: Records, clock: SetClock, tmp_path: Path
) -> None:
    app = metered(records, clock, tmp_path)
    assert (await ask(app, "/anything")).text == "page"
    for path in ("/metrics", "/v/metrics"):
        text = (await ask(app, path)).text
        assert 'vedette_ingest_requests_total{status="200"} 42' in text
        assert 'vedette_ingest_rejected_total{reason="over \\"quota\\""} 1' in text
        assert "vedette_http_request_seconds_count 1" in text
        assert "vedette_engine_up 0" in text


async def test_strangers_need_a_token(
    records: Records, clock: SetClock, tmp_path: Path, world: World
) -> None:
    app = metered(records, clock, tmp_path)
    owner = world.acme()
    weak = world.token(world.user_id("ada@example.com"), "org:read")
    assert (await ask(app, "/metrics", "10.0.0.9")).status_code == 401
    assert (await ask(app, "/metrics", **{"X-Forwarded-For": "10.0.0.9"})).status_code == 401
    assert (await ask(app, "/metrics", "10.0.0.9", Authorization=f"Bearer {weak}")).status_code == 401
    assert (await ask(app, "/metrics", "10.0.0.9", Authorization="Bearer nonsense")).status_code == 401
    assert (await ask(app, "/metrics", "10.0.0.9", Authorization=f"Bearer {owner}")).status_code == 200


def test_the_reference_page_lists_every_metric_and_no_other() -> None:
    listed = dict(re.findall(r"^\| `(vedette_\w+)` \| (\w+) \|", REFERENCE.read_text(), re.M))
    assert listed == {name: kind for name, (kind, _) in METRICS.items()}
