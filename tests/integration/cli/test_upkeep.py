"""Looking after a whole server: demo traffic, health, metrics, doctor, backup, restore, retry, migrate."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import httpx
import pytest

from tests.e2e.server import Server
from tests.support.receivers import WebReceiver, mail_server
from vedette.cli import accounts, upkeep
from vedette.cli.main import vedette
from vedette.folder import DataFolder
from vedette.roles import now_us
from vedette.spool.letters import DeadLetters
from vedette.spool.record import SpoolRecord

REFERENCE = Path(__file__).parents[3] / "docs/reference/commands.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with mail_server() as smtp:
        server = Server(folder, {"VEDETTE_SMTP_URL": smtp.url, "VEDETTE_ALLOW_PRIVATE": "127.0.0.1"})
        server.smtp = smtp  # type: ignore[attr-defined]  # for the tests' eyes
        server.start()
        yield server
        if server.process is not None and server.process.poll() is None:
            server.stop()


def run(server: Server, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, "-m", "vedette", *arguments]
    return subprocess.run(
        program, env=server.environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_server_is_shown_backed_up_and_brought_back(server: Server, folder: Path, tmp_path: Path) -> None:
    api = server.api()
    with WebReceiver() as receiver:
        targets = [f"http://127.0.0.1:{receiver.port}/hook"]
        set_ = api.client.put("/projects/acme/demo/notifications/", json={"targets": targets})
        assert set_.status_code == 200
        sample = api.client.post("/projects/acme/demo/create-sample/").json()
        assert sample["groupID"]
        out = server.command("demo", "--minutes", "0.05", "--rate", "20")
        assert "0 refused" in out and " 0 events" not in out
        issues = api.until_issues("", 3)

        health = api.get("/internal/health/")
        assert {role["name"] for role in health["roles"]} >= {"engine", "web-0", "pipeline-0", "scheduler"}
        assert all(role["up"] and role["memoryMb"] > 1 for role in health["roles"])
        metrics = httpx.get(f"{server.url}/metrics").text
        assert 'vedette_ingest_requests_total{status="200"}' in metrics and "vedette_engine_up 1" in metrics

        checked = run(server, "doctor")
        assert checked.returncode == 0 and "all is well" in checked.stdout, checked.stdout
        assert "the mail server takes us" in checked.stdout

        log = until_sent(api.client, 2)
        assert {entry["channel"] for entry in log if entry["state"] == "sent"} == {"mail", "webhook"}
        assert receiver.posted

    stored = api.get("/organizations/acme/issues-count/", query=["is:unresolved"])
    server.command("backup", str(tmp_path / "copy"))
    assert run(server, "backup", str(tmp_path / "copy")).returncode == 1  # it is there already
    assert run(server, "restore", str(tmp_path / "copy")).returncode == 1  # the server runs
    spool = (folder / "spool/uuid").read_text()
    assert api.client.delete(f"/organizations/acme/issues/{issues[0]['id']}/").status_code == 202
    server.stop()

    assert "Restored" in server.command("restore", str(tmp_path / "copy"))
    assert (folder / "spool/uuid").read_text() != spool
    server.start()
    api = server.api()
    api.until_issues("", len(issues))
    assert api.get("/organizations/acme/issues-count/", query=["is:unresolved"]) == stored
    assert api.get(f"/projects/acme/demo/events/{sample['eventID']}/")["eventID"] == sample["eventID"]


def until_sent(client: httpx.Client, count: int) -> list[dict[str, str]]:
    deadline = time.monotonic() + 15
    while True:
        log = client.get("/projects/acme/demo/notifications/deliveries/").json()
        if len({entry["channel"] for entry in log if entry["state"] == "sent"}) >= count:
            return log
        assert time.monotonic() < deadline, log
        time.sleep(0.2)


def test_dead_letters_are_listed_and_retried(server: Server, folder: Path) -> None:
    letters = DeadLetters(DataFolder(folder).dead, clock=now_us)
    body = b'{"event_id": "%s", "message": "back from the dead"}' % (b"a" * 32)
    letters.put("s/w/1/0", SpoolRecord("store", now_us(), 1, event_id="a" * 32, body=body), body, "it broke")
    assert "it broke" in server.command("retry", "--list")
    assert server.command("retry").startswith("1 put back")
    assert letters.count() == 0
    server.api().until_issues("", 1)


def test_migrating_what_is_current_changes_nothing(server: Server) -> None:
    assert server.command("migrate") == "records: up to date\ntelemetry: up to date"


def test_the_doctor_says_what_is_wrong(folder: Path) -> None:
    server = Server(folder, {"VEDETTE_SMTP_URL": "smtp://127.0.0.1:1"})
    found = run(server, "doctor")
    assert found.returncode == 1
    assert "data folder" in found.stdout and "is not there" in found.stdout and "→ " in found.stdout
    assert "the mail server does not take us" in found.stdout


def commands(group: click.Group, path: str = "vedette") -> Iterator[tuple[str, set[str]]]:
    """Every command with its long options."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            options = {opt for each in command.params for opt in each.opts if opt.startswith("--")}
            yield f"{path} {name}", options


def test_the_reference_page_lists_every_command_and_option() -> None:
    assert accounts.user in vedette.commands.values() and upkeep.doctor in vedette.commands.values()
    sections = re.split(r"^## ", REFERENCE.read_text(), flags=re.M)[1:]
    listed = {
        section.partition("\n")[0].strip(): set(re.findall(r"--[a-z-]+", section)) for section in sections
    }
    assert listed == dict(commands(vedette))
