"""The composition root: settings in, running roles out. The only place that wires."""

import asyncio
import gc
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import structlog
import uvicorn
import uvloop

from vedette.alerts.outbox import QueuedMailer, letters_of
from vedette.alerts.sending import Senders, run_senders
from vedette.api.app import create_api
from vedette.api.health import SPOOL_MOST_BYTES
from vedette.api.live import Hub
from vedette.api.services import Append, services_of
from vedette.boot import Boot
from vedette.gauges import gauges_of, permits_of
from vedette.pipeline.assembly import assemble_worker
from vedette.pipeline.presence import keep_announcing
from vedette.pipeline.run import Writers, run_worker
from vedette.projects.keys import KeyDirectory
from vedette.projects.mail import NoMailer
from vedette.prometheus import Metered, WebMetrics
from vedette.receive.app import Receiver, create_receive
from vedette.receive.protocol import IngestProtocol
from vedette.roles import Home, now_us, process_counts, process_identity, stopped_by_sigterm
from vedette.scheduler.letting_go import free_bytes_of
from vedette.scheduler.loop import run_tasks
from vedette.scheduler.tasks import scheduler_tasks
from vedette.spool.folder import open_spool
from vedette.spool.space import Space
from vedette.spool.writer import SpoolWriter
from vedette.storage.records.database import Records
from vedette.storage.records.secrets import signing_key
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.errors import TelemetryError
from vedette.storage.telemetry.migrate import migrate as migrate_telemetry
from vedette.ui.app import create_ui
from vedette.web import ASGIApp, Site

log = structlog.get_logger("vedette")

STATIC = Path(__file__).parent / "ui" / "static"
_FINISH_REQUESTS_S = 3
_COLLECT_AFTER = (10_000, 20, 20)  # requests leave no cycles; looking for some took 2.5 % of an accept
_FINISH_SENDING_S = 4  # what is under way then is sent again after the next start


# ── web ───────────────────────────────────────────────────────────────────────────────────


def run_web(home: Home, number: int, sockets: Sequence[socket.socket]) -> None:
    """Receive, serve the API and the pages, until SIGTERM."""
    gc.set_threshold(*_COLLECT_AFTER)
    with stopped_by_sigterm():  # uvicorn raises the signal again when it has stopped serving
        uvloop.run(_serve_web(home, number, list(sockets)))


async def _serve_web(home: Home, number: int, sockets: list[socket.socket]) -> None:
    records, telemetry = home.records(), home.telemetry()
    webs, pipelines = process_counts(home.settings)
    keys = KeyDirectory(records, clock=now_us, processes=webs)
    spool = open_spool(home.folder.spool)
    space = Space(
        spool,
        clock=now_us,
        max_bytes=SPOOL_MOST_BYTES,
        min_free_bytes=home.settings.min_free_mb << 20,
    )
    hub = Hub(records, now_us, telemetry=telemetry)
    writers = [f"web-{number}-{share}" for share in range(pipelines)]  # one a pipeline
    folders = [spool.writer_folder(name) for name in writers]
    writer = SpoolWriter(*folders, clock=now_us, space=space)
    site = _site(home, records, telemetry, hub, lambda record: writer.append_now([record]))
    metrics = WebMetrics(home.folder.run, f"web-{number}")

    def on_reject(project_id: int, reason: str, detail: str) -> None:
        metrics.rejected(reason)
        hub.on_reject(project_id, reason, detail)

    receiver = create_receive(
        keys,
        writer,
        clock=now_us,
        prefix=home.settings.prefix,
        trusted_proxies=home.settings.trusted_proxies,
        on_reject=on_reject,
        otherwise=Metered(
            site,
            metrics,
            prefix=home.settings.prefix,
            collect=gauges_of(records, telemetry, home.folder, now_us),
            permits=permits_of(records, now_us),
        ),
    )
    metrics.statuses = receiver.statuses
    await keys.start()
    await receiver.start()
    metrics.start()
    announcing = asyncio.create_task(keep_announcing(records, spool, writers, now_us))
    try:
        await _Server(_server_config(home, receiver), hub).serve(sockets)
    finally:
        announcing.cancel()
        await receiver.stop()
        await metrics.stop()
        await keys.stop()
        site.close()
        await writer.close()
        telemetry.close()
        records.close()


def _site(home: Home, records: Records, telemetry: Telemetry, hub: Hub, append: Append) -> Site:
    key = signing_key(records, now_us())
    mailer = QueuedMailer(records, now_us) if home.settings.smtp_url else NoMailer()
    services = services_of(home.settings, records, telemetry, now_us, mailer, key, hub, append)
    api = create_api(services)
    pages = create_ui(STATIC, Boot(services, api))
    return Site(home.settings.prefix, cast("ASGIApp", api), pages, services.last_used.flush)


class _Server(uvicorn.Server):
    """Ends the live streams first: they would hold a stopping server until its patience ends."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._hub.close()
        await super().shutdown(sockets)


def _server_config(home: Home, app: Receiver) -> uvicorn.Config:
    settings = home.settings
    return uvicorn.Config(
        app,
        http=IngestProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # receiving and the API each trust only what settings name
        timeout_graceful_shutdown=_FINISH_REQUESTS_S,
        timeout_keep_alive=75,
        backlog=2048,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )


def listen(home: Home) -> list[socket.socket]:
    """The port, bound in the supervisor so that web processes share it and restart without a gap.

    Raises `OSError` when it is taken.
    """
    settings = home.settings
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((settings.host, settings.port))
    bound.listen(2048)
    bound.setblocking(False)
    return [bound]


# ── pipeline ──────────────────────────────────────────────────────────────────────────────


def run_pipeline(home: Home, number: int, count: int) -> None:
    """Turn the spool into effects, until SIGTERM."""
    records, telemetry = home.records(durable=True), home.telemetry()
    with stopped_by_sigterm() as stop:
        if not prepare_telemetry(telemetry, stop):
            return
        worker = assemble_worker(
            records,
            telemetry,
            clock=now_us,
            owner=process_identity("pipeline"),
            dead_letters=home.folder.dead,
            retention_days=home.settings.retention_days,
        )
        spool = open_spool(home.folder.spool)
        mark = home.settings.min_free_mb << 20
        free = free_bytes_of(home.folder.path)
        run_worker(Writers(worker, spool, number, count), stop, low_disk=lambda: free() < mark * 3 // 2)
    telemetry.close()
    records.close()


def prepare_telemetry(telemetry: Telemetry, stop: threading.Event) -> bool:
    """Wait for the telemetry store and bring its schema up to date; False if stopped before."""
    waited = 0
    while not stop.is_set():
        try:
            migrate_telemetry(telemetry, now_us=now_us())
            return True
        except TelemetryError as error:
            waited += 1
            if waited % 50 == 0:
                log.warning("telemetry_unavailable", error=str(error)[:300])
        stop.wait(0.1)
    return False


# ── engine and scheduler ──────────────────────────────────────────────────────────────────


def run_engine(home: Home) -> None:
    """Serve the embedded telemetry store, until SIGTERM."""
    from vedette.storage.engine import server  # noqa: PLC0415 - only chDB's own process may load it

    listen_at = server.Listen(unix=home.folder.engine_socket)
    server.run_engine(home.folder.engine, listen_at, home.folder.secret("engine"))


def run_scheduler(home: Home) -> None:
    """Do what falls due by the clock, until SIGTERM."""
    records, telemetry = home.records(), home.telemetry()
    with stopped_by_sigterm() as stop:
        senders = Senders.of(home.settings, signing_key(records, now_us()))
        letters = letters_of(records, senders, now_us)
        sending = threading.Thread(
            target=run_senders, args=(records, senders, now_us, letters, stop), name="senders", daemon=True
        )
        sending.start()  # beside the tasks: a slow receiver must not hold up what falls due
        tasks = scheduler_tasks(home.settings, records, telemetry)
        run_tasks(records, tasks, now_us, process_identity("scheduler"), stop)
        sending.join(_FINISH_SENDING_S)
    telemetry.close()
    records.close()


RUNNERS: dict[str, Callable[[Home], None]] = {
    "web": lambda home: run_web(home, 0, listen(home)),
    "pipeline": lambda home: run_pipeline(home, 0, 1),
    "engine": run_engine,
    "scheduler": run_scheduler,
}
