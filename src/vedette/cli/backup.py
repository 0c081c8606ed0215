"""`vedette backup` and `vedette restore`: all that is kept, in a folder and back."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from vedette import __version__
from vedette.cli.main import fail
from vedette.config import Settings
from vedette.core.time import to_iso
from vedette.folder import FolderInUse
from vedette.pipeline.pause import paused
from vedette.roles import Home, now_us
from vedette.spool.folder import new_uuid
from vedette.storage.records.backup import copy_sqlite
from vedette.storage.records.database import make_private
from vedette.storage.records.migrate import alembic_config, current_revision
from vedette.storage.records.notes import write_note
from vedette.storage.telemetry import maintenance
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.errors import TelemetryError

_MANIFEST = "manifest.json"
_ENGINE_START_S = 60


def back_up(settings: Settings, target: Path) -> None:
    """Copy records and telemetry into `target`, which must not be there. The server keeps receiving."""
    home, console = Home.of(settings), Console(highlight=False)
    target = target.absolute()
    if target.exists() and any(target.iterdir()):
        fail(f"{target} is not empty: name a folder that is not there yet")
    records, telemetry = home.records(), home.telemetry()
    if not telemetry.ping():
        fail("the telemetry store does not answer: start `vedette serve`, then back up")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    manifest: dict[str, Any] = {
        "version": __version__,
        "at": to_iso(now_us()),
        "schema": current_revision(records),
        "records": records.is_sqlite,
        "telemetry": home.has_engine,
    }
    try:
        with paused(records, now_us):
            if records.is_sqlite:
                copy_sqlite(records, target / "records.sqlite3")
            maintenance.backup(telemetry, target / "telemetry")
    except (TimeoutError, TelemetryError, OSError) as error:
        fail(f"the backup is not complete: {error}")
    if home.folder.dead.is_dir():
        shutil.copytree(home.folder.dead, target / "dead-letters")
    (target / _MANIFEST).write_text(
        json.dumps(manifest, indent=2) + "\n"
    )  # last: without it, it is no backup
    write_note(records, "backup", {"at_us": now_us(), "folder": str(target)}, now_us())
    console.print(f"Backed up to {target}")
    if not records.is_sqlite:
        console.print(
            "Records are in PostgreSQL: back that database up with its own tools (pg_dump), just after this."
        )
    if not home.has_engine:
        console.print("Telemetry was written by the ClickHouse server, into that path on its machine.")
    records.close()
    telemetry.close()


def restore(settings: Settings, source: Path) -> None:
    """Put a backup in the place of what is there, which is moved aside. The server must be stopped."""
    home, console = Home.of(settings), Console(highlight=False)
    source = source.absolute()
    manifest = _read_manifest(source)
    if not (manifest["records"] and manifest["telemetry"] and home.has_engine and not settings.database_url):
        fail("this restores the stores in the data folder; PostgreSQL and ClickHouse have tools of their own")
    _refuse_newer(manifest)
    home.folder.make()
    try:
        home.folder.lock(wait_s=1)
    except FolderInUse as error:
        fail(f"{error}: stop it first")
    aside = _move_aside(home)
    make_private(home.folder.records)
    shutil.copyfile(source / "records.sqlite3", home.folder.records)
    if (source / "dead-letters").is_dir():
        shutil.copytree(source / "dead-letters", home.folder.dead, dirs_exist_ok=True)
    new_uuid(home.folder.spool)  # no insert token of before can meet what is written from now on
    with _engine(home) as telemetry:
        maintenance.restore(telemetry, source / "telemetry")
    console.print(
        f"Restored the backup of {manifest['at']}. What was there before is in {aside}; start `vedette serve`."
    )


def _read_manifest(source: Path) -> dict[str, Any]:
    try:
        return json.loads((source / _MANIFEST).read_text())
    except (OSError, ValueError):
        fail(f"{source} is no complete backup: it has no {_MANIFEST}")


def _refuse_newer(manifest: dict[str, Any]) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if manifest["schema"] not in known:
        fail(f"the backup was made by version {manifest['version']}, which is later than this one")


def _move_aside(home: Home) -> Path:
    stamp = to_iso(now_us()).replace(":", "").replace("-", "").partition(".")[0]
    aside = home.folder.backups / f"before-restore-{stamp}"
    aside.mkdir(mode=0o700, parents=True)
    for path in (*home.folder.path.glob("records.sqlite3*"), home.folder.engine, home.folder.dead):
        if path.exists():
            shutil.move(path, aside / path.name)
    home.folder.make()
    return aside


@contextmanager
def _engine(home: Home) -> Generator[Telemetry]:
    """The embedded engine, for as long as it is needed."""
    environment = {**os.environ, "VEDETTE_DATA": str(home.folder.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette", "run", "engine"], env=environment, stdout=subprocess.DEVNULL
    )
    telemetry = home.telemetry()
    try:
        ends_at = time.monotonic() + _ENGINE_START_S
        while not telemetry.ping():
            if process.poll() is not None or time.monotonic() > ends_at:
                fail("the engine did not start: see the lines above")
            time.sleep(0.1)
        yield telemetry
    finally:
        telemetry.close()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
