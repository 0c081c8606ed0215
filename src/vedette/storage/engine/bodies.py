"""Where an insert's rows wait for chDB: a nameless file in memory, or one on disk where there are none.

A file in memory cannot fill the disk, costs no writing back, and is gone with the process.
"""

import contextlib
import os
import tempfile
from collections import deque
from pathlib import Path

_LARGE_BYTES = 1 << 20
_MOST_KEPT = 2


class BodyFile:
    """Bytes as they arrive, then a path that chDB can open. Close it in any case."""

    def __init__(self, folder: Path) -> None:
        self.size = 0
        self._name: str | None = None
        if hasattr(os, "memfd_create"):
            self._fd = os.memfd_create("insert")
        else:
            self._fd, self._name = tempfile.mkstemp(dir=folder)  # mode 0600

    def write(self, chunk: bytes | memoryview) -> None:
        view = memoryview(chunk)
        while view:
            view = view[os.write(self._fd, view) :]
        self.size += len(chunk)

    def complete(self) -> str:
        """Its path, with nothing in it but what was written."""
        os.ftruncate(self._fd, self.size)
        return self._name or f"/proc/self/fd/{self._fd}"

    def rewind(self) -> None:
        """Write anew into the memory that it has."""
        os.lseek(self._fd, 0, os.SEEK_SET)
        self.size = 0

    @property
    def is_open(self) -> bool:
        return self._fd >= 0

    @property
    def is_worth_keeping(self) -> bool:
        return self._name is None and self.size >= _LARGE_BYTES

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._name:
            Path(self._name).unlink(missing_ok=True)
            self._name = None


class Bodies:
    """Makes the files, and keeps the last large ones for the next inserts: new pages cost more than the copy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: deque[BodyFile] = deque()

    def take(self, size: int) -> BodyFile:
        """An empty file, for about so many bytes."""
        if size >= _LARGE_BYTES:
            with contextlib.suppress(IndexError):
                body = self._kept.pop()
                body.rewind()
                return body
        return BodyFile(self._folder)

    def give_back(self, body: BodyFile) -> None:
        """When its insert is over and nobody reads it any more."""
        if body.is_worth_keeping and len(self._kept) < _MOST_KEPT:
            self._kept.append(body)
        else:
            body.close()

    def free(self) -> None:
        """Give the memory of those that are kept back to the system."""
        with contextlib.suppress(IndexError):
            while True:
                self._kept.pop().close()
