"""Where an insert's rows wait for chDB: a nameless file in memory, or one on disk where there are none.

A file in memory cannot fill the disk, costs no writing back, and is gone with the process.
"""

import os
import tempfile
from pathlib import Path


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

    @property
    def path(self) -> str:
        return self._name or f"/proc/self/fd/{self._fd}"

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._name:
            Path(self._name).unlink(missing_ok=True)
            self._name = None
