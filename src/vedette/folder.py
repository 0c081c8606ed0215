"""The data folder: where everything of one server lies, and the lock that keeps a second one out."""

import contextlib
import fcntl
import hashlib
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

_SOCKET_PATH_MOST = 100  # the kernel's limit is 108 bytes


class FolderInUse(Exception):
    """Another server holds the folder's lock."""


class DataFolder:
    """Paths below `VEDETTE_DATA`. Made private to the user on first use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records = path / "records.sqlite3"
        self.spool = path / "spool"
        self.engine = path / "engine"
        self.run = path / "run"
        self.roles = self.run / "roles.json"  # written by the supervisor
        self.backups = path / "backups"
        self.dead = path / "dead-letters"

    def make(self) -> None:
        for folder in (self.path, self.spool, self.engine, self.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def engine_socket(self) -> Path:
        """The engine's unix socket; in the temporary folder where the path would be too long."""
        socket = self.run / "engine.sock"
        if len(os.fsencode(socket)) <= _SOCKET_PATH_MOST:
            return socket
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"vedette-{os.getuid()}-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
        if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.getuid() or state.st_mode & 0o077:
            raise FolderInUse(f"{folder} is somebody else's, or open to others: remove it")
        return folder / "engine.sock"

    def secret(self, name: str) -> str:
        """A random secret made once and kept in a file only the owner reads.

        Processes that ask for it first at the same time get the same one, and never half of it.
        """
        file = self.run / f"{name}.secret"
        with _alone(self.run):
            if not _text_of(file):
                _write(file, secrets.token_urlsafe(32))
            return _text_of(file)

    def lock(self, *, wait_s: float) -> int:
        """Take the folder for this server; the lock goes when the process and its children do.

        Raises `FolderInUse` with the holder's pid after `wait_s`.
        """
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
                    os.close(descriptor)
                    raise FolderInUse(f"{self.path} is in use by another server (pid {holder})") from None
                time.sleep(0.05)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        os.set_inheritable(descriptor, True)
        return descriptor


@contextlib.contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Of all processes that ask for a folder one at a time; one that dies lets go of it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _text_of(file: Path) -> str:
    """What a file holds, `""` where there is none; so does an empty one, as a crash may leave it."""
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""


def _write(file: Path, text: str) -> None:
    """A file only the owner reads, whole whatever happens meanwhile."""
    draft = file.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(descriptor)
    draft.replace(file)
