"""One node without its web part: spool, records, engine and a pipeline that can be run and killed."""

import gzip
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from bench import load
from tests.support.engine import EngineProcess
from tests.support.feed import envelope
from vedette.core.time import Clock
from vedette.pipeline.assembly import assemble_worker
from vedette.pipeline.worker import Worker
from vedette.roles import now_us
from vedette.spool.folder import open_spool
from vedette.spool.record import SpoolRecord
from vedette.spool.space import Space
from vedette.spool.writer import SpoolWriter
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Issue, Organization, Project

PROGRAM = """
import sys, threading, time
from pathlib import Path
from vedette.pipeline.assembly import assemble_worker
from vedette.roles import now_us, process_identity
from vedette.spool.folder import open_spool
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.connection import Address

folder, url, socket, secret = Path(sys.argv[1]), *sys.argv[2:5]
worker = assemble_worker(
    Records(url, durable=True), Telemetry(Address(unix=socket, password=secret)),
    clock=now_us, owner=process_identity("pipeline"), dead_letters=folder / "dead", retention_days=90,
)
spool = open_spool(folder / "spool")
worker.take(spool.uuid, "web-0", spool.writer_folder("web-0"))
deadline = time.monotonic() + 30
while time.monotonic() < deadline and worker.works:  # none is left when another has taken over
    done = worker.step()
    if not done and all(not work.pending and not work.cursor.open for work in worker.works):
        break
    time.sleep(0.01)
"""


@dataclass
class Node:
    folder: Path
    records: Records
    engine: EngineProcess

    def __post_init__(self) -> None:
        with self.records.write() as session:
            organization = Organization(slug="acme", name="Acme", created_us=1)
            session.add(organization)
            session.flush()
            project = Project(organization_id=organization.id, slug="demo", name="Demo", created_us=1)
            session.add(project)
            session.flush()
            self.project_id = project.id
        self.spool = open_spool(self.folder / "spool")

    def worker(self, clock: Clock = now_us) -> Worker:
        """A pipeline in this process, which has the spool of `web-0`."""
        made = assemble_worker(
            self.records,
            self.engine.telemetry,
            clock=clock,
            owner=secrets.token_hex(4),
            dead_letters=self.folder / "dead",
            retention_days=90,
        )
        made.take(self.spool.uuid, "web-0", self.spool.writer_folder("web-0"))
        return made

    def send(self, count: int, issues: int, seed: str = "1") -> list[str]:
        """Spool so many events of so many issues; their ids."""
        events = load.build("mixed", count, issues, seed, True, 6)
        self.append([(event_id, body) for event_id, body, _ in events])
        return [event_id for event_id, _, _ in events]

    def send_items(self, *items: tuple[str, bytes]) -> None:
        """Spool one envelope with these items: type and payload."""
        self.append([("", gzip.compress(envelope(*items)))])

    def outcomes(self) -> dict[tuple[str, int, str], int]:
        """How much of each category, outcome and reason."""
        rows = self.engine.telemetry.query_rows(
            "SELECT category, outcome, reason, toUInt32(sum(quantity)) FROM outcomes"
            " WHERE project_id = {p:UInt64} GROUP BY category, outcome, reason",
            {"p": self.project_id},
        )
        return {(category, outcome, reason): count for category, outcome, reason, count in rows}

    def append(self, events: list[tuple[str, bytes]], encoding: str = "gzip") -> None:
        """Spool envelopes with the event ids of their headers."""
        space = Space(self.spool, clock=now_us, max_bytes=1 << 40, min_free_bytes=0)
        writer = SpoolWriter(self.spool.writer_folder("web-0"), clock=now_us, space=space)
        writer.append_now(
            [
                SpoolRecord("envelope", now_us(), self.project_id, 1, 1, event_id, encoding, body=body)
                for event_id, body in events
            ]
        )
        writer.close_now()

    def process(self, failpoint: str = "") -> int:
        """Run a pipeline until the spool is done; its exit status."""
        return self.start(failpoint).wait(60)

    def start(self, failpoint: str = "") -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": "src", "FAILPOINT_OF_VEDETTE": failpoint}
        url = self.records.engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-c", PROGRAM, str(self.folder), url]
        command += [str(self.engine.socket), self.engine.secret]
        return subprocess.Popen(command, env=environment)

    def stored(self) -> list[str]:
        """Ids of the events in telemetry, each as often as it is there."""
        rows = self.engine.telemetry.query(
            "SELECT event_id FROM errors WHERE project_id = {p:UInt64}", {"p": self.project_id}
        )
        return [str(row["event_id"]) for row in rows]

    def counted(self) -> int:
        """How often issues were seen, as the records say."""
        with self.records.read() as session:
            total = select(func.coalesce(func.sum(Issue.times_seen), 0)).where(
                Issue.project_id == self.project_id
            )
            return int(session.scalar(total) or 0)

    def issues(self) -> int:
        with self.records.read() as session:
            count = select(func.count()).select_from(Issue).where(Issue.project_id == self.project_id)
            return session.scalar(count) or 0
