"""`/metrics` in Prometheus' text form, over all processes of this node.

Each web process writes what it has counted to a file every second; whoever is asked adds the
files up. So the answer does not depend on which process the connection reached.
"""

import asyncio
import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import structlog

from vedette.web import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("vedette")

WRITE_EVERY_S = 1.0
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")
_REASONS_MOST = 100

Labels = tuple[tuple[str, str], ...]
Sample = tuple[str, Labels, float]

# Every metric there is: name → kind and help. docs/reference/metrics.md lists the same; a test compares.
METRICS: dict[str, tuple[str, str]] = {
    "vedette_ingest_requests_total": ("counter", "Answers of the ingest endpoints, by status."),
    "vedette_ingest_rejected_total": ("counter", "Requests that were refused, by reason."),
    "vedette_http_request_seconds": ("histogram", "Time to answer requests of the API and the pages."),
    "vedette_spool_bytes": ("gauge", "Bytes of accepted envelopes on disk."),
    "vedette_spool_oldest_seconds": ("gauge", "Age of the oldest batch in flight."),
    "vedette_dead_letters": ("gauge", "Records put aside because they broke the program."),
    "vedette_engine_up": ("gauge", "Whether the telemetry store answers."),
    "vedette_pipeline_records_behind_seconds": ("gauge", "How far the slowest pipeline is behind, by received time."),
    "vedette_deliveries": ("gauge", "Notifications by state, of the last 30 days."),
    "vedette_process_up": ("gauge", "Whether a role's process runs."),
    "vedette_process_memory_bytes": ("gauge", "A role's own share of memory."),
    "vedette_process_restarts_total": ("counter", "How often a role was started again."),
    "vedette_disk_free_bytes": ("gauge", "Free disk below the data folder."),
}  # fmt: skip


class WebMetrics:
    """What one web process counts. `statuses` is the receiver's own counter."""

    def __init__(self, folder: Path, name: str) -> None:
        self.statuses: Counter[int] = Counter()
        self.reasons: Counter[str] = Counter()
        self.durations: Counter[int] = Counter()  # index of the bucket; one more for all beyond
        self.seconds = 0.0
        self._file = folder / f"metrics-{name}.json"
        self._task: asyncio.Task[None] | None = None

    def rejected(self, reason: str) -> None:
        known = reason in self.reasons or len(self.reasons) < _REASONS_MOST
        self.reasons[reason if known else "other"] += 1

    def took(self, seconds: float) -> None:
        index = next((n for n, bound in enumerate(BUCKETS_S) if seconds <= bound), len(BUCKETS_S))
        self.durations[index] += 1
        self.seconds += seconds

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self.write()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            self.write()

    def write(self) -> None:
        content = {
            "statuses": self.statuses,
            "reasons": self.reasons,
            "durations": self.durations,
            "seconds": self.seconds,
        }
        draft = self._file.with_suffix(".draft")
        try:
            draft.write_text(json.dumps(content))
            draft.replace(self._file)
        except OSError as error:  # a full disk must not stop receiving
            log.warning("metrics_not_written", error=str(error))


def counted(folder: Path) -> list[Sample]:
    """What all web processes of this node have counted since they were started."""
    statuses: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    durations: Counter[str] = Counter()
    seconds = 0.0
    for file in folder.glob("metrics-*.json"):
        try:
            content: dict[str, Any] = json.loads(file.read_text())
        except (OSError, ValueError):
            continue
        statuses.update(content["statuses"])
        reasons.update(content["reasons"])
        durations.update(content["durations"])
        seconds += content["seconds"]
    samples: list[Sample] = [
        ("vedette_ingest_requests_total", (("status", status),), count)
        for status, count in sorted(statuses.items())
    ]
    samples += [
        ("vedette_ingest_rejected_total", (("reason", reason),), count)
        for reason, count in sorted(reasons.items())
    ]
    return samples + _histogram(durations, seconds)


def _histogram(durations: Mapping[str, int], seconds: float) -> list[Sample]:
    name, total = "vedette_http_request_seconds", 0
    samples: list[Sample] = []
    for index, bound in enumerate((*BUCKETS_S, "+Inf")):
        total += durations.get(str(index), 0)
        samples.append((f"{name}_bucket", (("le", str(bound)),), total))
    return [*samples, (f"{name}_sum", (), round(seconds, 6)), (f"{name}_count", (), total)]


def written(samples: Iterable[Sample]) -> str:
    """The samples as text, those of one metric together under its help."""
    given = list(samples)
    lines: list[str] = []
    for name, (kind, text) in METRICS.items():
        own = [
            sample
            for sample in given
            if sample[0] == name or (kind == "histogram" and sample[0].startswith(name))
        ]
        if own:
            lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
            lines += [
                f"{sample}{_labels(labels)} {value:g}"
                if value < 1e6
                else f"{sample}{_labels(labels)} {value:.0f}"
                for sample, labels, value in own
            ]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{pairs}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def disk_sample(path: Path) -> Sample:
    state = os.statvfs(path)
    return ("vedette_disk_free_bytes", (), state.f_bavail * state.f_frsize)


class Metered:
    """Wraps the site: measures its answers, and answers `/metrics` itself.

    Loopback may ask without credentials, unless a proxy says that it asks for somebody else;
    others need the API token that `permits` accepts.
    """

    def __init__(
        self,
        site: ASGIApp,
        metrics: WebMetrics,
        *,
        prefix: str,
        collect: Callable[[], list[Sample]],
        permits: Callable[[str], bool],
    ) -> None:
        self._site = site
        self._metrics = metrics
        self._paths = frozenset({"/metrics", "/metrics/", f"{prefix}/metrics", f"{prefix}/metrics/"})
        self._collect = collect
        self._permits = permits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._site(scope, receive, send)
        elif scope["path"] in self._paths:
            await self._answer(scope, send)
        else:
            await self._measure(scope, receive, send)

    async def _measure(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, is_stream = time.perf_counter(), False

        async def noting(message: Message) -> None:
            nonlocal is_stream
            if message["type"] == "http.response.start":
                is_stream = any(value.startswith(b"text/event-stream") for _, value in message["headers"])
            await send(message)

        try:
            await self._site(scope, receive, noting)
        finally:
            if not is_stream:  # a live stream lasts as long as its page
                self._metrics.took(time.perf_counter() - began)

    async def _answer(self, scope: Scope, send: Send) -> None:
        headers = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
        client = scope["client"]
        is_near = (
            client is not None and _is_loopback(client[0]) and not any(name in headers for name in _FORWARDED)
        )
        kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if not is_near and not (
            kind.lower() == "bearer" and await asyncio.to_thread(self._permits, token.strip())
        ):
            return await _reply(send, 401, "an API token is needed: see docs/reference/metrics.md\n")
        self._metrics.write()
        samples = await asyncio.to_thread(self._collect)
        return await _reply(send, 200, written(samples))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _reply(send: Send, status: int, text: str) -> Awaitable[None]:
    async def both() -> None:
        headers = [
            (b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode(), "more_body": False})

    return both()
