"""A real engine process, and a client of it."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.connection import Address

_PROGRAM = """
import sys
from pathlib import Path
from vedette.storage.engine.server import Listen, run_engine
run_engine(Path(sys.argv[1]), Listen(unix=Path(sys.argv[2])), sys.argv[3])
"""
_SOURCES = Path(__file__).parents[2] / "src"


class EngineProcess:
    """An engine that tests start, stop, freeze and kill; `telemetry` talks to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = Path(tempfile.mkdtemp(prefix="vedette-")) / "engine.sock"  # a path of at most 107 bytes
        self.secret = secrets.token_hex(8)
        self.address = Address(unix=str(self.socket), password=self.secret)
        self.telemetry = Telemetry(self.address)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(_SOURCES)}
        command = [sys.executable, "-c", _PROGRAM, str(self.folder), str(self.socket), self.secret]
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self.telemetry.ping():
            assert self._process.poll() is None and time.monotonic() < deadline, "the engine did not start"
            time.sleep(0.02)

    def send(self, number: int) -> None:
        assert self._process
        self._process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Signal it and wait for its end; returns the seconds it took."""
        began = time.monotonic()
        if self._process:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(number)
            self._process.wait(20)
            self._process = None
        self.telemetry.close()
        return time.monotonic() - began
