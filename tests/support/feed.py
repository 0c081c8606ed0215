"""Events on the short way: spooled, processed and stored in this process, by the real pipeline."""

import json
import secrets
from pathlib import Path
from typing import Any

from tests.support.spools import TestSpool
from vedette.core.time import Clock
from vedette.pipeline import worker
from vedette.pipeline.assembly import assemble_worker
from vedette.spool.record import SpoolRecord
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry


class Feed:
    """`send` returns when the events can be read."""

    def __init__(self, folder: Path, records: Records, telemetry: Telemetry, clock: Clock) -> None:
        self._clock = clock
        self._spool = TestSpool(folder / "spool", clock=clock)
        self._writer = self._spool.writer()
        self._worker = assemble_worker(
            records,
            telemetry,
            clock=clock,
            owner="test",
            dead_letters=folder / "dead",
            retention_days=90,
        )
        folder_of_writer = self._spool.folder.writer_folder("web-0")
        self._worker.take(self._spool.folder.uuid, "web-0", folder_of_writer)

    def send(self, project_id: int, *events: dict[str, Any]) -> list[str]:
        """The ids of the events; what an event does not say is made up for it."""
        bodies = [self._event(event) for event in events]
        self._writer.append_now(
            [
                SpoolRecord(
                    "store",
                    self._clock(),
                    project_id,
                    event_id=body["event_id"],
                    body=json.dumps(body).encode(),
                )
                for body in bodies
            ]
        )
        self._process()
        return [body["event_id"] for body in bodies]

    def send_items(self, project_id: int, *items: tuple[str, bytes], **header: Any) -> None:
        """One envelope with these items: type and payload."""
        self._writer.append_now(
            [SpoolRecord("envelope", self._clock(), project_id, body=envelope(*items, **header))]
        )
        self._process()

    def _process(self) -> None:
        while not self._worker.step():
            assert not self._worker.works[0].failures, "the pipeline cannot reach its stores"

    def close(self) -> None:
        self._writer.close_now()

    def _event(self, event: dict[str, Any]) -> dict[str, Any]:
        made = {
            "event_id": secrets.token_hex(16),
            "timestamp": self._clock() / 1_000_000,
            "platform": "python",
        }
        return {**made, **event}


def envelope(*items: tuple[str, bytes], **header: Any) -> bytes:
    """An envelope with these items: type and payload."""
    lines: list[bytes] = [json.dumps(header).encode()]
    for kind, payload in items:
        lines += [json.dumps({"type": kind, "length": len(payload)}).encode(), payload]
    return b"\n".join(lines)


def error(kind: str = "ValueError", value: str = "bad id", **more: Any) -> dict[str, Any]:
    """An exception raised in `app.views.show`, with a frame of a library below it."""
    frames = [
        {"filename": "lib/run.py", "function": "run", "module": "lib.run", "lineno": 7, "in_app": False},
        {
            "filename": "app/views.py",
            "abs_path": "/srv/app/views.py",
            "function": f"show_{kind}",
            "module": "app.views",
            "lineno": 42,
            "pre_context": ["def show(id):"],
            "context_line": "  int(id)",
            "post_context": [],
            "in_app": True,
            "vars": {"id": "'x'"},
        },
    ]
    exception = {"type": kind, "value": value, "stacktrace": {"frames": frames}}
    return {"exception": {"values": [exception]}, **more}


worker.LINGER_S = 0.0  # tests send what they send: no company will come
