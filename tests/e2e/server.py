"""A whole server in a folder of its own, started as a user would start it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

EMAIL = "admin@localhost"
PASSWORD = "a long enough password"
READY_WITHIN_S = 60  # a few on a quiet machine; tests share theirs


@dataclass
class Server:
    """`vedette serve` on a free port. `start` returns when it answers."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.port = self.port or free_port()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")},
            "PYTHONPATH": "src",
            "VEDETTE_DATA": str(self.folder),
            "VEDETTE_PORT": str(self.port),
            "VEDETTE_ADMIN_EMAIL": EMAIL,
            "VEDETTE_ADMIN_PASSWORD": PASSWORD,
            "VEDETTE_ORG": "acme",
            "VEDETTE_PROJECT": "demo",
            **self.settings,
        }

    def start(self) -> "Server":
        log = (self.folder.parent / f"{self.folder.name}.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vedette", "serve"], env=self.environment, stdout=log, stderr=log
        )
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.answers():
            assert self.process.poll() is None, f"the server ended: {self.log()}"
            assert time.monotonic() < deadline, f"no answer in {READY_WITHIN_S} s: {self.log()}"
            time.sleep(0.05)
        return self

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/_health/", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)

    def log(self, *, whole: bool = False) -> str:
        """What it wrote; the end of it, unless all is wanted."""
        text = (self.folder.parent / f"{self.folder.name}.log").read_text(errors="replace")
        return text if whole else text[-4000:]

    def command(self, *arguments: str) -> str:
        """What a `vedette` command prints on standard output, without the last newline."""
        program = [sys.executable, "-m", "vedette", *arguments]
        done = subprocess.run(
            program, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def setup_path(self) -> str:
        """The one-time link of a server without accounts, as it prints it soon after it answers."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not (found := re.findall(r"/setup/\?token=\S+", self.log(whole=True))):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)
        return found[-1]

    def dsn(self) -> str:
        return self.command("project", "dsn", "demo")

    def api(self) -> "Api":
        token = self.command("token", "create", "--user", EMAIL, "--scopes", "all")
        headers = {"Authorization": f"Bearer {token}"}
        return Api(httpx.Client(base_url=f"{self.url}/api/0", headers=headers, timeout=30))


@dataclass
class Api:
    client: httpx.Client

    def get(self, path: str, **query: Any) -> Any:
        response = self.client.get(path, params=query)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text[:500]}"
        return response.json()

    def until_issues(self, query: str, count: int, *, seconds: float = 20) -> list[dict[str, Any]]:
        """The issues that match, as soon as there are so many of them."""
        deadline = time.monotonic() + seconds
        while True:
            response = self.client.get("/organizations/acme/issues/", params={"query": query})
            issues: list[dict[str, Any]] = response.json() if response.status_code == 200 else []
            if len(issues) >= count:
                return issues
            assert response.status_code in (200, 503), response.text  # 503: the engine is still starting
            told = f"{len(issues)} of {count} issues for {query!r}; last answer {response.status_code}"
            assert time.monotonic() < deadline, f"{told} {response.text[:200]}"
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
