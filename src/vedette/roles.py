"""Opening what roles need, from settings: stores, folders, identity of a process."""

import os
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from signal import SIGTERM, signal

from vedette.config import Settings
from vedette.core.time import SECOND_US
from vedette.folder import DataFolder
from vedette.storage.records.database import Records, sqlite_url
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.connection import Address, parse_address


def now_us() -> int:
    """The clock of a running server."""
    return time.time_ns() * SECOND_US // 1_000_000_000


@dataclass(frozen=True)
class Home:
    """One server's settings and folder, and how its stores are opened."""

    settings: Settings
    folder: DataFolder

    @classmethod
    def of(cls, settings: Settings) -> "Home":
        return cls(settings, DataFolder(settings.data))

    @property
    def records_url(self) -> str:
        url = self.settings.database_url
        if not url:
            return sqlite_url(self.folder.records)
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url.removeprefix(plain)
        return url

    def records(self, *, durable: bool = False) -> Records:
        return Records(self.records_url, durable=durable)

    def telemetry(self) -> Telemetry:
        return Telemetry(self.telemetry_address())

    def telemetry_address(self) -> Address:
        if self.settings.clickhouse_url:
            return parse_address(self.settings.clickhouse_url)
        return Address(unix=str(self.folder.engine_socket), password=self.folder.secret("engine"))

    @property
    def has_engine(self) -> bool:
        return not self.settings.clickhouse_url


def process_counts(settings: Settings) -> tuple[int, int]:
    """Web processes and pipelines: as set, else two of each where there are two cores."""
    webs = settings.web_processes or min(2, os.cpu_count() or 1)
    return webs, settings.pipelines or webs


def process_identity(role: str) -> str:
    """Names this very process among all nodes: host, pid, start."""
    return f"{role}@{socket.gethostname()[:24]}:{os.getpid()}:{time.time_ns():x}"[:64]


@contextmanager
def stopped_by_sigterm() -> Generator[threading.Event]:
    """An event that SIGTERM sets."""
    stop = threading.Event()

    def on_signal(number: int, frame: object) -> None:
        stop.set()

    before = signal(SIGTERM, on_signal)
    try:
        yield stop
    finally:
        signal(SIGTERM, before)
