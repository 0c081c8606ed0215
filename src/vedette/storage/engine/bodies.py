"""Where an insert's rows wait for chDB: a nameless file in memory, or one on disk where there are none.

A file in memory cannot fill the disk, costs no writing back, and is gone with the process. A client on this machine may
have it already.
"""

import os
import re
import tempfile
from pathlib import Path

from vedette.storage.engine.errors import BAD_REQUEST, CANNOT_OPEN, EngineError

_PLACE = re.compile(r"(\d{1,10})/(\d{1,10})/(vedette-[0-9a-f]{32})")


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


class ClientsRows:
    """Rows that a client on this machine has in memory. Close it in any case."""

    def __init__(self, place: str) -> None:
        """`place`: `process/descriptor/name`, the name one that nobody can guess.

        Raises `EngineError` where that is not what is there: this process may see others than the client does.
        """
        found = _PLACE.fullmatch(place)
        if not found:
            raise EngineError(BAD_REQUEST, "rows_at reads process/descriptor/name")
        path, name = Path(f"/proc/{found[1]}/fd/{found[2]}"), f"/memfd:{found[3]} (deleted)"
        self._fd = -1
        try:
            if str(path.readlink()) == name:
                self._fd = os.open(path, os.O_RDONLY)
            if self._fd < 0 or str(Path(self.path).readlink()) != name:
                raise FileNotFoundError("the rows are not there")
            self.size = os.fstat(self._fd).st_size
        except OSError as error:
            self.close()
            raise EngineError(CANNOT_OPEN, f"the rows cannot be opened: {error}") from error

    @property
    def path(self) -> str:
        return f"/proc/self/fd/{self._fd}"

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
